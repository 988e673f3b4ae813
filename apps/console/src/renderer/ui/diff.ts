/** One field of a target: what it is before the step and after it. `null` on a side: it is not there. */
export interface DiffRow {
  field: string
  from: string | null
  to: string | null
  changes: boolean
}

/**
 * Before and after as rows of fields, nested ones by their path (`limits.cpu`), what changes first. Lists are compared
 * whole: the order of a list is part of its value.
 */
export function diff(before: Record<string, unknown>, after: Record<string, unknown>): DiffRow[] {
  const [from, to] = [leaves(before), leaves(after)]
  const fields = [...new Set([...from.keys(), ...to.keys()])]
  return fields
    .map((field) => {
      const row = { field, from: from.get(field) ?? null, to: to.get(field) ?? null }
      return { ...row, changes: row.from !== row.to }
    })
    .sort((a, b) => Number(b.changes) - Number(a.changes))
}

/** Every leaf of a value by its path, as it is written in JSON; texts without quotes. */
export function leaves(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  const nested = value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : []
  if (nested.length === 0) {
    if (path !== '') into.set(path, typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined'))
    return into
  }
  for (const [key, inner] of nested) leaves(inner, path === '' ? key : `${path}.${key}`, into)
  return into
}

/** Behind these a long value may go on in the next line; behind a dot only before a letter, for a number is one piece. */
// What follows is looked at first: looking back from each of a hundred thousand dashes would stop the page.
const SEPARATOR = /(?=[^\s/:,@=_-])(?<=[^\s/:,@=_-][/:,@=_-]+)|(?<=\w\.)(?=[a-z])/iu

/** A value in the pieces between which a line may end: paths, images and ids by what separates their parts. */
export const pieces = (text: string): string[] => text.split(SEPARATOR)

/** Letters of a piece that a column is never narrower than. A longer one (a digest) ends a line wherever it has to. */
const SHORT = 20

/** Whether a piece may be broken inside a word to keep its column narrow. */
export const isLong = (piece: string): boolean => piece.split(/\s/).some((word) => word.length > SHORT)
