/** A namespaced object of the watched cluster. Written `namespace/name`. */
export type WorkloadRef = `${string}/${string}`

export const namespaceOf = (ref: WorkloadRef): string => ref.slice(0, ref.indexOf('/'))

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
  /** What each container of its template runs, by the container's name. */
  images: Record<string, string>
}

/** One of the figures by which an autoscaler decides. */
export interface AutoscalerMetric {
  /** `cpu`, `memory`, or what the metric is called. */
  name: string
  /** Where it is, as the autoscaler saw it last; `null`: it could not be had. */
  current: number | null
  target: number | null
  /** Percent of what pods ask for, bytes of memory, or thousandths of anything else. */
  unit: 'percent' | 'bytes' | 'millis'
}

/** What an autoscaler says of itself (`ScalingActive`, `AbleToScale`, `ScalingLimited`). The words are its controller's. */
export interface AutoscalerCondition {
  type: string
  /** `null`: it does not know. */
  holds: boolean | null
  reason: string
  message: string
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
  /** In its own order; none where it was given none. */
  metrics: AutoscalerMetric[]
  conditions: AutoscalerCondition[]
}

/** One container of a pod, and how it got on. */
export interface PodContainer {
  name: string
  ready: boolean
  restarts: number
  state: 'waiting' | 'running' | 'terminated' | 'unknown'
  /** Why it waits or ended (`CrashLoopBackOff`, `OOMKilled`), where the cluster says. */
  reason: string | null
  /** How its life before this one ended. Wall time in milliseconds. */
  last_exit: { code: number; reason: string; finished_ms: number | null } | null
}

/** One pod, as far as a diagnosis asks. */
export interface Pod {
  name: string
  /** Where it runs; `null` before a node was found for it. */
  node: string | null
  phase: string
  ready: boolean
  /** Of all of its containers. */
  restarts: number
  containers: PodContainer[]
}

/** A pod of a Job. */
export interface JobPod extends Pod {
  job: WorkloadRef
}

/** What a pod asks for and may use at most; `null` where one of its containers does not say. */
export interface Asks {
  requests: { cpu_millis: number | null; memory_bytes: number | null }
  limits: { cpu_millis: number | null; memory_bytes: number | null }
}

/** A container of a template. */
export interface TemplateContainer {
  name: string
  image: string
  /** Variables with a value of their own; those that come from elsewhere (Secrets, fields) are left out. */
  env: Record<string, string>
}

/** Where the rollout of a Deployment stands, and what its newest template says. */
export interface Rollout {
  ref: WorkloadRef
  uid: string
  resource_version: string
  /** Counted up with every change of the spec. */
  generation: number
  /**
   * `complete`: every pod is of the newest template and available. `stalled`: it took longer than its deadline.
   * `blocked`: pods cannot be made at all, most often for a quota. `why` has the controller's own words for the last two.
   */
  state: 'complete' | 'progressing' | 'paused' | 'stalled' | 'blocked'
  why: string | null
  available: number
  /** The mark of the newest `restart`. */
  restart_mark: string | null
  containers: TemplateContainer[]
  /** What one pod of the template asks for. */
  asks: Asks
}

/** Something that the cluster tells about an object. The text is that of others. */
export interface ClusterEvent {
  about: { kind: string; name: string }
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  count: number
  last_ms: number
}

/** What of a container's log is wanted. The newest lines; bounded whatever is asked for. */
export interface LogWish {
  /** Its first one, where the pod has one only. */
  container?: string
  /** What it said in the life before this one. */
  previous?: boolean
  since_s?: number
  /** Lines at most; 1 to `MOST_LOG_LINES`. */
  tail?: number
  /** Bytes at most; 1 to `MOST_LOG_BYTES`. */
  limit_bytes?: number
}
export const MOST_LOG_LINES = 5_000
export const MOST_LOG_BYTES = 1_048_576

/** Lines of a log, oldest first, without control characters. */
export interface LogExcerpt {
  lines: string[]
  /** There is more than what was asked for: the last lines may be missing. */
  cut: boolean
}

/** A Job (batch/v1). */
export interface Job {
  ref: WorkloadRef
  uid: string
  resource_version: string
  state: 'running' | 'suspended' | 'complete' | 'failed'
  /** What is asked for. The pods of a suspended Job go a moment later. */
  suspended: boolean
  active: number
  succeeded: number
  failed: number
  /** Why it failed (`BackoffLimitExceeded`), with the controller's words. */
  failed_because: string | null
  /** The CronJob that made it. */
  owner: WorkloadRef | null
  labels: Record<string, string>
  /** What one of its pods asks for. */
  asks: Asks
  started_ms: number | null
}

/** A CronJob (batch/v1). */
export interface CronJob {
  ref: WorkloadRef
  uid: string
  resource_version: string
  schedule: string
  suspended: boolean
  /** Jobs of it that run now. */
  active: WorkloadRef[]
  labels: Record<string, string>
  last_scheduled_ms: number | null
  /** Without one it starts at once what it missed while it was suspended. */
  starting_deadline_s: number | null
}

/** A ResourceQuota. */
export interface Quota {
  ref: WorkloadRef
  /** It counts some pods only (scopes): whether it counts ours cannot be told from here. */
  scoped: boolean
  /** By the name that the quota gives it (`pods`, `requests.cpu`). CPU in millis, storage in bytes, all else in pieces. */
  limits: { resource: string; hard: number; used: number }[]
}

/** A ConfigMap. */
export interface ConfigMap {
  ref: WorkloadRef
  uid: string
  resource_version: string
  immutable: boolean
  data: Record<string, string>
}

/**
 * Looks at the watched cluster. Every method answers `undefined` or an empty list for a thing that is not there.
 * A list of more than `MOST_LISTED` is `PortFailure('invalid')`: half of it would be taken for all.
 */
export abstract class ClusterReader {
  abstract deployment(ref: WorkloadRef): Promise<Deployment | undefined>
  /** The autoscaler whose target is this Deployment. */
  abstract autoscalerOf(ref: WorkloadRef): Promise<Autoscaler | undefined>
  /** Every autoscaler of a namespace whose target is a Deployment, by that Deployment; where several fight over one, all. */
  abstract autoscalers(namespace: string): Promise<ReadonlyMap<WorkloadRef, Autoscaler[]>>
  abstract podsOf(ref: WorkloadRef): Promise<Pod[]>
  /** Every Deployment of a namespace: what the observer shows. */
  abstract deployments(namespace: string): Promise<Deployment[]>
  abstract rollout(ref: WorkloadRef): Promise<Rollout | undefined>
  /** What the cluster tells, the newest first, at most `limit` (1 to `MOST_LISTED`): of a namespace, or of one object in it. */
  abstract events(
    namespace: string,
    wish: { about?: { kind: string; name: string }; limit: number },
  ): Promise<ClusterEvent[]>
  /**
   * The log of a pod's container. `undefined` when there is no such pod, or no life before this one. A container that
   * the pod does not have, or bounds that are none, are `PortFailure('invalid')`.
   */
  abstract logs(pod: WorkloadRef, wish: LogWish): Promise<LogExcerpt | undefined>
  abstract job(ref: WorkloadRef): Promise<Job | undefined>
  abstract jobs(namespace: string): Promise<Job[]>
  abstract podsOfJob(ref: WorkloadRef): Promise<Pod[]>
  /** The pods of every Job of a namespace that run now, in one list. */
  abstract runningJobPods(namespace: string): Promise<JobPod[]>
  abstract cronJob(ref: WorkloadRef): Promise<CronJob | undefined>
  abstract cronJobs(namespace: string): Promise<CronJob[]>
  abstract quotas(namespace: string): Promise<Quota[]>
  abstract configMap(ref: WorkloadRef): Promise<ConfigMap | undefined>
}
export const MOST_LISTED = 2_000

/** What a change answers. */
export type Changed = {
  resource_version: string
}

/**
 * Changes the watched cluster. Each method takes the resourceVersion that the caller has just read as its
 * precondition, and throws `PortFailure('conflict')` when the thing has changed since; one that is not there is
 * `not-found`. Answers the new resourceVersion.
 */
export abstract class ClusterHands {
  /** Asks for `replicas` pods through the scale subresource. */
  abstract scale(ref: WorkloadRef, replicas: number, precondition: string): Promise<Changed>
  /** Sets the bounds of an autoscaler. */
  abstract setBounds(
    autoscaler: WorkloadRef,
    bounds: { min: number; max: number },
    precondition: string,
  ): Promise<Changed>
  /**
   * Makes every pod of a Deployment anew, by the strategy of its rollout: writes `mark` into its template
   * (`firebreak.dev/restart`), or takes it away (`null`). The mark that it already has changes nothing.
   */
  abstract restart(ref: WorkloadRef, mark: string | null, precondition: string): Promise<Changed>
  /** Sets a variable of a container of a Deployment, or takes it away (`null`). Starts a rollout. */
  abstract setEnv(
    ref: WorkloadRef,
    variable: { container: string; name: string; value: string | null },
    precondition: string,
  ): Promise<Changed>
  /** Suspends a Job, which deletes its running pods, or lets it go on. */
  abstract suspendJob(ref: WorkloadRef, suspended: boolean, precondition: string): Promise<Changed>
  /** Suspends a CronJob, which leaves its running Jobs alone, or lets it go on. */
  abstract suspendCronJob(ref: WorkloadRef, suspended: boolean, precondition: string): Promise<Changed>
  /** Sets keys of a ConfigMap, and takes those away whose value is `null`; the others stay. */
  abstract setConfig(ref: WorkloadRef, values: Record<string, string | null>, precondition: string): Promise<Changed>
}

/** The annotation of a Deployment's template that `restart` writes. */
export const RESTART_MARK = 'firebreak.dev/restart'
