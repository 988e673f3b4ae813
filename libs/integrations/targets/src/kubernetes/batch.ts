import { plainLine, type CronJob, type Job } from '@firebreak/kit'
import { z } from 'zod'
import { conditions, count, metadata, read, refOf, selector, texts, time } from './parse.js'
import { asksOf, template } from './template.js'

const job = z.object({
  metadata: metadata.extend({
    labels: texts,
    ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
  }),
  spec: z.object({ suspend: z.boolean().default(false), selector, template }),
  status: z.object({ active: count, succeeded: count, failed: count, startTime: time, conditions }).prefault({}),
})

const cronJob = z.object({
  metadata: metadata.extend({ labels: texts }),
  spec: z.object({
    schedule: z.string(),
    suspend: z.boolean().default(false),
    startingDeadlineSeconds: z.int().nullish(),
  }),
  status: z
    .object({ active: z.array(z.object({ name: z.string() })).default([]), lastScheduleTime: time })
    .prefault({}),
})

export const readJob = (object: unknown): z.output<typeof job> => read(job, object, 'Job')

export function toJob(object: unknown): Job {
  const { metadata, spec, status } = readJob(object)
  const is = (type: string) => status.conditions.find((one) => one.type === type && one.status === 'True')
  const failed = is('Failed')
  const owner = metadata.ownerReferences.find(({ kind }) => kind === 'CronJob')
  return {
    ref: refOf(metadata),
    uid: metadata.uid,
    resource_version: metadata.resourceVersion,
    state: is('Complete') ? 'complete' : failed ? 'failed' : spec.suspend ? 'suspended' : 'running',
    suspended: spec.suspend,
    active: status.active,
    succeeded: status.succeeded,
    failed: status.failed,
    failed_because: failed ? plainLine([failed.reason, failed.message].filter(Boolean).join(': '), 500) : null,
    owner: owner ? `${metadata.namespace}/${owner.name}` : null,
    labels: metadata.labels,
    asks: asksOf(spec.template),
    started_ms: status.startTime,
  }
}

export function toCronJob(object: unknown): CronJob {
  const { metadata, spec, status } = read(cronJob, object, 'CronJob')
  return {
    ref: refOf(metadata),
    uid: metadata.uid,
    resource_version: metadata.resourceVersion,
    schedule: spec.schedule,
    suspended: spec.suspend,
    active: status.active.map(({ name }) => `${metadata.namespace}/${name}` as const),
    labels: metadata.labels,
    last_scheduled_ms: status.lastScheduleTime,
    starting_deadline_s: spec.startingDeadlineSeconds ?? null,
  }
}
