import {
  defineRecipe,
  each,
  inputFault,
  pointerOf,
  queueOf,
  type FailedJob,
  type JobQueue,
  type Readers,
} from '@firebreak/kit'
import { restoreObject } from '@firebreak/kit/verbs'
import { z } from 'zod'
import { lookedAt, MOST_LOOKED_AT } from '../failed-jobs.js'

/** Versions of one input that are read, from the newest on. What is older is a person's to look for. */
const MOST_VERSIONS = 20

export const rehydrateInputs = defineRecipe({
  id: 'rehydrate-inputs',
  version: 1,
  title: 'Restore inputs from their older versions',
  page: 'batch-failures',

  meaning:
    'Jobs of a queue fail because their inputs are gone or torn, and the object storage has older versions of these.',
  impact: 'Results are late or missing, and queueing the jobs again would fail in the same way.',

  stage: 'propose',
  approval: { tier: 'T2', roles: ['sre', 'ml'], people: 1 },

  params: z.strictObject({
    queue: z.string().min(1).max(100).exactOptional().meta({
      title: 'Queue',
      description: 'Whose inputs. Left out: the queue that belongs to the service of the alert.',
    }),
    jobs: z
      .array(z.string().min(1).max(200))
      .min(1, 'empty-selection: name at least one job, or leave the list out')
      .max(MOST_LOOKED_AT)
      .exactOptional()
      .meta({ title: 'Jobs', description: 'Ids of failed jobs whose inputs to restore. Left out: all that can be.' }),
  }),

  async diagnose(readers, trigger, params) {
    const queue = queueOf(readers.directory, params.queue, trigger.labels)
    const { failed } = await readers.queues.counts(queue.name)
    const found = await lookedAt(readers, queue.name, params.jobs)
    const inputs = inputsOf(queue, found)
    const judged: Judged[] = []
    for (const [key, jobs] of inputs) judged.push(await judge(readers, queue, key, jobs))
    return {
      queue: { name: queue.name, service: queue.service, environment: queue.environment, bucket: queue.inputs.bucket },
      failed,
      /** Of the failed ones, those that this plan does not speak of. */
      not_looked_at: Math.max(0, failed - found.length),
      not_found: (params.jobs ?? []).filter((id) => !found.some((job) => job.id === id)),
      fit: judged.flatMap(({ fit }) => (fit ? [fit] : [])),
      left_out: judged.flatMap(({ key, left_out }) => (left_out === null ? [] : [{ input: key, because: left_out }])),
    }
  },

  stopIf: [
    {
      when: ({ failed }) => failed === 0,
      because: 'No job of the queue has failed: nobody misses an input.',
    },
    {
      when: ({ not_found }) => not_found.length > 0,
      because:
        'A job that was named is not there, or has not failed: look at the queue again and name those that have.',
    },
    {
      when: ({ fit, failed }) => failed > 0 && fit.length === 0,
      because: 'No input can be restored: each is there and whole, or no older version of it is.',
    },
  ],

  // What moves meanwhile is looked at object by object, right before each is touched.
  guards: () => [{ fact: 'queue.bucket', same: true }],

  plan: ({ queue, fit }) => [
    each(
      restoreObject,
      fit.map(({ key, now, to }) => ({
        bucket: queue.bucket,
        key,
        now: now && { version: now.version, digest: now.digest },
        to: { version: to.version, digest: to.digest },
      })),
      { ramp: { most: 20 } },
    ),
  ],

  verify: {
    within_s: 30,
    says: ({ queue, fit }) =>
      `Each of the ${fit.length} inputs in ${queue.bucket} can be read and has the digest of its older version.`,

    async holds({ objects }, { queue, fit }) {
      const wrong: string[] = []
      for (const { key, to } of fit)
        if ((await objects.digest({ bucket: queue.bucket, key })) !== to.digest) wrong.push(key)
      return {
        holds: wrong.length === 0,
        says:
          wrong.length === 0
            ? `${fit.length} of ${fit.length} inputs are whole again. Their jobs wait for requeue-failed-jobs.`
            : `${wrong.length} of ${fit.length} inputs are not what they were: ${wrong.slice(0, 5).join(', ')}.`,
      }
    },
  },
})

/** An input of which a plan can be made, or why not. */
interface Judged {
  key: string
  fit: {
    key: string
    jobs: string[]
    /** What is wrong with what lies there. */
    fault: string
    now: { version: string; digest: string } | null
    to: { version: string; digest: string; bytes: number; modified_ms: number }
  } | null
  left_out: string | null
}

/** Each input once, with the jobs that wait for it. Jobs that name none are requeue-failed-jobs' to call poison. */
function inputsOf(queue: JobQueue, jobs: readonly FailedJob[]): Map<string, string[]> {
  const inputs = new Map<string, string[]>()
  for (const { id, data } of jobs) {
    const key = pointerOf(queue, data)?.to
    if (key !== undefined) inputs.set(key, [...(inputs.get(key) ?? []), id])
  }
  return inputs
}

async function judge(readers: Readers, queue: JobQueue, key: string, jobs: string[]): Promise<Judged> {
  const { objects } = readers
  const { bucket } = queue.inputs
  const leftOut = (left_out: string): Judged => ({ key, fit: null, left_out })
  const fault = await inputFault(readers, queue, key)
  if (fault === undefined) return leftOut('it is there and whole')
  const [newest, ...older] = (await objects.versions(bucket, key)).slice(0, MOST_VERSIONS)
  if (!newest) return leftOut(`${fault}, and the bucket keeps no versions of it`)
  const digest = await objects.digest({ bucket, key })
  for (const version of older) {
    if (version.deleted || (await inputFault(readers, queue, key, version.version)) !== undefined) continue
    const whole = await objects.digest({ bucket, key, version: version.version })
    if (whole === undefined) continue
    const { bytes, modified_ms } = version
    return {
      key,
      fit: {
        key,
        jobs: jobs.slice(0, 20),
        fault,
        now: digest === undefined ? null : { version: newest.version, digest },
        to: { version: version.version, digest: whole, bytes, modified_ms },
      },
      left_out: null,
    }
  }
  return leftOut(`${fault}, and none of its ${older.length} older versions is whole`)
}
