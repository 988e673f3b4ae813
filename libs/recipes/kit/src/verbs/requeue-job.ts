import { z } from 'zod'
import { excerpt } from '../excerpt.js'
import { PortFailure, type Hands, type Readers } from '../ports.js'
import { defineVerb, type JsonObject, type Probe } from '../verb.js'
import { NotAsPlanned } from './afresh.js'
import { place, type Place } from './place.js'

const args = z.strictObject({
  queue: z.string().min(1),
  id: z.string().min(1),
  /** When it failed, as the approver saw it: a later failure is another one. Wall time in milliseconds. */
  failed_ms: z.int().min(0),
  /** What it reads. */
  input: place.nullable(),
  /** The field of its data that is put right before it waits again. */
  pointer: z.strictObject({ field: z.string().min(1), from: z.string(), to: z.string() }).nullable(),
  /** What it makes. Where this is there already, it is not done again. */
  output: place,
  /** Those that go ahead: it waits until they are done, and stays where it is when one of them fails again. */
  after: z.array(z.strictObject({ id: z.string().min(1), output: place })).max(50),
})
type Args = z.output<typeof args>

const isThere = async ({ objects }: Readers, at: Place) => (await objects.head(at)) !== undefined

/** Throws unless everything that went ahead has come through. */
async function wayIsClear(readers: Readers, { queue, after }: Args): Promise<void> {
  for (const { id, output } of after) {
    // What it made comes first: a cluster may have cleared away the Job that made it, and still show the one that failed before.
    if (await isThere(readers, output)) continue
    const failed = await readers.queues.failedJob(queue, id)
    if (failed) throw new NotAsPlanned(`job ${id}, which went ahead, failed again: ${excerpt(failed.reason, 200)}`)
    const state = await readers.queues.stateOf(queue, id)
    if (state === 'completed' || state === undefined)
      throw new NotAsPlanned(
        `job ${id}, which went ahead, is ${state ?? 'gone'}, and its output ${output.key} is not there`,
      )
    // Worth another try: it is being worked on.
    throw new PortFailure('throttled', `job ${id}, which went ahead, is still ${state}`)
  }
}

/**
 * A queue that somebody works on comes to those that went ahead, however many wait in front of them. One that nobody works on
 * is no reason to wait: trying says what is the matter.
 */
async function waits(readers: Readers, { queue, after }: Args): Promise<string | undefined> {
  for (const { id, output } of after) {
    const state = await readers.queues.stateOf(queue, id)
    if (state !== 'waiting' && state !== 'active' && state !== 'delayed') continue
    if (await isThere(readers, output)) continue
    const { waiting, active } = await readers.queues.counts(queue)
    return active > 0 ? `job ${id}, which went ahead, is still ${state}: ${waiting} wait in ${queue}, ${active} are at work` : undefined // prettier-ignore
  }
  return undefined
}

async function requeue(hands: Hands, readers: Readers, args: Args): Promise<JsonObject> {
  const { queue, id, failed_ms, pointer, output } = args
  const found = await readers.queues.failedJob(queue, id)
  if (!found) {
    const state = await readers.queues.stateOf(queue, id)
    throw new NotAsPlanned(`job ${id} of ${queue} is ${state ?? 'not there'}, and not failed any more`)
  }
  if (found.failed_ms !== failed_ms)
    throw new NotAsPlanned(`job ${id} of ${queue} was queued again since it was planned, and failed again`)
  if (await isThere(readers, output))
    throw new NotAsPlanned(`the output ${output.key} of job ${id} is there: done again, it would be made twice`)
  await wayIsClear(readers, args)
  if (!pointer) await hands.queues.retry(queue, id)
  else {
    const { data } = found
    const fields =
      typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {}
    // A try before this one may have put it right and come no further.
    if (fields[pointer.field] !== pointer.from && fields[pointer.field] !== pointer.to)
      throw new NotAsPlanned(`${pointer.field} of job ${id} is not ${pointer.from} any more`)
    await hands.queues.retry(queue, id, { ...fields, [pointer.field]: pointer.to })
  }
  return {}
}

async function probe(readers: Readers, { queue, id, failed_ms, output }: Args): Promise<Probe> {
  const found = await readers.queues.failedJob(queue, id)
  if (found?.failed_ms === failed_ms) return 'not-in-place'
  if (found || (await readers.queues.stateOf(queue, id)) !== undefined) return 'in-place'
  // Whoever owns the queue may have taken a job away that is done; what it made tells.
  return (await isThere(readers, output)) ? 'in-place' : 'cannot-tell'
}

/** A failed job waits again: the same job, with its pointer put right where it was wrong. */
export const requeueJob = defineVerb({
  id: 'requeue-job',
  args,
  targets: ({ queue }) => [`queue:${queue}`],
  part: ({ id }) => id,
  before: () => ({ job: 'failed' }),
  after: () => ({ job: 'queued again' }),
  state: async ({ queues }, { queue, id, failed_ms }) => {
    const found = await queues.failedJob(queue, id)
    return { job: found?.failed_ms === failed_ms ? 'failed' : 'queued again' }
  },
  waits,
  // Redis and the object storage have users of their own; a Job of the cluster is made anew.
  needs: [{ group: 'batch', resource: 'jobs', verbs: ['create'] }],
  reversible: 'no',
  says: ({ queue, id, input, pointer }) =>
    `Queue job ${id} of ${queue} again${input ? ` (${input.key})` : ''}${pointer ? `, with ${pointer.field} ${pointer.to} in place of ${pointer.from}` : ''}`,
  do: requeue,
  probe,
  undo: { none: 'A job that was queued again may be done already, and what it made stays: the results are listed.' },
})
