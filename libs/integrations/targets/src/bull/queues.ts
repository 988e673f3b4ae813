import { JobQueuesHands, JobQueuesReader, PortFailure, type FailedJob, type QueueCounts } from '@firebreak/kit'
import type { Job, Queue } from 'bull'
import { BullConnection, type BullOptions } from './connection.js'
import { failedJobIn, failedJobsIn, nextSinceIn } from './raw.js'
import { theFailed } from './the-failed.js'
import { checkedId } from './within.js'

/** Looks at Bull queues. */
export class BullReader extends JobQueuesReader {
  readonly #bull: BullConnection

  constructor(options: BullOptions) {
    super()
    this.#bull = new BullConnection(options, true)
  }

  counts(queue: string): Promise<QueueCounts> {
    return this.#bull.ask(queue, async (bull) => {
      const [{ waiting, active, delayed, failed }, paused] = [await bull.getJobCounts(), await bull.getPausedCount()]
      return { waiting: waiting + paused, active, delayed, failed }
    })
  }

  nextSince(queue: string): Promise<number | undefined> {
    return this.#bull.ask(queue, (bull) => nextSinceIn(bull.client, keyOf(bull)))
  }

  failed(queue: string, limit: number): Promise<FailedJob[]> {
    return this.#bull.ask(queue, (bull) => failedJobsIn(bull.client, keyOf(bull), queue, limit))
  }

  failedJob(queue: string, id: string): Promise<FailedJob | undefined> {
    return this.#bull.ask(queue, (bull) => failedJobIn(bull.client, keyOf(bull), queue, id))
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
    this.#bull = new BullConnection(options, false)
  }

  retry(queue: string, id: string, data?: unknown): Promise<void> {
    return this.#bull.ask(queue, async (bull, stillIn) => {
      const job = await failedOf(bull, id)
      stillIn()
      if (data !== undefined) await job.update(data)
      stillIn()
      try {
        await job.retry()
      } catch (error) {
        // Bull checks again where nobody can come in between; then somebody was quicker.
        await failedOf(bull, id)
        if (error instanceof Error && !('code' in error)) throw locked(bull, id)
        throw error
      }
    })
  }

  remove(queue: string, id: string): Promise<void> {
    return this.#bull.ask(queue, async (bull, stillIn) => {
      const job = await failedOf(bull, id)
      stillIn()
      await job.remove()
    })
  }

  async submit(queue: string, { id, name, data }: { id: string; name: string; data: unknown }): Promise<void> {
    checkedId(id)
    await this.#bull.ask(queue, async (bull, stillIn) => {
      // A connection that has just been asked for.
      await bull.client.ping()
      stillIn()
      await bull.add(name, data, { jobId: id })
    })
  }

  close(): Promise<void> {
    return this.#bull.close()
  }
}

const locked = (bull: Queue, id: string) =>
  new PortFailure('conflict', `job ${id} of ${bull.name} is in the hands of a worker`)

async function failedOf(bull: Queue, id: string): Promise<Job> {
  const found = await failedJobIn(bull.client, keyOf(bull), bull.name, id)
  return theFailed<Job>(bull.name, id, found, { job: () => bull.getJob(id), state: () => stateIn(bull, id) })
}

const keyOf = (bull: Queue) => (suffix: string) => bull.toKey(suffix)

async function stateIn(bull: Queue, id: string) {
  const state = await (await bull.getJob(id))?.getState()
  if (state === 'paused') return 'waiting'
  return state === 'stuck' ? undefined : state
}
