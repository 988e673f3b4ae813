import {
  defineRecipe,
  excerpt,
  namespaceOf,
  PortFailure,
  type ClusterReader,
  type JsonObject,
  type Pod,
  type WorkloadRef,
} from '@firebreak/kit'
import { z } from 'zod'
import { autoscalerSays, isBlind } from '../autoscaler-says.js'
import { besideOf, ownOf, runningOf, type Beside } from '../competing.js'
import { LOG, MOST_PODS, RELOAD } from '../model-loads.js'
import { grows } from '../queue-behind.js'
import { count, mainContainer, roundedUp, serviceOf } from '../reading.js'

export const inspectApiLatency = defineRecipe({
  id: 'inspect-api-latency',
  version: 5,
  title: 'Find out why a service is slow',
  page: 'high-api-latency',

  meaning: 'The p95 latency of a service is above its threshold, and nobody knows yet which of the usual causes it is.',
  impact: 'Users wait; and a repair that mends another cause loses the time in which this one gets worse.',

  stage: 'propose',
  approval: { tier: 'T0', roles: ['sre', 'ml'], people: 0 },

  params: z.strictObject({
    minutes: z.int().min(1).max(120).default(15).meta({ title: 'Minutes', description: 'How far back logs are read.' }),
  }),

  async diagnose({ cluster, metrics, directory }, trigger, { minutes }) {
    const service = serviceOf(directory, trigger.labels['service'])
    const { deployment: ref, metrics: queries } = service
    const deployment = await cluster.deployment(ref)
    if (!deployment) throw new PortFailure('not-found', `deployment ${ref} is not there`)
    const namespace = namespaceOf(ref)
    const [rollout, autoscaler, pods, jobs, jobPods] = await Promise.all([
      cluster.rollout(ref),
      cluster.autoscalerOf(ref),
      cluster.podsOf(ref),
      cluster.jobs(namespace),
      cluster.runningJobPods(namespace),
    ])
    const own = ownOf(pods, rollout?.asks, deployment.replicas)
    const logs = await readLogs(cluster, namespace, pods, minutes)
    return {
      service: { name: service.name, p95_threshold_ms: service.p95_threshold_ms },
      deployment: { ref, uid: deployment.uid, replicas: deployment.replicas, ready: deployment.ready },
      p95_ms: await roundedUp(metrics, queries.p95_ms),
      saturation: {
        utilisation_percent: await count(metrics, queries.utilisation_percent),
        requests_per_second: await count(metrics, queries.requests_per_second),
        at_maximum: autoscaler ? autoscaler.current >= autoscaler.max : null,
        autoscaler: autoscaler ? autoscalerSays(autoscaler) : null,
        blind: autoscaler ? isBlind(autoscaler) : null,
      },
      restarts: {
        count: pods.reduce((sum, pod) => sum + pod.restarts, 0),
        recent: logs.died,
        reasons: reasonsOf(pods),
        last_words: logs.last_words,
      },
      reloads: { lines: logs.reloads, pods_read: logs.read, pods: pods.length, minutes },
      batch: competing(runningOf(jobs).map((job) => besideOf(job, jobPods, own))),
      downstream: {
        depth: await count(metrics, queries.downstream_depth),
        growth_per_minute: await count(metrics, queries.downstream_growth_per_minute),
      },
      rollout: { state: rollout?.state ?? 'complete', why: rollout?.why ?? null },
    }
  },

  stopIf: [
    {
      when: ({ p95_ms, service }) => p95_ms !== null && p95_ms <= service.p95_threshold_ms,
      because: 'Its p95 latency is back under the threshold: there is nothing to explain.',
    },
    {
      when: ({ deployment }) => deployment.replicas === 0,
      because: 'It is scaled to zero: somebody has switched it off, and that explains everything.',
    },
  ],

  guards: () => [{ fact: 'deployment.uid', same: true }],

  findings: (facts) =>
    causesOf(facts).map(({ says, percent, suggests }) => ({ says: `${says} (${percent} %)`, suggests })),

  plan: () => [],

  verify: {
    within_s: 10,
    says: ({ service }) =>
      `The causes of the latency of ${service.name} are written to the incident, the likeliest first.`,
    holds: (_, { service }) => Promise.resolve({ holds: true, says: `Nothing of ${service.name} was changed.` }),
  },
})

interface Evidence {
  saturation: {
    utilisation_percent: number | null
    requests_per_second: number | null
    at_maximum: boolean | null
    autoscaler: string | null
    blind: boolean | null
  }
  restarts: { count: number; recent: number; reasons: string; last_words: string }
  reloads: { lines: number; pods_read: number; pods: number; minutes: number }
  batch: { pods: number; most_percent: number | null; jobs: string[]; elsewhere: number }
  downstream: { depth: number | null; growth_per_minute: number | null }
  rollout: { state: string; why: string | null }
  deployment: { replicas: number; ready: number }
}

interface Cause {
  /** How well the evidence carries it, from 0 to 100: an order, not a probability. */
  percent: number
  says: string
  suggests: string | null
}

/**
 * The causes that the page names, the likeliest first. A saturated service is what each of the others looks like, too:
 * with evidence of their own they come before it.
 */
function causesOf(evidence: Evidence): Cause[] {
  const { saturation, restarts, reloads, batch, downstream, rollout, deployment } = evidence
  const load = saturation.requests_per_second === null ? '' : `, ${saturation.requests_per_second} requests/s`
  const busy = saturation.utilisation_percent
  const perPod = reloads.lines / Math.max(1, reloads.pods_read)
  const causes: Cause[] = [
    {
      percent: perPod > 3 ? 95 : perPod > 1 ? 50 : 0,
      says:
        `It loads its model again and again: ${reloads.lines} loads in the last ${reloads.minutes} minutes, ` +
        `in the logs of ${reloads.pods_read} of ${reloads.pods} pods`,
      suggests: 'pin-model',
    },
    {
      percent: restarts.count === 0 ? 0 : restarts.recent === 0 ? 15 : restarts.count > 2 ? 93 : 88,
      says:
        `Its pods die: ${restarts.count} restarts, ${restarts.recent} of its pods of late${restarts.reasons && `, ${restarts.reasons}`}` +
        (restarts.last_words && `; before the last one it said: ${restarts.last_words}`),
      suggests: null,
    },
    {
      percent: batch.pods === 0 ? 0 : (batch.most_percent ?? 100) >= 50 ? 92 : 40,
      says:
        `Batch work runs on its nodes: ${batch.pods} pods of ${batch.jobs.join(', ')}, which may take ` +
        (batch.most_percent === null ? 'whatever there is' : `${batch.most_percent} % of what it asks for`),
      suggests: 'pause-batch',
    },
    {
      percent: grows(downstream.depth, downstream.growth_per_minute) ? 91 : 0,
      // Pausing batch work helps where that runs on its nodes, which is a cause of its own.
      says: `The queue behind it grows: by ${downstream.growth_per_minute} a minute, ${downstream.depth ?? 'unknown'} wait`,
      suggests: null,
    },
    {
      percent: rollout.state === 'complete' ? 0 : 80,
      says: `A rollout is ${rollout.state}${rollout.why === null ? '' : `: ${rollout.why}`}`,
      suggests: null,
    },
    {
      // An autoscaler that cannot go on is why there are not more of them.
      percent:
        busy !== null && busy >= 85 ? 85 : saturation.at_maximum || saturation.blind ? 70 : busy === null ? 20 : 10,
      says:
        `Its replicas are ${busy === null ? 'used to an unknown part' : `used to ${busy} %`}: ` +
        `${deployment.ready} ready${load}${saturation.autoscaler === null ? '' : `; its autoscaler: ${saturation.autoscaler}`}`,
      suggests: 'scale-api',
    },
  ]
  return causes.filter(({ percent }) => percent > 0).sort((a, b) => b.percent - a.percent)
}

/** What was read of the logs. A pod that cannot be read is a gap, and is counted as one. */
async function readLogs(cluster: ClusterReader, namespace: string, pods: readonly Pod[], minutes: number) {
  let [reloads, read, died, last_words] = [0, 0, 0, '']
  // Those that died first: theirs are the last words.
  for (const { name, restarts, containers } of [...pods].sort((a, b) => b.restarts - a.restarts).slice(0, MOST_PODS)) {
    const pod: WorkloadRef = `${namespace}/${name}`
    try {
      const wish = { ...LOG, ...mainContainer({ containers }), since_s: minutes * 60 }
      const now = await cluster.logs(pod, wish)
      const before = restarts > 0 ? await cluster.logs(pod, { ...wish, previous: true }) : undefined
      read++
      const said = (before?.lines ?? []).filter((line) => line.trim() !== '')
      // There is no clock here: a life that spoke within these minutes ended within them.
      if (said.length > 0 || (restarts > 0 && containers.some(({ state }) => state === 'waiting'))) died++
      const lines = [...said, ...(now?.lines ?? [])]
      reloads += lines.filter((line) => RELOAD.test(line)).length
      last_words ||= excerpt(said.at(-1) ?? '', 200)
    } catch (error) {
      if (!(error instanceof PortFailure)) throw error
    }
  }
  return { reloads, read, died, last_words }
}

/** Why containers died last, and how many. */
function reasonsOf(pods: readonly Pod[]): string {
  const times = new Map<string, number>()
  for (const { last_exit } of pods.flatMap(({ containers }) => containers)) {
    if (!last_exit) continue
    const reason = last_exit.reason || `exit ${last_exit.code}`
    times.set(reason, (times.get(reason) ?? 0) + 1)
  }
  return [...times].map(([reason, count]) => `${reason} ${count}`).join(', ')
}

/** The Jobs that `pause-batch` would pause, and the share of what the service asks for that they may take; null: unbounded. */
function competing(beside: readonly Beside[]) {
  const found = beside.filter(({ competes }) => competes)
  const shares = found.map(({ most_percent }) => most_percent)
  return {
    pods: found.reduce((sum, { on_its_nodes }) => sum + on_its_nodes, 0),
    most_percent: shares.includes(null) ? null : shares.reduce<number>((sum, share) => sum + (share ?? 0), 0),
    jobs: found.map(({ job }) => job.ref).slice(0, 10),
    elsewhere: beside.length - found.length,
  } satisfies JsonObject
}
