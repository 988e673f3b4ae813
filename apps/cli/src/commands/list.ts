import { EXIT } from '../exits.js'
import type { Output } from '../terminal/output.js'
import type { Cell } from '../terminal/table.js'

/** A list: a table for people, one line an item for programs, as they come. */
export async function list<Item>(
  out: Output,
  found: AsyncIterable<Item>,
  titles: readonly string[],
  row: (item: Item) => readonly Cell[],
  none: string,
): Promise<number> {
  const rows: (readonly Cell[])[] = []
  for await (const item of found) out.item(item, () => void rows.push(row(item)))
  if (!out.json) out.rows(titles, rows, none)
  return EXIT.ok
}

/** Of what a list, or an export, is narrowed down to, that which was said; the words were checked by the parser, the API says the rest. */
export const given = <Query extends object>(query: Query) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Query]?: never
  }
