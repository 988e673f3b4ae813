import { AppsV1Api, AutoscalingV2Api, BatchV1Api, CoreV1Api } from '@kubernetes/client-node'
import {
  ClusterReader,
  MOST_LISTED,
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
} from '@firebreak/kit'
import { found, listed } from './asked.js'
import { readAutoscaler, toAutoscaler } from './autoscaler.js'
import { readJob, toCronJob, toJob } from './batch.js'
import { connect, type ConnectionOptions } from './connection.js'
import { jobOf, readDeployment, toDeployment, toPod } from './objects.js'
import { selectorOf } from './parse.js'
import { podLog } from './pod-log.js'
import { split } from './ref.js'
import { toRollout } from './rollout.js'
import { toConfigMap, toEvent, toQuota } from './surroundings.js'

/** Events are kept in the order of their names: the newest ones are known only when all of them are. */
const MOST_EVENTS = 10_000

/** Looks at a cluster through the Kubernetes API, with credentials that need get and list only. */
export class KubernetesReader extends ClusterReader {
  readonly #apps: AppsV1Api
  readonly #core: CoreV1Api
  readonly #autoscaling: AutoscalingV2Api
  readonly #batch: BatchV1Api

  /** `kubeconfig` is a path; its current context is used. `timeoutMs` holds for each call. */
  constructor(kubeconfig: string, options: ConnectionOptions = { timeoutMs: 5_000 }) {
    super()
    this.#apps = connect(AppsV1Api, kubeconfig, options)
    this.#core = connect(CoreV1Api, kubeconfig, options)
    this.#autoscaling = connect(AutoscalingV2Api, kubeconfig, options)
    this.#batch = connect(BatchV1Api, kubeconfig, options)
  }

  async deployment(ref: WorkloadRef): Promise<Deployment | undefined> {
    const object = await this.#deployment(ref)
    return object === undefined ? undefined : toDeployment(object)
  }

  async rollout(ref: WorkloadRef): Promise<Rollout | undefined> {
    const object = await this.#deployment(ref)
    return object === undefined ? undefined : toRollout(object)
  }

  async autoscalerOf(ref: WorkloadRef): Promise<Autoscaler | undefined> {
    const [governing, ...others] = (await this.autoscalers(split(ref).namespace)).get(ref) ?? []
    // Kubernetes itself calls this ambiguous and stops scaling; whichever we named, the other would fight it.
    if (others.length > 0) throw new PortFailure('invalid', `${others.length + 1} autoscalers govern ${ref}`)
    return governing
  }

  async autoscalers(namespace: string): Promise<ReadonlyMap<WorkloadRef, Autoscaler[]>> {
    const items = await listed(`list the autoscalers of ${namespace}`, (at) =>
      this.#autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace, ...at }),
    )
    const found = items.flatMap((item) => {
      const { kind, name } = readAutoscaler(item).spec.scaleTargetRef
      return kind === 'Deployment' ? [{ of: `${namespace}/${name}` as const, autoscaler: toAutoscaler(item) }] : []
    })
    const by = Map.groupBy(found, ({ of }) => of)
    return new Map([...by].map(([ref, all]) => [ref, all.map(({ autoscaler }) => autoscaler)]))
  }

  async podsOf(ref: WorkloadRef): Promise<Pod[]> {
    const object = await this.#deployment(ref)
    return object === undefined ? [] : this.#pods(ref, selectorOf(readDeployment(object).spec.selector))
  }

  async deployments(namespace: string): Promise<Deployment[]> {
    const items = await listed(`list the deployments of ${namespace}`, (at) =>
      this.#apps.listNamespacedDeployment({ namespace, ...at }),
    )
    return items.map(toDeployment)
  }

  async events(
    namespace: string,
    { about, limit }: { about?: { kind: string; name: string }; limit: number },
  ): Promise<ClusterEvent[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED)
      throw new PortFailure('invalid', `a limit of ${limit} events; expected 1 to ${MOST_LISTED}`)
    const fieldSelector = about && `involvedObject.kind=${about.kind},involvedObject.name=${about.name}`
    const items = await listed(
      `list the events of ${namespace}`,
      (at) => this.#core.listNamespacedEvent({ namespace, ...(fieldSelector ? { fieldSelector } : {}), ...at }),
      MOST_EVENTS,
    )
    const newestFirst = items.map(toEvent).sort((a, b) => b.last_ms - a.last_ms)
    return newestFirst.slice(0, limit)
  }

  logs(pod: WorkloadRef, wish: LogWish): Promise<LogExcerpt | undefined> {
    return podLog(this.#core, pod, wish)
  }

  async job(ref: WorkloadRef): Promise<Job | undefined> {
    const object = await this.#job(ref)
    return object === undefined ? undefined : toJob(object)
  }

  async jobs(namespace: string): Promise<Job[]> {
    const items = await listed(`list the jobs of ${namespace}`, (at) =>
      this.#batch.listNamespacedJob({ namespace, ...at }),
    )
    return items.map(toJob)
  }

  async podsOfJob(ref: WorkloadRef): Promise<Pod[]> {
    const object = await this.#job(ref)
    return object === undefined ? [] : this.#pods(ref, selectorOf(readJob(object).spec.selector))
  }

  async runningJobPods(namespace: string): Promise<JobPod[]> {
    // Those that are over stay for as long as their Jobs do, and may be thousands.
    const wish = { namespace, labelSelector: 'job-name', fieldSelector: 'status.phase=Running' }
    const items = await listed(`list the pods of the jobs of ${namespace}`, (at) =>
      this.#core.listNamespacedPod({ ...wish, ...at }),
    )
    return items.map((item) => ({ ...toPod(item), job: jobOf(item, namespace) }))
  }

  async cronJob(ref: WorkloadRef): Promise<CronJob | undefined> {
    const object = await found(`read cronjob ${ref}`, () => this.#batch.readNamespacedCronJob(split(ref)))
    return object === undefined ? undefined : toCronJob(object)
  }

  async cronJobs(namespace: string): Promise<CronJob[]> {
    const items = await listed(`list the cronjobs of ${namespace}`, (at) =>
      this.#batch.listNamespacedCronJob({ namespace, ...at }),
    )
    return items.map(toCronJob)
  }

  async quotas(namespace: string): Promise<Quota[]> {
    const items = await listed(`list the quotas of ${namespace}`, (at) =>
      this.#core.listNamespacedResourceQuota({ namespace, ...at }),
    )
    return items.map(toQuota)
  }

  async configMap(ref: WorkloadRef): Promise<ConfigMap | undefined> {
    const object = await found(`read configmap ${ref}`, () => this.#core.readNamespacedConfigMap(split(ref)))
    return object === undefined ? undefined : toConfigMap(object)
  }

  #deployment(ref: WorkloadRef): Promise<unknown> {
    return found(`read deployment ${ref}`, () => this.#apps.readNamespacedDeployment(split(ref)))
  }

  #job(ref: WorkloadRef): Promise<unknown> {
    return found(`read job ${ref}`, () => this.#batch.readNamespacedJob(split(ref)))
  }

  async #pods(ref: WorkloadRef, labelSelector: string): Promise<Pod[]> {
    const { namespace } = split(ref)
    const items = await listed(`list the pods of ${ref}`, (at) =>
      this.#core.listNamespacedPod({ namespace, labelSelector, ...at }),
    )
    return items.map(toPod)
  }
}
