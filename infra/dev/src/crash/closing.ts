import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../root.js'
import type { Judged } from './verdict.js'

/** What a long suite says at its end, and leaves for the bench. */

export const print = (line = '') => void process.stdout.write(`${line}\n`)
const began = performance.now()
export const clock = () => `${((performance.now() - began) / 1_000).toFixed(1)} s`.padStart(8)
export const secondsSoFar = () => Math.round((performance.now() - began) / 1_000)
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

/** What came of one blow. `ms`: until everything was itself again, where that was waited for. */
export interface Dealt {
  victim: string
  how: string
  ms?: number | undefined
}

export interface Row {
  victim: string
  how: string
  moments: number
  worst: number | null
}

/** A line for each kind of blow. */
export function rowsOf(dealt: readonly Dealt[]): Row[] {
  return [...Map.groupBy(dealt, ({ victim, how }) => `${victim}\n${how}`).values()]
    .map((those) => {
      const times = those.flatMap(({ ms }) => (ms === undefined ? [] : [ms]))
      const { victim, how } = those[0]!
      return { victim, how, moments: those.length, worst: times.length === 0 ? null : Math.max(...times) }
    })
    .sort((a, b) => (a.victim + a.how < b.victim + b.how ? -1 : 1))
}

export function printRows(rows: readonly Row[]): void {
  print()
  print(`${'victim'.padEnd(10)} ${'how'.padEnd(26)} ${'moments'.padStart(7)} ${'back after, at worst'.padStart(20)}`)
  for (const { victim, how, moments, worst } of rows)
    print(
      `${victim.padEnd(10)} ${how.padEnd(26)} ${String(moments).padStart(7)} ${(worst === null ? '–' : seconds(worst)).padStart(20)}`,
    )
  print()
}

export function printChecks(checks: readonly Judged[]): void {
  for (const { what, ok, says } of checks) print(`${ok ? '✓' : '✗'} ${what.padEnd(68)} ${says}`)
}

/** What a wrong program's play shows of the checker: it must fail in its own fault, and in nothing that does not come of it. */
export function foundOut(
  control: { what: string; mustFail: string; alsoFail: readonly string[] },
  said: readonly Judged[],
): Judged {
  const found = said.find(({ what }) => what === control.mustFail)
  const others = said.filter(({ what, ok }) => !ok && what !== control.mustFail && !control.alsoFail.includes(what))
  return {
    what: `control: ${control.what}`,
    ok: found?.ok === false && others.length === 0,
    says: others.length > 0
      ? `fails in what is not its fault: ${others.map(({ what, says }) => `${what} (${says})`).join('; ')}`
      : found?.ok === false ? `fails as it must: ${found.says}` : `was not found out: ${found?.says}`,
  } // prettier-ignore
}

/** Where `npm run bench` finds it. */
export function leaveForTheBench(file: string, counted: Record<string, unknown>): void {
  mkdirSync(join(ROOT, 'bench'), { recursive: true })
  const latest = { at: new Date().toISOString(), ...counted }
  writeFileSync(join(ROOT, 'bench', file), `${JSON.stringify(latest, null, 2)}\n`)
}
