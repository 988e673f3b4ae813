import type { EntryBody } from '../entry.js'

/*
 * What the detail of an entry says by name. A log outlives its versions: each field may be missing, and one of another
 * form counts as missing.
 */

const said = ({ detail }: EntryBody, name: string): unknown =>
  detail !== undefined && Object.hasOwn(detail, name) ? (detail as Record<string, unknown>)[name] : undefined

export function text(entry: EntryBody, name: string): string | undefined {
  const value = said(entry, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function whole(entry: EntryBody, name: string): number | undefined {
  const value = said(entry, name)
  return typeof value === 'number' ? value : undefined
}
