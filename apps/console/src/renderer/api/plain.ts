/*
 * What others wrote reaches the pages with nothing hidden in it: a character that shows nothing, or turns around what stands
 * after it, is written out (`⟨U+202E⟩`). It is done here, once, so that no page has to think of it. What a page sends back
 * with such a name in it is then not that name, and is refused: better than a name that is not what it looks like.
 */

/** Controls but tab and new line, what formats or directs text, halves of characters, and spaces that are none. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu
const KEPT: ReadonlySet<string> = new Set(['\t', '\n', '\r'])

/** The same text, with what it hides written out. */
export const shownWhole = (text: string): string =>
  text.replace(HIDDEN, (hidden) =>
    KEPT.has(hidden) ? hidden : `⟨U+${hidden.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )

/** An answer of the API as pages may show it: every text and every name in it, however deep. */
export function plain(value: unknown): unknown {
  if (typeof value === 'string') return shownWhole(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [shownWhole(name), plain(inner)]))
}
