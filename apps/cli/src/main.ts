import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT } from './exits.js'
import { firebreak } from './firebreak.js'

/** The process: its signals, its streams, its exit code. */

const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // The second one does not wait for anything.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted)
    interrupt.abort()
  })

/** `| head` is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  throw error
})

async function ask(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await Promise.race([
      lines.question(question, { signal: interrupt.signal }),
      new Promise<undefined>((closed) => lines.once('close', () => closed(undefined))),
    ])
  } catch {
    return undefined
  } finally {
    lines.close()
  }
}

process.exitCode = await firebreak(
  process.argv.slice(2),
  {
    fetch,
    sleep: (ms) => sleep(ms, undefined, { signal: interrupt.signal }).catch(() => undefined),
    now: Date.now,
    env: process.env,
    cwd: process.cwd(),
    checkout: resolve(import.meta.dirname, '../../..'),
    signal: interrupt.signal,
    person: { there: process.stdin.isTTY && process.stderr.isTTY, ask, input: () => text(process.stdin) },
  },
  process.stdout,
  process.stderr,
)
