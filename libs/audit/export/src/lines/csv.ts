import { text, canonical, type EntryBody, type JsonValue } from '@firebreak/audit-log'
import { parsed } from '../selection.js'
import type { LineFormat } from './format.js'

/**
 * A table for people who work in one: RFC 4180, UTF-8, CRLF. A view and no evidence: a cell that begins as a formula
 * begins with an apostrophe here, and the bytes that were hashed are elsewhere.
 */
export const csv: LineFormat = {
  head: () => row(COLUMNS.map(([name]) => name)),
  line: ({ body, position }) => {
    const entry = parsed(body)
    return row(COLUMNS.map(([, cell]) => cell(entry, position)))
  },
}

type Cell = string | number | undefined

const json = (value: unknown): Cell => (value === undefined ? undefined : text(canonical(value as JsonValue)))

const COLUMNS: readonly (readonly [name: string, cell: (entry: EntryBody, position: number) => Cell])[] = [
  ['position', (_, position) => position],
  ['entry_id', ({ entry_id }) => entry_id],
  ['time', ({ ts }) => ts],
  ['type', ({ type }) => type],
  ['stream', ({ stream }) => stream],
  ['stream_seq', ({ stream_seq }) => stream_seq],
  ['about', ({ about }) => about],
  ['actor_kind', ({ actor }) => actor.kind],
  ['actor', ({ actor }) => actor.id],
  ['actor_roles', ({ actor }) => actor.roles?.join(' ')],
  ['target', ({ target }) => target],
  ['outcome', ({ outcome }) => outcome],
  ['reason', ({ reason }) => reason],
  ['recipe', ({ recipe }) => recipe && `${recipe.id} ${recipe.version}`],
  ['plan_digest', ({ plan_digest }) => plan_digest],
  ['before', ({ before }) => json(before)],
  ['after', ({ after }) => json(after)],
  ['approvals', ({ approvals }) => json(approvals)],
  ['freeze', ({ freeze }) => json(freeze)],
  ['detail', ({ detail }) => json(detail)],
]

const row = (cells: readonly Cell[]) => `${cells.map((cell) => quoted(guarded(cell))).join(',')}\r\n`

/** What a spreadsheet would take for a formula, or read over to get to one. */
const guarded = (cell: Cell): string => {
  if (typeof cell === 'number') return `${cell}`
  return cell !== undefined && /^[=+\-@\t\r\n\0]/.test(cell) ? `'${cell}` : (cell ?? '')
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
