import { AppsV1Api, AutoscalingV2Api, CoreV1Api } from '@kubernetes/client-node'
import {
  ClusterReader,
  PortFailure,
  type Autoscaler,
  type Deployment,
  type Pod,
  type WorkloadRef,
} from '@firebreak/kit'
import { connect, type ConnectionOptions } from './connection.js'
import { failureOf } from './failure.js'
import { readAutoscaler, readDeployment, selectorOf, toAutoscaler, toDeployment, toPod } from './objects.js'
import { split } from './ref.js'

/** Looks at a cluster through the Kubernetes API, with credentials that need get and list only. */
export class KubernetesReader extends ClusterReader {
  readonly #apps: AppsV1Api
  readonly #core: CoreV1Api
  readonly #autoscaling: AutoscalingV2Api

  /** `kubeconfig` is a path; its current context is used. `timeoutMs` holds for each call. */
  constructor(kubeconfig: string, options: ConnectionOptions = { timeoutMs: 5_000 }) {
    super()
    this.#apps = connect(AppsV1Api, kubeconfig, options)
    this.#core = connect(CoreV1Api, kubeconfig, options)
    this.#autoscaling = connect(AutoscalingV2Api, kubeconfig, options)
  }

  async deployment(ref: WorkloadRef): Promise<Deployment | undefined> {
    const found = await this.#find(ref)
    return found === undefined ? undefined : toDeployment(found)
  }

  async autoscalerOf(ref: WorkloadRef): Promise<Autoscaler | undefined> {
    const { namespace, name } = split(ref)
    const { items } = await asked(`list the autoscalers of ${namespace}`, () =>
      this.#autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace }),
    )
    const governing = items.filter((item) => {
      const { kind, name: target } = readAutoscaler(item).spec.scaleTargetRef
      return kind === 'Deployment' && target === name
    })
    // Kubernetes itself calls this ambiguous and stops scaling; whichever we named, the other would fight it.
    if (governing.length > 1) throw new PortFailure('invalid', `${governing.length} autoscalers govern ${ref}`)
    return governing[0] === undefined ? undefined : toAutoscaler(governing[0])
  }

  async podsOf(ref: WorkloadRef): Promise<Pod[]> {
    const deployment = await this.#find(ref)
    if (deployment === undefined) return []
    const labelSelector = selectorOf(readDeployment(deployment).spec.selector)
    const { namespace } = split(ref)
    const { items } = await asked(`list the pods of ${ref}`, () =>
      this.#core.listNamespacedPod({ namespace, labelSelector }),
    )
    return items.map(toPod)
  }

  async deployments(namespace: string): Promise<Deployment[]> {
    const { items } = await asked(`list the deployments of ${namespace}`, () =>
      this.#apps.listNamespacedDeployment({ namespace }),
    )
    return items.map(toDeployment)
  }

  async #find(ref: WorkloadRef): Promise<unknown> {
    return asked(`read deployment ${ref}`, () => this.#apps.readNamespacedDeployment(split(ref))).catch(
      (failure: PortFailure) => {
        if (failure.kind === 'not-found') return undefined
        throw failure
      },
    )
  }
}

async function asked<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw failureOf(error, doing)
  }
}
