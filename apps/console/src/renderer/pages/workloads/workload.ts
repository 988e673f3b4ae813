import { bag, bags, missedBy, number, text } from '../../api/observed.js'
import type { Observation } from '../../api/view.js'

/*
 * A Deployment as the worker wrote it down. What was written may be of an older worker: what is not there is not known, and
 * is never shown as a zero.
 */

export interface Workload {
  /** The target, `deployment:prod/api`: its identity in a list. */
  id: string
  /** `prod/api`. */
  ref: string
  namespace: string
  replicas: number | null
  ready: number | null
  /** Undefined: not known; null: nothing scales it. */
  autoscaler: { name: string; min: number; max: number; current: number; desired: number } | null | undefined
  lastChange: { at: string; says: string } | null
  watchedSince: string | null
  /** The service of the house that it runs; a recipe knows those only. */
  service: string | null
  at: string
  /** The worker has looked since, and did not see it. */
  missed: boolean
}

function scaler(value: unknown): Workload['autoscaler'] {
  if (value === null) return null
  const found = bag(value)
  const [min, max, current, desired] = ['min', 'max', 'current', 'desired'].map((key) => number(found?.[key]))
  if (min == null || max == null || current == null || desired == null) return undefined
  return { name: text(found?.['name']) ?? '', min, max, current, desired }
}

/**
 * Deployments as rows, by namespace and name.
 *
 * @param deployments observations of kind `deployment`
 * @param services those of kind `service`, which say what runs them
 * @param looked when the worker last looked
 */
export function workloadsOf(
  deployments: readonly Observation[],
  services: readonly Observation[],
  looked: string | null,
): Workload[] {
  const served = new Map(
    services.map(({ target, value }) => [text(value['deployment']), target.replace(/^service:/, '')]),
  )
  return deployments.map(({ target, value, at }) => {
    const ref = target.replace(/^deployment:/, '')
    const change = bag(value['last_change'])
    const [changedAt, says] = [text(change?.['at']), text(change?.['says'])]
    return {
      ...{ id: target, ref, namespace: ref.includes('/') ? ref.slice(0, ref.indexOf('/')) : '' },
      ...{
        replicas: number(value['replicas']),
        ready: number(value['ready']),
        autoscaler: scaler(value['autoscaler']),
      },
      lastChange: changedAt === null || says === null ? null : { at: changedAt, says },
      watchedSince: text(value['watched_since']),
      service: served.get(ref) ?? null,
      ...{ at, missed: missedBy(looked, at) },
    }
  })
}

/** How it is: shape, word and colour. `gone`: not seen since, so nothing is said of how it is. */
export type Health = 'gone' | 'down' | 'short' | 'full' | 'off' | 'unknown'

export function healthOf({ missed, replicas, ready }: Pick<Workload, 'missed' | 'replicas' | 'ready'>): Health {
  if (missed) return 'gone'
  if (replicas === null || ready === null) return 'unknown'
  if (replicas === 0) return 'off'
  if (ready === 0) return 'down'
  return ready < replicas ? 'short' : 'full'
}

export const healthMark: Record<Health, string> = {
  gone: '?',
  down: '✗',
  short: '▲',
  full: '✓',
  off: '–',
  unknown: '?',
}

/** Why its autoscaler matters now, or an empty text. */
export function scalerSays({ autoscaler }: Pick<Workload, 'autoscaler'>): string {
  if (!autoscaler) return ''
  const { max, current, desired } = autoscaler
  if (current >= max) return 'at its maximum'
  return desired > current ? `wants ${desired}` : ''
}

/** What a quota leaves of one resource. */
export interface Room {
  resource: string
  hard: number
  used: number
  left: number
}

export interface Quotas {
  namespace: string
  room: Room[]
  /** Quotas that count some pods only: whether they count these cannot be told. */
  scoped: number
  at: string
}

/** What the quotas of each namespace leave, the tightest first; several of one resource: the one that leaves least. */
export function quotasOf(namespaces: readonly Observation[]): Map<string, Quotas> {
  return new Map(
    namespaces.map(({ target, value, at }) => {
      const namespace = target.replace(/^namespace:/, '')
      const quotas = bags(value['quotas'])
      const least = new Map<string, Room>()
      for (const quota of quotas.filter(({ scoped }) => scoped !== true))
        for (const limit of bags(quota['limits'])) {
          const [resource, hard, used] = [text(limit['resource']), number(limit['hard']), number(limit['used'])]
          if (resource === null || hard === null || used === null) continue
          const left = hard - used
          if (left < (least.get(resource)?.left ?? Infinity)) least.set(resource, { resource, hard, used, left })
        }
      const room = [...least.values()].sort((a, b) => share(a) - share(b) || a.resource.localeCompare(b.resource))
      return [namespace, { namespace, room, scoped: quotas.filter(({ scoped }) => scoped === true).length, at }]
    }),
  )
}

const share = ({ left, hard }: Room): number => (hard === 0 ? 0 : left / hard)

/** `pods 2 of 10 left`. CPU is counted in millis and memory in bytes, as the worker wrote them. */
export function roomSays({ resource, hard, left }: Room): string {
  const [has, of] = [amount(resource, left), amount(resource, hard)]
  return left < 0 ? `${resource} ${amount(resource, -left)} over its ${of}` : `${resource} ${has} of ${of} left`
}

function amount(resource: string, value: number): string {
  if (/cpu$/.test(resource)) return `${value / 1_000}`
  if (/(memory|storage)$/.test(resource)) {
    const gi = value / 2 ** 30
    return gi >= 1 ? `${Math.round(gi * 10) / 10} GiB` : `${Math.round(value / 2 ** 20)} MiB`
  }
  return String(value)
}
