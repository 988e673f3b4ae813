import { PortFailure, type FailedJob } from '@firebreak/kit'

/**
 * The job of a client, when it is among the failed ones of its queue and its data can be read.
 *
 * @param found what stands in the failed set under this id
 * @param ask the client's own job and state; `undefined` where it knows none
 * @throws PortFailure `invalid`: data that are no JSON, or too large; `not-found`; `conflict`: it is not failed
 */
export async function theFailed<Job>(
  queue: string,
  id: string,
  found: FailedJob | undefined,
  ask: { job: () => Promise<Job | null | undefined>; state: () => Promise<string | undefined> },
): Promise<Job> {
  // The client itself would throw over it, in the middle.
  if (found && found.data === undefined)
    throw new PortFailure('invalid', `the data of job ${id} of ${queue} are no JSON, or too large: it is not touched`)
  const job = found && (await ask.job())
  if (job) return job
  const state = await ask.state()
  if (state === undefined) throw new PortFailure('not-found', `job ${id} of ${queue} is not there`)
  throw new PortFailure('conflict', `job ${id} of ${queue} is ${state}, not failed`)
}
