import { PortFailure } from '@firebreak/kit'
import Bull, { type Queue } from 'bull'

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
  readonly #options: Required<BullOptions>

  constructor({ redisUrl, prefix = 'bull', timeoutMs = 5_000 }: BullOptions) {
    this.#options = { redisUrl, prefix, timeoutMs }
  }

  /** Asks one queue, within the time limit; every failure is a `PortFailure`. */
  async ask<T>(name: string, call: (queue: Queue) => Promise<T>): Promise<T> {
    const queue = this.#queue(name)
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<'too late'>((resolve) => {
      timer = setTimeout(() => resolve('too late'), this.#options.timeoutMs)
    })
    try {
      const outcome = await Promise.race([call(queue).then((value) => ({ value })), tooLate])
      if (outcome !== 'too late') return outcome.value
    } catch (error) {
      if (error instanceof PortFailure) throw error
      throw new PortFailure('unreachable', `queue ${name}: ${codeOf(error)}`)
    } finally {
      clearTimeout(timer)
    }
    // Commands wait inside the client for a connection: without one, nobody was there to be slow.
    throw queue.client.status === 'ready'
      ? new PortFailure('timeout', `queue ${name}: no answer in time`)
      : new PortFailure('unreachable', `queue ${name}: Redis cannot be reached`)
  }

  async close(): Promise<void> {
    // Not `queue.close()`, which waits for a connection that may never come.
    for (const queue of this.#queues.values()) queue.client.disconnect()
    this.#queues.clear()
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name)
    if (known) return known
    // A colon in a name would reach into the keys of another queue.
    if (!/^[\w.-]+$/.test(name)) throw new PortFailure('invalid', `${JSON.stringify(name)} is not the name of a queue`)
    const { redisUrl, prefix } = this.#options
    const queue = new Bull(name, redisUrl, { prefix, settings: { stalledInterval: 0 } })
    // Said by the call that fails because of it.
    queue.on('error', () => undefined)
    this.#queues.set(name, queue)
    return queue
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'Redis refused'
