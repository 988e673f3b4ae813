import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runVitest, type Outcome } from './lane-runs.js'
import { ROOT } from './root.js'

const USAGE = `npm run test:tamper -- [--seed N] [--instances N] [--valid N] [--fuzz N]
Tampers with bundles in every kind that there is, at seeded places, and looks which check says so; makes valid bundles and
listens for alarms; switches each check off; and throws bytes changed at random at audit-check. The same seed, the same bytes.`

const print = (line = '') => void process.stdout.write(`${line}\n`)
const began = performance.now()
const clock = () => `${((performance.now() - began) / 1_000).toFixed(1)} s`.padStart(8)

/** The lines that the matrix's spec writes. */
interface KindLine {
  kind: string
  check: string
  instances: number
  caught: number
  missed: string[]
}
interface OffLine {
  off: string
  passed: string[]
}
interface ValidLine {
  valid: number
  alarms: string[]
  verdicts: Record<string, number>
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '20261123' },
      instances: { type: 'string', default: '25' },
      valid: { type: 'string', default: '1000' },
      fuzz: { type: 'string', default: '700' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    print(USAGE)
    return 0
  }
  const { fuzz, instances, seed, valid } = values
  if (![fuzz, instances, seed, valid].every((value) => /^[1-9]\d{0,8}$/.test(value))) throw new Error(USAGE)
  print(`${clock()}  seed ${seed}: ${instances} instances a kind, ${valid} valid bundles, 3 × ${fuzz} changed inputs`)

  const folder = mkdtempSync(join(tmpdir(), 'firebreak-tamper-'))
  try {
    const report = join(folder, 'report.ndjson')
    const env = { FIREBREAK_SEED: seed, FIREBREAK_TAMPER_INSTANCES: instances, FIREBREAK_TAMPER_VALID: valid, FIREBREAK_TAMPER_REPORT: report } // prettier-ignore
    const matrix = await runVitest(['libs/audit/export/src/tamper-matrix.spec.ts'], { env })
    const lines = existsSync(report) ? readFileSync(report, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as object) : [] // prettier-ignore
    const failed = tell(lines, matrix)
    const thrown = await runVitest(['libs/audit/bin/src/audit-check-fuzz.spec.ts'], { env: { FIREBREAK_SEED: seed, FIREBREAK_FUZZ: fuzz } }) // prettier-ignore
    const inputs = 3 * Number(fuzz)
    print(
      `${clock()}  ${inputs} changed bundles and policies: ${thrown.failed === 0 ? 'one of four answers each time, and at most one line why not' : 'NOT always one of four answers'}`,
    )
    if (thrown.failed > 0) print(thrown.output)
    const bad = failed + thrown.failed
    const kinds = lines.filter((line) => 'kind' in line).length
    // For the bench, which prints what was counted last.
    mkdirSync(join(ROOT, 'bench'), { recursive: true })
    const counts = {
      at: new Date().toISOString(),
      kinds,
      instances: Number(instances),
      passed: counted(lines),
      failed: bad,
    }
    writeFileSync(join(ROOT, 'bench/tamper.json'), `${JSON.stringify(counts, null, 2)}\n`)
    print(`${counted(lines) + (thrown.failed === 0 ? inputs : 0)} passed, ${bad} failed`)
    return bad === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The table and what is beside it; answers how much went wrong. */
function tell(lines: readonly object[], matrix: Outcome): number {
  const kinds = lines.filter((line): line is KindLine => 'kind' in line)
  const off = lines.filter((line): line is OffLine => 'off' in line)
  const valid = lines.find((line): line is ValidLine => 'valid' in line)
  const width = Math.max(...kinds.map(({ kind }) => kind.length))
  print(`\n${'check'.padEnd(15)} ${'kind of tampering'.padEnd(width)}  instances  caught`)
  for (const { caught, check, instances, kind, missed } of kinds) {
    print(`${check.padEnd(15)} ${kind.padEnd(width)}  ${String(instances).padStart(9)}  ${String(caught).padStart(6)}`)
    for (const one of missed) print(`${' '.repeat(16)}MISSED ${one}`)
  }
  const [instances, caught] = [sum(kinds, 'instances'), sum(kinds, 'caught')]
  const checks = new Set(kinds.map(({ check }) => check))
  print(
    `\n${clock()}  ${kinds.length} kinds, ${instances} instances: ${caught} caught by the check that is there for them (${checks.size} checks)`,
  )
  print(
    `${clock()}  ${valid?.valid ?? 0} valid bundles: ${valid?.alarms.length ?? 0} alarms (${JSON.stringify(valid?.verdicts ?? {})})`,
  )
  for (const alarm of valid?.alarms ?? []) print(`${' '.repeat(10)}FALSE ALARM ${alarm}`)
  const needed = off.filter(({ passed }) => passed.length > 0)
  print(`${clock()}  each of ${off.length} checks switched off: without ${needed.length} of them something passes that must not`) // prettier-ignore
  for (const { off: name } of off.filter(({ passed }) => passed.length === 0))
    print(`${' '.repeat(10)}NOT NEEDED ${name}`)
  // Whatever kept a line from being written is a test that failed.
  if (matrix.failed > 0) print(matrix.output)
  return Math.max(matrix.failed, instances - caught + (valid?.alarms.length ?? 1))
}

/** Each tampered bundle that was caught, each valid one that was, and each check that is needed. */
const counted = (lines: readonly object[]): number =>
  lines.reduce((total, line) => {
    if ('kind' in line) return total + (line as KindLine).caught
    if ('off' in line) return total + ((line as OffLine).passed.length > 0 ? 1 : 0)
    return total + (line as ValidLine).valid - (line as ValidLine).alarms.length
  }, 0)

const sum = (lines: readonly KindLine[], field: 'instances' | 'caught') =>
  lines.reduce((total, line) => total + line[field], 0)

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  },
)
