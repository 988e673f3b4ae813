import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { checkedBundle } from '../crash/bundle.js'
import { clock, foundOut, print, type Dealt } from '../crash/closing.js'
import { withClient } from '../crash/database.js'
import { Dice } from '../crash/dice.js'
import { startLog } from '../crash/log-programs.js'
import { allCovered, gaveUp } from '../crash/rest.js'
import type { Judged } from '../crash/verdict.js'
import { temporaryPostgres } from '../postgres.js'
import { until } from '../processes.js'
import { ROOT } from '../root.js'
import { openArena, WORKERS, type Arena } from './arena.js'
import { deal } from './blows.js'
import { judgeArena } from './evidence.js'
import { hittersOf, pausesOf, type Moment } from './moments.js'
import { NEVER_TWICE } from './verdict.js'

export interface Options {
  seed: number
  runs: number
  folder: string
  /** Whatever was started, the last one first. */
  stops: (() => Promise<void>)[]
}

/** Runs under blows, and what must be true of them. */
export async function chaosOfRuns({
  seed,
  runs,
  folder,
  stops,
}: Options): Promise<{ dealt: Dealt[]; judged: Judged[] }> {
  const postgres = await temporaryPostgres()
  stops.push(() => postgres.stop())
  const arena = await openArena(postgres, { name: 'firebreak', folder, dice: new Dice(seed), alike: 2 })
  stops.push(() => arena.stop())
  const log = await startLog(arena.database.url('fb_sequencer'), folder, { sequencers: 2 })
  stops.push(() => log.stop())
  print(`${clock()}  Postgres, Redis, ${WORKERS} workers, two sequencers and a notary are up: ${runs} runs`)
  const { dealt, lost } = await suffer(arena, runs, hittersOf(seed))
  print(`${clock()}  ${arena.crew.ended} runs are over, ${dealt.length} blows were dealt: everything comes to rest`)

  await allCovered(arena.database)
  await Promise.all([...arena.workers, ...log.sequencers].map((one) => one.stop()))
  // A worker that finds no Postgres when it starts ends, and is started again: nothing was under way in it.
  const falseStarts = arena.workers.reduce((sum, worker) => sum + worker.falseStarts, 0)
  const workers = arena.workers.filter((worker) => worker.ends.length > worker.falseStarts)
  const ends = [...workers, ...log.sequencers, log.notary].flatMap(gaveUp)
  const judged = await withClient(arena.database.url(), async (client) => [
    { what: `${runs} runs came to their end`, ok: lost.length === 0, says: `${arena.crew.ended} did${lost.map((why) => `; ${why}`).join('')}` },
    ...(await judgeArena(client, arena)),
    { what: 'no program gave up', ok: ends.length === 0, says: ends.length === 0 ? `none did; ${falseStarts} starts of workers found no Postgres` : ends.join('; ').slice(0, 300) },
    await checkedBundle(client, log.policy, folder),
  ]) // prettier-ignore
  await arena.stop()
  await postgres.stop()
  return { dealt, judged }
}

/** After so long without a change the next blow is dealt all the same. */
const NOTHING_MOVES_MS = 20_000

/** Deals blow after blow until the crew has seen all of its runs end. */
async function suffer(
  arena: Arena,
  runs: number,
  hitters: Iterable<Moment>[],
): Promise<{ dealt: Dealt[]; lost: string[] }> {
  const dealt: Dealt[] = []
  let over = false
  const working = arena.crew.work(runs).finally(() => (over = true))
  let told = performance.now()
  const hit = async (moments: Iterable<Moment>) => {
    let seen = 0
    for (const moment of moments) {
      await sleep(moment.after)
      // A slow machine is hit no more often for what it does than a quick one; on one, nothing would ever come to an end.
      await until(() => over || arena.cluster.changes.length > seen, NOTHING_MOVES_MS)
      if (over) break
      seen = arena.cluster.changes.length
      if (!(await deal(moment, arena))) continue
      const began = performance.now()
      const back = moment.victim === 'worker' && moment.does !== 'stop'
      if (back) await Promise.all(arena.workers.map((worker) => worker.ready()))
      dealt.push({ ...moment, ms: back ? performance.now() - began : undefined })
      if (performance.now() - told < 15_000) continue
      told = performance.now()
      print(`${clock()}  ${arena.crew.ended} of ${runs} runs, ${dealt.length} blows`)
    }
  }
  await Promise.all(hitters.map(hit))
  return { dealt, lost: await working }
}

/** In which an engine without fences does something twice, many times over. */
const PAUSES = 20
const WRONG_ENGINES = [
  { what: 'an engine without fences', preload: 'without-fences.js' },
  { what: 'an engine whose fence lies before its look', preload: 'fence-before-the-look.js' },
]
const CONTROL = {
  mustFail: NEVER_TWICE,
  // What a worker writes that does not know that its run is another's by now.
  alsoFail: [
    'every run had one owner at a time',
    'no effect is missing',
    'no approved plan lost its run',
    'every run came to an end that its journal and the log tell alike',
    'the world changed once for each step and once for each loan given back',
    'no target is left locked',
  ],
}

/** As many wrong engines as that, each of which must be found out. */
export async function wrongEngines(many: number, options: Omit<Options, 'runs'>): Promise<Judged[]> {
  const judged: Judged[] = []
  for (const [at, engine] of WRONG_ENGINES.slice(0, many).entries()) {
    const file = pathToFileURL(join(ROOT, 'infra/dev/dist/chaos', engine.preload)).href
    judged.push(foundOut({ ...CONTROL, what: engine.what }, await play(`control_${at + 1}`, file, options)))
  }
  return judged
}

/** Only paused, until something was had twice or it was paused often enough. */
async function play(name: string, preload: string, { seed, folder, stops }: Omit<Options, 'runs'>): Promise<Judged[]> {
  const postgres = await temporaryPostgres()
  stops.push(() => postgres.stop())
  const arena = await openArena(postgres, {
    name,
    folder,
    dice: new Dice(seed),
    alike: 1,
    before: [preload],
  })
  stops.push(() => arena.stop())
  const enough = new AbortController()
  let over = false
  const working = arena.crew.work(Number.MAX_SAFE_INTEGER, enough.signal).finally(() => (over = true))
  let pauses = 0
  const hit = async (moments: Iterable<Moment>) => {
    for (const moment of moments) {
      // Where every lane has given up there is no call left to catch.
      if (pauses >= PAUSES || arena.cluster.doubled || over) return
      if (await deal(moment, arena)) pauses++
    }
  }
  await Promise.all([hit(pausesOf(seed)), hit(pausesOf(seed + 1))])
  enough.abort()
  await Promise.race([working, sleep(15_000)])
  await Promise.all(arena.workers.map((worker) => worker.stop()))
  const said = await withClient(arena.database.url(), (client) => judgeArena(client, arena))
  await arena.stop()
  await postgres.stop()
  return said
}
