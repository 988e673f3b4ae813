import { defineRecipe, namespaceOf, PortFailure, type Asks, type Quota } from '@firebreak/kit'
import { raiseAutoscalerFloor, scaleDeployment } from '@firebreak/kit/verbs'
import { z } from 'zod'
import { autoscalerSays, isBlind } from '../autoscaler-says.js'
import { grows } from '../queue-behind.js'
import { count, p95Says, roundedUp, serviceOf } from '../reading.js'

export const scaleApi = defineRecipe({
  id: 'scale-api',
  version: 4,
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
    const [pods, rollout, quotas] = await Promise.all([
      cluster.podsOf(service.deployment),
      cluster.rollout(service.deployment),
      cluster.quotas(namespaceOf(deployment.ref)),
    ])
    const { p95_ms, requests_per_second, downstream_depth, downstream_growth_per_minute } = service.metrics
    return {
      service: {
        name: service.name,
        environment: service.environment,
        p95_threshold_ms: service.p95_threshold_ms,
        max_replicas: service.max_replicas,
        p95_query: p95_ms,
        depth_query: downstream_depth ?? null,
        growth_query: downstream_growth_per_minute ?? null,
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
            at_maximum: autoscaler.current >= autoscaler.max,
            /** It cannot get its figures: it adds nothing by itself, and keeps the floor that it is given. */
            blind: isBlind(autoscaler),
            metrics: autoscaler.metrics.map(({ name, current, target, unit }) => ({ name, current, target, unit })),
            says: autoscalerSays(autoscaler),
          }
        : null,
      rollout: { state: rollout?.state ?? 'complete', why: rollout?.why ?? null },
      quota: roomIn(quotas, rollout?.asks),
      p95_ms: await roundedUp(metrics, p95_ms),
      requests_per_second: await count(metrics, requests_per_second),
      downstream_depth: await count(metrics, downstream_depth),
      downstream_growth_per_minute: await count(metrics, downstream_growth_per_minute),
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
      when: ({ rollout }) => rollout.state === 'blocked' || rollout.state === 'stalled',
      because: 'Its pods cannot be made, or do not come up in time: more of them would not either (facts, rollout).',
    },
    {
      when: ({ deployment }) => !deployment.observed || deployment.updated < deployment.replicas,
      because: 'A rollout is in progress: what is slow now may be gone when it ends, or be its fault.',
    },
    {
      when: ({ deployment }) => deployment.ready < deployment.replicas,
      because: 'Some of its pods are not ready: more of the same would not be either, and the cause is in them.',
    },
    {
      when: ({ service, downstream_depth, downstream_growth_per_minute }) =>
        unmeasured(service, downstream_depth, downstream_growth_per_minute),
      because:
        'The queue behind it is not being measured, though the house says how: nobody could tell whether more replicas push it over.',
    },
    {
      when: ({ downstream_depth, downstream_growth_per_minute }) =>
        grows(downstream_depth, downstream_growth_per_minute),
      because:
        'The queue behind it grows: the bottleneck is downstream, and more replicas would push harder against it.',
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
      when: ({ quota }) => quota.room_pods === 0,
      because:
        'A quota of its namespace has no room for one more pod of it: have the quota raised first (facts, quota).',
    },
    {
      when: ({ deployment, quota }, { replicas }) =>
        replicas !== undefined && quota.room_pods !== null && replicas > deployment.replicas + quota.room_pods,
      because: 'More replicas were asked for than a quota of its namespace has room for.',
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

  guards: ({ service, autoscaled, quota, downstream_depth }) => [
    { fact: 'deployment.uid', same: true },
    { fact: 'p95_ms', at_least: service.p95_threshold_ms + 1 },
    ...(quota.room_pods === null ? [] : [{ fact: 'quota.room_pods', at_least: 1 }]),
    // The second reading of the queue, where nobody measures how fast it grows.
    ...(downstream_depth === null ? [] : [{ fact: 'downstream_depth', at_most: withinReason(downstream_depth) }]),
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
      `p95 of ${service.name} is at most ${service.p95_threshold_ms} ms, every replica that was asked for is ready, and ` +
      'the queue behind it does not grow.',

    async holds({ cluster, metrics }, facts, params) {
      const { name, p95_query, p95_threshold_ms, depth_query, growth_query } = facts.service
      const [found, rollout] = await Promise.all([
        cluster.deployment(facts.deployment.ref),
        cluster.rollout(facts.deployment.ref),
      ])
      if (found?.uid !== facts.deployment.uid)
        return { holds: false, says: `Deployment ${facts.deployment.ref} is not the one that was scaled any more.` }
      const to = wanted(facts, params)
      // Before the controller has seen the change, `ready` counts the pods of the time before it.
      const ready = found.observed ? found.ready : 0
      const p95_ms = await roundedUp(metrics, p95_query)
      const depth = await count(metrics, depth_query ?? undefined)
      const growth = await count(metrics, growth_query ?? undefined)
      const before = facts.downstream_depth
      const pushed = grows(depth, growth) || (depth !== null && before !== null && depth > withinReason(before))
      const kept = facts.quota.not_known === null || rollout?.state !== 'blocked' ? '' : `; ${facts.quota.not_known}`
      const why = rollout?.why ? ` (${rollout.why}${kept})` : ''
      const blind = unmeasured(facts.service, depth, growth)
      const queue = blind
        ? ' The queue behind it is not being measured.'
        : pushed
          ? ` The queue behind it grows: ${before ?? 'unknown'} before, ${depth ?? 'unknown'} now.`
          : ''
      return {
        holds: ready >= to && p95_ms !== null && p95_ms <= p95_threshold_ms && !pushed && !blind,
        says:
          `p95 of ${name} ${p95Says(p95_ms)} (threshold ${p95_threshold_ms} ms), and ` +
          `${ready} of ${to} replicas are ready${why}.${queue}`,
      }
    },
  },
})

interface Size {
  deployment: { replicas: number }
  service: { max_replicas: number }
  quota: { room_pods: number | null }
}

/** How many replicas there should be: what was asked for, else twice as many and at least the five of the runbook. */
function wanted({ deployment: { replicas }, service, quota }: Size, params: { replicas?: number }): number {
  const fits = quota.room_pods === null ? Infinity : replicas + quota.room_pods
  return params.replicas ?? Math.min(Math.max(replicas * 2, 5), service.max_replicas, fits)
}

/** The house says how the queue is measured, and nothing answers: neither how deep it is nor how fast it grows. */
const unmeasured = (
  { depth_query, growth_query }: { depth_query: string | null; growth_query: string | null },
  depth: number | null,
  growth: number | null,
): boolean => (depth_query !== null || growth_query !== null) && depth === null && growth === null

/** How deep a queue may be that was so deep a while ago. */
const withinReason = (depth: number): number => Math.max(Math.ceil(depth * 1.5), depth + 100)

/**
 * How many more of these pods the quotas of the namespace let in, and which of them says so; `null` where none does.
 * A quota with scopes counts some pods only, and one of CPU or memory says nothing about pods that do not ask for any.
 */
function roomIn(
  quotas: readonly Quota[],
  asks: Asks | undefined,
): { room_pods: number | null; says: string | null; not_known: string | null } {
  const rooms = quotas
    .filter(({ scoped }) => !scoped)
    .flatMap(({ ref, limits }) =>
      limits.flatMap(({ resource, hard, used }) => {
        const one = takenBy(asks, resource)
        const room = Math.max(0, Math.floor((hard - used) / (one ?? 0)))
        return one === null || one <= 0
          ? []
          : [{ room, says: `${ref} limits ${resource}: ${used} of ${hard} are used` }]
      }),
    )
    .sort((a, b) => a.room - b.room)
  const scoped = quotas.filter((quota) => quota.scoped).map(({ ref }) => ref)
  return {
    room_pods: rooms[0]?.room ?? null,
    says: rooms[0]?.says ?? null,
    not_known:
      scoped.length === 0
        ? null
        : `${scoped.slice(0, 5).join(', ')}: counts some pods only (scopes), and whether these are among them is not known; ` +
          'where they are, and it is full, the new ones are not made, and the replicas are taken back',
  }
}

/** What one pod takes of a resource of a quota; `null` where that is not known, or has nothing to do with pods. */
function takenBy(asks: Asks | undefined, resource: string): number | null {
  if (resource === 'pods' || resource === 'count/pods') return 1
  const [of, what] = resource.includes('.') ? resource.split('.') : ['requests', resource]
  if (!asks || (of !== 'requests' && of !== 'limits')) return null
  return what === 'cpu' ? asks[of].cpu_millis : what === 'memory' ? asks[of].memory_bytes : null
}
