import { randomUUIDv7 } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeEntry } from '@firebreak/audit-log'
import { append, lockStreams, type Draft } from '@firebreak/audit-store'
import {
  Journal,
  processActor,
  noLimits,
  Scopes,
  Tenures,
  type Ledger,
  type Plan,
  type RunStep,
  type WriteBooks,
} from '@firebreak/flow'
import { openStore, PostgresLedger } from '@firebreak/store'
import pg from 'pg'
import { PLAN, runId, stepId } from './step-rows.js'

export interface Ask {
  do: 'connect' | 'step' | 'step without entry' | 'entry' | 'plain' | 'paced'
  ms: number
  /** Of each writer, where they are not to write as fast as they can. */
  perSecond?: number
}
export interface Answer {
  done: number
  ms: number
  failed?: string
}

/** Some writers of the bench, in one process; told by its parent what to do and for how long. */
const first = Number(process.env['BENCH_FIRST'])
const numbers = Array.from({ length: Number(process.env['BENCH_WRITERS']) }, (_, nth) => first + nth)
const me = processActor('bench')

/** The ledger as it is, but for the log: what a step would cost if nobody wrote it down. */
class Unaudited extends PostgresLedger {
  override write<T>(work: (books: WriteBooks) => Promise<T>): Promise<T> {
    return super.write((books) => work({ ...books, audit: { ...books.audit, append: () => undefined } }))
  }
}

type Work = (writer: number) => Promise<unknown>
let works: Record<Exclude<Ask['do'], 'connect'>, Work>

async function connect(): Promise<void> {
  const store = (url: string) => openStore(url, { applicationName: 'bench', poolSize: numbers.length }).initialize()
  const now = { now: () => new Date() }
  const audited = new PostgresLedger(await store(process.env['BENCH_URL_WORKER']!), now)
  const unaudited = new Unaudited(await store(process.env['BENCH_URL_UNAUDITED']!), now)
  const clients = new Map<number, pg.Client>()
  for (const number of numbers) {
    const client = new pg.Client({ connectionString: process.env['BENCH_URL_API']! })
    await client.connect()
    clients.set(number, client)
  }
  const seqs = new Map(numbers.map((number) => [number, 0]))
  /** The row of an entry, whole: built the same for both, so that only the insert differs. */
  const row = (number: number) => {
    const seq = seqs.get(number)!
    seqs.set(number, seq + 1)
    const stream = `run:bench_insert_${number}`
    const entry_id = randomUUIDv7()
    const body = encodeEntry({
      v: 1,
      entry_id,
      stream_seq: seq,
      ts: new Date().toISOString(),
      ...draft(number, stream),
    })
    return [entry_id, stream, seq, 'step.done', `step:bench_${number}`, Buffer.from(body)]
  }
  const insert = (table: string, name: string) => (number: number) =>
    clients.get(number)!.query({
      name,
      text: `insert into ${table} (entry_id, stream_id, stream_seq, type, about, body) values ($1, $2, $3, $4, $5, $6)`,
      values: row(number),
    })
  works = {
    step: intending(audited),
    'step without entry': intending(unaudited),
    entry: insert('audit.entry', 'entry'),
    plain: insert('bench.plain', 'plain'),
    async paced(number) {
      const client = clients.get(number)!
      const stream = `run:bench_paced_${number}`
      await client.query('begin')
      await lockStreams(client, [stream])
      await append(client, [draft(number, stream), draft(number, stream)], {
        now: new Date(),
        newId: () => randomUUIDv7(),
      })
      await client.query('commit')
    },
  }
}

/** A step's `intended` as the runner has it: lock, tenure, row, entry. */
function intending(ledger: Ledger): Work {
  const newId = (prefix: string) => `${prefix}_${randomUUIDv7()}`
  const world = { ledger, now: () => new Date(), newId, scopes: new Scopes([], []), limits: noLimits }
  const tenures = new Tenures(world, 'bench', { seconds: 3_600 })
  const steps = new Map<number, RunStep>()
  return async (number) => {
    const journal = new Journal(world, tenures, me, PLAN as Plan, { run: runId(number), fence: 1 })
    const step = steps.get(number) ?? (await ledger.read((books) => books.steps.get(stepId(number))))!
    const claimed = await journal.intend(step, 'do', { replicas: 2, ready: 2, updated: 2 })
    if ('closed' in claimed) throw new Error(claimed.closed.because)
    steps.set(number, claimed.step)
  }
}

const draft = (number: number, stream: string): Draft => ({
  stream,
  type: 'step.done',
  about: `step:bench_${number}`,
  actor: { kind: 'process', id: 'bench', auth: 'process', roles: [] },
  target: 'deployment:prod/api',
  recipe: { id: PLAN.recipe_id, version: PLAN.recipe_version, digest: PLAN.recipe_digest },
  plan_digest: PLAN.digest,
  outcome: 'ok',
  detail: {
    run: `bench_${number}`,
    number: 1,
    verb: 'scale-deployment',
    says: 'Scale deployment prod/api from 2 to 5',
    because: '',
  },
})

async function round({ do: what, ms, perSecond }: Ask): Promise<Answer> {
  if (what === 'connect') {
    await connect()
    return { done: 0, ms: 1 }
  }
  const work = works[what]
  const began = performance.now()
  const end = began + ms
  let done = 0
  await Promise.all(
    numbers.map(async (number) => {
      for (let nth = 1; performance.now() < end; nth++) {
        await work(number)
        done++
        // Behind its time it hurries; ahead of it, it waits.
        const ahead = perSecond === undefined ? 0 : began + (nth * 1_000) / perSecond - performance.now()
        if (ahead > 0) await sleep(ahead)
      }
    }),
  )
  return { done, ms: performance.now() - began }
}

process.on('message', (ask: Ask) => {
  round(ask).then(
    (answer) => process.send!(answer),
    (error: unknown) =>
      process.send!({ done: 0, ms: 1, failed: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
