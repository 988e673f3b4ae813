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
