import { randomUUIDv7 } from 'node:crypto'
import pg from 'pg'

/** An entry of a run that the engine carried out, and the transaction that it came in. */
export interface Told {
  xid: string
  type: string
  stream_id: string
  about: string
  body: string
}

/** What the bare program is told: the ids of the plans that it takes, and the entries of one run to write like. */
export interface BareWork {
  plans: string[]
  model: { run: string; plan: string; steps: string[]; entries: Told[] }
}

/**
 * The same rows and entries in the same number of transactions, by pg alone: no locks, no triggers, no queue, no question
 * asked. A transaction is a `begin`, one statement for each table that something changes in, one for the entries, a `commit`.
 * DATABASE_URL.
 */
const CONCURRENCY = 4
const clients = await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    const client = new pg.Client({ connectionString: process.env['DATABASE_URL']! })
    await client.connect()
    return client
  }),
)

process.on('message', (work: BareWork) => {
  const left = [...work.plans]
  const groups = [...Map.groupBy(work.model.entries, ({ xid }) => xid).values()]
  const each = async (client: pg.Client) => {
    for (let plan = left.shift(); plan !== undefined; plan = left.shift())
      await carryOut(client, plan, work.model, groups)
  }
  void Promise.all(clients.map(each)).then(() => process.send?.('done'))
})
process.send?.('ready')

async function carryOut(client: pg.Client, plan: string, model: BareWork['model'], groups: Told[][]): Promise<void> {
  const run = `run_${randomUUIDv7()}`
  const steps = model.steps.map(() => `stp_${randomUUIDv7()}`)
  const renamed = (text: string) =>
    model.steps.reduce(
      (so, step, nth) => so.replaceAll(step, steps[nth]!),
      text.replaceAll(model.run, run).replaceAll(model.plan, plan),
    )
  const seqs = new Map<string, number>()
  const targets = steps.map((_, nth) => `bench:${run}-${nth + 1}`)
  let [begun, ended] = [0, 0]
  /** The rows that an entry of this type speaks of; some speak of rows that another one's statement has written. */
  const changes: Record<string, () => [sql: string, params: unknown[]][]> = {
    'run.started': () => [
      [`insert into flow.run (id, plan_id, plan_digest, recipe_id, state, started_at) select $1, id, digest, recipe_id, 'running', now() from flow.plan where id = $2`, [run, plan]],
      [`insert into flow.step (id, run_id, number, verb, args, state, attempt, fence) select id, $1, n, 'bench-no-op', '{"target":"bench:x"}', 'pending', 0, 0 from unnest($2::text[]) with ordinality as s (id, n)`, [run, steps]],
      [`insert into flow.target_lock (id, run_id, since) select id, $1, now() from unnest($2::text[]) as t (id)`, [run, targets]],
      [`insert into flow.tenure (id, holder, fence, until) values ($1, 'bare', 1, now() + interval '30 s')`, [run]],
    ],
    'step.planned': () => [],
    'target.locked': () => [],
    'plan.used': () => [[`update flow.plan set state = 'used' where id = $1`, [plan]]],
    'step.intended': () => [
      [`update flow.step set state = 'intended', intended_at = now(), before = '{"touched":false}', attempt = 1, fence = 1 where id = $1`, [steps[begun++]]],
    ],
    'step.done': () => [
      [`update flow.step set state = 'done', ended_at = now(), after = '{"touched":false}' where id = $1`, [steps[ended]]],
      [`insert into flow.target_state (id, target, verb, value, at) values ($1, $2, 'bench-no-op', '{"touched":false}', now())`, [`bench-no-op@${targets[ended]}`, targets[ended++]]],
    ],
    'run.verifying': () => [[`update flow.run set state = 'verifying', verifying_at = now() where id = $1`, [run]]],
    'run.succeeded': () => [
      [`update flow.run set state = 'succeeded', ended_at = now() where id = $1`, [run]],
      [`update flow.tenure set holder = '' where id = $1`, [run]],
      [`delete from flow.target_lock where run_id = $1`, [run]],
    ],
    'target.freed': () => [],
  } // prettier-ignore
  for (const entries of groups) {
    await client.query('begin')
    for (const { type } of entries) {
      if (!(type in changes)) throw new Error(`the engine says ${type}: the bare program does not know what it changes`)
      for (const [sql, params] of changes[type]!()) await client.query(sql, params)
    }
    const streams = entries.map(({ stream_id }) => renamed(stream_id))
    const numbers = streams.map((stream) => {
      // A plan's stream has its entries of before: proposed.
      const next = seqs.get(stream) ?? (stream.startsWith('plan:') ? 1 : 0)
      seqs.set(stream, next + 1)
      return next
    })
    await client.query(
      `insert into audit.entry (entry_id, stream_id, stream_seq, type, about, body)
       select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bytea[])`,
      [
        entries.map(() => randomUUIDv7()),
        streams,
        numbers,
        entries.map(({ type }) => type),
        entries.map(({ about }) => renamed(about)),
        entries.map(({ body }) => Buffer.from(renamed(body))),
      ],
    )
    await client.query('commit')
  }
}
