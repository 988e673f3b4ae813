import type { Queue, Worker } from 'bullmq'
import type { Counts, Document, Jobs, Work } from './jobs.js'

/** How often the counts are asked for. Milliseconds of the wall. */
const LOOK_EVERY_MS = 200

interface Opened {
  queue: Queue
  worker: Worker
}

/** In a BullMQ queue of a real Redis, with a worker here. Everything is asked for in the background: a step never waits. */
export class JobsInBullMq implements Jobs {
  readonly says = 'a BullMQ queue, in the Redis of SANDBOX_REDIS_URL'
  readonly #opened: Promise<Opened | undefined>
  #counts: Counts = { waiting: 0, active: 0, failed: 0 }
  #staffed = true
  #looking = false
  #lookedAt = 0
  #trouble = ''

  constructor(
    private readonly name: string,
    redisUrl: string,
    private readonly work: Work,
    private readonly jobMs: number,
    private readonly print: (line: string) => void,
  ) {
    this.#opened = this.#open(redisUrl).catch((error: unknown) => this.#say(error))
  }

  counts(): Counts {
    return this.#counts
  }

  add(id: string, data: Document): void {
    this.#counts.waiting++
    this.#inBackground(({ queue }) => queue.add('read-document', data, { jobId: id, removeOnComplete: 100 }))
  }

  step(staffed: boolean): void {
    if (staffed !== this.#staffed) {
      this.#staffed = staffed
      this.#inBackground(async ({ worker }) => (staffed ? worker.resume() : worker.pause(true)))
    }
    if (this.#looking || performance.now() - this.#lookedAt < LOOK_EVERY_MS) return
    this.#looking = true
    this.#inBackground(async ({ queue }) => {
      const { wait = 0, active = 0, failed = 0 } = await queue.getJobCounts('wait', 'active', 'failed')
      this.#counts = { waiting: wait, active, failed }
      this.#trouble = ''
    })
  }

  clear(beginning: string): void {
    this.#inBackground(async ({ queue }) => {
      for (const job of await queue.getJobs(['wait', 'failed', 'delayed', 'completed']))
        // One that a worker has in hand cannot be taken away.
        if (job.id?.startsWith(beginning)) await job.remove().catch(() => undefined)
    })
  }

  /** Redis keeps them. */
  save(): undefined {}

  async stop(): Promise<void> {
    const opened = await this.#opened
    await opened?.worker.close(true).catch(() => undefined)
    await opened?.queue.close().catch(() => undefined)
  }

  async #open(redisUrl: string): Promise<Opened> {
    const { Queue, Worker } = await import('bullmq')
    const connection = { url: redisUrl, maxRetriesPerRequest: null }
    const queue = new Queue(this.name, { connection })
    const worker = new Worker<Document>(
      this.name,
      async ({ id, data }) => {
        await new Promise((resolve) => setTimeout(resolve, this.jobMs))
        this.work(String(id), data)
      },
      { connection },
    )
    queue.on('error', (error) => this.#say(error))
    worker.on('error', (error) => this.#say(error))
    return { queue, worker }
  }

  #inBackground(call: (opened: Opened) => Promise<unknown>): void {
    void this.#opened
      .then((opened) => opened && call(opened))
      .catch((error: unknown) => this.#say(error))
      .finally(() => {
        this.#looking = false
        this.#lookedAt = performance.now()
      })
  }

  /** Each trouble once. Errors of Redis name no password. */
  #say(error: unknown): undefined {
    const line = `the BullMQ queue ${this.name}: ${error instanceof Error && 'code' in error ? String(error.code) : 'trouble'}`
    if (line !== this.#trouble) this.print(line)
    this.#trouble = line
  }
}
