import { join } from 'node:path'
import type { Promised } from './evidence.js'
import { Victim } from './victim.js'
import type { Told } from './writer.js'

/** The writers, and what was promised to them. */
export class Load {
  readonly acknowledged = new Set<string>()
  readonly rolledBack = new Set<string>()
  readonly writers: Victim[]
  #waiting: ((id: string) => void)[] = []

  constructor(
    databaseUrl: string,
    folder: string,
    { writers, seed, env = {} }: { writers: number; seed: number; env?: Record<string, string> },
  ) {
    this.writers = Array.from(
      { length: writers },
      (_, number) =>
        new Victim(
          {
            name: `writer-${number + 1}`,
            args: ['infra/dev/dist/crash/writer.js'],
            env: { DATABASE_URL: databaseUrl, CRASH_SEED: String(seed), CRASH_WRITER: String(number + 1), ...env },
          },
          join(folder, 'logs'),
          (message) => this.#hear(message as Told),
        ),
    )
  }

  get promised(): Promised {
    return { acknowledged: this.acknowledged, rolledBack: this.rolledBack }
  }

  async start(): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.start()))
  }

  /** The first entry whose commit is acknowledged from now on. */
  nextAcknowledged(): Promise<string> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async stop(): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.stop()))
  }

  #hear({ committed = [], rolledBack = [] }: Told): void {
    for (const id of committed) this.acknowledged.add(id)
    for (const id of rolledBack) this.rolledBack.add(id)
    const [first] = committed
    if (first === undefined) return
    for (const tell of this.#waiting.splice(0)) tell(first)
  }
}
