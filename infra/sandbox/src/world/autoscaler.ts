/** Where an autoscaler holds the utilisation; within a tenth of it, it does nothing (Kubernetes' own tolerance). */
export const TARGET_UTILISATION = 0.7
const TOLERANCE = 0.1

/** How long a lower wish must have been the highest before replicas are taken away. Milliseconds. */
export const STABILISATION_MS = 30_000

/** Replicas that the load asks for, before bounds. `utilisation` is of the ready replicas. */
export function wish(replicas: number, utilisation: number): number {
  const ratio = Math.min(utilisation, 4) / TARGET_UTILISATION
  return Math.abs(ratio - 1) <= TOLERANCE ? replicas : Math.ceil(replicas * ratio)
}

/** A wish within bounds, and never below what was wished for in the stabilisation window. */
export function decide(
  wishes: readonly { at: number; replicas: number }[],
  { min, max }: { min: number; max: number },
  now: number,
): number {
  const recent = wishes.filter(({ at }) => now - at <= STABILISATION_MS).map(({ replicas }) => replicas)
  return Math.min(Math.max(...recent, min), max)
}
