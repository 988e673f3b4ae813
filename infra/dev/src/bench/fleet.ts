import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from '../root.js'
import type { Ask, Answer } from './writers.js'

/** Sixteen writers in four processes: one process alone would be what is measured. */
const PROCESSES = 4
const WRITERS_EACH = 4
export const WRITERS = PROCESSES * WRITERS_EACH

/** The writers of the append figures, told what to do round by round. */
export class Fleet {
  readonly #children: ChildProcess[] = []

  static async launch(env: Record<string, string>): Promise<Fleet> {
    const fleet = new Fleet()
    for (let number = 0; number < PROCESSES; number++) {
      fleet.#children.push(
        spawn(process.execPath, [join(ROOT, 'infra/dev/dist/bench/writers.js')], {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          env: {
            ...process.env,
            ...env,
            BENCH_FIRST: String(number * WRITERS_EACH),
            BENCH_WRITERS: String(WRITERS_EACH),
          },
        }),
      )
    }
    await fleet.#all({ do: 'connect', ms: 0 })
    return fleet
  }

  /** One round of all writers; how many they did a second. */
  async round(what: Ask['do'], ms: number, perSecond?: number): Promise<number> {
    const each = perSecond === undefined ? {} : { perSecond: perSecond / WRITERS }
    const answers = await this.#all({ do: what, ms, ...each })
    // Each process counts its own time: the last one that was told began last.
    return answers.reduce((sum, { done, ms: took }) => sum + done / (took / 1_000), 0)
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL')
  }

  #all(ask: Ask): Promise<Answer[]> {
    return Promise.all(this.#children.map((child) => tell(child, ask)))
  }
}

async function tell(child: ChildProcess, ask: Ask): Promise<Answer> {
  const gone = new AbortController()
  const heard = once(child, 'message', { signal: gone.signal })
  const ended = (code: number | null) => gone.abort(new Error(`a writer ended with ${code}`))
  child.once('exit', ended)
  try {
    child.send(ask)
    const [answer] = (await heard) as [Answer]
    if (answer.failed !== undefined) throw new Error(answer.failed)
    return answer
  } finally {
    child.off('exit', ended)
  }
}
