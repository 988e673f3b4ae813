import type { Doorbell, QueueName } from './jobs.js'

/** Something that wants a worker's attention. */
export interface Waiting {
  queue: QueueName
  id: string
}

/** What the record says is waiting: the answer that makes losing all of Redis a delay and no more. */
export abstract class Backlog {
  /**
   * Requests without a plan or an export, plans that are decided but not started or closed, runs whose worker is
   * silent, loans that are due. Bounded; what does not fit is found the next time.
   */
  abstract find(now: Date): Promise<Waiting[]>
}

/** Rings for everything that waits. The work itself decides, under its locks, whether there is something to do. */
export async function sweep(backlog: Pick<Backlog, 'find'>, doorbell: Doorbell, now: Date): Promise<number> {
  const waiting = await backlog.find(now)
  for (const { queue, id } of waiting) await doorbell.ring(queue, id)
  return waiting.length
}
