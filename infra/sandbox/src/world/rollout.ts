/** One ReplicaSet of a Deployment: how many pods it is asked for, has, and has that serve. */
export interface Generation {
  name: string
  wanted: number
  pods: number
  available: number
}

/** What a Deployment's controller sees. `current` is the ReplicaSet of the newest template; `old` oldest first. */
export interface Rollout {
  replicas: number
  /** How many pods there may be above `replicas`, and how many of `replicas` may be missing, on the way. */
  surge: number
  unavailable: number
  recreate: boolean
  paused: boolean
  current: Generation
  old: readonly Generation[]
}

/** A count, or a share of the replicas: surge rounds up and unavailability down, as in Kubernetes. */
export function bounds(
  replicas: number,
  { maxSurge = '25%', maxUnavailable = '25%' }: { maxSurge?: number | string; maxUnavailable?: number | string } = {},
): { surge: number; unavailable: number } {
  const share = (value: number | string, round: (value: number) => number) =>
    typeof value === 'number' ? value : round((Number.parseInt(value, 10) * replicas) / 100)
  const surge = share(maxSurge, Math.ceil)
  const unavailable = share(maxUnavailable, Math.floor)
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) }
}

/**
 * How many replicas each ReplicaSet is asked for next, by name; those that stay are left out. Never more than
 * `replicas + surge` in all, and never fewer available than `replicas - unavailable` by its own doing.
 */
export function rollOut({
  replicas,
  surge,
  unavailable,
  recreate,
  paused,
  current,
  old,
}: Rollout): Map<string, number> {
  const asked = new Map<string, number>()
  const active = old.filter(({ wanted, pods }) => wanted > 0 || pods > 0)
  if (active.length === 0) return ask(asked, current, replicas)
  // Paused in the middle: what there is stays, and what is asked for in all is kept.
  if (paused) return ask(asked, current, Math.max(0, replicas - sum(active.map(({ wanted }) => wanted))))
  if (recreate) {
    for (const one of active) ask(asked, one, 0)
    return active.every(({ pods }) => pods === 0) ? ask(asked, current, replicas) : asked
  }

  const total = current.wanted + sum(active.map(({ wanted }) => wanted))
  const room = Math.max(0, replicas + surge - total)
  const next = current.wanted > replicas ? replicas : Math.min(replicas, current.wanted + room)
  ask(asked, current, next)

  const least = replicas - unavailable
  const notServing = Math.max(0, current.wanted - current.available)
  let removable = Math.max(0, total - least - notServing)
  const left = new Map(active.map((one) => [one, one.wanted]))
  // What serves nobody goes first: that costs no availability.
  for (const one of active) {
    const idle = Math.min(removable, Math.max(0, one.wanted - one.available))
    left.set(one, one.wanted - idle)
    removable -= idle
  }
  let spare = Math.max(0, current.available + sum(active.map(({ available }) => available)) - least)
  for (const one of active) {
    const gone = Math.min(spare, removable, left.get(one)!)
    left.set(one, left.get(one)! - gone)
    spare -= gone
    removable -= gone
  }
  for (const [one, wanted] of left) ask(asked, one, wanted)
  return asked
}

function ask(asked: Map<string, number>, { name, wanted }: Generation, next: number): Map<string, number> {
  if (next !== wanted) asked.set(name, next)
  return asked
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
