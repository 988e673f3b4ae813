import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chaosOfFreezes, CLAIMERS } from './chaos/freezes.js'
import { percentile } from './bench/figure.js'
import { chaosOfRuns, wrongEngines } from './chaos/runs.js'
import { clock, leaveForTheBench, print, printChecks, printRows, rowsOf, secondsSoFar } from './crash/closing.js'
import type { Judged } from './crash/verdict.js'

const USAGE = `npm run test:chaos -- [--seed N] [--runs N] [--freezes N]
Runs, while workers are killed and stopped, Redis is emptied and restarted and Postgres is restarted: every effect must be had
once, and no run be lost. Then freezes under claimers: no step may be claimed after a freeze of its scope has committed. The
same seed deals the same blows. 0 leaves a part out.`

/** Of which the design speaks. */
const LONG = { runs: 500, freezes: 10_000 }

interface Options {
  seed: number
  runs: number
  freezes: number
}

async function main(): Promise<number> {
  const options = read()
  if (!options) {
    print(USAGE)
    return 0
  }
  const { seed, runs, freezes } = options
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-chaos-'))
  mkdirSync(join(folder, 'logs'))
  const stops: (() => Promise<void>)[] = []
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) await stop().catch(() => undefined)
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void stopAll().then(() => process.exit(130)))
  let failed = 0
  try {
    print(`${clock()}  seed ${seed}, ${runs} runs, ${freezes} freezes; logs in ${folder}`)
    const checks: Judged[] = []
    if (runs > 0) checks.push(...(await playRuns({ seed, runs, folder, stops })))
    if (freezes > 0) checks.push(...(await playFreezes({ seed, freezes, folder, stops })))
    failed = checks.filter(({ ok }) => !ok).length
    print()
    print(`${clock()}  seed ${seed}`)
    print(`${checks.length - failed} passed, ${failed} failed`)
    return failed === 0 ? 0 : 1
  } finally {
    await stopAll()
    if (failed === 0) rmSync(folder, { recursive: true, force: true })
  }
}

function read(): Options | undefined {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      runs: { type: 'string', default: String(LONG.runs) },
      freezes: { type: 'string', default: String(LONG.freezes) },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const [seed, runs, freezes] = [Number(values.seed), Number(values.runs), Number(values.freezes)]
  if (![seed, runs, freezes].every((value) => Number.isInteger(value) && value >= 0)) throw new Error(USAGE)
  return { seed, runs, freezes }
}

async function playRuns(options: Parameters<typeof chaosOfRuns>[0]): Promise<Judged[]> {
  const { dealt, judged } = await chaosOfRuns(options)
  const { seed, runs } = options
  const victims = rowsOf(dealt)
  printRows(victims)
  printChecks(judged)
  const long = runs >= LONG.runs
  const controls = await wrongEngines(long ? 2 : 1, options)
  printChecks(controls)
  const checks = [...judged, ...controls]
  leave('chaos-runs', long, checks, { seed, runs, blows: dealt.length, victims })
  return checks
}

async function playFreezes(options: Parameters<typeof chaosOfFreezes>[0]): Promise<Judged[]> {
  const { frozen, judged } = await chaosOfFreezes(options)
  const { seed, freezes } = options
  const [p50, p99, most] = [50, 99, 100].map((percent) => Math.round(percentile(frozen.took, percent) * 10) / 10)
  print(`${clock()}  a freeze took ${p50} ms at p50, ${p99} ms at p99, ${most} ms at most, under ${CLAIMERS} claimers`)
  print()
  printChecks(judged)
  leave('chaos-freezes', freezes >= LONG.freezes, judged, { seed, freezes, claims: frozen.claimed, late: frozen.late, p50, p99, most }) // prettier-ignore
  return judged
}

/** A short play must not stand where the bench looks for the long one. */
function leave(name: string, long: boolean, checks: readonly Judged[], counted: Record<string, unknown>): void {
  print()
  const failed = checks.filter(({ ok }) => !ok).length
  const more = { seconds: secondsSoFar(), passed: checks.length - failed, failed, checks }
  leaveForTheBench(`${name}${long ? '' : '-short'}.json`, { ...counted, ...more })
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  },
)
