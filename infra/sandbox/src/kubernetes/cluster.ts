import { isDeepStrictEqual } from 'node:util'
import type { Dice } from '../dice.js'
import { decide, STABILISATION_MS, wish } from '../world/autoscaler.js'
import { moves } from '../world/controller.js'
import { autoscalerManifest, born, deploymentManifests, namespaceManifest } from './manifests.js'
import { isReady, type Autoscaler, type Condition, type Deployment, type KubeObject, type Pod } from './objects.js'
import { autoscalers, deployments, namespaces, pods } from './resources.js'
import type { Store } from './store.js'

/** How long a pod takes to become ready. Milliseconds of the sandbox. */
const READY_AFTER_MS = 600
/** How often an autoscaler looks. */
const AUTOSCALER_MS = 1_000

/** What the controllers meet at one moment. */
export interface Weather {
  neverReady: boolean
  /** Of the ready replicas of `prod/api`; the only load that the sandbox simulates. */
  utilisation: number
}

/** The controllers: they look at what is asked for in the store, and move what there is towards it. */
export class Cluster {
  readonly #lastMove = new Map<string, number>()
  #lastLook = 0
  readonly #wishes = new Map<string, { at: number; replicas: number }[]>()

  constructor(
    private readonly store: Store,
    private readonly dice: Dice,
    private readonly seed: string,
  ) {}

  /** Puts the world back to its beginning, every pod ready. */
  begin(): void {
    for (const resource of [pods, autoscalers, deployments])
      for (const { metadata } of this.store.list<KubeObject>(resource))
        this.store.delete(resource, metadata.namespace ?? '', metadata.name)
    for (const name of ['default', 'prod'])
      if (!this.store.get(namespaces, '', name)) this.store.put(namespaces, born(namespaceManifest(name), this.seed))
    for (const manifest of deploymentManifests()) {
      const deployment = this.store.put(deployments, { ...born(manifest, this.seed), status: {} })
      for (let made = 0; made < deployment.spec.replicas; made++) this.#create(deployment, true)
      this.#report(deployment)
    }
  }

  /** The autoscaler of the fault `with-hpa`. */
  putAutoscaler(): void {
    if (this.store.get(autoscalers, 'prod', 'api')) return
    const { replicas } = this.replicas('api')
    const status = { currentReplicas: replicas, desiredReplicas: replicas }
    this.store.put(autoscalers, { ...born(autoscalerManifest('api'), this.seed), status })
  }

  removeAutoscaler(): void {
    this.store.delete(autoscalers, 'prod', 'api')
  }

  replicas(name: string): { replicas: number; ready: number } {
    const deployment = this.store.get(deployments, 'prod', name)
    if (!deployment) return { replicas: 0, ready: 0 }
    return { replicas: deployment.spec.replicas, ready: this.#podsOf(deployment).filter(isReady).length }
  }

  /** One pass of every controller. `now` is the sandbox's time. */
  step(now: number, weather: Weather): void {
    for (const deployment of this.store.list(deployments)) this.#reconcile(deployment, now, weather)
    this.#collectOrphans()
    if (now - this.#lastLook < AUTOSCALER_MS) return
    this.#lastLook = now
    for (const autoscaler of this.store.list(autoscalers)) this.#autoscale(autoscaler, now, weather)
  }

  #reconcile(deployment: Deployment, now: number, { neverReady }: Weather): void {
    const { namespace = '', name } = deployment.metadata
    const mine = this.#podsOf(deployment)
    const { create, remove, becomesReady } = moves({
      ready: mine.filter(isReady).map(({ metadata }) => metadata.name),
      pending: mine.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name),
      wanted: deployment.spec.replicas,
      sinceLastMoveMs: now - (this.#lastMove.get(`${namespace}/${name}`) ?? 0),
      readyAfterMs: neverReady ? Infinity : READY_AFTER_MS,
    })
    for (let made = 0; made < create; made++) this.#create(deployment, false)
    for (const pod of remove) this.store.delete(pods, namespace, pod)
    if (becomesReady !== undefined) {
      const pod = this.store.get(pods, namespace, becomesReady)!
      this.store.put(pods, { ...pod, status: podStatus(pod.spec, true, pod.status.startTime) })
    }
    if (create > 0 || becomesReady !== undefined) this.#lastMove.set(`${namespace}/${name}`, now)
    this.#report(deployment)
  }

  /** A pod whose Deployment is gone goes too. */
  #collectOrphans(): void {
    const owners = new Set(this.store.list(deployments).map(({ metadata }) => metadata.uid))
    for (const { metadata } of this.store.list(pods))
      if (!metadata.ownerReferences?.some(({ uid }) => owners.has(uid)))
        this.store.delete(pods, metadata.namespace ?? '', metadata.name)
  }

  #create(deployment: Deployment, ready: boolean): void {
    const { namespace = '', name, uid } = deployment.metadata
    const { template } = deployment.spec
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true }
    const pod = born(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: this.#podName(namespace, name),
          namespace,
          labels: template.metadata.labels,
          annotations: { 'firebreak.dev/simulated': 'true' },
          ownerReferences: [owner],
        },
        spec: template.spec,
      },
      this.seed,
    )
    this.store.put(pods, { ...pod, status: podStatus(pod.spec, ready, pod.metadata.creationTimestamp) })
  }

  #podName(namespace: string, deployment: string): string {
    const letters = 'bcdfghjklmnpqrstvwxz2456789'
    for (;;) {
      const tail = Array.from({ length: 5 }, () => letters[Math.floor(this.dice() * letters.length)]).join('')
      const name = `${deployment}-${tail}`
      if (!this.store.get(pods, namespace, name)) return name
    }
  }

  /** Oldest first. */
  #podsOf(deployment: Deployment): Pod[] {
    const age = ({ metadata }: Pod) => metadata.creationTimestamp
    return this.store
      .list(pods, deployment.metadata.namespace)
      .filter(({ metadata }) =>
        Object.entries(deployment.spec.selector.matchLabels).every(([key, value]) => metadata.labels?.[key] === value),
      )
      .sort((a, b) => (age(a) < age(b) ? -1 : age(a) > age(b) ? 1 : 0))
  }

  /** Writes the status of a Deployment, when it says something new. */
  #report(deployment: Deployment): void {
    const mine = this.#podsOf(deployment)
    const ready = mine.filter(isReady).length
    const { replicas } = deployment.spec
    const status = {
      observedGeneration: deployment.metadata.generation ?? 1,
      replicas: mine.length,
      updatedReplicas: mine.length,
      readyReplicas: ready,
      availableReplicas: ready,
      ...(ready < replicas ? { unavailableReplicas: replicas - ready } : {}),
      conditions: [
        condition('Available', ready >= replicas * 0.75, 'MinimumReplicasAvailable', deployment),
        condition('Progressing', true, ready >= replicas ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated', deployment),
      ],
    }
    if (!isDeepStrictEqual(status, deployment.status)) this.store.put(deployments, { ...deployment, status })
  }

  #autoscale(autoscaler: Autoscaler, now: number, { utilisation }: Weather): void {
    const { namespace = '' } = autoscaler.metadata
    const { scaleTargetRef, minReplicas: min, maxReplicas: max } = autoscaler.spec
    const deployment = this.store.get(deployments, namespace, scaleTargetRef.name)
    if (!deployment) return
    const ready = this.#podsOf(deployment).filter(isReady).length
    const { replicas } = deployment.spec
    // Load is simulated for one Deployment; an autoscaler of another has no metrics, and only keeps its bounds.
    const measured = namespace === 'prod' && scaleTargetRef.name === 'api' && ready > 0
    // Pods that are not ready yet carry no load; counting them would ask for more with every look.
    const wanted = { at: now, replicas: measured ? wish(ready, utilisation) : replicas }
    const wishes = [...(this.#wishes.get(autoscaler.metadata.uid) ?? []), wanted]
    this.#wishes.set(
      autoscaler.metadata.uid,
      wishes.filter(({ at }) => now - at <= STABILISATION_MS),
    )
    const desired = decide(wishes, { min, max }, now)
    if (desired !== replicas) {
      const generation = (deployment.metadata.generation ?? 1) + 1
      const metadata = { ...deployment.metadata, generation }
      this.store.put(deployments, { ...deployment, metadata, spec: { ...deployment.spec, replicas: desired } })
    }
    const status = { currentReplicas: replicas, desiredReplicas: desired }
    if (!isDeepStrictEqual(status, autoscaler.status)) this.store.put(autoscalers, { ...autoscaler, status })
  }
}

const stamp = () => new Date().toISOString().replace(/\.\d+/, '')

function podStatus({ containers }: Pod['spec'], ready: boolean, startTime: string): Pod['status'] {
  const since = stamp()
  const is = ready ? 'True' : 'False'
  return {
    phase: ready ? 'Running' : 'Pending',
    startTime,
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: type === 'PodScheduled' || type === 'Initialized' ? 'True' : is,
      lastTransitionTime: since,
    })),
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      ready,
      restartCount: 0,
      state: ready ? { running: { startedAt: since } } : { waiting: { reason: 'ContainerCreating' } },
    })),
  }
}

/** A condition keeps its date as long as it says the same. */
function condition(type: string, holds: boolean, reason: string, { status }: Deployment): Condition {
  const was = status.conditions?.find((known) => known.type === type)
  const is = holds ? 'True' : 'False'
  const now = stamp()
  return {
    type,
    status: is,
    reason: holds || type !== 'Available' ? reason : 'MinimumReplicasUnavailable',
    lastTransitionTime: was?.status === is ? was.lastTransitionTime : now,
    lastUpdateTime: was?.status === is && was.reason === reason ? (was.lastUpdateTime ?? now) : now,
  }
}
