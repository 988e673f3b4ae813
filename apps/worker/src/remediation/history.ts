import type { JsonObject } from '@firebreak/kit'

/*
 * What is written down of a target over what was written before: what changed of it, and when.
 */

/** How many changes are remembered, the newest. */
const MOST_CHANGES = 20

/** One difference between two looks: what of it, and from what to what. */
export type Difference = { what: string; from: string | number; to: string | number }

/** Those of the fields that both looks know and that differ, by the words of a sentence. */
export const differing = (fields: readonly [what: string, from: unknown, to: unknown][]): Difference[] =>
  fields.flatMap(([what, from, to]) => (told(from) && told(to) && from !== to ? [{ what, from, to }] : []))
const told = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'

/**
 * A target as it is written down over what was written before: since when it is watched, what changed last and before that
 * (the newest 20, newest first). A change happened between two looks: `after` is when it was seen as it had been, `at` when
 * it was seen as it became. Times are RFC 3339.
 */
export function withHistory(
  before: { value: JsonObject; at: string } | undefined,
  value: JsonObject,
  at: string,
  differences: (was: JsonObject, is: JsonObject) => Difference[],
) {
  const was = before?.value ?? value
  const what = differences(was, value)
  const says = what.map(({ what, from, to }) => `${what} ${from} → ${to}`).join(', ')
  const older = Array.isArray(was['changes']) ? was['changes'] : was['last_change'] ? [was['last_change']] : []
  const change = { at, after: before?.at ?? at, says, what }
  const changes = (says === '' ? older : [change, ...older]).slice(0, MOST_CHANGES)
  const last = changes[0] as typeof change | undefined
  return {
    ...value,
    watched_since: was['watched_since'] ?? before?.at ?? at,
    last_change: last ? { at: last.at, after: last.after, says: last.says } : null,
    changes,
  }
}
