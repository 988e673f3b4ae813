import { isDeepStrictEqual } from 'node:util'
import { moves } from '../../world/controller.js'
import { isControlledBy, isOver, isReady, type Pod, type ReplicaSet } from '../objects.js'
import { pods, replicaSets } from '../resources.js'
import { condition, keep, type Ground, type Weather } from './ground.js'
import { makePod, start } from './pods.js'
import { refusal } from './quotas.js'

/** How long a pod takes to become ready. Milliseconds of the sandbox. */
const READY_AFTER_MS = 600
const COMPONENT = 'replicaset-controller'
/** How long it waits before it tries again to make a pod that was not let in. */
const RETRY_MS = 1_000

/** Makes as many pods as a ReplicaSet asks for, and lets them become ready one by one. */
export class ReplicaSets {
  readonly #lastMove = new Map<string, number>()
  /** By uid: why no pod can be made, and since when that is known. */
  readonly #refused = new Map<string, { why: string; at: number }>()

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
    const created = this.#create(set, create, now)
    for (const pod of remove) {
      store.delete(pods, namespace, pod)
      recorder.say(set, COMPONENT, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod}`)
    }
    if (becomesReady !== undefined) start(this.ground, store.get(pods, namespace, becomesReady)!)
    if (created > 0 || becomesReady !== undefined) this.#lastMove.set(uid, now)
    this.#report(set)
  }

  /** Makes as many pods as the quotas of the namespace let in. */
  #create(set: ReplicaSet, wanted: number, now: number): number {
    const { namespace = '', name, uid } = set.metadata
    const { recorder } = this.ground
    const known = this.#refused.get(uid)
    if (known && wanted > 0 && now - known.at < RETRY_MS) return 0
    this.#refused.delete(uid)
    for (let made = 0; made < wanted; made++) {
      const why = refusal(this.ground, namespace, set.spec.template)
      if (why !== undefined) {
        const message = `Error creating: pods "${name}-" is forbidden: ${why}`
        recorder.say(set, COMPONENT, 'Warning', 'FailedCreate', message)
        this.#refused.set(uid, { why: message, at: now })
        return made
      }
      const { metadata } = makePod(this.ground, set, set.spec.template)
      recorder.say(set, COMPONENT, 'Normal', 'SuccessfulCreate', `Created pod: ${metadata.name}`)
    }
    return wanted
  }

  #report(set: ReplicaSet): void {
    const mine = podsOf(this.ground, set)
    const ready = mine.filter(isReady).length
    const refused = this.#refused.get(set.metadata.uid)
    const status = {
      replicas: mine.length,
      fullyLabeledReplicas: mine.length,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: set.metadata.generation ?? 1,
      ...(refused
        ? {
            conditions: [
              condition(
                set.status.conditions,
                { type: 'ReplicaFailure', holds: true, reason: 'FailedCreate', message: refused.why },
                'plain',
              ),
            ],
          }
        : {}),
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
