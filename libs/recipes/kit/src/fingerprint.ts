/*
 * Errors of the same kind say the same thing about different things. What differs (numbers, ids, paths, times) is taken
 * out, and what is left tells them apart.
 */

const MOST = 160

/** Each is replaced in this order: a path may hold an id, and an id holds numbers. */
const PLACES: readonly [RegExp, string][] = [
  // Words in quotes are names that somebody else has given.
  [/"[^"\n]{1,300}"|'[^'\n]{1,300}'/g, '‹name›'],
  [/\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s,;)\]}]+/gi, '‹path›'],
  [/(?<![\w/])(?:\.{0,2}\/)?[\w.@%+-]+(?:\/[\w.@%+-]+)+\/?/g, '‹path›'],
  [/(?<![\w/])\/[\w.@%+-]+/g, '‹path›'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '‹time›'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '‹id›'],
  // Letters and digits mixed, as ids are: eight and more.
  [/\b(?=\w*\d)(?=\w*[a-z])\w{8,}\b/gi, '‹id›'],
  [/\d+(?:\.\d+)?/g, '‹n›'],
]

/** What an error says, without what it says it of. The first line counts; at most 160 letters. */
export function fingerprint(error: string): string {
  const [line = ''] = error.trim().split('\n')
  const plain = PLACES.reduce((text, [place, word]) => text.replace(place, word), line.slice(0, 2_000))
  return plain.replace(/\s+/g, ' ').trim().slice(0, MOST) || 'nothing was said'
}
