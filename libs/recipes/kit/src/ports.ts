/**
 * What a recipe may look with, and what a verb may act with.
 *
 * Readers and hands are different classes on purpose: `diagnose` is given readers only, so a recipe that writes
 * while it looks does not compile; behind them stand two sets of credentials. Quantities are integers in named units.
 */

/** A workload in the watched cluster. Written `namespace/name`. */
export type WorkloadRef = `${string}/${string}`

/** A Deployment as it was read. `replicas` is what is asked for, `ready` what there is. */
export interface Deployment {
  ref: WorkloadRef
  uid: string
  resource_version: string
  replicas: number
  ready: number
  updated: number
  /** True when the controller has seen the newest spec; before that `ready` speaks of an older one. */
  observed: boolean
}

/** A HorizontalPodAutoscaler (autoscaling/v2) that governs a Deployment. */
export interface Autoscaler {
  ref: WorkloadRef
  uid: string
  resource_version: string
  min: number
  max: number
  current: number
  desired: number
}

/** One pod of a Deployment, as far as a diagnosis asks. */
export interface Pod {
  name: string
  phase: string
  ready: boolean
  restarts: number
}

/** Looks at the watched cluster. Every method answers `undefined` for a thing that is not there. */
export abstract class ClusterReader {
  abstract deployment(ref: WorkloadRef): Promise<Deployment | undefined>
  /** The autoscaler whose target is this Deployment. */
  abstract autoscalerOf(ref: WorkloadRef): Promise<Autoscaler | undefined>
  abstract podsOf(ref: WorkloadRef): Promise<Pod[]>
  /** Every Deployment of a namespace: what the observer shows. */
  abstract deployments(namespace: string): Promise<Deployment[]>
}

/**
 * Changes the watched cluster. Each method takes the resourceVersion that the caller has just read as its
 * precondition, and throws `PortFailure('conflict')` when the thing has changed since.
 */
export abstract class ClusterHands {
  /** Asks for `replicas` pods through the scale subresource. Answers the new resourceVersion. */
  abstract scale(ref: WorkloadRef, replicas: number, precondition: string): Promise<{ resource_version: string }>
  /** Sets the bounds of an autoscaler. Answers the new resourceVersion. */
  abstract setBounds(
    autoscaler: WorkloadRef,
    bounds: { min: number; max: number },
    precondition: string,
  ): Promise<{ resource_version: string }>
}

/** Reads the monitoring system (Prometheus HTTP API). */
export abstract class MetricsReader {
  /**
   * The value of an instant query that selects one series, or `undefined` where there is none.
   * More than one series is `PortFailure('invalid')`: a recipe must not pick one at random.
   */
  abstract value(query: string): Promise<number | undefined>
}

/** A service of the house, from `firebreak.yaml`: what runs it and how it is measured. */
export interface Service {
  name: string
  environment: string
  deployment: WorkloadRef
  /** p95 above this is slow. Milliseconds. */
  p95_threshold_ms: number
  /** Replicas that a recipe may ask for at most. */
  max_replicas: number
  metrics: { p95_ms: string; requests_per_second?: string | undefined; downstream_depth?: string | undefined }
}

/** What the house knows of its services; read from `firebreak.yaml`, never from an alert. */
export abstract class ServiceDirectory {
  abstract service(name: string): Service | undefined
  abstract services(): Service[]
}

/** Everything that looks. */
export interface Readers {
  cluster: ClusterReader
  metrics: MetricsReader
  directory: ServiceDirectory
}

/** Everything that acts. Each verb names in `needs` which rights its port method uses. */
export interface Hands {
  cluster: ClusterHands
}

/**
 * Why a port could not do what it was asked.
 * `not-in-effect` says whether the outside may have changed anyway: after a timeout it may, after a conflict it cannot.
 */
export type PortFailureKind =
  'not-found' | 'forbidden' | 'conflict' | 'invalid' | 'throttled' | 'unreachable' | 'timeout'

/** The one error that ports throw. */
export class PortFailure extends Error {
  constructor(
    readonly kind: PortFailureKind,
    message: string,
  ) {
    super(message)
    this.name = 'PortFailure'
  }

  /** Worth trying again by itself: the outside was busy or out of reach, not unwilling. */
  get retryable(): boolean {
    return this.kind === 'throttled' || this.kind === 'unreachable' || this.kind === 'timeout'
  }

  /** The call may have had its effect although it failed: look before trying again. */
  get ambiguous(): boolean {
    return this.kind === 'timeout' || this.kind === 'unreachable'
  }
}
