import type { EntryBody } from '../entry.js'
import type { EntryType } from '../types.js'

/** Which entries a control looks at, as data: it can be printed, and an auditor can ask the same of `entries.ndjson`. */
export interface Query {
  types: readonly EntryType[] | 'every'
  /** All of them have to hold. */
  where?: readonly Condition[]
}

/** What stands at a place of an entry, given as a JSON pointer. */
export interface Condition {
  at: string
  is: string | number | boolean
}

export const wants = ({ types }: Pick<Query, 'types'>, type: string): boolean =>
  types === 'every' || types.includes(type as EntryType)

/** Whether an entry of a wanted type is wanted. */
export const holds = ({ where = [] }: Query, entry: EntryBody): boolean =>
  where.every(({ at, is }) => valueAt(entry, at) === is)

/** The query as a person says it. */
export function inWords({ types, where = [] }: Query): string {
  const of = types === 'every' ? 'every entry' : `entries of type ${listed(types)}`
  return [of, ...where.map(({ at, is }) => `${at} is ${String(is)}`)].join(where.length > 0 ? ', where ' : '')
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? 'none') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

function valueAt(entry: EntryBody, pointer: string): unknown {
  let value: unknown = entry
  for (const step of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value
}
