import { defineRecipe, PortFailure, type MetricsReader, type Service, type ServiceDirectory } from '@firebreak/kit'
import { raiseAutoscalerFloor, scaleDeployment } from '@firebreak/kit/verbs'
import { z } from 'zod'

export const scaleApi = defineRecipe({
  id: 'scale-api',
  version: 1,
  title: 'Scale a service that is slow under load',
  page: 'high-api-latency',

  meaning: 'The p95 latency of a service is above its threshold: one request in twenty takes longer than it may.',
  impact: 'Users wait; clients give up and try again, and their retries are more load still.',

  stage: 'propose',
  approval: { tier: 'T1', roles: ['sre'], people: 1 },

  params: z.strictObject({
    replicas: z.int().min(1).max(10_000).exactOptional().meta({
      title: 'Replicas',
      description: 'How many there should be. Left out: twice as many as now, at least 5.',
    }),
    minutes: z
      .int()
      .min(5)
      .max(720)
      .default(60)
      .meta({ title: 'Minutes', description: 'After this long the replicas are given back.' }),
  }),

  async diagnose({ cluster, metrics, directory }, trigger) {
    const service = serviceOf(directory, trigger.labels['service'])
    const deployment = await cluster.deployment(service.deployment)
    if (!deployment) throw new PortFailure('not-found', `deployment ${service.deployment} is not there`)
    const autoscaler = await cluster.autoscalerOf(service.deployment)
    const pods = await cluster.podsOf(service.deployment)
    return {
      service: {
        name: service.name,
        environment: service.environment,
        p95_threshold_ms: service.p95_threshold_ms,
        max_replicas: service.max_replicas,
        p95_query: service.metrics.p95_ms,
      },
      deployment: {
        ref: deployment.ref,
        uid: deployment.uid,
        replicas: deployment.replicas,
        ready: deployment.ready,
        updated: deployment.updated,
        observed: deployment.observed,
      },
      autoscaled: autoscaler !== undefined,
      autoscaler: autoscaler
        ? {
            ref: autoscaler.ref,
            uid: autoscaler.uid,
            min: autoscaler.min,
            max: autoscaler.max,
            desired: autoscaler.desired,
          }
        : null,
      p95_ms: await milliseconds(metrics, service.metrics.p95_ms),
      requests_per_second: await count(metrics, service.metrics.requests_per_second),
      // Shown to whoever approves, and no more: one reading cannot tell a queue that grows from one that is long.
      downstream_depth: await count(metrics, service.metrics.downstream_depth),
      pods: {
        count: pods.length,
        ready: pods.filter((pod) => pod.ready).length,
        restarts: pods.reduce((sum, pod) => sum + pod.restarts, 0),
      },
    }
  },

  stopIf: [
    {
      when: ({ p95_ms }) => p95_ms === null,
      because: 'Its p95 latency is not being measured: without a number nobody could tell that scaling helped.',
    },
    {
      when: ({ p95_ms, service }) => p95_ms !== null && p95_ms <= service.p95_threshold_ms,
      because: 'Its p95 latency is back under the threshold.',
    },
    {
      when: ({ deployment }) => deployment.replicas === 0,
      because: 'It is scaled to zero: somebody has switched it off, and that is not a lack of replicas.',
    },
    {
      when: ({ deployment }) => !deployment.observed || deployment.updated < deployment.replicas,
      because: 'A rollout is in progress: what is slow now may be gone when it ends, or be its fault.',
    },
    {
      when: ({ deployment, autoscaler }) => autoscaler !== null && autoscaler.min > deployment.replicas,
      because: 'Its autoscaler has been told to keep more replicas than there are yet: they are on their way.',
    },
    {
      when: ({ deployment, service }) => deployment.replicas >= service.max_replicas,
      because: 'It has as many replicas as the house allows: the cause is elsewhere, or max_replicas is too low.',
    },
    {
      when: ({ service }, { replicas }) => replicas !== undefined && replicas > service.max_replicas,
      because: 'More replicas were asked for than the house allows this service.',
    },
    {
      when: ({ deployment }, { replicas }) => replicas !== undefined && replicas <= deployment.replicas,
      because: 'No more replicas were asked for than there are: this recipe only adds.',
    },
  ],

  guards: ({ service, autoscaled }) => [
    { fact: 'deployment.uid', same: true },
    { fact: 'p95_ms', at_least: service.p95_threshold_ms + 1 },
    { fact: 'autoscaled', same: true },
    // An autoscaler moves the replicas all the time; what the plan builds on are its bounds.
    ...(autoscaled
      ? (['autoscaler.uid', 'autoscaler.min', 'autoscaler.max'] as const).map((fact) => ({ fact, same: true as const }))
      : [{ fact: 'deployment.replicas', same: true as const }]),
  ],

  plan(facts, params) {
    const { deployment, autoscaler } = facts
    const to = wanted(facts, params)
    const loan = { loan_minutes: params.minutes }
    if (!autoscaler)
      return [scaleDeployment({ deployment: deployment.ref, uid: deployment.uid, from: deployment.replicas, to }, loan)]
    const { ref, uid, min, max } = autoscaler
    const raised = { min: to, max: Math.max(max, to) }
    return [
      raiseAutoscalerFloor({ autoscaler: ref, deployment: deployment.ref, uid, from: { min, max }, to: raised }, loan),
    ]
  },

  verify: {
    within_s: 120,
    says: ({ service }) =>
      `p95 of ${service.name} is at most ${service.p95_threshold_ms} ms and every replica that was asked for is ready.`,

    async holds({ cluster, metrics }, facts, params) {
      const { name, p95_query, p95_threshold_ms } = facts.service
      const found = await cluster.deployment(facts.deployment.ref)
      if (found?.uid !== facts.deployment.uid)
        return { holds: false, says: `Deployment ${facts.deployment.ref} is not the one that was scaled any more.` }
      const to = wanted(facts, params)
      // Before the controller has seen the change, `ready` counts the pods of the time before it.
      const ready = found.observed ? found.ready : 0
      const p95_ms = await milliseconds(metrics, p95_query)
      const latency = p95_ms === null ? 'is not being measured' : `is ${p95_ms} ms`
      return {
        holds: ready >= to && p95_ms !== null && p95_ms <= p95_threshold_ms,
        says: `p95 of ${name} ${latency} (threshold ${p95_threshold_ms} ms), and ${ready} of ${to} replicas are ready.`,
      }
    },
  },
})

/** The label only picks from the house. Nothing else of an alert is believed: not a namespace, not a threshold. */
function serviceOf(directory: ServiceDirectory, label: string | undefined): Service {
  const service = label === undefined ? undefined : directory.service(label)
  if (service) return service
  const known = directory.services().map(({ name }) => name)
  const named =
    label === undefined ? 'no service is named' : `there is no service ${JSON.stringify(label.slice(0, 63))}`
  throw new PortFailure(
    'not-found',
    `${named}; the house knows ${known.join(', ') || 'none'} (firebreak.yaml, services)`,
  )
}

interface Size {
  deployment: { replicas: number }
  service: { max_replicas: number }
}

/** How many replicas there should be: what was asked for, else twice as many and at least the five of the runbook. */
function wanted({ deployment, service }: Size, params: { replicas?: number }): number {
  return params.replicas ?? Math.min(Math.max(deployment.replicas * 2, 5), service.max_replicas)
}

/** Rounded up, so that what is above a threshold of whole milliseconds stays above it. */
async function milliseconds(metrics: MetricsReader, query: string): Promise<number | null> {
  return whole(Math.ceil((await metrics.value(query)) ?? NaN))
}

async function count(metrics: MetricsReader, query: string | undefined): Promise<number | null> {
  return query === undefined ? null : whole(Math.round((await metrics.value(query)) ?? NaN))
}

/** A histogram without data is NaN, and what no canonical JSON can hold is no reading either: both are unknown. */
const whole = (value: number): number | null => (Number.isSafeInteger(value) ? value : null)
