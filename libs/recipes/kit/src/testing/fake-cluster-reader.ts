import {
  boundsOf,
  ClusterReader,
  MOST_LISTED,
  namespaceOf,
  plainLine,
  plainLines,
  PortFailure,
  type Autoscaler,
  type ClusterEvent,
  type ConfigMap,
  type CronJob,
  type Deployment,
  type Job,
  type JobPod,
  type LogExcerpt,
  type LogWish,
  type Pod,
  type Quota,
  type Rollout,
  type WorkloadRef,
} from '../ports.js'
import { logKey, type FakeCluster, type FakeState } from './fake-cluster.js'

/** Where every pod runs, unless a test says otherwise. */
const NODE = 'node-1'

const of = <T>(all: ReadonlyMap<WorkloadRef, T>, namespace: string): T[] =>
  [...all].flatMap(([ref, one]) => (namespaceOf(ref) === namespace ? [one] : []))

/** How the fake cluster is seen. */
export class FakeClusterReader extends ClusterReader {
  constructor(private readonly cluster: FakeCluster) {
    super()
  }

  deployment(ref: WorkloadRef): Promise<Deployment | undefined> {
    return this.cluster.read((state) => deploymentIn(state, ref))
  }

  deployments(namespace: string): Promise<Deployment[]> {
    return this.cluster.read((state) => of(state.deployments, namespace).map(({ ref }) => deploymentIn(state, ref)!))
  }

  async autoscalerOf(ref: WorkloadRef): Promise<Autoscaler | undefined> {
    return (await this.autoscalers(namespaceOf(ref))).get(ref)?.[0]
  }

  autoscalers(namespace: string): Promise<ReadonlyMap<WorkloadRef, Autoscaler[]>> {
    return this.cluster.read(({ autoscalers, deployments }) => {
      const there = [...autoscalers.values()].filter(({ governs }) => namespaceOf(governs) === namespace)
      const seen = there.map(({ autoscaler, governs }) => {
        const replicas = deployments.get(governs)?.replicas ?? 0
        return { governs, autoscaler: { ...autoscaler, current: replicas, desired: replicas } }
      })
      const by = Map.groupBy(seen, ({ governs }) => governs)
      return new Map([...by].map(([ref, all]) => [ref, all.map(({ autoscaler }) => autoscaler)]))
    })
  }

  podsOf(ref: WorkloadRef): Promise<Pod[]> {
    return this.cluster.read((state) => podsIn(state, ref))
  }

  rollout(ref: WorkloadRef): Promise<Rollout | undefined> {
    return this.cluster.read(({ deployments, templates }) => {
      const [found, template] = [deployments.get(ref), templates.get(ref)]
      if (!found || !template) return undefined
      const whole = found.observed && found.updated >= found.replicas && found.ready >= found.replicas
      const { state, why } = template.rollout ?? { state: whole ? 'complete' : 'progressing', why: null }
      const { uid, resource_version, ready: available } = found
      const { generation, restart_mark, containers, asks } = template
      return { ref, uid, resource_version, generation, state, why, available, restart_mark, containers, asks }
    })
  }

  events(
    namespace: string,
    { about, limit }: { about?: ClusterEvent['about']; limit: number },
  ): Promise<ClusterEvent[]> {
    return this.cluster.read(({ events }) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED)
        throw new PortFailure('invalid', `a limit of ${limit} events`)
      const wanted = events.filter(
        (event) =>
          event.namespace === namespace &&
          (!about || (event.about.kind === about.kind && event.about.name === about.name)),
      )
      return wanted
        .map(({ namespace: _, ...event }) => ({ ...event, message: plainLine(event.message, 1_024) }))
        .sort((a, b) => b.last_ms - a.last_ms)
        .slice(0, limit)
    })
  }

  logs(pod: WorkloadRef, wish: LogWish): Promise<LogExcerpt | undefined> {
    const { container = '', previous = false } = wish
    return this.cluster.read((state) => {
      const { tail, limit_bytes } = boundsOf(wish)
      const there = [...state.deployments.keys(), ...state.jobs.keys()]
        .filter((ref) => namespaceOf(ref) === namespaceOf(pod))
        .flatMap((ref) => (state.jobs.has(ref) ? podsOfJobIn(state, ref) : podsIn(state, ref)))
        .find(({ name }) => `${namespaceOf(pod)}/${name}` === pod)
      const text = state.logs.get(logKey(pod, container, previous))
      if (!there && text === undefined) return undefined
      if (container !== '' && there && !there.containers.some(({ name }) => name === container))
        throw new PortFailure('invalid', `container ${container} is not valid for pod ${pod}`)
      if (previous && text === undefined) return undefined
      const all = (text ?? '').split('\n').slice(0, -1)
      const bytes = new TextEncoder().encode(
        all
          .slice(-tail)
          .map((line) => `${line}\n`)
          .join(''),
      )
      const lines = plainLines(new TextDecoder().decode(bytes.subarray(0, limit_bytes)))
      return { lines, cut: bytes.length >= limit_bytes || lines.length >= tail }
    })
  }

  job(ref: WorkloadRef): Promise<Job | undefined> {
    return this.cluster.read(({ jobs }) => jobs.get(ref))
  }

  jobs(namespace: string): Promise<Job[]> {
    return this.cluster.read(({ jobs }) => of(jobs, namespace))
  }

  podsOfJob(ref: WorkloadRef): Promise<Pod[]> {
    return this.cluster.read((state) => podsOfJobIn(state, ref))
  }

  runningJobPods(namespace: string): Promise<JobPod[]> {
    return this.cluster.read((state) =>
      [...state.jobs.keys()]
        .filter((job) => namespaceOf(job) === namespace)
        .flatMap((job) => podsOfJobIn(state, job).map((pod) => ({ ...pod, job })))
        .filter(({ phase }) => phase === 'Running'),
    )
  }

  cronJob(ref: WorkloadRef): Promise<CronJob | undefined> {
    return this.cluster.read(({ cronJobs }) => cronJobs.get(ref))
  }

  cronJobs(namespace: string): Promise<CronJob[]> {
    return this.cluster.read(({ cronJobs }) => of(cronJobs, namespace))
  }

  quotas(namespace: string): Promise<Quota[]> {
    return this.cluster.read(({ quotas }) => of(quotas, namespace))
  }

  configMap(ref: WorkloadRef): Promise<ConfigMap | undefined> {
    return this.cluster.read(({ configMaps }) => configMaps.get(ref))
  }
}

function deploymentIn({ deployments, templates }: FakeState, ref: WorkloadRef): Deployment | undefined {
  const found = deployments.get(ref)
  const containers = templates.get(ref)?.containers ?? []
  return found && { ...found, images: Object.fromEntries(containers.map(({ name, image }) => [name, image])) }
}

function podsIn({ deployments, templates }: FakeState, ref: WorkloadRef): Pod[] {
  const [found, template] = [deployments.get(ref), templates.get(ref)]
  if (!found || !template) return []
  return Array.from({ length: found.replicas }, (_, at) => ({
    ...pod(`${ref.split('/')[1]}-${at}`, at < found.ready, template.restarts, template.containers[0]?.name ?? ''),
    ...template.pods,
  }))
}

/** A pod for each that is active, failed or done. */
function podsOfJobIn({ jobs, nodes }: FakeState, ref: WorkloadRef): Pod[] {
  const found = jobs.get(ref)
  if (!found) return []
  const name = ref.split('/')[1]!
  const phases = [
    ...Array.from({ length: found.active }, () => 'Running'),
    ...Array.from({ length: found.failed }, () => 'Failed'),
    ...Array.from({ length: found.succeeded }, () => 'Succeeded'),
  ]
  const node = nodes.get(ref) ?? NODE
  return phases.map((phase, at) => ({ ...pod(`${name}-${at}`, phase === 'Running', 0, name), node, phase }))
}

const pod = (name: string, ready: boolean, restarts: number, container: string): Pod => ({
  name,
  node: NODE,
  phase: ready ? 'Running' : 'Pending',
  ready,
  restarts,
  containers: [
    { name: container, ready, restarts, state: ready ? 'running' : 'waiting', reason: null, last_exit: null },
  ],
})
