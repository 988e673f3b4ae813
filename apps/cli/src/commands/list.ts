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
