import type { Job, Queue } from 'bull'

/** What a job of the queue `batch` says: which document is to be read. */
export interface Document {
  bucket: string
  /** Missing in one that points nowhere. */
  key?: string
  [more: string]: unknown
}

export interface Counts {
  waiting: number
  active: number
  failed: number
}

/** Does one job; a throw is its failure. */
export type Work = (id: string, data: Document) => void

/** Where batch jobs wait, are done, and stay when they failed. */
export interface Jobs {
  /** In words for a person. */
  readonly says: string
  counts(): Counts
  add(id: string, data: Document): void
  /** Time to do something. `staffed`: there is a pod to do it. */
  step(staffed: boolean): void
  /** Takes jobs away whose id begins so, whatever became of them. */
  clear(beginning: string): void
  save(): unknown
  stop(): Promise<void>
}

interface Waiting {
  id: string
  data: Document
}

/** In this process, where nobody else can see them: a queue for a sandbox without Redis. */
export class JobsInMemory implements Jobs {
  readonly says = 'off: no SANDBOX_REDIS_URL, so jobs are in memory, where no Bull client sees them'
  #waiting: Waiting[] = []
  #failed: (Waiting & { reason: string })[]

  constructor(
    private readonly work: Work,
    saved: unknown,
  ) {
    this.#failed = (saved as (Waiting & { reason: string })[] | undefined) ?? []
  }

  counts(): Counts {
    return { waiting: this.#waiting.length, active: 0, failed: this.#failed.length }
  }

  add(id: string, data: Document): void {
    this.#waiting.push({ id, data })
  }

  step(staffed: boolean): void {
    const job = staffed ? this.#waiting.shift() : undefined
    if (!job) return
    try {
      this.work(job.id, job.data)
    } catch (error) {
      this.#failed.push({ ...job, reason: error instanceof Error ? error.message : String(error) })
    }
  }

  clear(beginning: string): void {
    const others = ({ id }: Waiting) => !id.startsWith(beginning)
    this.#waiting = this.#waiting.filter(others)
    this.#failed = this.#failed.filter(others)
  }

  save(): unknown {
    return this.#failed
  }

  async stop(): Promise<void> {}
}

/** How long a worker takes for a job, and how often the counts are asked for. Milliseconds of the wall. */
const LOOK_EVERY_MS = 200

/** In a Bull queue of a real Redis, with a worker here. Everything is asked for in the background: a step never waits. */
export class JobsInBull implements Jobs {
  readonly says = 'a Bull queue, in the Redis of SANDBOX_REDIS_URL'
  #counts: Counts = { waiting: 0, active: 0, failed: 0 }
  #queue: Queue<Document> | undefined
  readonly #opened: Promise<void>
  #lookedAt = 0
  #looking = false
  #staffed = true
  #trouble = ''

  constructor(
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
    this.#inBackground((queue) => queue.add('read-document', data, { jobId: id, removeOnComplete: 100 }))
  }

  step(staffed: boolean): void {
    if (staffed !== this.#staffed) {
      this.#staffed = staffed
      this.#inBackground((queue) => (staffed ? queue.resume(true) : queue.pause(true, true)))
    }
    if (this.#looking || performance.now() - this.#lookedAt < LOOK_EVERY_MS) return
    this.#looking = true
    this.#inBackground(async (queue) => {
      const { waiting, active, failed } = await queue.getJobCounts()
      this.#counts = { waiting, active, failed }
      this.#trouble = ''
    })
  }

  clear(beginning: string): void {
    this.#inBackground(async (queue) => {
      const jobs: (Job<Document> | null)[] = await queue.getJobs([
        'waiting',
        'failed',
        'delayed',
        'paused',
        'completed',
      ])
      // One that a worker has in hand cannot be taken away; it is gone or failed when it is looked at again.
      for (const job of jobs) if (job && String(job.id).startsWith(beginning)) await job.remove().catch(() => undefined)
    })
  }

  /** Redis keeps them. */
  save(): undefined {}

  async stop(): Promise<void> {
    await this.#opened
    await this.#queue?.close(true).catch(() => undefined)
  }

  async #open(redisUrl: string): Promise<void> {
    const { default: Bull } = await import('bull')
    const queue = new Bull<Document>('batch', redisUrl)
    queue.on('error', (error) => this.#say(error))
    this.#queue = queue
    void queue
      // Whatever the job is called: somebody may submit one under another name.
      .process('*', 1, async ({ id, data }: Job<Document>) => {
        await new Promise((resolve) => setTimeout(resolve, this.jobMs))
        this.work(String(id), data)
      })
      .catch((error: unknown) => this.#say(error))
  }

  #inBackground(call: (queue: Queue<Document>) => Promise<unknown>): void {
    void this.#opened
      .then(() => this.#queue && call(this.#queue))
      .catch((error: unknown) => this.#say(error))
      .finally(() => {
        this.#looking = false
        this.#lookedAt = performance.now()
      })
  }

  /** Each trouble once. Errors of Redis name no password. */
  #say(error: unknown): void {
    const line = `the Bull queue batch: ${error instanceof Error && 'code' in error ? String(error.code) : 'trouble'}`
    if (line !== this.#trouble) this.print(line)
    this.#trouble = line
  }
}
