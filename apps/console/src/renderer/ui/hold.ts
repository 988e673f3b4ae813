/** One row of a list that lives. `left`: what was asked for does not hold it any more; its place does, until the next look. */
export interface Row<T> {
  item: T
  left: boolean
}

export interface Held<T> {
  /** How many rows there are. */
  count: number
  /** The row at a place, from 0. Made when it is asked for: of a hundred thousand, forty are drawn. */
  row(at: number): Row<T>
  /** What has come since the order was made, and waits. */
  arrivals: T[]
}

/**
 * Rows stay where they are while somebody may be pointing at them: what is known changes in place, what is new waits,
 * what is gone keeps its place. An empty list has nothing to move, and takes whatever comes.
 */
export function hold<T extends { id: string }>(
  shown: readonly T[] | null,
  fresh: readonly T[],
  /** The ids of what is shown, for who has them already. */
  known: ReadonlySet<string> = idsOf(shown ?? []),
): Held<T> {
  if (shown === null || shown.length === 0)
    return { count: fresh.length, row: (at) => ({ item: fresh[at]!, left: false }), arrivals: [] }
  const now = new Map(fresh.map((item) => [item.id, item]))
  return {
    count: shown.length,
    row: (at) => {
      const before = shown[at]!
      return { item: now.get(before.id) ?? before, left: !now.has(before.id) }
    },
    arrivals: fresh.filter(({ id }) => !known.has(id)),
  }
}

/**
 * Of a list that comes in pages: what is behind the last row that is shown. That is the next page, which was asked for, and
 * moves nothing.
 */
export function behind<T extends { id: string }>(fresh: readonly T[], known: ReadonlySet<string>): readonly T[] {
  const last = fresh.findLastIndex(({ id }) => known.has(id))
  return last < 0 ? [] : fresh.slice(last + 1)
}

export const idsOf = (items: readonly { id: string }[]): ReadonlySet<string> => new Set(items.map(({ id }) => id))
