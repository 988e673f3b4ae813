/** One row of a list that lives. `left`: what was asked for does not hold it any more; its place does, until the next look. */
export interface Row<T> {
  item: T
  left: boolean
}

export interface Held<T> {
  rows: Row<T>[]
  /** What has come since the order was made, and waits. */
  arrivals: T[]
}

/**
 * Rows stay where they are while somebody may be pointing at them: what is known changes in place, what is new waits,
 * what is gone keeps its place. An empty list has nothing to move, and takes whatever comes.
 */
export function hold<T extends { id: string }>(shown: readonly T[] | null, fresh: readonly T[]): Held<T> {
  if (shown === null || shown.length === 0) return { rows: fresh.map((item) => ({ item, left: false })), arrivals: [] }
  const now = new Map(fresh.map((item) => [item.id, item]))
  const known = new Set(shown.map(({ id }) => id))
  return {
    rows: shown.map((before) => ({ item: now.get(before.id) ?? before, left: !now.has(before.id) })),
    arrivals: fresh.filter(({ id }) => !known.has(id)),
  }
}
