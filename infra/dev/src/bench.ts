import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROMISED, residentMegabytes, sandboxCost } from './real/sandbox-cost.js'
import { ROOT } from './root.js'

/** One figure of the design beside its baseline, both taken in this run. */
interface Figure {
  what: string
  unit: string
  reach: number
  measured: number
  baseline: number
  /** What the baseline is. */
  beside: string
}

/** Machines are noisy: of a few rounds the best is the one that was disturbed least. */
const ROUNDS = 3

/** A Node process that listens and does nothing: what any service of ours costs at the least. */
async function bareNode(): Promise<{ seconds: number; megabytes: number }> {
  const began = performance.now()
  const script = `require('node:http').createServer().listen(0, '127.0.0.1', () => process.send('up'))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await once(child, 'message')
  const seconds = (performance.now() - began) / 1_000
  const megabytes = residentMegabytes(child.pid!)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return { seconds, megabytes }
}

async function best(measure: () => Promise<{ seconds: number; megabytes: number }>) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure())
  return {
    seconds: Math.min(...rounds.map((one) => one.seconds)),
    megabytes: Math.min(...rounds.map((one) => one.megabytes)),
  }
}

/** `npm run bench`: prints each figure as a ratio to its baseline; an absolute one that misses is `short`, not a failure. */
async function main(): Promise<void> {
  const [bare, sandbox] = [await best(bareNode), await best(sandboxCost)]
  const beside = 'a bare Node server'
  const figures: Figure[] = [
    {
      what: 'sandbox start',
      unit: 's',
      reach: PROMISED.seconds,
      measured: sandbox.seconds,
      baseline: bare.seconds,
      beside,
    },
    {
      what: 'sandbox memory',
      unit: 'MB',
      reach: PROMISED.megabytes,
      measured: sandbox.megabytes,
      baseline: bare.megabytes,
      beside,
    },
  ]
  for (const { what, unit, reach, measured, baseline, beside } of figures) {
    const round = (value: number) => (value < 10 ? value.toFixed(2) : String(Math.round(value)))
    const verdict = measured <= reach ? 'reached' : 'short'
    console.log(
      `${what.padEnd(16)} ${`${round(measured)} ${unit}`.padStart(9)}   reach ${`${reach} ${unit}`.padStart(7)}   ${round(measured / baseline)} × ${beside} (${round(baseline)} ${unit})   ${verdict}`,
    )
  }
  mkdirSync(join(ROOT, 'bench'), { recursive: true })
  writeFileSync(
    join(ROOT, 'bench/latest.json'),
    `${JSON.stringify({ at: new Date().toISOString(), figures }, null, 2)}\n`,
  )
}

await main()
