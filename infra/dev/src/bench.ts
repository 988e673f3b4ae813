import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { append } from './bench/append.js'
import { verdict, type Figure, type Subject } from './bench/figure.js'
import { firstStep } from './bench/first-step.js'
import { intake } from './bench/intake.js'
import { lists } from './bench/lists.js'
import { log } from './bench/log.js'
import { resume } from './bench/resume.js'
import { runs } from './bench/runs.js'
import { sandbox } from './bench/sandbox.js'
import { suites } from './bench/suites.js'
import { ROOT } from './root.js'

const SUBJECTS: readonly Subject[] = [sandbox, append, log, intake, lists, runs, resume, firstStep, suites]

const USAGE = `npm run bench -- [--small] [subject …]
Measures the figures of the design beside their baselines. Subjects: ${SUBJECTS.map(({ name }) => name).join(', ')}; "audit" takes both
that begin with it. --small: a twentieth of the sizes, for a quick look.`

const print = (line = '') => void process.stdout.write(`${line}\n`)
const began = performance.now()
const clock = () => `${((performance.now() - began) / 1_000).toFixed(1)} s`.padStart(8)

interface Measured extends Figure {
  subject: string
  verdict: ReturnType<typeof verdict>
  /** Of the machine, over the last minute, when the subject had been measured: others may have had a share in it. */
  load: number
}

/**
 * `npm run bench`: one table, and `bench/latest.json`. A ratio or a count that misses is a failure (exit 1); an absolute
 * figure that misses is `short`: it speaks of the machine as well.
 */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { small: { type: 'boolean', default: false }, help: { type: 'boolean' } },
  })
  const chosen = SUBJECTS.filter(
    ({ name }) => positionals.length === 0 || positionals.some((one) => name === one || name.startsWith(`${one}-`)),
  )
  if (values.help || chosen.length === 0) {
    print(USAGE)
    return values.help ? 0 : 2
  }
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}`
  print(`${clock()}  ${machine}; load ${loadavg()[0]!.toFixed(1)}`)
  const figures: Measured[] = []
  let failed = 0
  for (const { name, measure } of chosen) {
    try {
      const say = (line: string) => print(`${clock()}  ${name}: ${line}`)
      for (const figure of await measure({ small: values.small, say }))
        figures.push({ ...figure, subject: name, verdict: verdict(figure), load: loadavg()[0]! })
    } catch (error) {
      failed++
      print(`${clock()}  ${name} could not be measured: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  table(figures)
  mkdirSync(join(ROOT, 'bench'), { recursive: true })
  const latest = { at: new Date().toISOString(), small: values.small, machine, figures }
  writeFileSync(join(ROOT, 'bench/latest.json'), `${JSON.stringify(latest, null, 2)}\n`)
  const missed = figures.filter((figure) => figure.verdict === 'missed').length + failed
  const short = figures.filter((figure) => figure.verdict === 'short').length
  print()
  print(
    `${clock()}  ${figures.length} figures, ${missed} missed, ${short} short${values.small ? '; sizes were small' : ''}`,
  )
  return missed === 0 ? 0 : 1
}

function table(figures: readonly Measured[]): void {
  print()
  const rows = figures.map((figure) => [
    figure.what,
    said(figure.measured, figure.unit),
    `${figure.better === 'less' ? '≤' : '≥'} ${said(figure.reach, figure.unit)}`,
    figure.verdict,
    figure.beside ? `${said(figure.beside.value, figure.beside.unit)} ${figure.beside.what}` : '',
    figure.load.toFixed(1),
    figure.note ?? '',
  ])
  const head = ['figure', 'measured', 'reach', 'verdict', 'beside', 'load', '']
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)))
  for (const row of [head, ...rows])
    print(row.map((cell, column) => (column === 1 || column === 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('   ').trimEnd()) // prettier-ignore
}

function said(value: number, unit: string): string {
  const number = Number.isNaN(value) ? '–' : Math.abs(value) < 10 && !Number.isInteger(value) ? value.toFixed(2) : Math.round(value).toLocaleString('en') // prettier-ignore
  return unit === '' ? number : `${number} ${unit}`
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
