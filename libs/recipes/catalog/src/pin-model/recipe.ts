import {
  defineRecipe,
  namespaceOf,
  PortFailure,
  type ClusterReader,
  type Readers,
  type Rollout,
  type ServedModel,
  type Service,
  type WorkloadRef,
} from '@firebreak/kit'
import { setDeploymentEnv } from '@firebreak/kit/verbs'
import { z } from 'zod'
import { LOG, MOST_PODS, RELOAD } from '../model-loads.js'
import { p95Says, roundedUp, serviceOf } from '../reading.js'

/** More loads than this by one pod, within `LOOK_BACK_S`, are not its start any more. */
const MOST_LOADS = 3
const LOOK_BACK_S = 300
/** Afterwards a pod has started within this time, or says nothing of the kind. */
const QUIET_S = 60

export const pinModel = defineRecipe({
  id: 'pin-model',
  version: 1,
  title: 'Keep a service from loading its model again and again',
  page: 'high-api-latency',

  meaning:
    'A service loads its model again and again: its hot reload finds something new each time, and never settles.',
  impact: 'Whoever asks while a model is being loaded waits for that. More replicas load it as often, and help nobody.',

  stage: 'propose',
  approval: { tier: 'T1', roles: ['sre', 'ml'], people: 1 },

  params: z.strictObject({
    model: z.string().min(1).max(100).exactOptional().meta({
      title: 'Model',
      description: 'Which model of the house. Left out: the one that the service of the alert loads.',
    }),
    minutes: z.int().min(30).max(10_080).default(480).meta({
      title: 'Minutes',
      description: 'After this long it follows the registry again. Until then it gets no newer version.',
    }),
  }),

  async diagnose({ cluster, metrics, directory, registry }, trigger, params) {
    const service = serviceOf(directory, trigger.labels['service'])
    const { deployment: ref } = service
    const model = modelOf(directory.things().models, service, params.model)
    const [deployment, rollout] = await Promise.all([cluster.deployment(ref), cluster.rollout(ref)])
    if (!deployment || !rollout) throw new PortFailure('not-found', `deployment ${ref} is not there`)
    const { env, container, to } = await holdOf(registry, service, model)
    return {
      service: {
        name: service.name,
        environment: service.environment,
        p95_threshold_ms: service.p95_threshold_ms,
        p95_query: service.metrics.p95_ms,
      },
      model: model.name,
      deployment: {
        ref,
        uid: deployment.uid,
        replicas: deployment.replicas,
        updated: deployment.updated,
        observed: deployment.observed,
      },
      /** What is set, on which container; `to` is missing where the registry names no version. */
      hold: { container, env, from: valueIn(rollout, model, container, env), to },
      reloads: { ...(await reloadsOf(cluster, ref, container, LOOK_BACK_S)), seconds: LOOK_BACK_S },
      p95_ms: await roundedUp(metrics, service.metrics.p95_ms),
    }
  },

  stopIf: [
    {
      when: ({ p95_ms }) => p95_ms === null,
      because: 'Its p95 latency is not being measured: without a number nobody could tell that this helped.',
    },
    {
      when: ({ p95_ms, service }) => p95_ms !== null && p95_ms <= service.p95_threshold_ms,
      because: 'Its p95 latency is back under the threshold.',
    },
    {
      when: ({ deployment }) => !deployment.observed || deployment.updated < deployment.replicas,
      because: 'A rollout is in progress: each new pod loads the model once, and that may be all there is to see.',
    },
    {
      when: ({ hold }) => hold.to === null,
      because: 'The registry names no version for the alias that serves: nobody could say what to pin it to.',
    },
    {
      when: ({ hold }) => hold.from === hold.to,
      because: 'It is pinned already: if it loads its model all the same, it does not heed what it was told.',
    },
    {
      when: ({ reloads }) => reloads.most_by_one_pod <= MOST_LOADS,
      because: 'Its pods do not load their model again and again, as far as their logs say: the cause is elsewhere.',
    },
  ],

  guards: ({ service }) => [
    { fact: 'deployment.uid', same: true },
    { fact: 'hold', same: true },
    { fact: 'p95_ms', at_least: service.p95_threshold_ms + 1 },
  ],

  plan({ deployment, hold: { container, env, from, to } }, { minutes }) {
    const { ref, uid } = deployment
    return [setDeploymentEnv({ deployment: ref, uid, container, name: env, from, to }, { loan_minutes: minutes })]
  },

  verify: {
    within_s: 300,
    says: ({ service, model }) =>
      `p95 of ${service.name} is at most ${service.p95_threshold_ms} ms, its pods are made anew, and none loads ${model} twice.`,

    async holds({ cluster, metrics }, { service, deployment, hold }) {
      const { ref, uid } = deployment
      const rollout = await cluster.rollout(ref)
      if (rollout?.uid !== uid)
        return { holds: false, says: `Deployment ${ref} is not the one that was pinned any more.` }
      const { most_by_one_pod, pods_read } = await reloadsOf(cluster, ref, hold.container, QUIET_S)
      const p95_ms = await roundedUp(metrics, service.p95_query)
      return {
        holds:
          rollout.state === 'complete' &&
          pods_read > 0 &&
          most_by_one_pod <= 1 &&
          p95_ms !== null &&
          p95_ms <= service.p95_threshold_ms,
        says:
          `p95 of ${service.name} ${p95Says(p95_ms)} (threshold ${service.p95_threshold_ms} ms), its rollout is ${rollout.state}, ` +
          `and within ${QUIET_S} s a pod loads its model ${most_by_one_pod} times at most (${pods_read} pods read).`,
      }
    },
  },
})

/** Of the models that this service loads or serves the one that was named, or the only one. */
function modelOf(models: readonly ServedModel[], { name, deployment }: Service, wanted: string | undefined) {
  const here = models.filter((model) => model.hot_reload?.deployment === deployment || model.deployment === deployment)
  const chosen = wanted === undefined ? here : here.filter((model) => model.name === wanted)
  if (chosen.length === 1) return chosen[0]!
  const known = here.map((model) => model.name).join(', ') || 'none'
  throw new PortFailure(
    'not-found',
    chosen.length > 1
      ? `${name} loads more than one model: name one of ${known}`
      : `${name} loads no model${wanted === undefined ? '' : ` ${JSON.stringify(wanted)}`} that the house knows; ` +
          `it knows ${known} (firebreak.yaml, models: hot_reload.deployment, deployment)`,
  )
}

/**
 * What holds the model still: where the house says how, its hot reload is switched off, so that the service keeps what it
 * has loaded; where the service is the one that serves the model, the version that its alias names now is written down.
 */
async function holdOf(registry: Readers['registry'], service: Service, model: ServedModel) {
  const { hot_reload } = model
  if (hot_reload && hot_reload.deployment === service.deployment)
    return { container: hot_reload.container, env: hot_reload.env, to: hot_reload.off }
  const to = (await registry.model(model.name))?.aliases[model.alias] ?? null
  return { container: model.container, env: model.pin.env, to }
}

function valueIn({ ref, containers }: Rollout, model: ServedModel, container: string, name: string): string | null {
  const found = containers.find((one) => one.name === container)
  if (!found)
    throw new PortFailure(
      'not-found',
      `deployment ${ref} has no container ${container}, as the model ${model.name} in firebreak.yaml has it`,
    )
  return Object.hasOwn(found.env, name) ? found.env[name]! : null
}

/** How often pods say that they load a model, within so many seconds. A pod that is gone meanwhile is not counted. */
async function reloadsOf(cluster: ClusterReader, ref: WorkloadRef, container: string, since_s: number) {
  const pods = await cluster.podsOf(ref)
  const loads: number[] = []
  for (const { name } of pods.slice(0, MOST_PODS)) {
    const wish = { ...LOG, container, since_s }
    const log = await cluster.logs(`${namespaceOf(ref)}/${name}`, wish)
    if (log) loads.push(log.lines.filter((line) => RELOAD.test(line)).length)
  }
  return { most_by_one_pod: Math.max(0, ...loads), pods_read: loads.length, pods: pods.length }
}
