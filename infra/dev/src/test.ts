import { chooseLanes, type Lane } from './lanes.js'
import type { Outcome } from './lane-runs.js'

const print = (text: string) => void process.stdout.write(`${text}\n`)
let stopped = false
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => (stopped = true))

interface Row {
  name: string
  time: number
  outcome: Outcome
}

/** `npm test [-- lane…]`: the lanes, two at a time, a table, and one last line that a machine can read too. */
async function main(): Promise<void> {
  const lanes = chooseLanes(process.argv.slice(2))
  const left = [...lanes]
  const ran = new Map<Lane, Row>()
  const takeTurns = async () => {
    for (let lane = left.shift(); lane; lane = left.shift()) ran.set(lane, await run(lane))
  }
  await Promise.all([takeTurns(), takeTurns()])
  const rows = lanes.map((lane) => ran.get(lane)!)
  print('')
  for (const row of rows) print(line(row))
  // Once more at the end, where whoever reads only that finds them.
  for (const { name, outcome } of rows) {
    for (const test of outcome.failures) print(`failed: ${test}`)
    if (outcome.failed > outcome.failures.length) print(`failed: lane ${name}`)
    for (const test of outcome.flaky) print(`flaky: ${test}`)
  }
  const sum = (one: (outcome: Outcome) => number) => rows.reduce((all, { outcome }) => all + one(outcome), 0)
  const failed = sum((outcome) => outcome.failed)
  print('')
  print(
    counts(
      sum((outcome) => outcome.passed),
      failed,
      sum((outcome) => outcome.skipped.length),
    ),
  )
  if (failed > 0) process.exitCode = 1
}

async function run(lane: Lane): Promise<Row> {
  const began = performance.now()
  const outcome = await lane.run()
  if (stopped) throw new Error('stopped')
  const row = { name: lane.name, time: (performance.now() - began) / 1000, outcome }
  print(line(row))
  for (const test of outcome.skipped) print(`  skipped: ${test}`)
  if (outcome.failed + outcome.flaky.length > 0) print(indent(outcome.output))
  return row
}

function line({ name, time, outcome }: Row): string {
  return `${name.padEnd(10)}${`${time.toFixed(1)} s`.padStart(8)}   ${counts(outcome.passed, outcome.failed, outcome.skipped.length)}`
}

function counts(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

const indent = (text: string) => text.trimEnd().replace(/^/gm, '  ')

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
