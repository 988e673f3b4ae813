import { createHash } from 'node:crypto'
import type { V1Job } from '@kubernetes/client-node'
import { plainLine, PortFailure, type JobsOfQueue } from '@firebreak/kit'
import { z } from 'zod'
import { count, metadata, read, selector, texts, time } from '../parse.js'
import { containersOf, template } from '../template.js'

/*
 * A Job of the cluster cannot be started twice. What a queue calls a job is therefore a line of Jobs: the first one, whose
 * name is its id, and one for each time that it was made anew. The later ones say whose they are by these two labels.
 */
export const ATTEMPT_OF = 'firebreak.dev/attempt-of'
export const ATTEMPT = 'firebreak.dev/attempt'

/** What the controller of Jobs writes into a Job and its template; a copy has to have its own. */
const TIES = ['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name']
/** Annotations that say how the one that is copied came to be. */
const ORIGINS = ['kubectl.kubernetes.io/last-applied-configuration', 'batch.kubernetes.io/cronjob-scheduled-timestamp', 'batch.kubernetes.io/job-tracking'] // prettier-ignore

const job = z.object({
  metadata: metadata.extend({
    creationTimestamp: time,
    labels: texts,
    ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
  }),
  spec: z.object({ suspend: z.boolean().default(false), selector, template }),
  status: z
    .object({
      active: count,
      // Older clusters do not say how many of them run.
      ready: z.int().min(0).nullish(),
      failed: count,
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().default(''),
            message: z.string().default(''),
            lastTransitionTime: time,
          }),
        )
        .default([]),
    })
    .prefault({}),
})

/** One Job of a line. */
export interface Attempt {
  /** The id that the queue knows it by. */
  task: string
  /** 0 for the first. */
  nth: number
  name: string
  state: 'waiting' | 'active' | 'delayed' | 'failed' | 'completed'
  /** Wall time in milliseconds; 0 where the API server does not say. */
  made_ms: number
  /** Pods of it that failed. */
  failed: number
  /** Wall time in milliseconds; 0 for one that has not failed. */
  failed_ms: number
  /** The controller's words for why it failed. */
  because: string
  /** The variables of its first container that have a value of their own. */
  data: Record<string, string>
  /** As the API server gave it: what the next one is made from. */
  made_from: V1Job
}

/** A Job as an attempt of this queue, or undefined for one that is none of it. */
export function attemptIn({ cron_job, labels }: JobsOfQueue, object: V1Job): Attempt | undefined {
  const { metadata: meta, spec, status } = read(job, object, 'Job')
  const made = meta.ownerReferences.some(({ kind, name }) => kind === 'CronJob' && name === cron_job)
  if (cron_job !== undefined && !made) return undefined
  if (Object.entries(labels).some(([key, value]) => meta.labels[key] !== value)) return undefined
  const is = (type: string) => status.conditions.find((one) => one.type === type && one.status === 'True')
  const failed = is('Failed')
  const running = status.ready ?? status.active
  const nth = Number(meta.labels[ATTEMPT] ?? 0)
  return {
    task: meta.labels[ATTEMPT_OF] ?? meta.name,
    nth: Number.isSafeInteger(nth) && nth > 0 ? nth : 0,
    name: meta.name,
    state: failed ? 'failed' : is('Complete') ? 'completed' : spec.suspend ? 'delayed' : running > 0 ? 'active' : 'waiting', // prettier-ignore
    made_ms: meta.creationTimestamp ?? 0,
    failed: status.failed,
    // The cluster counts seconds: the attempt stands in the place of the milliseconds, so that of one job each fails at a time of its own.
    failed_ms: failed ? (failed.lastTransitionTime ?? 0) + Math.min(nth || 0, 999) : 0,
    because: failed ? plainLine([failed.reason, failed.message].filter(Boolean).join(': '), 500) : '',
    data: containersOf(spec.template)[0]?.env ?? {},
    made_from: object,
  }
}

/** Attempts by their job, each line in its order. The newest attempt says how it is with the job. */
export function linesOf(attempts: readonly Attempt[]): Map<string, Attempt[]> {
  const lines = new Map<string, Attempt[]>()
  for (const one of [...attempts].sort((a, b) => a.nth - b.nth)) lines.set(one.task, [...(lines.get(one.task) ?? []), one]) // prettier-ignore
  return lines
}

/**
 * The Job that does the work of `last` once more. Its name follows from it, so that whoever makes it a second time is told by
 * the API server that it is there.
 *
 * @param data what its first container is told from now on; what it has from elsewhere (Secrets, fields) stays
 */
export function nextAttempt({ task, nth, made_from }: Attempt, data: unknown): V1Job {
  const { metadata: meta = {}, spec } = made_from
  if (!spec) throw new PortFailure('invalid', `job ${task} has no template to be made from`)
  const name = nameOf(task, nth + 1)
  const made: V1Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      labels: { ...without(meta.labels, TIES), [ATTEMPT_OF]: labelled(task), [ATTEMPT]: String(nth + 1) },
      ...ownedAlike(meta),
    },
    spec: {
      ...spec,
      suspend: false,
      template: {
        ...spec.template,
        metadata: { ...spec.template.metadata, labels: without(spec.template.metadata?.labels, TIES) },
      },
    },
  }
  delete made.spec!.selector
  delete made.spec!.manualSelector
  return data === undefined ? made : told(made, data)
}

/** A Job of a CronJob's template, under a name of its own. */
export function firstAttempt(
  name: string,
  cronJob: { name: string; uid: string },
  given: { metadata?: V1Job['metadata']; spec?: V1Job['spec'] },
  data: unknown,
): V1Job {
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: cronJob.name, uid: cronJob.uid, controller: true }
  const { labels, annotations } = given.metadata ?? {}
  const metadata = {
    name: labelled(name),
    labels: labels ?? {},
    annotations: { ...annotations, ...BY_HAND },
    ownerReferences: [owner],
  }
  return told({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: given.spec! }, data)
}

/** As kubectl marks what it makes from a CronJob out of turn. */
const BY_HAND = { 'cronjob.kubernetes.io/instantiate': 'manual' }

function ownedAlike({ annotations, ownerReferences = [] }: NonNullable<V1Job['metadata']>) {
  const owner = ownerReferences.find(({ kind }) => kind === 'CronJob')
  const kept = without(annotations, ORIGINS)
  if (!owner) return { annotations: kept }
  // Without `blockOwnerDeletion`, which takes a right over the CronJob.
  const { apiVersion, kind, name, uid } = owner
  return { annotations: { ...kept, ...BY_HAND }, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] }
}

/** The same Job, whose first container is told this. */
function told(made: V1Job, data: unknown): V1Job {
  const [first, ...rest] = made.spec?.template.spec?.containers ?? []
  if (!first)
    throw new PortFailure('invalid', `job ${made.metadata?.name} has no container that could be told anything`)
  const given = z.record(z.string().regex(/^[A-Za-z_][\w.-]*$/), z.string()).safeParse(data)
  if (!given.success) throw new PortFailure('invalid', 'what a Job is told are texts by the names of variables')
  // Those that come from elsewhere stay; they may stand in others (`$(NAME)`), so the order stays too.
  const known = (first.env ?? []).filter(({ name, valueFrom }) => valueFrom != null || Object.hasOwn(given.data, name))
  const changed = known.map((one) => (one.valueFrom != null ? one : { name: one.name, value: given.data[one.name]! }))
  const added = Object.entries(given.data).filter(([name]) => !known.some((one) => one.name === name))
  const env = [...changed, ...added.map(([name, value]) => ({ name, value }))]
  const { template: old } = made.spec!
  return {
    ...made,
    spec: { ...made.spec!, template: { ...old, spec: { ...old.spec!, containers: [{ ...first, env }, ...rest] } } },
  }
}

const MOST_LETTERS = 63

/** `import-7-again-1`; where that is too long for a name, what is cut off is told by a digest. */
function nameOf(task: string, nth: number): string {
  const end = `-again-${nth}`
  if (task.length + end.length <= MOST_LETTERS) return `${task}${end}`
  const digest = createHash('sha256').update(task).digest('hex').slice(0, 8)
  return `${task.slice(0, MOST_LETTERS - end.length - 9)}-${digest}${end}`
}

/** An id has to fit into a label, as the names of Jobs do. */
export function labelled(id: string): string {
  if (/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(id)) return id
  throw new PortFailure('invalid', `${JSON.stringify(id.slice(0, 100))} is not the name of a Job: at most 63 of a-z, 0-9, - and .`) // prettier-ignore
}

const without = (texts: Record<string, string> | undefined, keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(texts ?? {}).filter(([key]) => !keys.includes(key)))
