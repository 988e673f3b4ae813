import { withClient } from '../crash/database.js'
import { startLog } from '../crash/log-programs.js'
import { median, type Figure, type Subject } from './figure.js'
import { Fleet, WRITERS } from './fleet.js'
import { allCovered, benchPostgres } from './stage.js'
import { putSteps } from './step-rows.js'

/** What it costs that nothing is done without an entry, and how soon an entry is covered; the built sequencer runs meanwhile. */
export const append: Subject = {
  name: 'audit-append',
  async measure({ small, say }) {
    const postgres = await benchPostgres()
    let fleet: Fleet | undefined
    let log: Awaited<ReturnType<typeof startLog>> | undefined
    try {
      const audited = await postgres.database('audited')
      // The same tables and the same code, but neither entry nor the trigger that asks for it.
      const unaudited = await postgres.database('unaudited')
      await withClient(audited.url(), async (client) => {
        await putSteps(client, WRITERS)
        await client.query(PLAIN)
      })
      await withClient(unaudited.url(), async (client) => {
        await putSteps(client, WRITERS)
        await client.query('alter table flow.step disable trigger audited')
      })
      log = await startLog(audited.url('fb_sequencer'), postgres.folder, { sequencers: 1 })
      fleet = await Fleet.launch({
        BENCH_URL_WORKER: audited.url('fb_worker'),
        BENCH_URL_UNAUDITED: unaudited.url('fb_worker'),
        BENCH_URL_API: audited.url('fb_api'),
      })
      const [rounds, ms] = small ? [3, 700] : [9, 2_000]
      const paired = { fleet, url: audited.url(), rounds, ms }
      const step = await pairs(paired, 'step', 'step without entry')
      say(`a step's intended: ${step.map(({ ratio }) => ratio.toFixed(2)).join(' ')}`)
      const insert = await pairs(paired, 'entry', 'plain')
      say(`an entry alone: ${insert.map(({ ratio }) => ratio.toFixed(2)).join(' ')}`)
      const note = `${WRITERS} writers, sequencer running, median of ${rounds} pairs`
      return [
        ratio("a step's intended with its entry", step, 'the same locks and rows without', note),
        ratio('an entry inserted alone', insert, 'into a plain table of the same width', note),
        ...(await mergeDelay(fleet, audited.url(), small)),
      ]
    } finally {
      fleet?.stop()
      await log?.stop()
      await postgres.stop()
    }
  },
}

const PLAIN = `
  create schema bench;
  grant usage on schema bench to fb_api;
  create table bench.plain (
    id bigint generated always as identity primary key, recorded_at timestamptz not null default clock_timestamp(),
    entry_id uuid not null, stream_id text not null, stream_seq bigint not null, type text not null, about text not null, body bytea not null
  );
  grant insert on bench.plain to fb_api;`

interface Pair {
  with: number
  without: number
  ratio: number
}

/** The two in turn, now one first and now the other; the log is covered before each, so that none pays for another's entries. */
async function pairs(
  { fleet, url, rounds, ms }: { fleet: Fleet; url: string; rounds: number; ms: number },
  more: 'step' | 'entry',
  less: 'step without entry' | 'plain',
): Promise<Pair[]> {
  const made: Pair[] = []
  const rate = async (what: typeof more | typeof less) => {
    await allCovered(url)
    return fleet.round(what, ms)
  }
  // Caches, plans and connections are warm after it.
  await rate(less)
  await rate(more)
  for (let round = 0; round < rounds; round++) {
    const [first, second] = round % 2 === 0 ? [less, more] as const : [more, less] as const // prettier-ignore
    const [a, b] = [await rate(first), await rate(second)]
    const pair = first === less ? { with: b, without: a } : { with: a, without: b }
    made.push({ ...pair, ratio: pair.without / pair.with })
  }
  await allCovered(url)
  return made
}

function ratio(what: string, pairs: readonly Pair[], beside: string, note: string): Figure {
  const per = median(pairs.map((pair) => pair.with))
  return {
    what,
    kind: 'ratio',
    unit: '×',
    measured: median(pairs.map((pair) => pair.ratio)),
    reach: 2,
    better: 'less',
    beside: { what: beside, value: median(pairs.map((pair) => pair.without)), unit: '/s' },
    note: `${Math.round(per)}/s; ${note}`,
  }
}

/** From an entry's insert to the moment at which a checkpoint that covers it is published, by the database's own clock. */
async function mergeDelay(fleet: Fleet, url: string, small: boolean): Promise<Figure[]> {
  const [wanted, ms] = [2_000, small ? 5_000 : 30_000]
  await allCovered(url)
  const before = await withClient(url, async (client) => {
    const { rows } = await client.query<{ size: string }>('select next_position as size from audit.cursor')
    return Number(rows[0]!.size)
  })
  // Two entries a transaction.
  const reached = (await fleet.round('paced', ms, wanted / 2)) * 2
  await allCovered(url)
  const [delays] = await withClient(url, async (client) => {
    const { rows } = await client.query<{ p50: number; p99: number; count: number }>(DELAYS, [before])
    return rows
  })
  const note = `${delays!.count.toLocaleString('en')} entries at ${Math.round(reached).toLocaleString('en')}/s of ${wanted.toLocaleString('en')}`
  const figure = (what: string, measured: number, reach: number): Figure =>
    ({ what, kind: 'absolute', unit: 'ms', measured, reach, better: 'less', note }) // prettier-ignore
  return [figure('merge delay, p50', delays!.p50, 300), figure('merge delay, p99', delays!.p99, 1_000)]
}

const DELAYS = `
  with published as (
    select size, published_at, lag(size, 1, 0) over (order by size) as from_size from audit.checkpoint
  ), delay as (
    select extract(epoch from p.published_at - e.recorded_at) * 1000 as ms
    from audit.leaf l
    join audit.entry e on (e.era, e.xid, e.id) = (l.era, l.xid, l.id)
    join published p on l.position >= p.from_size and l.position < p.size
    where l.position >= $1
  )
  select percentile_cont(0.5) within group (order by ms)::float8 as p50,
         percentile_cont(0.99) within group (order by ms)::float8 as p99, count(*)::int as count from delay`
