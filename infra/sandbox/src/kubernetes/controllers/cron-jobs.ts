import { isDeepStrictEqual } from 'node:util'
import { isDue, readSchedule } from '../../world/cron.js'
import { born } from '../manifests.js'
import { isControlledBy, omit, ownedBy, stamp, type CronJob, type Job } from '../objects.js'
import { cronJobs, jobs } from '../resources.js'
import { keep, type Ground } from './ground.js'
import { conditionOf } from './jobs.js'

const COMPONENT = 'cronjob-controller'
const MINUTE_MS = 60_000
/** After a pause not every missed minute is made up for. */
const MOST_MINUTES = 60

/**
 * Makes Jobs when their time has come. Their clock is the sandbox's: it begins at the wall's time, and runs as fast as
 * the sandbox does.
 */
export class CronJobs {
  #minute: number | undefined

  constructor(
    private readonly ground: Ground,
    private readonly bornAt: number,
  ) {}

  step(now: number): void {
    const minute = Math.floor((this.bornAt + now) / MINUTE_MS)
    const last = this.#minute ?? minute
    this.#minute = minute
    for (const cronJob of this.ground.store.list(cronJobs)) {
      const schedule = cronJob.spec.suspend ? undefined : readSchedule(cronJob.spec.schedule)
      for (let at = Math.max(last, minute - MOST_MINUTES) + 1; schedule && at <= minute; at++)
        if (isDue(schedule, at * MINUTE_MS)) this.#make(cronJob, at)
      this.#report(this.ground.store.get(cronJobs, cronJob.metadata.namespace ?? '', cronJob.metadata.name) ?? cronJob)
    }
  }

  #make(cronJob: CronJob, minute: number): void {
    const { store, recorder, seed } = this.ground
    const { namespace = '', name: prefix } = cronJob.metadata
    const running = this.#jobsOf(cronJob).filter((job) => !isEnded(job))
    const { concurrencyPolicy, jobTemplate } = cronJob.spec
    if (running.length > 0 && concurrencyPolicy === 'Forbid')
      return recorder.say(
        cronJob,
        COMPONENT,
        'Normal',
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      )
    if (concurrencyPolicy === 'Replace')
      for (const { metadata } of running) store.delete(jobs, namespace, metadata.name)
    const name = `${prefix}-${minute}`
    if (store.get(jobs, namespace, name)) return
    const { labels, annotations } = jobTemplate.metadata ?? {}
    const metadata = {
      name,
      namespace,
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, 'firebreak.dev/simulated': 'true' },
      ownerReferences: [ownedBy(cronJob)],
    }
    const job = born({ apiVersion: 'batch/v1', kind: jobs.kind, metadata, spec: jobTemplate.spec, status: {} }, seed)
    const made = keep(this.ground, jobs, undefined, jobs.defaults!(job as unknown as Job), '')
    recorder.say(cronJob, COMPONENT, 'Normal', 'SuccessfulCreate', `Created job ${made.metadata.name}`)
    keep(this.ground, cronJobs, cronJob, { ...cronJob, status: { ...cronJob.status, lastScheduleTime: stamp() } })
  }

  #report(cronJob: CronJob): void {
    const { store } = this.ground
    const mine = this.#jobsOf(cronJob)
    const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec
    for (const [type, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      const ended = mine.filter((job) => conditionOf(job, type))
      const surplus = ended.slice(0, Math.max(0, ended.length - limit))
      for (const { metadata } of surplus) store.delete(jobs, metadata.namespace ?? '', metadata.name)
    }
    const active = mine
      .filter((job) => !isEnded(job))
      .map(({ apiVersion, kind, metadata: { name, namespace, uid } }) => ({ apiVersion, kind, name, namespace, uid }))
    const times = mine.flatMap(({ status: { completionTime } }) => completionTime ?? []).sort()
    const lastSuccessfulTime = times.at(-1) ?? cronJob.status.lastSuccessfulTime
    const status = {
      ...omit(cronJob.status, 'active'),
      ...(active.length > 0 ? { active } : {}),
      ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}),
    }
    if (!isDeepStrictEqual(status, cronJob.status)) keep(this.ground, cronJobs, cronJob, { ...cronJob, status })
  }

  #jobsOf({ metadata: { namespace, uid } }: CronJob): Job[] {
    return this.ground.store.list(jobs, namespace).filter((job) => isControlledBy(job, uid))
  }
}

const isEnded = (job: Job): boolean =>
  conditionOf(job, 'Complete') !== undefined || conditionOf(job, 'Failed') !== undefined
