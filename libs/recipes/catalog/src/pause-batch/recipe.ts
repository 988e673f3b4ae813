import { defineRecipe, namespaceOf, PortFailure, type CronJob, type Job } from '@firebreak/kit'
import { suspendCronJob, suspendJob } from '@firebreak/kit/verbs'
import { z } from 'zod'
import { besideOf, ownOf, runningOf } from '../competing.js'
import { p95Says, roundedUp, serviceOf } from '../reading.js'

/** Jobs that one plan speaks of. Those that may take most come first. */
const MOST_LOOKED_AT = 50

export const pauseBatch = defineRecipe({
  id: 'pause-batch',
  version: 2,
  title: 'Pause the batch work that takes a service its room',
  page: 'high-api-latency',

  meaning: 'A service is slow while batch jobs run on its nodes, and nothing keeps those from taking what it needs.',
  impact: 'Users wait for work that nobody waits for, and it stays so until the last of these jobs has ended.',

  stage: 'propose',
  approval: { tier: 'T1', roles: ['sre'], people: 1 },

  params: z
    .strictObject({
      jobs: z
        .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'expected the name of a Job'))
        .min(1, 'empty-selection: name at least one Job, or leave the list out and say all')
        .max(10)
        .exactOptional()
        .meta({ title: 'Jobs', description: 'Names of Jobs that run beside the service, in its namespace.' }),
      all: z.boolean().default(false).meta({
        title: 'All that compete',
        description: 'Every Job that competes with the service. The number of them has to be given too.',
      }),
      count: z.int().min(1).max(10).exactOptional().meta({
        title: 'Number of jobs',
        description: 'How many Jobs compete, as you have counted them.',
      }),
      minutes: z
        .int()
        .min(5)
        .max(720)
        .default(60)
        .meta({ title: 'Minutes', description: 'After this long they go on.' }),
    })
    .refine(({ jobs, all }) => (jobs !== undefined) !== all, {
      message: 'empty-selection: name the Jobs, or say all, and not both',
      path: ['jobs'],
    })
    .refine(({ all, count }) => !all || count !== undefined, {
      message: 'count-missing: with all, say how many Jobs there are',
      path: ['count'],
    }),

  async diagnose({ cluster, metrics, directory }, trigger, { jobs: named, all }) {
    const service = serviceOf(directory, trigger.labels['service'])
    const { deployment: ref } = service
    const deployment = await cluster.deployment(ref)
    if (!deployment) throw new PortFailure('not-found', `deployment ${ref} is not there`)
    const namespace = namespaceOf(ref)
    const [rollout, pods, jobs, jobPods, cronJobs] = await Promise.all([
      cluster.rollout(ref),
      cluster.podsOf(ref),
      cluster.jobs(namespace),
      cluster.runningJobPods(namespace),
      cluster.cronJobs(namespace),
    ])
    const own = ownOf(pods, rollout?.asks, deployment.replicas)
    const running = runningOf(jobs)
    const beside = running.slice(0, MOST_LOOKED_AT).map((job) => besideOf(job, jobPods, own))
    const unknown = (named ?? []).filter((name) => !jobs.some((job) => nameOf(job) === name))
    if (unknown.length > 0)
      throw new PortFailure(
        'not-found',
        `there is no job ${unknown.join(', ')} in ${namespace}; those that compete with ${service.name} are ` +
          (beside.flatMap(({ name, competes }) => (competes ? [name] : [])).join(', ') || 'none'),
      )
    const competing = beside.filter(({ competes }) => competes)
    const chosen = all ? competing : competing.filter(({ name }) => named?.includes(name))
    return {
      service: {
        name: service.name,
        environment: service.environment,
        p95_threshold_ms: service.p95_threshold_ms,
        p95_query: service.metrics.p95_ms,
      },
      deployment: {
        ref,
        uid: deployment.uid,
        replicas: deployment.replicas,
        updated: deployment.updated,
        observed: deployment.observed,
        cpu_millis: own.cpu_millis,
        nodes: own.nodes.length,
      },
      p95_ms: await roundedUp(metrics, service.metrics.p95_ms),
      /** Every Job that runs in the namespace, those that may take most first. */
      beside: beside.map(({ job: _, ...evidence }) => evidence),
      not_looked_at: running.length - beside.length,
      competing: competing.length,
      not_running: (named ?? []).filter((name) => !running.some((job) => nameOf(job) === name)),
      not_competing: (named ?? []).filter((name) => beside.some((one) => one.name === name && !one.competes)),
      pause: withSchedules(
        cronJobs,
        // In an order that stays the same however many pods each has: the plan is held against it.
        chosen.map(({ job }) => job).sort((a, b) => (a.ref < b.ref ? -1 : 1)),
      ),
    }
  },

  stopIf: [
    {
      when: ({ p95_ms }) => p95_ms === null,
      because: 'Its p95 latency is not being measured: without a number nobody could tell that the pause helped.',
    },
    {
      when: ({ p95_ms, service }) => p95_ms !== null && p95_ms <= service.p95_threshold_ms,
      because: 'Its p95 latency is back under the threshold.',
    },
    {
      when: ({ deployment }) => !deployment.observed || deployment.updated < deployment.replicas,
      because: 'A rollout is in progress: what is slow now may be gone when it ends, or be its fault.',
    },
    {
      when: ({ competing }) => competing === 0,
      because: 'No batch job that could take much runs on its nodes: the cause is elsewhere.',
    },
    {
      when: ({ not_running }) => not_running.length > 0,
      because: 'A job that was named does not run any more: look again, and name those that do.',
    },
    {
      when: ({ not_competing }) => not_competing.length > 0,
      because:
        'A job that was named runs on other nodes than the service, or may take little: its work would begin again for nothing.',
    },
    {
      when: ({ not_looked_at }, { all }) => all && not_looked_at > 0,
      because: 'More jobs run than one plan looks at: name those that are to be paused.',
    },
    {
      when: ({ competing }, { count }) => count !== undefined && count !== competing,
      because: 'Count-mismatch: so many jobs do not compete. Look again, and say how many.',
    },
  ],

  guards: ({ service }) => [
    { fact: 'deployment.uid', same: true },
    { fact: 'p95_ms', at_least: service.p95_threshold_ms + 1 },
    // Others may start and end meanwhile; those that somebody said yes to are these.
    { fact: 'pause', same: true },
  ],

  plan({ pause }, { minutes }) {
    const loan = { loan_minutes: minutes }
    const schedules = new Map(pause.flatMap(({ schedule }) => (schedule ? [[schedule.uid, schedule]] : [])))
    return [
      // Schedules first: otherwise one starts the next Job while the last is being suspended.
      ...[...schedules.values()].map(({ ref, uid }) => suspendCronJob({ cron_job: ref, uid }, loan)),
      ...pause.map(({ ref, uid }) => suspendJob({ job: ref, uid }, loan)),
    ]
  },

  verify: {
    within_s: 120,
    says: ({ service, pause }) =>
      `p95 of ${service.name} is at most ${service.p95_threshold_ms} ms, and ${pause.length} jobs have no pods.`,

    async holds({ cluster, metrics }, { service, deployment, pause }) {
      const jobs = await cluster.jobs(namespaceOf(deployment.ref))
      let still = 0
      for (const { ref, uid } of pause) {
        const job = jobs.find((one) => one.ref === ref)
        if (job?.uid !== uid) return { holds: false, says: `Job ${ref} is not the one that was suspended any more.` }
        if (job.state !== 'suspended' || job.active > 0) still++
      }
      const p95_ms = await roundedUp(metrics, service.p95_query)
      return {
        holds: still === 0 && p95_ms !== null && p95_ms <= service.p95_threshold_ms,
        says:
          `p95 of ${service.name} ${p95Says(p95_ms)} (threshold ${service.p95_threshold_ms} ms), ` +
          `and ${pause.length - still} of ${pause.length} jobs have no pods.`,
      }
    },
  },
})

const nameOf = ({ ref }: Job) => ref.slice(ref.indexOf('/') + 1)

/** Each Job with the schedule that would start the next one, unless somebody has suspended that already. */
function withSchedules(schedules: readonly CronJob[], jobs: readonly Job[]) {
  return jobs.map(({ ref, uid, owner }) => {
    const schedule = schedules.find((one) => one.ref === owner && !one.suspended)
    return { ref, uid, schedule: schedule ? { ref: schedule.ref, uid: schedule.uid } : null }
  })
}
