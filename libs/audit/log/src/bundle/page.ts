import { hex } from '../bytes.js'
import type { Checkpoint } from '../checkpoint.js'
import type { EntryBody } from '../entry.js'
import { filterText, type Completeness, type ExportFilter } from './filter.js'
import { safe } from './safe.js'

/** How many entries the page shows: enough to read, and not so many that a browser gives up. */
const ROWS = 5000
/** And how many characters of them: entries may be long, and a page that fills memory is read by nobody. */
const LENGTH = 4_000_000

/** Which part of the log the page shows. */
export interface Shown {
  completeness: Completeness
  filter: ExportFilter
  streams: readonly { stream: string; count: number }[]
}

export const EVERYTHING: Shown = { completeness: 'FULL', filter: {}, streams: [] }

/** What a reader may conclude from the page, and what not. */
const CLAIM: Record<Completeness, (log: string) => string> = {
  FULL: (log) => `Every entry of ${log} from the first up to the signed checkpoint.`,
  STREAM: (log) => `Whole stories out of ${log}: every entry of the streams below, as many as the log itself counted.`,
  SELECTED: (log) =>
    `Entries out of ${log} that were asked for. They stand in the log; nothing is said of those that are not here.`,
}

/**
 * `report.html`: the log for a reader. It follows from checkpoint and entries alone, to the byte, so that the checker can
 * make it again: a page that says something else than the entries is found.
 */
export class Page {
  readonly #checkpoint: Checkpoint
  readonly #shown: Shown
  readonly #types = new Map<string, number>()
  #rows = ''
  #seen = 0
  #listed = 0
  #first = ''
  #last = ''

  constructor(checkpoint: Checkpoint, shown: Shown = EVERYTHING) {
    this.#checkpoint = checkpoint
    this.#shown = shown
  }

  /** The entries in their order, each with its index in the log. */
  add(entry: EntryBody, index: number): void {
    const { type, ts } = entry
    this.#types.set(type, (this.#types.get(type) ?? 0) + 1)
    if (this.#first === '' || ts < this.#first) this.#first = ts
    if (ts > this.#last) this.#last = ts
    this.#seen++
    if (this.#listed === ROWS || this.#rows.length >= LENGTH) return
    this.#rows += row(index, entry)
    this.#listed++
  }

  html(): string {
    const { origin, size, root } = this.#checkpoint
    const { completeness, filter, streams } = this.#shown
    const types = [...this.#types].sort(([a], [b]) => (a < b ? -1 : 1))
    const shown = this.#listed
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit log ${safe(origin)}, ${this.#seen} of ${size} entries</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse; width: 100%; font-size: 13px }
th, td { border-bottom: 1px solid #ddd; padding: 4px 8px; text-align: left; vertical-align: top; overflow-wrap: anywhere }
td:first-child, .n { font-variant-numeric: tabular-nums; white-space: nowrap }
code { font-size: 13px }
@media print { body { margin: 0; max-width: none } }
</style>
</head>
<body>
<h1>Audit log</h1>
<p>${CLAIM[completeness](`<code>${safe(origin)}</code>`)} This page is a view for reading.
What counts are the files beside it: check them with <code>audit-check &lt;bundle&gt; --policy &lt;file&gt;</code> and a log policy
that you did not get from whoever gave you this bundle. The check makes this page again and compares it.</p>
<table>
<tr><th>log</th><td>${safe(origin)}</td></tr>
<tr><th>completeness</th><td>${completeness}</td></tr>
<tr><th>asked for</th><td>${completeness === 'FULL' ? 'everything' : `<code>${safe(filterText(filter))}</code>`}</td></tr>
<tr><th>entries here</th><td>${this.#seen}</td></tr>
<tr><th>entries in the log</th><td>${size}</td></tr>
<tr><th>root hash</th><td><code>${hex(root)}</code></td></tr>
<tr><th>earliest entry</th><td>${safe(this.#first)}</td></tr>
<tr><th>latest entry</th><td>${safe(this.#last)}</td></tr>
</table>
${streams.length === 0 ? '' : streamTable(streams)}<h2>What happened, by type</h2>
<table>
<tr><th>type</th><th>entries</th></tr>
${types.map(([type, n]) => `<tr><td>${safe(type)}</td><td class="n">${n}</td></tr>\n`).join('')}</table>
<h2>Entries</h2>
<p>${shown} of ${this.#seen} shown${shown < this.#seen ? '; all are in entries.ndjson' : ''}. The number is the index in the log, from 0.</p>
<table>
<tr><th>index</th><th>time (UTC)</th><th>type</th><th>about</th><th>who</th><th>target</th><th>outcome</th><th>reason</th></tr>
${this.#rows}</table>
</body>
</html>
`
  }
}

const streamTable = (streams: Shown['streams']) => `<h2>Streams, as the log counted them</h2>
<table>
<tr><th>stream</th><th>entries</th></tr>
${streams.map(({ stream, count }) => `<tr><td>${safe(stream)}</td><td class="n">${count}</td></tr>\n`).join('')}</table>
`

function row(index: number, { actor, about, outcome, reason, target, ts, type }: EntryBody): string {
  const cells = [ts, type, about, `${actor.kind} ${actor.id}`, target ?? '', outcome ?? '', reason ?? '']
  return `<tr><td>${index}</td>${cells.map((cell) => `<td>${safe(cell)}</td>`).join('')}</tr>\n`
}
