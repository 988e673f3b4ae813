import { Doorbell, Planner, processActor, Runner, noLimits, Scopes, Tenures, type World } from '@firebreak/flow'
import type { Hands, JsonObject, Readers, Recipe } from '@firebreak/kit'
import { queueKey, queueOptions } from '@firebreak/queue'
import { openStore, PostgresLedger } from '@firebreak/store'
import Bull from 'bull'
import { randomUUIDv7 } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { noOpRecipe } from './no-op.js'

/** How many runs have succeeded since it last said so. */
export interface Succeeded {
  succeeded: number
}

/** One worker of the bench, as the worker's program has it: Bull rings, `Runner` carries out. DATABASE_URL, REDIS_URL. */
const CONCURRENCY = 4

const source = await openStore(process.env['DATABASE_URL']!, {
  applicationName: 'bench',
  poolSize: CONCURRENCY * 2,
}).initialize()
const now = () => new Date()
const world: World = {
  ledger: new PostgresLedger(source, { now }),
  now,
  newId: (prefix) => `${prefix}_${randomUUIDv7()}`,
  scopes: new Scopes([], []),
  limits: noLimits,
}
const me = processActor(`worker@bench:${process.pid}`)
const recipes = new Map([[noOpRecipe.id, noOpRecipe as unknown as Recipe<JsonObject, JsonObject>]])
// A recipe that does nothing asks nobody.
const [readers, hands] = [{} as Readers, {} as Hands]
const timers = {
  sleep: (ms: number) => sleep(ms),
  every: (ms: number, work: () => Promise<void>) => {
    const timer = setInterval(() => void work().catch(() => undefined), ms)
    return () => clearInterval(timer)
  },
}
// The bench rings for its runs itself.
const silence = new (class extends Doorbell {
  override async ring(): Promise<void> {}
})()
const planner = new Planner(world, recipes, readers, me, { planExpiresMinutes: 60 }, silence)
const runner = new Runner(world, recipes, readers, hands, new Tenures(world, me.id, { seconds: 30 }), timers, me, {
  verifyEveryMs: 500,
  attempts: 3,
})

process.on('message', (requests: string[]) => {
  void (async () => {
    for (const request of requests) await planner.make(request)
    process.send?.('planned')
  })()
})

const TELL_MS = 20
let untold = 0
const tell = () => {
  process.send?.({ succeeded: untold } satisfies Succeeded)
  untold = 0
}

const queue = new Bull(queueKey('run'), process.env['REDIS_URL']!, queueOptions(process.env['REDIS_URL']!))
await queue.isReady()
void queue.process(CONCURRENCY, async (job: Bull.Job<{ id: string }>) => {
  const ended = await runner.carryOut(job.data.id)
  if (ended !== 'succeeded') return void process.stderr.write(`the run of ${job.data.id} ended as ${ended}\n`)
  // A message each would be measured with the runs.
  if (untold++ === 0) setTimeout(tell, TELL_MS)
})
process.send?.('ready')
