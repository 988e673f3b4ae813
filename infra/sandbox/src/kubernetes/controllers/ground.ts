import type { Dice } from '../../dice.js'
import type { Logs } from '../logs.js'
import { manage } from '../managed.js'
import type { Condition, KubeObject } from '../objects.js'
import { stamp } from '../objects.js'
import type { Resource } from '../resource.js'
import type { Store } from '../store.js'
import type { Recorder } from './recorder.js'

/** What every controller stands on. */
export interface Ground {
  store: Store
  recorder: Recorder
  logs: Logs
  dice: Dice
  /** The same seed gives the same uids. */
  seed: string
}

/** What the controllers meet at one moment. */
export interface Weather {
  neverReady: boolean
  /** Of the ready replicas of `prod/api`; the only load that the sandbox simulates. */
  utilisation: number
}

export const MANAGER = 'kube-controller-manager'

/** Writes what a controller changed, with its name in `managedFields`. */
export function keep<T extends KubeObject>(
  { store }: Ground,
  resource: Resource<T>,
  before: T | undefined,
  after: T,
  subresource = 'status',
): T {
  return store.put(resource, manage(before, after, { name: MANAGER, subresource }))
}

const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** A name that nothing of this resource has, as Kubernetes draws them: five letters that spell no word. */
export function drawName({ store, dice }: Ground, resource: Resource, namespace: string, prefix: string): string {
  for (;;) {
    const tail = Array.from({ length: 5 }, () => letters[Math.floor(dice() * letters.length)]).join('')
    const name = `${prefix}-${tail}`
    if (!store.get(resource, namespace, name)) return name
  }
}

/** A condition keeps its dates as long as it says the same. */
export function condition(
  known: readonly Condition[] | undefined,
  { type, holds, reason, message }: { type: string; holds: boolean; reason: string; message: string },
  dated: 'updated' | 'plain' = 'updated',
): Condition {
  const was = known?.find((one) => one.type === type)
  const status = holds ? 'True' : 'False'
  const now = stamp()
  const same = was?.status === status && was.reason === reason && was.message === message
  const updated = { lastUpdateTime: same ? (was.lastUpdateTime ?? now) : now }
  return {
    type,
    status,
    reason,
    message,
    lastTransitionTime: was?.status === status ? was.lastTransitionTime : now,
    ...(dated === 'updated' ? updated : {}),
  }
}
