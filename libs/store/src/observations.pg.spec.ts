import type { DataSource } from 'typeorm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore, PostgresLedger } from './postgres-ledger.js'
import { freshDatabase, type TestDatabase } from './testing/database.js'

let database: TestDatabase
let source: DataSource

beforeAll(async () => {
  database = await freshDatabase()
  source = await openStore(database.url('fb_worker'), { applicationName: 'test', poolSize: 1 }).initialize()
})
afterAll(async () => {
  await source.destroy()
  await database.stop()
})

/** Versions of rows that were made so far, those of them that no index was told of, and pieces of long values that were written. */
async function written() {
  await source.query('select pg_stat_force_next_flush()')
  const [counted] = await source.query<{ versions: number; beside: number; pieces: number }[]>(
    `select o.n_tup_upd::int as versions, o.n_tup_hot_upd::int as beside, t.n_tup_ins::int as pieces
     from pg_class c join pg_stat_all_tables o on o.relid = c.oid join pg_stat_all_tables t on t.relid = c.reltoastrelid
     where c.oid = 'flow.observation'::regclass`,
  )
  return counted!
}

test('what is seen again as it was costs its time alone: no index is told, and no long value written again', async () => {
  const ledger = new PostgresLedger(source, { now: () => new Date() })
  const second = (n: number) => `2026-11-26T03:00:${String(n).padStart(2, '0')}.000Z`
  const ids = Array.from({ length: 200 }, (_, n) => `deployment:prod/service-${n}`)
  // Nothing that can be made shorter; of each tenth, more than a page takes.
  const text = (n: number) => Array.from({ length: n }, () => Math.random().toString(36).slice(2)).join('')
  const values = ids.map((id, n) => ({ id, value: { says: text(n % 10 === 0 ? 1_000 : 80) }, at: second(0) }))
  await ledger.write((books) => books.observations.add(...values))
  const before = await written()
  expect(before.pieces).toBeGreaterThan(20)
  for (let look = 1; look <= 20; look++)
    await ledger.write((books) => books.observations.changeAll(ids, { at: second(look) }))
  const after = await written()
  expect(after.versions - before.versions).toBe(4_000)
  expect(after.beside - before.beside).toBeGreaterThan(3_800)
  expect(after.pieces).toBe(before.pieces)
})
