import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processActor, noLimits, Scopes, SelfChecks, Tenures, time, type World } from '@firebreak/flow'
import { startSandbox } from '@firebreak/sandbox'
import { openStore, PostgresLedger } from '@firebreak/store'
import pg from 'pg'
import { checkedBundle } from './crash/bundle.js'
import { makeDatabase } from './crash/database.js'
import { startLog } from './crash/log-programs.js'
import { Victim } from './crash/victim.js'
import { keyOf } from './people-file.js'
import { temporaryPostgres } from './postgres.js'
import { freePort, until } from './processes.js'
import { temporaryRedis } from './redis.js'
import { ROOT } from './root.js'
import { sandboxTargets } from './sandbox-targets.js'
import { HttpApi, type Loan, type Run } from './story-api.js'

const PATIENCE_MS = 60_000

/** How many of each. `worker`: what the workers are told besides; nothing keeps them as patient as they are in earnest. */
interface Numbers {
  apis: number
  workers: number
  sequencers: number
  worker?: Record<string, string>
  /** What APIs and workers are told besides. */
  both?: Record<string, string>
  /** Whoever keeps the queues; by default a Redis that stands alone. */
  redis?: () => Promise<{ url: string; stop: () => Promise<void> }>
}

/** APIs, workers and sequencers, the built programs, on one Postgres and one Redis, with the sandbox to repair. */
export async function severalOfEach(numbers: Numbers) {
  const { apis: manyApis, workers: manyWorkers, sequencers } = numbers
  const { worker = {}, both = {}, redis: startRedis = temporaryRedis } = numbers
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-several-'))
  const file = (...path: string[]) => join(folder, ...path)
  mkdirSync(file('logs'))
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close()
  }
  try {
    const [postgres, redis, sandbox] = await Promise.all([
      temporaryPostgres(),
      startRedis(),
      startSandbox({ dir: file('sandbox'), speed: 20 }),
    ])
    closing.push(() => postgres.stop(), () => redis.stop(), () => sandbox.stop()) // prettier-ignore
    const database = await makeDatabase(postgres.url, 'firebreak')
    const log = await startLog(database.url('fb_sequencer'), folder, { sequencers })
    closing.push(() => log.stop())
    writeFileSync(file('log-policy.txt'), log.policy)
    const house = file('firebreak.yaml')
    const atMinute = time(new Date(Date.now() - 60_000)).slice(11, 16)
    const ours = readFileSync(join(ROOT, 'firebreak.yaml'), 'utf8')
    writeFileSync(house, ours.replace('resolve_window_minutes: 30', 'resolve_window_minutes: 0').replace('folder: ', `folder: ${ROOT}/`)) // prettier-ignore
    await planACheck(database.url('fb_worker'), atMinute)

    const shared = { REDIS_URL: redis.url, FIREBREAK_CONFIG: house, FIREBREAK_BLOBS: file('blobs'), ...both }
    const numbered = (many: number, name: string, args: string[], env: (number: number) => Record<string, string>) =>
      Array.from({ length: many }, (_, at) => new Victim({ name: `${name}-${at + 1}`, args, env: { ...shared, ...env(at) } }, file('logs'))) // prettier-ignore
    const ports = await Promise.all(Array.from({ length: manyApis }, () => freePort()))
    const apis = numbered(manyApis, 'api', ['apps/api/dist/main.js'], (at) => ({
      DATABASE_URL: database.url('fb_api'),
      FIREBREAK_PORT: String(ports[at]),
      FIREBREAK_MODE: 'sandbox',
      FIREBREAK_PEOPLE_FILE: file('people.json'),
    }))
    const workers = numbered(manyWorkers, 'worker', ['apps/worker/dist/main.js'], () => ({
      DATABASE_URL: database.url('fb_worker'),
      FIREBREAK_LOG_POLICY_FILE: file('log-policy.txt'),
      ...sandboxTargets(sandbox.url, file('sandbox')),
      ...worker,
    }))
    closing.push(() => Promise.all([...apis, ...workers].map((one) => one.stop())))
    await Promise.all([...apis, ...workers].map((one) => one.start()))
    const at = (person: string) =>
      ports.map((port) => new HttpApi(`http://127.0.0.1:${port}`, keyOf(person, file('people.json'))))

    // One session for all looks: while everything starts again at once, a new one may take its time.
    const client = new pg.Client(database.url())
    await client.connect()
    closing.push(() => client.end())
    const query = async <Row>(sql: string, params: unknown[] = []) => (await client.query(sql, params)).rows as Row[]
    const hannah = at('hannah') as [HttpApi, ...HttpApi[]]
    return {
      ...{ apis, workers, log, sandbox, stop, superuserUrl: database.url() },
      /** One person at each of the APIs. */
      hannah,
      alertmanager: at('alertmanager') as [HttpApi, ...HttpApi[]],
      /** Where the first API is, and by which key it knows somebody: for who says more than a body. */
      url: `http://127.0.0.1:${ports[0]}`,
      key: (person: string) => keyOf(person, file('people.json')),
      /** Incidents were resolved two minutes earlier than they were: time goes on without anybody waiting. */
      later: () =>
        query(`begin;
          alter table flow.incident disable trigger audited;
          update flow.incident set resolved_at = resolved_at - interval '2 minutes';
          alter table flow.incident enable always trigger audited;
          commit`),
      /** Types of entries and how often the log has them, of streams like this one. */
      async lines(stream: string): Promise<Record<string, number>> {
        const rows = await query<{ type: string; many: number }>(
          `select type, count(*)::int as many from audit.entry where stream_id like $1 group by type`,
          [stream],
        )
        return Object.fromEntries(rows.map(({ type, many }) => [type, many]))
      },
      /** When lines of this type were written into a stream, by the database's clock, which is ours. */
      async when(stream: string, type: string): Promise<Date[]> {
        const rows = await query<{ at: Date }>(
          `select recorded_at as at from audit.entry where stream_id = $1 and type = $2 order by era, xid, id`,
          [stream, type],
        )
        return rows.map(({ at }) => at)
      },
      /** On whose account each entry was written. */
      accounts: () =>
        query<{ type: string; request_id?: string; trace_id?: string }>(
          `select type, b ->> 'request_id' as request_id, b ->> 'trace_id' as trace_id
           from audit.entry, lateral (select convert_from(body, 'utf8')::json as b) as said order by era, xid, id`,
        ),
      /** Where a trace goes on. */
      places: async (id: string) =>
        (await query<{ traceparent: string }>('select traceparent from flow.trace where id = $1', [id])).map(
          ({ traceparent }) => traceparent,
        ),
      /** Everybody who wrote lines like these into such streams. */
      async writers(stream: string, type: string): Promise<string[]> {
        const rows = await query<{ by: string }>(
          `select distinct convert_from(body, 'utf8')::json -> 'actor' ->> 'id' as by
           from audit.entry where stream_id like $1 and type like $2 order by by`,
          [stream, type],
        )
        return rows.map(({ by }) => by)
      },
      /** Changes of the world that took effect, as the cluster counted them. */
      scalings: () => sandbox.effects().filter(({ effect }) => effect).length,
      async slow(): Promise<void> {
        sandbox.break('slow')
        await sees('the sandbox to be slow', async () => sandbox.state().p95_ms > 600 || undefined)
      },
      succeeds: (run: string) =>
        sees('the run to succeed', async () => (await hannah[0].get<Run>(`/v1/runs/${run}`)).state === 'succeeded' || undefined), // prettier-ignore
      /** Whatever is lent comes back, as soon as somebody asks for it. */
      async takesBack(): Promise<void> {
        const { items } = await hannah[0].get<{ items: Loan[] }>('/v1/loans?limit=200')
        for (const { id } of items.filter(({ state }) => state === 'out')) {
          await hannah[0].post(`/v1/loans/${id}/return`, { reason: 'It is over' })
          await sees('the loan to come back', async () => (await hannah[0].get<Loan>(`/v1/loans/${id}`)).state === 'returned' || undefined) // prettier-ignore
        }
      },
      checkedBundle: () => checkedBundle(client, log.policy, folder),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A turn of the nightly check that is due by the time the workers start: one that looks from two minutes ago has planned it. */
async function planACheck(databaseUrl: string, at: string): Promise<void> {
  const source = await openStore(databaseUrl, { applicationName: 'a worker', poolSize: 1 }).initialize()
  try {
    const world: World = {
      ledger: new PostgresLedger(source, { now: () => new Date() }),
      now: () => new Date(Date.now() - 120_000),
      newId: (prefix) => prefix,
      scopes: new Scopes([], []),
      limits: noLimits,
    }
    const nobody = { check: () => Promise.reject(new Error('it only plans')) }
    const tenures = new Tenures(world, 'nobody', { seconds: 1 })
    const timers = { every: () => () => undefined }
    await new SelfChecks(world, nobody, tenures, timers, processActor('worker'), { at, retry_minutes: 1 }).schedule()
  } finally {
    await source.destroy()
  }
}

/** Looks until there is something to see. */
export async function sees<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  let found: T | undefined
  if (await until(async () => (found = await look()) !== undefined, PATIENCE_MS, 60)) return found!
  throw new Error(`waited ${PATIENCE_MS / 1_000} s for ${what}`)
}
