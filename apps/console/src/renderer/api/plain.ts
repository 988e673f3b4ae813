/*
 * What others wrote reaches the pages with nothing hidden in it: a character that shows nothing, or turns around what stands
 * after it, is written out (`⟨U+202E⟩`). It is done here, once, so that no page has to think of it. What a page sends back
 * with such a name in it is then not that name, and is refused: better than a name that is not what it looks like.
 */

/** Controls but tab and new line, what formats or directs text, halves of characters, and spaces that are none. */
const HIDDEN = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu
/** Whatever is not printed by a typewriter. Nearly every text has nothing of it, and looking for this is a third of the work. */
const ODD = /[^\t\n\r\x20-\x7e]/

const hides = (text: string): boolean => ODD.test(text) && text.search(HIDDEN) >= 0

/** A character by its place in Unicode: `U+202E`. */
export const codeOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

/** The same text, with what it hides written out. */
export const shownWhole = (text: string): string =>
  hides(text) ? text.replace(HIDDEN, (one) => `⟨${codeOf(one)}⟩`) : text

/**
 * An answer of the API as pages may show it: every text and every name in it, however deep. What hides nothing is the same
 * object: a page of a thousand incidents is looked through, and not made again.
 */
export function plain(value: unknown): unknown {
  if (isPlain(value)) return value
  if (typeof value === 'string') return shownWhole(value)
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [shownWhole(name), plain(inner)]))
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return !hides(value)
  if (Array.isArray(value)) return value.every(isPlain)
  if (value === null || typeof value !== 'object') return true
  return Object.keys(value).every((name) => !hides(name) && isPlain((value as Record<string, unknown>)[name]))
}
