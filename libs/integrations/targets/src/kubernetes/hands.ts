import {
  AppsV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node'
import { ClusterHands, PortFailure, RESTART_MARK, type Changed, type WorkloadRef } from '@firebreak/kit'
import { z } from 'zod'
import { asked } from './asked.js'
import { connect, type ConnectionOptions } from './connection.js'
import { split } from './ref.js'

/** What an answer must hold, so that the caller knows which version it made. */
const changed = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) })

/** The client would label an object body as a JSON patch, which is a list; a real API server refuses that. */
const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
/** Finds a container and a variable by their names, where a merge patch would replace the whole list. */
const strategicMergePatch = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch)

/** Who did it, in the cluster's `managedFields`. */
const fieldManager = 'firebreak'

/**
 * Changes a cluster through the Kubernetes API. The precondition is `metadata.resourceVersion` in the body of a
 * patch: the API server answers 409 when the object has moved since. It never retries: whoever asks knows whether the
 * change is still wanted.
 */
export class KubernetesHands extends ClusterHands {
  readonly #apps: AppsV1Api
  readonly #autoscaling: AutoscalingV2Api
  readonly #batch: BatchV1Api
  readonly #core: CoreV1Api

  /** `kubeconfig` is a path to credentials of its own, not the reader's. `timeoutMs` holds for each call. */
  constructor(kubeconfig: string, options: ConnectionOptions = { timeoutMs: 10_000 }) {
    super()
    this.#apps = connect(AppsV1Api, kubeconfig, options)
    this.#autoscaling = connect(AutoscalingV2Api, kubeconfig, options)
    this.#batch = connect(BatchV1Api, kubeconfig, options)
    this.#core = connect(CoreV1Api, kubeconfig, options)
  }

  scale(ref: WorkloadRef, replicas: number, precondition: string): Promise<Changed> {
    const body = { ...at(precondition), spec: { replicas } }
    return patched(`scale deployment ${ref} to ${replicas}`, () =>
      this.#apps.patchNamespacedDeploymentScale({ ...split(ref), body, fieldManager }, mergePatch),
    )
  }

  setBounds(
    autoscaler: WorkloadRef,
    { min, max }: { min: number; max: number },
    precondition: string,
  ): Promise<Changed> {
    const body = { ...at(precondition), spec: { minReplicas: min, maxReplicas: max } }
    return patched(`set the bounds of autoscaler ${autoscaler} to ${min}–${max}`, () =>
      this.#autoscaling.patchNamespacedHorizontalPodAutoscaler(
        { ...split(autoscaler), body, fieldManager },
        mergePatch,
      ),
    )
  }

  restart(ref: WorkloadRef, mark: string | null, precondition: string): Promise<Changed> {
    const body = {
      ...at(precondition),
      spec: { template: { metadata: { annotations: { [RESTART_MARK]: mark } } } },
    }
    return patched(`restart deployment ${ref}`, () =>
      this.#apps.patchNamespacedDeployment({ ...split(ref), body, fieldManager }, mergePatch),
    )
  }

  async setEnv(
    ref: WorkloadRef,
    { container, name, value }: { container: string; name: string; value: string | null },
    precondition: string,
  ): Promise<Changed> {
    const doing = `set ${name} of deployment ${ref}`
    // A strategic merge makes a container that is not there; the precondition holds what is looked at here.
    const now = await asked(doing, () => this.#apps.readNamespacedDeployment(split(ref)))
    mustHave(container, now.spec?.template.spec?.containers, ref)
    const variable = value === null ? { name, $patch: 'delete' } : { name, value }
    const body = {
      ...at(precondition),
      spec: { template: { spec: { containers: [{ name: container, env: [variable] }] } } },
    }
    return patched(doing, () =>
      this.#apps.patchNamespacedDeployment({ ...split(ref), body, fieldManager }, strategicMergePatch),
    )
  }

  suspendJob(ref: WorkloadRef, suspended: boolean, precondition: string): Promise<Changed> {
    const body = { ...at(precondition), spec: { suspend: suspended } }
    return patched(`${suspended ? 'suspend' : 'resume'} job ${ref}`, () =>
      this.#batch.patchNamespacedJob({ ...split(ref), body, fieldManager }, mergePatch),
    )
  }

  suspendCronJob(ref: WorkloadRef, suspended: boolean, precondition: string): Promise<Changed> {
    const body = { ...at(precondition), spec: { suspend: suspended } }
    return patched(`${suspended ? 'suspend' : 'resume'} cronjob ${ref}`, () =>
      this.#batch.patchNamespacedCronJob({ ...split(ref), body, fieldManager }, mergePatch),
    )
  }

  setConfig(ref: WorkloadRef, values: Record<string, string | null>, precondition: string): Promise<Changed> {
    const body = { ...at(precondition), data: values }
    return patched(`set ${Object.keys(values).join(', ')} of configmap ${ref}`, () =>
      this.#core.patchNamespacedConfigMap({ ...split(ref), body, fieldManager }, mergePatch),
    )
  }
}

const at = (resourceVersion: string) => ({ metadata: { resourceVersion } })

function mustHave(container: string, containers: { name: string }[] | undefined, ref: WorkloadRef): void {
  if (containers?.some(({ name }) => name === container)) return
  const there = containers?.map(({ name }) => name).join(', ') ?? 'none'
  throw new PortFailure('invalid', `deployment ${ref} has no container ${container}; it has ${there}`)
}

const patched = (doing: string, call: () => Promise<unknown>): Promise<Changed> =>
  asked(doing, async () => ({ resource_version: changed.parse(await call()).metadata.resourceVersion }))
