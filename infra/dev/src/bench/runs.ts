import { randomUUIDv7 } from 'node:crypto'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { BullDoorbell, queueKey, queueOptions } from '@firebreak/queue'
import Bull from 'bull'
import type pg from 'pg'
import { withClient } from '../crash/database.js'
import { temporaryRedis } from '../redis.js'
import { ROOT } from '../root.js'
import type { BareWork, Told } from './bare-runs.js'
import { median, type Subject } from './figure.js'
import type { Succeeded } from './run-worker.js'
import { atHome, benchPostgres } from './stage.js'

const WORKERS = 2
/** Each of so many rounds measures the engine and the bare program, one after the other. */
const ROUNDS = 3

/** Runs of three steps that do nothing: the engine with journal, log, locks and Bull, beside the rows and entries alone. */
export const runs: Subject = {
  name: 'runs',
  async measure({ small, say }) {
    const many = small ? 60 : 400
    const postgres = await benchPostgres()
    const redis = await temporaryRedis()
    const children: ChildProcess[] = []
    const launch = async (program: string, url: string) => {
      const child = spawn(process.execPath, [join(ROOT, `infra/dev/dist/bench/${program}.js`)], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, DATABASE_URL: url, REDIS_URL: redis.url },
      })
      children.push(child)
      await once(child, 'message')
      return child
    }
    const bull = new Bull(queueKey('run'), redis.url, queueOptions(redis.url))
    try {
      const database = await postgres.database('runs')
      const bare = await postgres.database('bare')
      for (const one of [database, bare]) await withClient(one.url(), atHome)
      const bell = new BullDoorbell(new Map([['run', bull]]), (_, id, why) => {
        throw new Error(`nobody heard the bell of ${id}: ${why}`)
      })
      const workers = await Promise.all(
        Array.from({ length: WORKERS }, () => launch('run-worker', database.url('fb_worker'))),
      )
      const twins = await Promise.all(Array.from({ length: WORKERS }, () => launch('bare-runs', bare.url('fb_worker'))))

      const engine = (count: number) =>
        withClient(database.url(), async (client) => {
          const plans = await approved(client, workers[0]!, count)
          const ended = allSucceeded(workers, count)
          const began = performance.now()
          await Promise.all(plans.map((plan) => bell.ring('run', plan)))
          await ended
          const perSecond = count / ((performance.now() - began) / 1_000)
          await assertSucceeded(client, plans)
          return { perSecond, model: await told(client, plans[0]!) }
        })
      const twin = (count: number, model: BareWork['model']) =>
        withClient(bare.url(), async (client) => {
          const plans = await copied(client, count)
          const began = performance.now()
          await Promise.all(
            twins.map(async (child, nth) => {
              child.send({ plans: plans.filter((_, at) => at % WORKERS === nth), model } satisfies BareWork)
              await once(child, 'message')
            }),
          )
          return count / ((performance.now() - began) / 1_000)
        })

      const { model } = await engine(many / 10)
      await twin(many / 10, model)
      const rounds: { engine: number; bare: number }[] = []
      for (let round = 0; round < ROUNDS; round++) {
        rounds.push({ engine: (await engine(many)).perSecond, bare: await twin(many, model) })
        say(`${rounds.at(-1)!.engine.toFixed(0)} runs/s, bare ${rounds.at(-1)!.bare.toFixed(0)}`)
      }
      const [per, alone] = [median(rounds.map((round) => round.engine)), median(rounds.map((round) => round.bare))]
      const transactions = new Set(model.entries.map(({ xid }) => xid)).size
      const note = `${many} runs a round, median of ${ROUNDS}; ${WORKERS} processes; ${transactions} transactions, ${model.entries.length} entries a run`
      const beside = { what: 'the same rows and entries by bare pg', value: alone, unit: '/s' }
      return [
        { what: 'runs of three no-op steps', kind: 'absolute', unit: 'runs/s', measured: per, reach: 50, better: 'more', beside, note },
        { what: 'runs beside bare pg', kind: 'ratio', unit: '×', measured: median(rounds.map((round) => round.engine / round.bare)), reach: 0.5, better: 'more', beside },
      ] // prettier-ignore
    } finally {
      await bull.close()
      for (const child of children) child.kill('SIGKILL')
      await redis.stop()
      await postgres.stop()
    }
  },
}

/** Plans as people leave them: asked for, made by the planner, and with their yes. */
async function approved(client: pg.Client, worker: ChildProcess, count: number): Promise<string[]> {
  const plans = Array.from({ length: count }, () => `pln_${randomUUIDv7()}`)
  await past(client, ['request', 'person', 'role_grant', 'approval'], async () => {
    await client.query(
      `insert into flow.person (id, kind, name) values ('sam', 'person', 'Sam') on conflict do nothing`,
    )
    await client.query(
      `insert into flow.role_grant (id, person_id, role, since) values ('rol_sam', 'sam', 'sre', now() - interval '30 days') on conflict do nothing`,
    )
    await client.query(
      `insert into flow.request (id, kind, subject, body, "by", reason, at)
       select id, 'plan', 'bench-no-op', jsonb_build_object('params', jsonb_build_object('name', id), 'trigger', '{}'::jsonb), 'sam', '', now() from unnest($1::text[]) as p (id)`,
      [plans],
    )
  })
  worker.send(plans)
  await once(worker, 'message')
  const { rows } = await client.query<{ because: string }>(
    `select because from flow.plan where state <> 'proposed' and id = any ($1)`,
    [plans],
  )
  if (rows[0]) throw new Error(`a plan was not proposed: ${rows[0].because}`)
  await past(client, ['approval'], () =>
    client.query(
      `insert into flow.approval (id, plan_id, "by", decision, digest, note, at)
       select 'apr_' || id, id, 'sam', 'yes', digest, '', now() from flow.plan where id = any ($1)`,
      [plans],
    ),
  )
  return plans
}

/** The bare program's plans: rows of the same width. */
async function copied(client: pg.Client, count: number): Promise<string[]> {
  await past(client, ['request', 'plan', 'run', 'step', 'target_lock', 'target_state'], () => Promise.resolve(), false)
  const plans = Array.from({ length: count }, () => `pln_${randomUUIDv7()}`)
  await client.query(
    `insert into flow.request (id, kind, subject, body, "by", reason, at) select id, 'plan', 'bench-no-op', '{}', 'sam', '', now() from unnest($1::text[]) as p (id)`,
    [plans],
  )
  await client.query(
    `insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, requested_by, body, digest, tier, quorum, made_at, expires_at)
     select id, 'proposed', 'bench-no-op', 1, $2, 'sam', '{}', $2, 'T1', 1, now(), now() from unnest($1::text[]) as p (id)`,
    [plans, `sha256:${'0'.repeat(64)}`],
  )
  return plans
}

/** Without the triggers of these tables; `back`: they are put back afterwards. */
async function past(
  client: pg.Client,
  tables: readonly string[],
  work: () => Promise<unknown>,
  back = true,
): Promise<void> {
  for (const table of tables) await client.query(`alter table flow.${table} disable trigger user`)
  await work()
  if (back) for (const table of tables) await client.query(`alter table flow.${table} enable trigger user`)
}

const PATIENCE_MS = 300_000

/** Resolves when the workers have told of so many runs: whoever asked the record all the time would be measured with them. */
function allSucceeded(workers: readonly ChildProcess[], count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count
    const late = setTimeout(
      () => stop(() => reject(new Error(`${left} of ${count} runs had not succeeded in time`))),
      PATIENCE_MS,
    )
    const hear = ({ succeeded = 0 }: Partial<Succeeded>) => {
      if ((left -= succeeded) === 0) stop(resolve)
    }
    const stop = (then: () => void) => {
      clearTimeout(late)
      for (const worker of workers) worker.off('message', hear)
      then()
    }
    for (const worker of workers) worker.on('message', hear)
  })
}

async function assertSucceeded(client: pg.Client, plans: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ over: number }>(
    `select count(*)::int as over from flow.run where plan_id = any ($1) and state = 'succeeded'`,
    [plans],
  )
  if (rows[0]!.over !== plans.length) throw new Error(`${rows[0]!.over} of ${plans.length} runs succeeded`)
}

/** What one run wrote into the log, in its order. */
async function told(client: pg.Client, plan: string): Promise<BareWork['model']> {
  const { rows: [run] } = await client.query<{ id: string }>('select id from flow.run where plan_id = $1', [plan]) // prettier-ignore
  const { rows: steps } = await client.query<{ id: string }>('select id from flow.step where run_id = $1 order by number', [run!.id]) // prettier-ignore
  const { rows: entries } = await client.query<Told>(
    `select xid::text, type, stream_id, about, convert_from(body, 'UTF8') as body from audit.entry
     where stream_id = $1 or (stream_id = $2 and type = 'plan.used') order by era, xid, id`,
    [`run:${run!.id}`, `plan:${plan}`],
  )
  return { run: run!.id, plan, steps: steps.map(({ id }) => id), entries }
}
