import { Doorbell, type QueueName } from '@firebreak/flow'
import type { JobOptions, Queue, QueueOptions } from 'bull'
import { redisAddress } from './redis-address.js'

/** The name of a queue in Redis. */
export const queueKey = (queue: QueueName): string => `firebreak-${queue}`

/**
 * How every queue is kept. A dead worker's job is noticed within seconds, and noticed as often as workers die:
 * repeating is safe, because the record and not Bull decides what there is to do.
 */
export function queueOptions(redisUrl: string): QueueOptions {
  return {
    redis: redisAddress(redisUrl),
    settings: { lockDuration: 5_000, lockRenewTime: 2_000, stalledInterval: 2_500, maxStalledCount: 10 },
    defaultJobOptions: jobOptions,
  }
}

/** One try: what failed is found again by the sweep, from the record. Nothing is kept: Redis is no archive. */
const jobOptions: JobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true }

/** How long a ring may take before nobody waits for it any more. */
const PATIENCE_MS = 500

/**
 * Part of a job's id, so that ringing twice within two seconds rings once. Not for longer: the job of a worker that was
 * killed lies in Redis as being worked on, and would keep its successor from hearing the bell.
 */
const moment = (at: number): number => Math.floor(at / 2_000)

/** Who asked, and the place in a trace, as they travel with a job. */
export interface Account {
  request_id?: string
  traceparent?: string
}

/** Rings by a Bull job that carries an id, and on whose account; nothing else. Deaf Redis is no error: the sweep finds the work. */
export class BullDoorbell extends Doorbell {
  constructor(
    private readonly queues: ReadonlyMap<QueueName, Queue>,
    private readonly unheard: (queue: QueueName, id: string, why: string) => void,
    /** On whose account it is rung. Nothing is read from it but who that was: what is to be done stands in the record. */
    private readonly account: (queue: QueueName, id: string) => Promise<Account> = () => Promise.resolve({}),
  ) {
    super()
  }

  override async ring(queue: QueueName, id: string, at?: Date): Promise<void> {
    const now = Date.now()
    const due = Math.max(at?.getTime() ?? now, now)
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Redis did not answer within ${PATIENCE_MS} ms`)), PATIENCE_MS)
    })
    try {
      const bell = this.queues.get(queue)
      if (!bell) throw new Error(`there is no queue ${queue}`)
      const options = { jobId: `${queue}:${id}:${moment(due)}`, delay: due - now }
      const rung = this.account(queue, id).then((account) => bell.add({ id, ...account }, options))
      await Promise.race([rung, patience])
    } catch (error) {
      this.unheard(queue, id, error instanceof Error ? error.message : String(error))
    } finally {
      clearTimeout(timer)
    }
  }
}
