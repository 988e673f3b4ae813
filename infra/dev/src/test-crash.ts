import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Loan, Run, RunStep } from '@firebreak/flow'
import { deal, type Stage } from './crash/blows.js'
import { checkedBundle } from './crash/bundle.js'
import {
  clock,
  foundOut,
  leaveForTheBench,
  print,
  printChecks,
  printRows,
  rowsOf,
  secondsSoFar,
} from './crash/closing.js'
import { Cluster } from './crash/cluster.js'
import { CONTROLS, play } from './crash/controls.js'
import { makeDatabase, withClient, type Database } from './crash/database.js'
import { Dice } from './crash/dice.js'
import { gather } from './crash/evidence.js'
import { judgeJournals, type RunLine } from './crash/journals.js'
import { Load } from './crash/load.js'
import { startLog, type LogPrograms } from './crash/log-programs.js'
import { momentsOf, type Moment } from './crash/moments.js'
import { covered, PATIENCE_MS, workersGoOn } from './crash/recovery.js'
import { startRepairs, type Repairs } from './crash/repairs.js'
import { allCovered, gaveUp } from './crash/rest.js'
import { judge, type Judged } from './crash/verdict.js'
import type { Victim } from './crash/victim.js'
import { temporaryPostgres } from './postgres.js'

const USAGE = `npm run test:crash -- [--seed N] [--moments N] [--minutes N] [--writers N]
Kills and stops sequencer, Postgres, notary and worker at that many moments while writers write, and then looks whether
the log has everything that was promised, once. The same seed deals the same blows.`

/** Moments of which the design speaks. */
const LONG = 200
/** Of one wrong program, until it is found out. */
const MOST_PLAYS = 4

/** What came of one moment. `ms` undefined: it was not waited for, or `failed` says why it did not come back. */
interface Survived {
  moment: Moment
  ms?: number
  failed?: string
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      moments: { type: 'string', default: '210' },
      minutes: { type: 'string', default: '13' },
      writers: { type: 'string', default: '6' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    print(USAGE)
    return 0
  }
  const [seed, moments, minutes, writers] = [values.seed, values.moments, values.minutes, values.writers].map(Number) as [
    number, number, number, number,
  ] // prettier-ignore
  if (![seed, moments, minutes, writers].every((value) => Number.isInteger(value) && value > 0)) throw new Error(USAGE)
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-crash-'))
  const stops: (() => Promise<void>)[] = []
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) await stop().catch(() => undefined)
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void stopAll().then(() => process.exit(130)))
  let failed = 0
  try {
    print(`${clock()}  seed ${seed}, ${moments} moments, ${writers} writers; logs in ${folder}`)
    const { survived, judged } = await suite({ seed, moments, minutes, writers, folder, stops })
    failed = close(seed, moments, survived, judged)
    return failed === 0 ? 0 : 1
  } finally {
    await stopAll()
    if (failed === 0) rmSync(folder, { recursive: true, force: true })
  }
}

interface Options {
  seed: number
  moments: number
  minutes: number
  writers: number
  folder: string
  stops: (() => Promise<void>)[]
}

async function suite({ seed, moments, minutes, writers, folder, stops }: Options) {
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const dice = new Dice(seed)
  const postgres = await temporaryPostgres()
  stops.push(() => postgres.stop())
  const database = await makeDatabase(postgres.url, 'firebreak')
  const log = await startLog(database.url('fb_sequencer'), folder, { sequencers: 2 })
  stops.push(() => log.stop())
  const repairs = await startRepairs(database, folder)
  stops.push(() => repairs.stop())
  const load = new Load(database.url('fb_api'), folder, { writers, seed })
  stops.push(() => load.stop())
  await load.start()
  print(`${clock()}  Postgres, notary, two sequencers, two workers, ${writers} writers and a sandbox are up`)

  const stage: Stage = { cluster: new Cluster(postgres), log, load, workers: repairs.workers, dice }
  const survived = await suffer(momentsOf(seed, moments), stage, database, minutes)
  print(`${clock()}  ${survived.length} moments are over: everything comes to rest`)
  const judged = await comeToRest(stage, repairs, log, database, folder)
  for (const [number, control] of CONTROLS.entries()) {
    // A fault shows itself where the sequencer is close behind the writers: on a machine too busy for that it is played again.
    let found: Judged
    let plays = 0
    do found = foundOut(control, await play(control, `${number + 1}_${++plays}`, postgres.url, folder, dice))
    while (!found.ok && plays < MOST_PLAYS)
    judged.push(plays === 1 ? found : { ...found, says: `${found.says} (${plays} plays)` })
  }
  return { survived, judged }
}

/** One moment after the other, until the time that there is runs out. */
async function suffer(
  moments: readonly Moment[],
  stage: Stage,
  database: Database,
  minutes: number,
): Promise<Survived[]> {
  const survived: Survived[] = []
  const start = performance.now()
  const deadline = start + minutes * 60_000
  let told = start
  for (const [at, moment] of moments.entries()) {
    if (performance.now() > deadline) break
    await sleep(moment.after)
    const hit = await deal(moment, stage)
    // On a machine that is slow, or busy with others, more of them fall into the recovery from the one before.
    const late = performance.now() - start > ((at + 1) / moments.length) * (deadline - start)
    if (!moment.patient || (late && at < moments.length - 1)) {
      survived.push({ moment })
      continue
    }
    const wait = [covered(stage.load, database.url()), ready(hit)]
    if (moment.victim === 'worker') wait.push(workersGoOn(database.url()))
    const times = await Promise.all(wait)
    if (times.some((ms) => ms === undefined))
      survived.push({
        moment,
        failed: `${moment.victim}, ${moment.how}: not itself again within ${PATIENCE_MS / 1_000} s`,
      })
    else survived.push({ moment, ms: Math.max(...(times as number[])) })
    if (performance.now() - told > 15_000) {
      told = performance.now()
      print(
        `${clock()}  ${survived.length} of ${moments.length} moments, ${stage.load.acknowledged.size.toLocaleString('en')} entries acknowledged`,
      )
    }
  }
  return survived
}

async function ready(victims: readonly Victim[]): Promise<number | undefined> {
  const began = performance.now()
  const all = await Promise.all(victims.map((victim) => victim.ready()))
  return all.every(Boolean) ? performance.now() - began : undefined
}

/** Lets everything that is under way end, waits until the log has covered it, and looks. */
async function comeToRest(
  stage: Stage,
  repairs: Repairs,
  log: LogPrograms,
  database: Database,
  folder: string,
): Promise<Judged[]> {
  await stage.load.stop()
  const finished = await repairs.finish().then(() => undefined, (error: unknown) => error as Error) // prettier-ignore
  await allCovered(database)
  await Promise.all(log.sequencers.map((one) => one.stop()))
  const refusals = [...log.sequencers, log.notary, ...repairs.workers, ...stage.load.writers].flatMap(gaveUp)
  return withClient(database.url(), async (client) => {
    const rows = async <Row>(sql: string) => (await client.query(sql)).rows as Row[]
    const keys = { log: log.logKey, notary: log.notaryKey }
    const evidence = await gather(client, stage.load.promised, log.witness, keys, refusals, stage.dice)
    const [locked] = await rows<{ count: number }>('select count(*)::int as count from flow.target_lock')
    const journals = judgeJournals({
      runs: await rows<Run>('select id, state, ended_at from flow.run'),
      steps: await rows<RunStep>('select id, run_id, number, state from flow.step'),
      loans: await rows<Loan>('select id, run_id, step_id, state from flow.loan'),
      locks: locked!.count,
      lines: await rows<RunLine>(
        `select e.stream_id as stream, e.type, e.about from audit.leaf l join audit.entry e on (e.era, e.xid, e.id) = (l.era, l.xid, l.id)
         where e.stream_id like 'run:%' order by l.position`,
      ),
      effects: repairs.sandbox.effects().filter(({ effect }) => effect).length,
    })
    const repaired: Judged[] = finished ? [{ what: 'repairs come to an end', ok: false, says: finished.message }] : []
    return [...judge(evidence), ...journals, ...repaired, await checkedBundle(client, log.policy, folder)]
  })
}

/** The closing table, `bench/crash.json` for the bench to print, and the count of what failed. */
function close(seed: number, wanted: number, survived: readonly Survived[], judged: readonly Judged[]): number {
  const rows = rowsOf(survived.map(({ moment, ms }) => ({ victim: moment.victim, how: moment.how, ms })))
  printRows(rows)
  const all: Judged[] = [
    {
      what: `${wanted} moments in the time there is`,
      ok: survived.length === wanted,
      says: `${survived.length} of them, ${survived.filter(({ ms }) => ms !== undefined).length} waited for, the others hit while it recovered`,
    },
    ...judged,
  ]
  printChecks(all)
  for (const { failed } of survived) if (failed) print(`✗ ${failed}`)
  const bad = all.filter(({ ok }) => !ok).length + survived.filter(({ failed }) => failed).length
  const good = all.length + survived.length - bad
  // A short play must not stand where the bench looks for the long one.
  leaveForTheBench(survived.length >= LONG ? 'crash.json' : 'crash-short.json', { seed, moments: survived.length, seconds: secondsSoFar(), passed: good, failed: bad, victims: rows, checks: all }) // prettier-ignore
  print()
  print(`${clock()}  seed ${seed}`)
  print(`${good} passed, ${bad} failed`)
  return bad
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  },
)
