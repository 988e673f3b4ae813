import { safe } from '../bundle/safe.js'
import type { Evidence, Exceptions, PackScope } from './evidence.js'
import type { ToldPack } from './pack.js'

/** A control pack for reading and for print: no script, nothing loaded, every text of an entry escaped. */
export function packPage({ pack, scope, entries, first, last, evidence }: ToldPack): string {
  const exceptions = distinct(evidence)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${safe(pack.title)}: evidence from ${safe(scope.origin)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="over">Control evidence, from the audit log alone</p>
<h1>${safe(pack.title)}</h1>
<p class="lead">${safe(CLASS[scope.completeness])} For each control: which entries bear witness, how many there are, a few of them to look up,
and what does not fit. Whether a control is met is for an assessor to say; this page does not.</p>
<dl class="cover">
<div><dt>Log</dt><dd>${safe(scope.origin)}</dd></div>
<div><dt>Entries looked at</dt><dd>${number(entries)} of ${number(scope.size)} <span class="class">${scope.completeness}</span></dd></div>
<div><dt>From</dt><dd>${moment(first)}</dd></div>
<div><dt>To</dt><dd>${moment(last)}</dd></div>
${asked(scope)}<div class="wide"><dt>Root hash at ${number(scope.size)}</dt><dd><code>${scope.root}</code></dd></div>
</dl>
</header>
<main>
<h2>At a glance</h2>
<table class="glance">
<thead><tr><th>control</th><th>title</th><th class="n">entries</th><th class="n">exceptions</th><th class="last">the log alone shows it</th></tr></thead>
<tbody>
${evidence.map(glance).join('')}</tbody>
</table>
<p class="small">${counted(evidence.length, 'control')}, ${counted(exceptions, 'exception')} of ${counted(kinds(evidence), 'kind')}. One exception may
stand under several controls and is counted once here. An exception is something to ask about, not a verdict.${skipped(evidence) ? ' * Some kinds were not looked for, because entries that are not here could explain them.' : ''}</p>
${evidence.map(section).join('')}</main>
<footer>
<p>The number of an entry is its index in the log, from 0. <code>audit-check</code> makes this page again from the entries beside it and
compares every byte. ${safe(pack.source)} Pack ${safe(pack.name)}, version ${pack.version}.</p>
</footer>
</body>
</html>
`
}

const CLASS: Record<PackScope['completeness'], string> = {
  FULL: 'Made of every entry of the log up to its signed checkpoint.',
  STREAM: 'Made of whole streams that were asked for, not of the whole log.',
  SELECTED: 'Made of a selection of entries: nothing is said of those that were not selected.',
}

/** What was asked for, in the requester’s own terms. */
function asked({ filter }: PackScope): string {
  const fields = Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1))
  if (fields.length === 0) return ''
  const rows = fields.map(([name, value]) => `${name}: ${words(value)}`).join('; ')
  return `<div class="wide"><dt>Asked for</dt><dd>${safe(rows)}</dd></div>\n`
}

const words = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(words).join(', ')
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, inner]) => `${name} ${words(inner)}`)
          .join(' ')
      : String(value)

const anchor = (id: string) =>
  id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '')

function glance({ control, count, exceptions }: Evidence): string {
  const found = exceptions.reduce((sum, kind) => sum + kind.count, 0)
  const cells = [
    `<td>${safe(control.title)}</td>`,
    `<td class="n${count > 0 ? '' : ' nil'}">${count > 0 ? number(count) : 'none'}</td>`,
    `<td class="n${found > 0 ? ' some' : ''}">${number(found)}${exceptions.some(({ looked }) => !looked) ? '*' : ''}</td>`,
    `<td class="last">${count === 0 ? 'not yet' : control.beside === null ? 'yes' : 'in part'}</td>`,
  ]
  return `<tr><th scope="row"><a href="#${anchor(control.id)}">${safe(control.id)}</a></th>${cells.join('')}</tr>\n`
}

function section({ control, count, exceptions, first, last, query, sample }: Evidence): string {
  const rows = sample
    .map(
      ({ about, by, index, ts, type }) =>
        `<tr>${[`${index}`, ts, type, about, by].map((cell, i) => `<td${i === 0 ? ' class="n"' : ''}>${safe(cell)}</td>`).join('')}</tr>\n`,
    )
    .join('')
  return `<section id="${anchor(control.id)}">
<h2><span class="id">${safe(control.id)}</span> ${safe(control.title)}</h2>
<p class="asks">${safe(control.asks)}</p>
<p><b>${counted(count, 'entry', 'entries')}</b>${count > 0 ? `, from ${moment(first)} to ${moment(last)}` : ': nothing in the log bears witness'}.</p>
<p class="query">Looked for: ${safe(query)}</p>
${exceptions.map(exception).join('')}${
    count > 0
      ? `<details open><summary>${sample.length} of them, evenly spread</summary>
<table><thead><tr><th class="n">index</th><th>time (UTC)</th><th>type</th><th>about</th><th>by</th></tr></thead>
<tbody>
${rows}</tbody></table></details>
`
      : ''
  }${control.beside === null ? '' : `<p class="beside"><b>The log alone does not show all of it.</b> ${safe(control.beside)}</p>\n`}</section>
`
}

function exception({ count, looked, says, shown }: Exceptions): string {
  if (!looked) return `<p class="none">Not looked for in a part of the log: ${safe(says)}.</p>\n`
  if (count === 0) return `<p class="none">None found: ${safe(says)}.</p>\n`
  const rows = shown
    .map(({ index, sentence }) => `<li><span class="n">${index}</span> ${safe(sentence)}</li>\n`)
    .join('')
  const rest =
    count > shown.length
      ? `<p class="small">${number(count - shown.length)} more of this kind; the first ${shown.length} are shown.</p>\n`
      : ''
  return `<div class="found"><p><b>${number(count)} found:</b> ${safe(says)}.</p>
<ul>
${rows}</ul>
${rest}</div>
`
}

/** Grouped by hand: what a locale makes of a number depends on the machine, and this page is compared byte for byte. */
const number = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',')
const counted = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`
const moment = (ts: string): string =>
  ts === '' ? 'no entry' : `<time>${safe(ts.slice(0, 10))} ${safe(ts.slice(11, 19))} UTC</time>`

const skipped = (evidence: readonly Evidence[]): boolean =>
  evidence.some(({ exceptions }) => exceptions.some(({ looked }) => !looked))

/** Exceptions of kinds that several controls ask about are the same ones. */
function distinct(evidence: readonly Evidence[]): number {
  const counts = new Map(evidence.flatMap(({ exceptions }) => exceptions).map(({ says, count }) => [says, count]))
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
const kinds = (evidence: readonly Evidence[]): number =>
  new Set(evidence.flatMap(({ exceptions }) => exceptions.filter(({ count }) => count > 0).map(({ says }) => says)))
    .size

const STYLE = `
:root { color-scheme: light; --ink: #1d2327; --soft: #5b666d; --line: #dfe4e6; --wash: #f5f7f7; --accent: #23605b; --warn: #8a4b0f; --warn-wash: #fbf4ea }
* { box-sizing: border-box }
body { font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink); background: #fff; margin: 0 auto; max-width: 60rem; padding: 3.5rem 1.5rem 4rem }
h1 { font-size: 2rem; line-height: 1.2; font-weight: 620; letter-spacing: -.015em; margin: .1rem 0 .8rem }
h2 { font-size: 1.15rem; line-height: 1.35; font-weight: 620; margin: 0 0 .4rem }
p { margin: .35rem 0 }
.over { color: var(--accent); font-weight: 600; font-size: 13px; margin: 0 }
.lead { max-width: 44rem; color: var(--soft) }
.cover { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1rem 1.5rem; margin: 1.8rem 0 2.6rem; padding: 1.1rem 1.3rem; background: var(--wash); border-radius: 8px }
.cover div { min-width: 0 } .cover .wide { grid-column: 1 / -1 }
dt, .small, .none, .query { color: var(--soft); font-size: 13px }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
.class { font-size: 11px; font-weight: 600; letter-spacing: .04em; color: var(--accent); border: 1px solid; border-radius: 4px; padding: 0 .35em; margin-left: .3em }
code { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace }
table { border-collapse: collapse; width: 100%; font-size: 13px; margin: .5rem 0 }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); font-weight: 400; overflow-wrap: anywhere }
thead th { color: var(--soft); font-size: 12px } tbody th { white-space: nowrap; font-weight: 600 }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } .some { color: var(--warn); font-weight: 600 } .nil { color: var(--soft) } .last { padding-left: 1.6rem }
section { padding: 1.6rem 0 1.4rem; border-top: 1px solid var(--line) } section .id { color: var(--accent); margin-right: .4em }
h2 + .glance { margin-bottom: .4rem } .glance + .small { margin-bottom: 2.2rem }
.asks { max-width: 44rem } .query { overflow-wrap: anywhere }
.found { background: var(--warn-wash); border-radius: 8px; padding: .6rem 1rem .5rem; margin: .7rem 0 } .found b { color: var(--warn) }
ul { list-style: none; margin: .3rem 0; padding: 0; font-size: 13.5px } li { display: flex; gap: .9em; padding: 2px 0; overflow-wrap: anywhere } li .n { min-width: 4.5em; color: var(--soft) }
details { margin: .7rem 0 } summary { font-size: 13px; color: var(--soft); cursor: default }
.beside { background: var(--wash); border-radius: 8px; padding: .6rem 1rem; font-size: 13.5px }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px }
footer { border-top: 1px solid var(--line); padding-top: 1rem; color: var(--soft); font-size: 13px }
@media (max-width: 44rem) { .cover { grid-template-columns: 1fr 1fr } body { padding-top: 1.5rem } }
@page { margin: 18mm 16mm }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt } tr, li, .found p, .cover { break-inside: avoid } h2, summary { break-after: avoid } .cover, .found, .beside { print-color-adjust: exact } a { text-decoration: none } }
`
