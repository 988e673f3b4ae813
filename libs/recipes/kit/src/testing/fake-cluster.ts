import {
  PortFailure,
  type Asks,
  type Autoscaler,
  type ClusterEvent,
  type ClusterReader,
  type ClusterHands,
  type ConfigMap,
  type CronJob,
  type Deployment,
  type Job,
  type Pod,
  type PortFailureKind,
  type Quota,
  type Rollout,
  type TemplateContainer,
  type WorkloadRef,
} from '../ports.js'
import { FakeClusterHands } from './fake-cluster-hands.js'
import { FakeClusterReader } from './fake-cluster-reader.js'

/** One change that really took place, in the order in which it did. */
export interface ClusterEffect {
  method: Exclude<keyof ClusterHands, 'constructor'>
  args: unknown[]
}

interface Failure {
  of: 'reader' | 'hands'
  kind: PortFailureKind
  afterEffect: boolean
}

/** What the fake keeps of a Deployment besides its counts. */
interface Template {
  restarts: number
  generation: number
  restart_mark: string | null
  containers: TemplateContainer[]
  asks: Asks
  rollout?: Pick<Rollout, 'state' | 'why'>
  pods?: Partial<Pod>
}

/** @internal What the two ports look at. */
export interface FakeState {
  /** What their containers run stands in their templates. */
  deployments: Map<WorkloadRef, Omit<Deployment, 'images'>>
  templates: Map<WorkloadRef, Template>
  autoscalers: Map<WorkloadRef, { autoscaler: Autoscaler; governs: WorkloadRef }>
  jobs: Map<WorkloadRef, Job>
  /** Where the pods of a Job run, if not where all others do. */
  nodes: Map<WorkloadRef, string>
  cronJobs: Map<WorkloadRef, CronJob>
  quotas: Map<WorkloadRef, Quota>
  configMaps: Map<WorkloadRef, ConfigMap>
  events: (ClusterEvent & { namespace: string })[]
  /** By `namespace/pod`, container, and whether it is of the life before. */
  logs: Map<string, string>
}

/** Nothing is said about what a pod asks for. */
export const NO_ASKS: Asks = {
  requests: { cpu_millis: null, memory_bytes: null },
  limits: { cpu_millis: null, memory_bytes: null },
}

/**
 * A cluster in memory: one state, seen through two ports as in production, where two sets of credentials stand
 * behind them. It keeps its rules: every change moves the resourceVersion, a stale precondition is a conflict,
 * and only what happened is counted in `effects`.
 */
export class FakeCluster {
  readonly reader: ClusterReader = new FakeClusterReader(this)
  readonly hands: ClusterHands = new FakeClusterHands(this)
  readonly effects: ClusterEffect[] = []
  /** Set to false, and new pods stay unready until `settle` is called. */
  podsBecomeReady = true

  /** @internal */
  readonly state: FakeState = {
    deployments: new Map(),
    templates: new Map(),
    autoscalers: new Map(),
    jobs: new Map(),
    nodes: new Map(),
    cronJobs: new Map(),
    quotas: new Map(),
    configMaps: new Map(),
    events: [],
    logs: new Map(),
  }
  readonly #failures: Failure[] = []
  #version = 100

  /**
   * Puts a Deployment there, all of its pods ready unless told otherwise; an older one of that name is replaced.
   * `updated` counts pods of the newest template; those that are not ready are taken for ones of a rollout, unless
   * told otherwise (a crashed pod is unready and updated). `pods` is what each pod says besides (reasons, last exit).
   */
  deploy(
    ref: WorkloadRef,
    given: {
      replicas: number
      ready?: number
      updated?: number
      restarts?: number
      uid?: string
      containers?: TemplateContainer[]
      asks?: Asks
      rollout?: Pick<Rollout, 'state' | 'why'>
      pods?: Partial<Pod>
    },
  ): Omit<Deployment, 'images'> {
    const { replicas, ready = replicas, updated = ready, restarts = 0, asks = NO_ASKS, rollout, pods } = given
    const resource_version = this.#next()
    const uid = given.uid ?? `uid-of-${ref}-${resource_version}`
    const name = ref.split('/')[1]!
    const containers = given.containers ?? [{ name, image: `${name}:1`, env: {} }]
    this.state.deployments.set(ref, { ref, uid, resource_version, replicas, ready, updated, observed: true })
    this.state.templates.set(ref, {
      restarts,
      generation: 1,
      restart_mark: null,
      containers,
      asks,
      ...(rollout ? { rollout } : {}),
      ...(pods ? { pods } : {}),
    })
    return this.at(ref)!
  }

  /** Puts an autoscaler there that governs `deployment`; of its figures it says what a test gives it to say. */
  autoscale(
    ref: WorkloadRef,
    deployment: WorkloadRef,
    bounds: { min: number; max: number },
    says: Partial<Pick<Autoscaler, 'metrics' | 'conditions'>> = {},
  ): Autoscaler {
    const resource_version = this.#next()
    const current = this.state.deployments.get(deployment)?.replicas ?? 0
    const { metrics = [], conditions = [] } = says
    const scaled = { current, desired: current, metrics, conditions }
    const autoscaler = { ref, uid: `uid-of-${ref}`, resource_version, ...bounds, ...scaled }
    this.state.autoscalers.set(ref, { autoscaler, governs: deployment })
    return { ...autoscaler }
  }

  /** Puts a Job there that runs, on the node of all other pods, unless told otherwise. */
  putJob(ref: WorkloadRef, { node, ...given }: Partial<Job> & { node?: string } = {}): Job {
    if (node !== undefined) this.state.nodes.set(ref, node)
    const suspended = given.suspended ?? false
    const job: Job = {
      ref,
      uid: `uid-of-${ref}`,
      resource_version: this.#next(),
      state: suspended ? 'suspended' : 'running',
      suspended,
      active: suspended ? 0 : 1,
      succeeded: 0,
      failed: 0,
      failed_because: null,
      owner: null,
      labels: {},
      asks: NO_ASKS,
      started_ms: null,
      ...given,
    }
    this.state.jobs.set(ref, job)
    return { ...job }
  }

  putCronJob(ref: WorkloadRef, given: Partial<CronJob> = {}): CronJob {
    const cronJob: CronJob = {
      ref,
      uid: `uid-of-${ref}`,
      resource_version: this.#next(),
      schedule: '0 2 * * *',
      suspended: false,
      active: [],
      labels: {},
      last_scheduled_ms: null,
      starting_deadline_s: null,
      ...given,
    }
    this.state.cronJobs.set(ref, cronJob)
    return { ...cronJob }
  }

  putQuota(ref: WorkloadRef, limits: Quota['limits'], scoped = false): void {
    this.state.quotas.set(ref, { ref, scoped, limits })
  }

  putConfig(ref: WorkloadRef, data: Record<string, string>, immutable = false): ConfigMap {
    const config = { ref, uid: `uid-of-${ref}`, resource_version: this.#next(), immutable, data: { ...data } }
    this.state.configMaps.set(ref, config)
    return { ...config }
  }

  /** The cluster tells something of an object. */
  tell(namespace: string, event: Partial<ClusterEvent> & Pick<ClusterEvent, 'about' | 'reason'>): void {
    this.state.events.push({ type: 'Normal', message: '', count: 1, last_ms: 0, ...event, namespace })
  }

  /** A pod says something; `pod` is `namespace/name-of-the-pod` (those of `deploy` are `<name>-0`, `<name>-1`, …). */
  say(pod: WorkloadRef, text: string, { container = '', previous = false } = {}): void {
    const key = logKey(pod, container, previous)
    this.state.logs.set(key, `${this.state.logs.get(key) ?? ''}${text}\n`)
  }

  /** Takes the Deployment away, as somebody's `kubectl delete` would. */
  remove(ref: WorkloadRef): void {
    this.state.deployments.delete(ref)
  }

  /** Somebody else changes the Deployment: the resourceVersion moves, and `effects` do not count it. */
  elsewhere(
    ref: WorkloadRef,
    change: Partial<Pick<Deployment, 'replicas' | 'ready' | 'updated' | 'observed'>> = {},
  ): void {
    const found = this.state.deployments.get(ref)
    if (found) Object.assign(found, change, { resource_version: this.#next() })
  }

  /** The controller says where the rollout stands, whatever the counts are; `undefined`: the counts say it again. */
  rolls(ref: WorkloadRef, rollout: Pick<Rollout, 'state' | 'why'> | undefined): void {
    const template = this.state.templates.get(ref)
    if (!template) return
    if (rollout) template.rollout = rollout
    else delete template.rollout
  }

  /** The controller catches up: every pod that was asked for is ready, or as many as `ready` says. */
  settle(ref: WorkloadRef, ready?: number): void {
    const found = this.state.deployments.get(ref)
    if (!found) return
    found.updated = found.replicas
    found.ready = Math.min(ready ?? found.replicas, found.replicas)
    found.resource_version = this.#next()
  }

  /**
   * The next call of that port fails, once; several wait in line. `afterEffect` lets the change happen first:
   * the answer was lost, as after a time-out.
   */
  failNext(kind: PortFailureKind, { of = 'hands', afterEffect = false }: Partial<Omit<Failure, 'kind'>> = {}): void {
    this.#failures.push({ of, kind, afterEffect })
  }

  /** The Deployment as it is, without going through a port. */
  at(ref: WorkloadRef): Omit<Deployment, 'images'> | undefined {
    const found = this.state.deployments.get(ref)
    return found && { ...found }
  }

  /** @internal What the reader does each time. Answers copies: nobody changes the cluster by changing an answer. */
  read<T>(look: (state: FakeState) => T): Promise<T> {
    const failure = this.#take('reader')
    if (failure) return Promise.reject(fail(failure))
    return new Promise((resolve) => resolve(structuredClone(look(this.state))))
  }

  /** @internal Changes one thing under its precondition, and counts it. `make` answers false where nothing changes. */
  async change<T extends { resource_version: string }>(
    effect: ClusterEffect,
    name: string,
    find: (state: FakeState) => T | undefined,
    precondition: string,
    make: (found: T) => void | false,
  ): Promise<{ resource_version: string }> {
    const failure = this.#take('hands')
    if (failure && !failure.afterEffect) throw fail(failure)
    const found = find(this.state)
    if (!found) throw new PortFailure('not-found', `${name} is not there`)
    if (found.resource_version !== precondition)
      throw new PortFailure('conflict', `${name} is at ${found.resource_version}, not at ${precondition}`)
    if (make(found) !== false) {
      found.resource_version = this.#next()
      this.effects.push(effect)
    }
    if (failure) throw fail(failure)
    return { resource_version: found.resource_version }
  }

  #take(of: Failure['of']): Failure | undefined {
    const at = this.#failures.findIndex((failure) => failure.of === of)
    return at < 0 ? undefined : this.#failures.splice(at, 1)[0]
  }

  #next(): string {
    return String(++this.#version)
  }
}

/** @internal */
export const logKey = (pod: WorkloadRef, container: string, previous: boolean): string =>
  `${pod} ${container} ${previous}`

const fail = ({ kind, afterEffect }: Failure) =>
  new PortFailure(kind, `the fake was told to answer ${kind}${afterEffect ? ' after the effect' : ''}`)
