/**
 * Redis is the doorbell: a job carries the id of a thing that wants attention, and at most on whose account. What is to be done is
 * read from the record, so a lost job costs time and a doubled one nothing.
 */
export const queues = ['plan', 'run', 'loan', 'export', 'maintenance'] as const
export type QueueName = (typeof queues)[number]

/** Rings for the worker. Never throws: when nobody hears it, the worker's sweep finds the work. */
export abstract class Doorbell {
  /** `id` is what the queue is about: a request, a plan, a loan, an export, a turn of maintenance. `at`: not before that time. */
  abstract ring(queue: QueueName, id: string, at?: Date): Promise<void>
}
