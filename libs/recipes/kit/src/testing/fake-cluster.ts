import {
  ClusterHands,
  ClusterReader,
  PortFailure,
  type Autoscaler,
  type Deployment,
  type Pod,
  type PortFailureKind,
  type WorkloadRef,
} from '../ports.js'

/** One change that really took place, in the order in which it did. */
export interface ClusterEffect {
  method: 'scale' | 'setBounds'
  args: unknown[]
}

interface Failure {
  of: 'reader' | 'hands'
  kind: PortFailureKind
  afterEffect: boolean
}

/**
 * A cluster in memory: one state, seen through two ports as in production, where two sets of credentials stand
 * behind them. It keeps its rules: every change moves the resourceVersion, a stale precondition is a conflict,
 * and only what happened is counted in `effects`.
 */
export class FakeCluster {
  readonly reader: ClusterReader = new FakeReader(this)
  readonly hands: ClusterHands = new FakeHands(this)
  readonly effects: ClusterEffect[] = []
  /** Set to false, and new pods stay unready until `settle` is called. */
  podsBecomeReady = true

  readonly #deployments = new Map<WorkloadRef, Deployment>()
  readonly #restarts = new Map<WorkloadRef, number>()
  readonly #autoscalers = new Map<WorkloadRef, { autoscaler: Autoscaler; governs: WorkloadRef }>()
  readonly #failures: Failure[] = []
  #version = 100

  /**
   * Puts a Deployment there, all of its pods ready unless told otherwise; an older one of that name is replaced.
   * `updated` counts pods of the newest template; those that are not ready are taken for ones of a rollout, unless
   * told otherwise (a crashed pod is unready and updated).
   */
  deploy(
    ref: WorkloadRef,
    given: { replicas: number; ready?: number; updated?: number; restarts?: number; uid?: string },
  ): Deployment {
    const { replicas, ready = replicas, updated = ready, restarts = 0 } = given
    const resource_version = this.#next()
    const uid = given.uid ?? `uid-of-${ref}-${resource_version}`
    this.#deployments.set(ref, { ref, uid, resource_version, replicas, ready, updated, observed: true })
    this.#restarts.set(ref, restarts)
    return this.at(ref)!
  }

  /** Puts an autoscaler there that governs `deployment`. */
  autoscale(ref: WorkloadRef, deployment: WorkloadRef, bounds: { min: number; max: number }): Autoscaler {
    const resource_version = this.#next()
    const current = this.#deployments.get(deployment)?.replicas ?? 0
    const autoscaler = { ref, uid: `uid-of-${ref}`, resource_version, ...bounds, current, desired: current }
    this.#autoscalers.set(ref, { autoscaler, governs: deployment })
    return { ...autoscaler }
  }

  /** Takes the Deployment away, as somebody's `kubectl delete` would. */
  remove(ref: WorkloadRef): void {
    this.#deployments.delete(ref)
  }

  /** Somebody else changes the Deployment: the resourceVersion moves, and `effects` do not count it. */
  elsewhere(
    ref: WorkloadRef,
    change: Partial<Pick<Deployment, 'replicas' | 'ready' | 'updated' | 'observed'>> = {},
  ): void {
    const found = this.#deployments.get(ref)
    if (found) Object.assign(found, change, { resource_version: this.#next() })
  }

  /** The controller catches up: every pod that was asked for is ready, or as many as `ready` says. */
  settle(ref: WorkloadRef, ready?: number): void {
    const found = this.#deployments.get(ref)
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
  at(ref: WorkloadRef): Deployment | undefined {
    const found = this.#deployments.get(ref)
    return found && { ...found }
  }

  /** @internal What the two ports share. */
  read<T>(look: (state: FakeState) => T): Promise<T> {
    const failure = this.#take('reader')
    if (failure) return Promise.reject(fail(failure))
    return Promise.resolve(look(this.#state))
  }

  /** @internal Changes one thing under its precondition, and counts it. */
  async change<T extends { resource_version: string }>(
    effect: ClusterEffect,
    name: string,
    find: (state: FakeState) => T | undefined,
    precondition: string,
    make: (found: T) => void,
  ): Promise<{ resource_version: string }> {
    const failure = this.#take('hands')
    if (failure && !failure.afterEffect) throw fail(failure)
    const found = find(this.#state)
    if (!found) throw new PortFailure('not-found', `${name} is not there`)
    if (found.resource_version !== precondition)
      throw new PortFailure('conflict', `${name} is at ${found.resource_version}, not at ${precondition}`)
    make(found)
    found.resource_version = this.#next()
    this.effects.push(effect)
    if (failure) throw fail(failure)
    return { resource_version: found.resource_version }
  }

  get #state(): FakeState {
    return { deployments: this.#deployments, restarts: this.#restarts, autoscalers: this.#autoscalers }
  }

  #take(of: Failure['of']): Failure | undefined {
    const at = this.#failures.findIndex((failure) => failure.of === of)
    return at < 0 ? undefined : this.#failures.splice(at, 1)[0]
  }

  #next(): string {
    return String(++this.#version)
  }
}

interface FakeState {
  deployments: ReadonlyMap<WorkloadRef, Deployment>
  restarts: ReadonlyMap<WorkloadRef, number>
  autoscalers: ReadonlyMap<WorkloadRef, { autoscaler: Autoscaler; governs: WorkloadRef }>
}

const fail = ({ kind, afterEffect }: Failure) =>
  new PortFailure(kind, `the fake was told to answer ${kind}${afterEffect ? ' after the effect' : ''}`)

class FakeReader extends ClusterReader {
  constructor(private readonly cluster: FakeCluster) {
    super()
  }

  deployment(ref: WorkloadRef): Promise<Deployment | undefined> {
    return this.cluster.read(() => this.cluster.at(ref))
  }

  deployments(namespace: string): Promise<Deployment[]> {
    return this.cluster.read(({ deployments }) =>
      [...deployments.keys()].filter((ref) => ref.startsWith(`${namespace}/`)).map((ref) => this.cluster.at(ref)!),
    )
  }

  autoscalerOf(ref: WorkloadRef): Promise<Autoscaler | undefined> {
    return this.cluster.read(({ autoscalers, deployments }) => {
      const found = [...autoscalers.values()].find(({ governs }) => governs === ref)
      const replicas = deployments.get(ref)?.replicas ?? 0
      return found && { ...found.autoscaler, current: replicas, desired: replicas }
    })
  }

  podsOf(ref: WorkloadRef): Promise<Pod[]> {
    return this.cluster.read(({ deployments, restarts }) => {
      const found = deployments.get(ref)
      return Array.from({ length: found?.replicas ?? 0 }, (_, at) => ({
        name: `${ref.split('/')[1]}-${at}`,
        phase: at < found!.ready ? 'Running' : 'Pending',
        ready: at < found!.ready,
        restarts: restarts.get(ref) ?? 0,
      }))
    })
  }
}

class FakeHands extends ClusterHands {
  constructor(private readonly cluster: FakeCluster) {
    super()
  }

  async scale(ref: WorkloadRef, replicas: number, precondition: string): Promise<{ resource_version: string }> {
    if (!Number.isInteger(replicas) || replicas < 0)
      throw new PortFailure('invalid', `${replicas} is not a number of replicas`)
    return this.cluster.change(
      { method: 'scale', args: [ref, replicas, precondition] },
      `deployment ${ref}`,
      ({ deployments }) => deployments.get(ref),
      precondition,
      (found) => {
        found.replicas = found.updated = replicas
        found.ready = this.cluster.podsBecomeReady ? replicas : Math.min(found.ready, replicas)
      },
    )
  }

  async setBounds(
    autoscaler: WorkloadRef,
    bounds: { min: number; max: number },
    precondition: string,
  ): Promise<{ resource_version: string }> {
    if (bounds.min < 1 || bounds.max < bounds.min)
      throw new PortFailure('invalid', `${bounds.min}–${bounds.max} are no bounds`)
    return this.cluster.change(
      { method: 'setBounds', args: [autoscaler, bounds, precondition] },
      `autoscaler ${autoscaler}`,
      ({ autoscalers }) => autoscalers.get(autoscaler)?.autoscaler,
      precondition,
      (found) => Object.assign(found, bounds),
    )
  }
}
