import { isDeepStrictEqual } from 'node:util'
import { moves } from '../../world/controller.js'
import { isControlledBy, isOver, isReady, type Pod, type ReplicaSet } from '../objects.js'
import { pods, replicaSets } from '../resources.js'
import { keep, type Ground, type Weather } from './ground.js'
import { makePod, start } from './pods.js'

/** How long a pod takes to become ready. Milliseconds of the sandbox. */
const READY_AFTER_MS = 600
const COMPONENT = 'replicaset-controller'

/** Makes as many pods as a ReplicaSet asks for, and lets them become ready one by one. */
export class ReplicaSets {
  readonly #lastMove = new Map<string, number>()

  constructor(private readonly ground: Ground) {}

  /** `hurry`: pods become ready without waiting, as at the beginning of the world. */
  step(now: number, { neverReady }: Weather, hurry = false): void {
    for (const set of this.ground.store.list(replicaSets))
      this.#reconcile(set, now, hurry ? 0 : neverReady ? Infinity : READY_AFTER_MS)
  }

  #reconcile(set: ReplicaSet, now: number, readyAfterMs: number): void {
    const { store, recorder } = this.ground
    const { namespace = '', uid } = set.metadata
    const mine = podsOf(this.ground, set)
    const { create, remove, becomesReady } = moves({
      ready: mine.filter(isReady).map(({ metadata }) => metadata.name),
      pending: mine.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name),
      wanted: set.spec.replicas,
      sinceLastMoveMs: now - (this.#lastMove.get(uid) ?? 0),
      readyAfterMs,
    })
    for (let made = 0; made < create; made++) {
      const { metadata } = makePod(this.ground, set, set.spec.template)
      recorder.say(set, COMPONENT, 'Normal', 'SuccessfulCreate', `Created pod: ${metadata.name}`)
    }
    for (const pod of remove) {
      store.delete(pods, namespace, pod)
      recorder.say(set, COMPONENT, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod}`)
    }
    if (becomesReady !== undefined) start(this.ground, store.get(pods, namespace, becomesReady)!)
    if (create > 0 || becomesReady !== undefined) this.#lastMove.set(uid, now)
    this.#report(set)
  }

  #report(set: ReplicaSet): void {
    const mine = podsOf(this.ground, set)
    const ready = mine.filter(isReady).length
    const status = {
      replicas: mine.length,
      fullyLabeledReplicas: mine.length,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: set.metadata.generation ?? 1,
    }
    if (!isDeepStrictEqual(status, set.status)) keep(this.ground, replicaSets, set, { ...set, status })
  }
}

/** The pods of a ReplicaSet that are not over, oldest first. */
export function podsOf({ store }: Ground, set: ReplicaSet): Pod[] {
  return store
    .list(pods, set.metadata.namespace)
    .filter((pod) => isControlledBy(pod, set.metadata.uid) && !isOver(pod))
    .sort((a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp))
}
