import { JobQueuesHands, JobQueuesReader, PortFailure, type FailedJob, type QueueCounts } from '@firebreak/kit'
import { Queue, type Job } from 'bullmq'
import { Redis } from 'ioredis'
import type { BullOptions } from '../bull/connection.js'
import { failedJobIn, failedJobsIn, nextSinceIn } from '../bull/raw.js'
import { theFailed } from '../bull/the-failed.js'
import { checkedId, checkedName, within } from '../bull/within.js'

/** BullMQ queues of the watched system, in one Redis. Nothing here works on a job. */
class BullMqConnection {
  readonly #redis: Redis
  readonly #queues = new Map<string, Queue>()
  readonly #prefix: string
  readonly #timeoutMs: number

  /** @param resends what was on its way when the connection broke is said again when there is one again, however late: for looking */
  constructor({ redisUrl, prefix = 'bull', timeoutMs = 5_000 }: BullOptions, resends: boolean) {
    this.#prefix = prefix
    this.#timeoutMs = timeoutMs
    // A question waits for its connection only as long as its own time limit.
    this.#redis = new Redis(redisUrl, {
      maxRetriesPerRequest: null,
      lazyConnect: true,
      autoResendUnfulfilledCommands: resends,
    })
    this.#redis.on('error', () => undefined)
  }

  ask<T>(name: string, call: (queue: Queue, redis: Redis, stillIn: () => void) => Promise<T>): Promise<T> {
    const queue = this.#queue(name)
    return within(name, this.#redis, this.#timeoutMs, (stillIn) => call(queue, this.#redis, stillIn))
  }

  keyOf(name: string): (suffix: string) => string {
    return (suffix) => `${this.#prefix}:${checkedName(name)}:${suffix}`
  }

  async close(): Promise<void> {
    // Not `queue.close()`, which waits for a connection that may never come.
    this.#redis.disconnect()
    this.#queues.clear()
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(checkedName(name))
    if (known) return known
    const queue = new Queue(name, {
      connection: this.#redis,
      prefix: this.#prefix,
      // By itself it writes its version and options into the queue of whoever owns it, just by being made.
      skipMetasUpdate: true,
      skipVersionCheck: true,
    })
    queue.on('error', () => undefined)
    this.#queues.set(name, queue)
    return queue
  }
}

/** Looks at BullMQ queues. */
export class BullMqReader extends JobQueuesReader {
  readonly #bull: BullMqConnection

  constructor(options: BullOptions) {
    super()
    this.#bull = new BullMqConnection(options, true)
  }

  counts(queue: string): Promise<QueueCounts> {
    const keyOf = this.#bull.keyOf(queue)
    return this.#bull.ask(queue, async (_, redis) => {
      // Counted here, because versions differ in where a paused queue keeps its jobs: the fifth in a list of their own.
      const lists = ['wait', 'paused', 'active'].map((list) => redis.llen(keyOf(list)))
      const sets = ['prioritized', 'waiting-children', 'delayed', 'failed'].map((set) => redis.zcard(keyOf(set)))
      const [wait = 0, paused = 0, active = 0] = await Promise.all(lists)
      const [prioritized = 0, children = 0, delayed = 0, failed = 0] = await Promise.all(sets)
      // All of these wait for something.
      return { waiting: wait + paused + prioritized + children, active, delayed, failed }
    })
  }

  nextSince(queue: string): Promise<number | undefined> {
    return this.#bull.ask(queue, (_, redis) => nextSinceIn(redis, this.#bull.keyOf(queue)))
  }

  failed(queue: string, limit: number): Promise<FailedJob[]> {
    return this.#bull.ask(queue, (_, redis) => failedJobsIn(redis, this.#bull.keyOf(queue), queue, limit))
  }

  failedJob(queue: string, id: string): Promise<FailedJob | undefined> {
    return this.#bull.ask(queue, (_, redis) => failedJobIn(redis, this.#bull.keyOf(queue), queue, id))
  }

  stateOf(queue: string, id: string) {
    return this.#bull.ask(queue, (bull) => stateIn(bull, id))
  }

  close(): Promise<void> {
    return this.#bull.close()
  }
}

/** Changes BullMQ queues. */
export class BullMqHands extends JobQueuesHands {
  readonly #bull: BullMqConnection

  constructor(options: BullOptions) {
    super()
    this.#bull = new BullMqConnection(options, false)
  }

  retry(queue: string, id: string, data?: unknown): Promise<void> {
    return this.#bull.ask(queue, async (bull, redis, stillIn) => {
      const job = await this.#failedOf(bull, redis, queue, id)
      await this.#isNotPaused(redis, queue)
      await bull.waitUntilReady()
      stillIn()
      if (data !== undefined) await job.updateData(data)
      stillIn()
      try {
        await job.retry('failed')
      } catch (error) {
        // BullMQ checks again where nobody can come in between; then somebody was quicker.
        await this.#failedOf(bull, redis, queue, id)
        throw error
      }
    })
  }

  remove(queue: string, id: string): Promise<void> {
    return this.#bull.ask(queue, async (bull, redis, stillIn) => {
      const job = await this.#failedOf(bull, redis, queue, id)
      await bull.waitUntilReady()
      stillIn()
      await job.remove()
    })
  }

  async submit(queue: string, { id, name, data }: { id: string; name: string; data: unknown }): Promise<void> {
    checkedId(id)
    await this.#bull.ask(queue, async (bull, redis, stillIn) => {
      await this.#isNotPaused(redis, queue)
      await bull.waitUntilReady()
      stillIn()
      await bull.add(name, data, { jobId: id })
    })
  }

  close(): Promise<void> {
    return this.#bull.close()
  }

  /**
   * Where jobs of a paused queue wait differs between versions, and the fifth takes away what it does not expect when it
   * resumes: the job would be lost.
   */
  async #isNotPaused(redis: Redis, queue: string): Promise<void> {
    if (await redis.hexists(this.#bull.keyOf(queue)('meta'), 'paused'))
      throw new PortFailure('conflict', `queue ${queue} is paused: nothing is put into it until somebody resumes it`)
  }

  async #failedOf(bull: Queue, redis: Redis, queue: string, id: string): Promise<Job> {
    const found = await failedJobIn(redis, this.#bull.keyOf(queue), queue, id)
    return theFailed<Job>(queue, id, found, { job: () => bull.getJob(id), state: () => stateIn(bull, id) })
  }
}

async function stateIn(bull: Queue, id: string) {
  const state = await bull.getJobState(id)
  switch (state) {
    case 'unknown':
      return undefined
    case 'prioritized':
    case 'waiting-children':
      return 'waiting'
    default:
      return state
  }
}
