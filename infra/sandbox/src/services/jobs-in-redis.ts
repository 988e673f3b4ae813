import type { Counts, Document, Jobs } from './jobs.js'

/** How often the counts are asked for. Milliseconds of the wall. */
const LOOK_EVERY_MS = 200

/** A queue of a real Redis and the worker on it, as their own library has them. */
export interface Opened {
  counts(): Promise<Counts>
  add(id: string, data: Document): Promise<unknown>
  /** The worker works, or stops taking jobs. */
  staff(staffed: boolean): Promise<unknown>
  /** Every job that no worker has in hand. */
  all(): Promise<{ id: string; remove(): Promise<unknown> }[]>
  close(): Promise<unknown>
}

/** In a queue of a real Redis, with a worker here. Everything is asked for in the background: a step never waits. */
export class JobsInRedis implements Jobs {
  readonly says: string
  readonly #is: string
  readonly #opened: Promise<Opened | undefined>
  #counts: Counts = { waiting: 0, active: 0, failed: 0 }
  #staffed = true
  #looking = false
  #lookedAt = 0
  #trouble = ''

  constructor(
    kind: 'Bull' | 'BullMQ',
    name: string,
    open: (onError: (error: unknown) => void) => Promise<Opened>,
    private readonly print: (line: string) => void,
  ) {
    this.says = `a ${kind} queue, in the Redis of SANDBOX_REDIS_URL`
    this.#is = `the ${kind} queue ${name}`
    this.#opened = open((error) => this.#say(error)).catch((error: unknown) => this.#say(error))
  }

  counts(): Counts {
    return this.#counts
  }

  add(id: string, data: Document): void {
    this.#counts.waiting++
    void this.#inBackground((queue) => queue.add(id, data))
  }

  step(staffed: boolean): void {
    if (staffed !== this.#staffed) {
      this.#staffed = staffed
      void this.#inBackground((queue) => queue.staff(staffed))
    }
    if (this.#looking || performance.now() - this.#lookedAt < LOOK_EVERY_MS) return
    this.#looking = true
    void this.#inBackground(async (queue) => {
      this.#counts = await queue.counts()
      this.#trouble = ''
    }).finally(() => {
      this.#looking = false
      this.#lookedAt = performance.now()
    })
  }

  clear(beginning: string): void {
    void this.#inBackground(async (queue) => {
      for (const { id, remove } of await queue.all())
        // One that a worker took meanwhile cannot be taken away; it is gone or failed when it is looked at again.
        if (id.startsWith(beginning)) await remove().catch(() => undefined)
    })
  }

  /** Redis keeps them. */
  save(): undefined {}

  async stop(): Promise<void> {
    const opened = await this.#opened
    await opened?.close().catch(() => undefined)
  }

  async #inBackground(call: (queue: Opened) => Promise<unknown>): Promise<void> {
    try {
      const opened = await this.#opened
      if (opened) await call(opened)
    } catch (error) {
      this.#say(error)
    }
  }

  /** Each trouble once. Errors of Redis name no password. */
  #say(error: unknown): undefined {
    const line = `${this.#is}: ${error instanceof Error && 'code' in error ? String(error.code) : 'trouble'}`
    if (line !== this.#trouble) this.print(line)
    this.#trouble = line
  }
}
