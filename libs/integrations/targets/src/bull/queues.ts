import { JobQueuesHands, JobQueuesReader, PortFailure, type FailedJob, type QueueCounts } from '@firebreak/kit'
import type { Job, Queue } from 'bull'
import { BullConnection, type BullOptions } from './connection.js'

/** Looks at Bull queues. */
export class BullReader extends JobQueuesReader {
  readonly #bull: BullConnection

  constructor(options: BullOptions) {
    super()
    this.#bull = new BullConnection(options)
  }

  counts(queue: string): Promise<QueueCounts> {
    return this.#bull.ask(queue, async (bull) => {
      const [{ waiting, active, delayed, failed }, paused] = [await bull.getJobCounts(), await bull.getPausedCount()]
      return { waiting: waiting + paused, active, delayed, failed }
    })
  }

  failed(queue: string, limit: number): Promise<FailedJob[]> {
    return this.#bull.ask(queue, async (bull) => {
      // One that was taken away in between is null, whatever the types say.
      const jobs: (Job | null)[] = limit > 0 ? await bull.getJobs(['failed'], 0, limit - 1, false) : []
      return jobs.flatMap((job) => (job ? [shown(queue, job)] : []))
    })
  }

  failedJob(queue: string, id: string): Promise<FailedJob | undefined> {
    return this.#bull.ask(queue, async (bull) => {
      const job = await bull.getJob(id)
      return job && (await job.isFailed()) ? shown(queue, job) : undefined
    })
  }

  stateOf(queue: string, id: string) {
    return this.#bull.ask(queue, (bull) => stateIn(bull, id))
  }

  close(): Promise<void> {
    return this.#bull.close()
  }
}

/** Changes Bull queues. */
export class BullHands extends JobQueuesHands {
  readonly #bull: BullConnection

  constructor(options: BullOptions) {
    super()
    this.#bull = new BullConnection(options)
  }

  retry(queue: string, id: string): Promise<void> {
    return this.#bull.ask(queue, async (bull) => {
      const job = await theFailed(bull, id)
      try {
        await job.retry()
      } catch (error) {
        // Bull checks again where nobody can come in between; then somebody was quicker.
        await theFailed(bull, id)
        if (error instanceof Error && !('code' in error)) throw locked(bull, id)
        throw error
      }
    })
  }

  remove(queue: string, id: string): Promise<void> {
    return this.#bull.ask(queue, async (bull) => (await theFailed(bull, id)).remove())
  }

  async submit(queue: string, { id, name, data }: { id: string; name: string; data: unknown }): Promise<void> {
    // Bull counts its own ids up: a number would be taken for the next one.
    if (!/\D/.test(id)) throw new PortFailure('invalid', `${JSON.stringify(id)}: the id of a job must not be a number`)
    await this.#bull.ask(queue, (bull) => bull.add(name, data, { jobId: id }))
  }

  close(): Promise<void> {
    return this.#bull.close()
  }
}

const locked = (bull: Queue, id: string) =>
  new PortFailure('conflict', `job ${id} of ${bull.name} is in the hands of a worker`)

async function theFailed(bull: Queue, id: string): Promise<Job> {
  const job = await bull.getJob(id)
  if (!job) throw new PortFailure('not-found', `job ${id} of ${bull.name} is not there`)
  if (await job.isFailed()) return job
  throw new PortFailure('conflict', `job ${id} of ${bull.name} is ${await stateIn(bull, id)}, not failed`)
}

async function stateIn(bull: Queue, id: string) {
  const state = await (await bull.getJob(id))?.getState()
  if (state === 'paused') return 'waiting'
  return state === 'stuck' ? undefined : state
}

const shown = (queue: string, { id, name, data, failedReason, attemptsMade, finishedOn }: Job): FailedJob => ({
  queue,
  id: String(id),
  name,
  data: data as unknown,
  reason: failedReason ?? '',
  attempts: attemptsMade,
  failed_ms: finishedOn ?? 0,
})
