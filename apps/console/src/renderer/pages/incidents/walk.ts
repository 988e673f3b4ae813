import { storeOf, useStore } from '../../ui/store.js'

/** The list that one came from, by its ids in the order in which it was seen; empty for who came by a link. */
const list = storeOf<readonly string[]>([])

/** A list of incidents says what it shows, so that a room knows what is before and behind it. */
export const seenInOrder = (ids: readonly string[]): void => list.set(ids)

/** What is before and behind an incident, and the how manieth it is. Null where it is in no list that was seen. */
export function neighbours(
  ids: readonly string[],
  id: string,
): { before: string | null; behind: string | null; at: number; of: number } | null {
  const at = ids.indexOf(id)
  if (at < 0) return null
  return { before: ids[at - 1] ?? null, behind: ids[at + 1] ?? null, at: at + 1, of: ids.length }
}

/** Where it stands in the list that one came from. */
export const useSeen = (id: string) => neighbours(useStore(list), id)
