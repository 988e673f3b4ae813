import { columnsOf, cut, printable } from './printable.js'

/** What a cell says, and in which colour; plain text is printed as it is. */
export type Cell = string | number | null | undefined | { text: string; colour: Colour }
export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'
export type Paint = (colour: Colour, text: string) => string

const GAP = 2
const NARROWEST = 6

/**
 * Rows under their titles, as wide as they need to be and no wider than `width`: then the widest column gives way first,
 * and what is cut shows it by `…`. All text is made printable here.
 *
 * @param width columns; Infinity where the output is no terminal, and then nothing is cut
 */
export function table(
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paint: Paint,
): string[] {
  const texts = rows.map((row) => row.map((cell) => printable(textOf(cell))))
  const widths = titles.map((title, at) => Math.max(columnsOf(title), ...texts.map((row) => columnsOf(row[at] ?? ''))))
  const total = () => widths.reduce((sum, one) => sum + one, GAP * (widths.length - 1))
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths))
    if (widths[widest]! <= NARROWEST) break
    widths[widest]! -= 1
  }
  const line = (cells: readonly string[], painted: (at: number, text: string) => string) =>
    cells
      .map((text, at) => {
        const shown = cut(text, widths[at]!)
        const last = at === cells.length - 1
        return painted(at, shown) + (last ? '' : ' '.repeat(widths[at]! - columnsOf(shown) + GAP))
      })
      .join('')
      .trimEnd()
  return [
    line(titles, (_, text) => paint('dim', text)),
    ...texts.map((row, number) =>
      line(row, (at, text) => {
        const cell = rows[number]![at]
        return typeof cell === 'object' && cell !== null ? paint(cell.colour, text) : text
      }),
    ),
  ]
}

const textOf = (cell: Cell): string =>
  cell === null || cell === undefined ? '–' : typeof cell === 'object' ? cell.text : String(cell)
