#!/usr/bin/env node
import { Worker } from 'node:worker_threads'
import type { Message } from './check-worker.js'

/**
 * `audit-check <bundle> --policy <file> …`: what an auditor runs, on a machine without network, over a bundle that they do
 * not trust. The check runs in a thread with bounded memory, so that no bundle can take the machine down, end this
 * process without a word, or keep it silent.
 */

/** How often it says that it is still there. */
const PATIENCE_MS = 2_000
/** How often memory is looked at: between two looks a hostile bundle must not get far. */
const LOOK_MS = 20
/** What may come between two looks, in MiB: the end is called that much before the limit. */
const SPARE = 12
/** What this thread and Node itself take; and the part of a heap in which new things are made. Both in MiB. */
const [OURSELVES, YOUNG] = [110, 9]

const UNUSABLE = 2

async function main(argv: readonly string[]): Promise<number> {
  const { EXIT, MEMORY, request } = await import('./check-command.js')
  const memory = memoryIn(() => request(argv), MEMORY)
  const worker = new Worker(new URL('./check-worker.js', import.meta.url), {
    workerData: argv,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memory - OURSELVES, maxYoungGenerationSizeMb: YOUNG * 3 },
  })
  return new Promise<number>((resolve) => {
    let progress = 'reading the files …'
    const speaking = setInterval(() => console.error(progress), PATIENCE_MS)
    const looking = setInterval(() => {
      if (process.memoryUsage.rss() > (memory - SPARE) * 1024 * 1024) end(EXIT.unusable, tooMuch(memory))
    }, LOOK_MS)
    const end = (code: number, because?: string) => {
      clearInterval(speaking)
      clearInterval(looking)
      worker.removeAllListeners()
      if (because !== undefined) console.error(`audit-check: ${because}`)
      void worker.terminate()
      resolve(code)
    }
    worker.on('message', (message: Message) => {
      if ('out' in message) console.log(message.out)
      else if ('err' in message) console.error(message.err)
      else if ('progress' in message) progress = message.progress
      else end(message.code)
    })
    worker.on('error', (error: NodeJS.ErrnoException) =>
      end(EXIT.unusable, error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch(memory) : String(error.message)),
    )
    worker.on('exit', () => end(EXIT.unusable, 'the check ended without a word'))
  })
}

const tooMuch = (memory: number) =>
  `the bundle cannot be used: checking it takes more than ${memory} MiB of memory; if you expect a log that large, give more with --memory`

/** A command line that asks for nothing that there is, is the check's to tell. */
function memoryIn(read: () => { memory: number } | 'help', otherwise: number): number {
  try {
    const asked = read()
    return asked === 'help' ? otherwise : asked.memory
  } catch {
    return otherwise
  }
}

if (Number(process.versions.node.split('.')[0]) < 22) {
  console.error(`audit-check needs Node 22 or later, this is ${process.version}: run through npm run audit-check`)
  process.exitCode = UNUSABLE
} else {
  process.exitCode = await main(process.argv.slice(2))
}
