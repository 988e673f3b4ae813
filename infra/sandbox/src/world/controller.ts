/** What a Deployment's controller sees when it looks. Names of pods, oldest first. */
export interface Sight {
  ready: readonly string[]
  pending: readonly string[]
  wanted: number
  /** How long ago a pod of this Deployment was made or became ready. Milliseconds. */
  sinceLastMoveMs: number
  /** How long a pod takes to become ready; they come one by one. `Infinity`: never. */
  readyAfterMs: number
}

/** What it does about it now. */
export interface Moves {
  create: number
  remove: string[]
  becomesReady?: string
}

/** One pass of the controller. Pods that serve nobody go first, then the youngest, as in Kubernetes. */
export function moves({ ready, pending, wanted, sinceLastMoveMs, readyAfterMs }: Sight): Moves {
  const surplus = ready.length + pending.length - wanted
  if (surplus > 0) {
    const leastUseful = [...pending.toReversed(), ...ready.toReversed()]
    return { create: 0, remove: leastUseful.slice(0, surplus) }
  }
  if (surplus < 0) return { create: -surplus, remove: [] }
  const next = pending[0]
  return next !== undefined && sinceLastMoveMs >= readyAfterMs
    ? { create: 0, remove: [], becomesReady: next }
    : { create: 0, remove: [] }
}
