import Bull, { type Queue } from 'bull'
import { checkedName, within } from './within.js'

export interface BullOptions {
  /** With its password, if it has one: it appears in no error. */
  redisUrl: string
  /** As the owner of the queues set it. */
  prefix?: string
  timeoutMs?: number
}

/** Bull queues of the watched system, in one Redis. Nothing here works on a job. */
export class BullConnection {
  readonly #queues = new Map<string, Queue>()
  readonly #options: Required<BullOptions> & { resends: boolean }

  /** @param resends what was on its way when the connection broke is said again when there is one again, however late: for looking */
  constructor({ redisUrl, prefix = 'bull', timeoutMs = 5_000 }: BullOptions, resends: boolean) {
    this.#options = { redisUrl, prefix, timeoutMs, resends }
  }

  /** Asks one queue, within the time limit; every failure is a `PortFailure`. */
  async ask<T>(name: string, call: (queue: Queue, stillIn: () => void) => Promise<T>): Promise<T> {
    const queue = this.#queue(name)
    return within(name, queue.client, this.#options.timeoutMs, (stillIn) => call(queue, stillIn))
  }

  async close(): Promise<void> {
    // Not `queue.close()`, which waits for a connection that may never come.
    for (const queue of this.#queues.values()) queue.client.disconnect()
    this.#queues.clear()
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(checkedName(name))
    if (known) return known
    const { redisUrl, prefix, resends } = this.#options
    const queue = new Bull(name, redisUrl, {
      prefix,
      settings: { stalledInterval: 0 },
      redis: { autoResendUnfulfilledCommands: resends },
    })
    // Said by the call that fails because of it.
    queue.on('error', () => undefined)
    this.#queues.set(name, queue)
    return queue
  }
}
