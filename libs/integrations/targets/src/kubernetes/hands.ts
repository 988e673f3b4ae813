import { AppsV1Api, AutoscalingV2Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { ClusterHands, type WorkloadRef } from '@firebreak/kit'
import { z } from 'zod'
import { connect, type ConnectionOptions } from './connection.js'
import { failureOf } from './failure.js'
import { split } from './ref.js'

/** What an answer must hold, so that the caller knows which version it made. */
const changed = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) })

/** The client would label an object body as a JSON patch, which is a list; a real API server refuses that. */
const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)

/** Who did it, in the cluster's `managedFields`. */
const fieldManager = 'firebreak'

/**
 * Changes a cluster through the Kubernetes API. The precondition is `metadata.resourceVersion` in the body of a merge
 * patch: the API server answers 409 when the object has moved since. It never retries: whoever asks knows whether the
 * change is still wanted.
 */
export class KubernetesHands extends ClusterHands {
  readonly #apps: AppsV1Api
  readonly #autoscaling: AutoscalingV2Api

  /** `kubeconfig` is a path to credentials of its own, not the reader's. `timeoutMs` holds for each call. */
  constructor(kubeconfig: string, options: ConnectionOptions = { timeoutMs: 10_000 }) {
    super()
    this.#apps = connect(AppsV1Api, kubeconfig, options)
    this.#autoscaling = connect(AutoscalingV2Api, kubeconfig, options)
  }

  scale(ref: WorkloadRef, replicas: number, precondition: string): Promise<{ resource_version: string }> {
    const body = { metadata: { resourceVersion: precondition }, spec: { replicas } }
    return patched(`scale deployment ${ref} to ${replicas}`, () =>
      this.#apps.patchNamespacedDeploymentScale({ ...split(ref), body, fieldManager }, mergePatch),
    )
  }

  setBounds(
    autoscaler: WorkloadRef,
    { min, max }: { min: number; max: number },
    precondition: string,
  ): Promise<{ resource_version: string }> {
    const body = { metadata: { resourceVersion: precondition }, spec: { minReplicas: min, maxReplicas: max } }
    return patched(`set the bounds of autoscaler ${autoscaler} to ${min}–${max}`, () =>
      this.#autoscaling.patchNamespacedHorizontalPodAutoscaler(
        { ...split(autoscaler), body, fieldManager },
        mergePatch,
      ),
    )
  }
}

async function patched(doing: string, call: () => Promise<unknown>): Promise<{ resource_version: string }> {
  try {
    return { resource_version: changed.parse(await call()).metadata.resourceVersion }
  } catch (error) {
    throw failureOf(error, doing)
  }
}
