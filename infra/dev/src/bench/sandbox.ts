import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { PROMISED, residentMegabytes, sandboxCost } from '../real/sandbox-cost.js'
import type { Figure, Subject } from './figure.js'

/** Machines are noisy: of a few rounds the best is the one that was disturbed least. */
const ROUNDS = 3

/** What the sandbox costs to start and to keep, beside a Node process that does nothing. */
export const sandbox: Subject = {
  name: 'sandbox',
  async measure() {
    const [bare, whole] = [await best(bareNode), await best(sandboxCost)]
    const what = 'a bare Node server'
    const figure = (name: string, unit: string, reach: number, measured: number, value: number): Figure => ({
      what: name,
      kind: 'absolute',
      unit,
      measured,
      reach,
      better: 'less',
      beside: { what, value, unit },
      note: `best of ${ROUNDS}`,
    })
    return [
      figure('sandbox start', 's', PROMISED.seconds, whole.seconds, bare.seconds),
      figure('sandbox memory', 'MB', PROMISED.megabytes, whole.megabytes, bare.megabytes),
    ]
  },
}

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
