import { styleText } from 'node:util'
import { columnsOf, printable, printableJson, printableLines, wrap } from './printable.js'
import { table, type Cell, type Colour, type Paint } from './table.js'

/** Where words go. `columns` is undefined where nobody looks at a terminal. */
export interface Stream {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
}

const NARROW = 40

/**
 * What a command says. Results go to stdout, once: for people, or with `--json` as one document, or one line an item where
 * there are many. Progress, warnings and errors go to stderr, so that what is piped on is the result alone.
 */
export class Output {
  readonly paint: Paint
  readonly width: number

  constructor(
    private readonly out: Stream,
    private readonly err: Stream,
    readonly json: boolean,
    env: NodeJS.ProcessEnv = {},
  ) {
    const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0'
    const coloured = !env['NO_COLOR'] && (forced || (out.isTTY === true && env['TERM'] !== 'dumb'))
    this.paint = (colour, text) => (coloured ? styleText(colour, text, { validateStream: false }) : text)
    this.width = out.isTTY ? Math.max(NARROW, out.columns || 80) : Infinity
  }

  /** One thing: the document, or what people read of it. */
  thing(value: unknown, forPeople: () => void): void {
    if (this.json) this.out.write(`${printableJson(value, 2)}\n`)
    else forPeople()
  }

  /** One of many, as it comes. */
  item(value: unknown, forPeople: () => void): void {
    if (this.json) this.out.write(`${printableJson(value)}\n`)
    else forPeople()
  }

  line(...cells: readonly (string | { text: string; colour: Colour })[]): void {
    const shown = cells.map((cell) =>
      typeof cell === 'string' ? printable(cell) : this.paint(cell.colour, printable(cell.text)),
    )
    this.out.write(`${shown.join(' ').trimEnd()}\n`)
  }

  heading(text: string): void {
    this.out.write(`\n${this.paint('bold', printable(text))}\n`)
  }

  /** What is there, or the sentence that there is nothing. */
  rows(titles: readonly string[], rows: readonly (readonly Cell[])[], none: string): void {
    if (rows.length === 0) return this.line({ text: none, colour: 'dim' })
    for (const line of table(titles, rows, this.width, this.paint)) this.out.write(`${line}\n`)
  }

  /** Names and what they are, one a line; what is undefined or empty is left out, and what is long goes on below itself. */
  fields(fields: readonly (readonly [string, Cell])[]): void {
    const shown = fields.filter(([, value]) => value !== undefined && value !== '')
    const indent = Math.max(0, ...shown.map(([name]) => columnsOf(name))) + 2
    for (const [name, value] of shown) {
      const { text, colour } =
        typeof value === 'object' && value !== null ? value : { text: String(value ?? '–'), colour: undefined }
      const lines = printableLines(text).flatMap((line) => wrap(line, this.width - indent))
      lines.forEach((line, at) => {
        const label = at === 0 ? this.paint('dim', name) + ' '.repeat(indent - columnsOf(name)) : ' '.repeat(indent)
        this.out.write(`${label}${colour ? this.paint(colour, line) : line}`.trimEnd() + '\n')
      })
    }
  }

  /** Raw text that is ours or meant for a program: a completion script, a checkpoint. */
  raw(text: string): void {
    this.out.write(text)
  }

  /** To stderr: how far it has come, what to know. */
  say(text: string): void {
    this.err.write(`${printable(text)}\n`)
  }

  /** To stderr: why it ended as it did. */
  failed(text: string, machine: object): void {
    if (this.json) this.err.write(`${printableJson(machine)}\n`)
    else for (const line of printableLines(text)) this.err.write(`firebreak: ${line}\n`)
  }
}
