import { RecordedRuns } from '@firebreak/flow'
import { pastRunsContract } from '@firebreak/kit/testing'
import pg from 'pg'
import type { DataSource } from 'typeorm'
import { afterAll, beforeAll } from 'vitest'
import { openStore, PostgresLedger } from './postgres-ledger.js'
import { freshDatabase, type TestDatabase } from './testing/database.js'

let database: TestDatabase
let source: DataSource
let client: pg.Client

beforeAll(async () => {
  database = await freshDatabase()
  source = await openStore(database.url('fb_worker'), { applicationName: 'test' }).initialize()
  client = new pg.Client({ connectionString: database.superuserUrl })
  await client.connect()
  // How a run comes about is the tables' own to guard, and another spec's: here they only have to be there.
  for (const table of ['plan', 'run']) await client.query(`alter table flow.${table} disable trigger all`)
})
afterAll(async () => {
  await client.end()
  await source.destroy()
  await database.stop()
})

const NOW = new Date('2026-11-23T03:07:00.000Z')

async function past(run: { id: string; recipe: string; facts: object; state: string; ended_at: string | null }) {
  const { id, recipe, facts, state, ended_at } = run
  const digest = `sha256:${'a'.repeat(64)}`
  await client.query(
    `insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, requested_by, body, digest, tier, quorum, made_at, expires_at)
     values ($1, 'used', $2, 1, $3, 'hannah', $4, $3, 'T0', 0, $5, $5)`,
    [`pln_${id}`, recipe, digest, JSON.stringify({ made_at: NOW.toISOString(), facts }), NOW],
  )
  await client.query(
    `insert into flow.run (id, plan_id, plan_digest, recipe_id, state, started_at, ended_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [`run_${id}`, `pln_${id}`, digest, recipe, state, NOW, ended_at],
  )
}

pastRunsContract('the record on Postgres', async () => {
  await client.query('delete from flow.run')
  await client.query('delete from flow.plan')
  const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString()
  return {
    past: new RecordedRuns(new PostgresLedger(source, { now: () => NOW }), () => NOW),
    ran: (run) => past({ ...run, ended_at: ago(run.ended_minutes_ago) }),
    isRunning: (run) => past({ ...run, state: 'running', ended_at: null }),
  }
})
