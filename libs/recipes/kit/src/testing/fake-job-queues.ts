import {
  JobQueuesHands,
  JobQueuesReader,
  PortFailure,
  type FailedJob,
  type PortFailureKind,
  type QueueCounts,
} from '../ports.js'

/** One change that really took place. */
export interface QueueEffect {
  method: 'retry' | 'remove' | 'submit'
  args: unknown[]
}

type State = 'waiting' | 'active' | 'delayed' | 'failed' | 'completed'
type Job = FailedJob & { state: State; given_ms: number }

/** Job queues in memory; no worker does anything unless `work` is called. */
export class FakeJobQueues {
  readonly reader: JobQueuesReader = new Reader(this)
  readonly hands: JobQueuesHands = new Hands(this)
  readonly effects: QueueEffect[] = []
  readonly #jobs: Job[] = []
  #clock = 0
  readonly #failures: { kind: PortFailureKind; afterEffect: boolean }[] = []

  /** Puts a failed job there. */
  fail(queue: string, given: { id: string } & Partial<Omit<FailedJob, 'queue' | 'id' | 'failed_ms'>>): FailedJob {
    const { id, reason = 'it failed', attempts = 1, earlier = [], log = [], name = 'job' } = given
    // A test may say that the data are none: those that nobody can read.
    const data = 'data' in given ? given.data : {}
    const bytes = given.bytes ?? JSON.stringify(data ?? '').length
    const failed_ms = ++this.#clock
    const job: Job = {
      queue,
      id,
      name,
      data,
      bytes,
      reason,
      earlier,
      log,
      attempts,
      failed_ms,
      given_ms: failed_ms,
      state: 'failed',
    }
    const again = this.#jobs.findIndex((known) => known.queue === queue && known.id === id)
    if (again >= 0) this.#jobs.splice(again, 1)
    this.#jobs.push(job)
    return shown(job)
  }

  /** A worker does every job that waits; `outcome` answers why it failed, or nothing. */
  work(queue: string, outcome: (job: { id: string; data: unknown }) => string | undefined = () => undefined): void {
    for (const job of this.#jobs.filter((job) => job.queue === queue && job.state === 'waiting')) {
      const reason = outcome(structuredClone({ id: job.id, data: job.data }))
      const earlier = job.reason === '' ? job.earlier : [job.reason, ...job.earlier]
      Object.assign(job, { state: reason === undefined ? 'completed' : 'failed', reason: reason ?? '', earlier })
      job.failed_ms = ++this.#clock
      job.attempts++
    }
  }

  /** The next call fails, once; several wait in line. `afterEffect`: the change happens first, its answer is lost. */
  failNext(kind: PortFailureKind, { afterEffect = false } = {}): void {
    this.#failures.push({ kind, afterEffect })
  }

  /** @internal */
  tick(): number {
    return ++this.#clock
  }

  /** @internal */
  async look<T>(answer: (jobs: readonly Job[]) => T): Promise<T> {
    const failure = this.#failures.shift()
    if (failure) throw failed(failure)
    return answer(this.#jobs)
  }

  /** @internal */
  async change(effect: QueueEffect, make: (jobs: Job[]) => boolean): Promise<void> {
    const failure = this.#failures.shift()
    if (failure && !failure.afterEffect) throw failed(failure)
    if (make(this.#jobs)) this.effects.push(effect)
    if (failure) throw failed(failure)
  }
}

const failed = ({ kind, afterEffect }: { kind: PortFailureKind; afterEffect: boolean }) =>
  new PortFailure(kind, `the fake was told to answer ${kind}${afterEffect ? ' after the effect' : ''}`)

const shown = ({ state: _, given_ms: __, ...job }: Job): FailedJob => structuredClone(job)

class Reader extends JobQueuesReader {
  constructor(private readonly queues: FakeJobQueues) {
    super()
  }

  counts(queue: string): Promise<QueueCounts> {
    return this.queues.look((jobs) => {
      const of = (state: State) => jobs.filter((job) => job.queue === queue && job.state === state).length
      return { waiting: of('waiting'), active: of('active'), delayed: of('delayed'), failed: of('failed') }
    })
  }

  nextSince(queue: string): Promise<number | undefined> {
    return this.queues.look((jobs) => {
      const waiting = jobs.filter((job) => job.queue === queue && job.state === 'waiting')
      return waiting.length === 0 ? undefined : Math.min(...waiting.map(({ given_ms }) => given_ms))
    })
  }

  failed(queue: string, limit: number): Promise<FailedJob[]> {
    return this.queues.look((jobs) =>
      jobs
        .filter((job) => job.queue === queue && job.state === 'failed')
        .toReversed()
        .slice(0, limit)
        .map(shown),
    )
  }

  failedJob(queue: string, id: string): Promise<FailedJob | undefined> {
    return this.queues.look((jobs) => {
      const found = jobs.find((job) => job.queue === queue && job.id === id && job.state === 'failed')
      return found && shown(found)
    })
  }

  stateOf(queue: string, id: string): Promise<State | undefined> {
    return this.queues.look((jobs) => jobs.find((job) => job.queue === queue && job.id === id)?.state)
  }
}

class Hands extends JobQueuesHands {
  constructor(private readonly queues: FakeJobQueues) {
    super()
  }

  retry(queue: string, id: string, data?: unknown): Promise<void> {
    return this.queues.change(
      { method: 'retry', args: data === undefined ? [queue, id] : [queue, id, data] },
      (jobs) => {
        const job = theFailed(jobs, queue, id)
        if (job.data === undefined)
          throw new PortFailure('invalid', `the data of job ${id} cannot be read: it is not touched`)
        job.state = 'waiting'
        if (data !== undefined) job.data = structuredClone(data)
        return true
      },
    )
  }

  remove(queue: string, id: string): Promise<void> {
    return this.queues.change({ method: 'remove', args: [queue, id] }, (jobs) => {
      jobs.splice(jobs.indexOf(theFailed(jobs, queue, id)), 1)
      return true
    })
  }

  submit(queue: string, job: { id: string; name: string; data: unknown }): Promise<void> {
    return this.queues.change({ method: 'submit', args: [queue, job] }, (jobs) => {
      if (jobs.some((known) => known.queue === queue && known.id === job.id)) return false
      const told = {
        bytes: JSON.stringify(job.data).length,
        reason: '',
        earlier: [],
        log: [],
        attempts: 0,
        failed_ms: 0,
        given_ms: this.queues.tick(),
      }
      jobs.push({ ...structuredClone(job), ...told, queue, state: 'waiting' })
      return true
    })
  }
}

function theFailed(jobs: Job[], queue: string, id: string): Job {
  const found = jobs.find((job) => job.queue === queue && job.id === id)
  if (!found) throw new PortFailure('not-found', `job ${id} of ${queue} is not there`)
  if (found.state !== 'failed') throw new PortFailure('conflict', `job ${id} of ${queue} is ${found.state}, not failed`)
  return found
}
