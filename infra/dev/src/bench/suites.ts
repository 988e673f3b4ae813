import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../root.js'
import type { Figure, Subject } from './figure.js'

/** What the long suites counted when they last ran in this checkout: they take minutes and are not run again here. */
export const suites: Subject = {
  name: 'suites',
  async measure() {
    return [
      ...crash(read('crash.json')),
      ...chaos(read('chaos-runs.json')),
      ...freezes(read('chaos-freezes.json')),
      ...tamper(read('tamper.json')),
      ...rehearsals(read('rehearsals.json')),
    ]
  },
}

interface Counted {
  at: string
  passed: number
  failed: number
  seed?: number
  moments?: number
  kinds?: number
  instances?: number
  runs?: number
  blows?: number
  freezes?: number
  late?: number
  p99?: number
  rehearsals?: { recipe: string; faults: string[]; ends: string; to_end_s?: number; failed?: string }[]
}

function read(file: string): Counted | undefined {
  try {
    return JSON.parse(readFileSync(join(ROOT, 'bench', file), 'utf8')) as Counted
  } catch {
    return undefined
  }
}

const notRun = (what: string, unit: string, reach: number, command: string): Figure[] => [
  { what, kind: 'count', unit, measured: Number.NaN, reach, better: 'more', unheld: true, note: `not run here yet: npm run ${command}` },
] // prettier-ignore

function crash(result: Counted | undefined): Figure[] {
  if (!result) return notRun('moments survived', '', 200, 'test:crash')
  const note = `seed ${result.seed}, ${result.at}`
  return [
    { what: 'moments survived', kind: 'count', unit: '', measured: result.moments ?? 0, reach: 200, better: 'more', note },
    { what: 'lost, doubled, forked, failed otherwise', kind: 'count', unit: '', measured: result.failed, reach: 0, better: 'less', note },
  ] // prettier-ignore
}

function chaos(result: Counted | undefined): Figure[] {
  if (!result) return notRun('runs under chaos', '', 500, 'test:chaos')
  const note = `seed ${result.seed}, ${result.blows} blows, ${result.at}`
  return [
    { what: 'runs under chaos', kind: 'count', unit: '', measured: result.runs ?? 0, reach: 500, better: 'more', note },
    { what: 'doubled, lost, or failed otherwise', kind: 'count', unit: '', measured: result.failed, reach: 0, better: 'less', note },
  ] // prettier-ignore
}

function freezes(result: Counted | undefined): Figure[] {
  if (!result) return notRun('freezes under claimers', '', 10_000, 'test:chaos')
  const note = `seed ${result.seed}, ${result.at}`
  return [
    { what: 'freezes under claimers', kind: 'count', unit: '', measured: result.freezes ?? 0, reach: 10_000, better: 'more', note },
    { what: 'claims after a freeze had committed', kind: 'count', unit: '', measured: result.late ?? Number.NaN, reach: 0, better: 'less', note },
    { what: 'a freeze, p99', kind: 'absolute', unit: 'ms', measured: result.p99 ?? Number.NaN, reach: 100, better: 'less', note },
  ] // prettier-ignore
}

function tamper(result: Counted | undefined): Figure[] {
  if (!result) return notRun('kinds of tampering caught', '', 30, 'test:tamper')
  const note = `${result.at}`
  return [
    { what: 'kinds of tampering caught', kind: 'count', unit: '', measured: result.kinds ?? 0, reach: 30, better: 'more', note },
    { what: 'instances of each', kind: 'count', unit: '', measured: result.instances ?? 0, reach: 25, better: 'more', note },
    { what: 'not caught, or alarmed for nothing', kind: 'count', unit: '', measured: result.failed, reach: 0, better: 'less', note },
  ] // prettier-ignore
}

/** From the alert to verified, or undone, in the sandbox, whose clock runs faster than ours. */
function rehearsals(result: Counted | undefined): Figure[] {
  if (!result) return notRun('rehearsals', '', 1, 'rehearse -- --all')
  return (result.rehearsals ?? []).map(({ recipe, faults, ends, to_end_s, failed }) => ({
    what: `${recipe}, ${faults.join(' + ')}: alert to ${ends}`,
    kind: 'absolute',
    unit: 's',
    measured: to_end_s ?? Number.NaN,
    reach: 60,
    better: 'less',
    note: failed ?? result.at,
  }))
}
