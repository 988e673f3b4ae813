import { ledgerContract } from '@firebreak/flow/testing'
import type { DataSource } from 'typeorm'
import { afterAll, beforeAll } from 'vitest'
import { openStore, PostgresLedger } from './postgres-ledger.js'
import { freshDatabase, type TestDatabase } from './testing/database.js'

let database: TestDatabase
let source: DataSource

beforeAll(async () => {
  database = await freshDatabase()
  source = await openStore(database.url('fb_api'), { applicationName: 'test' }).initialize()
})
afterAll(async () => {
  await source.destroy()
  await database.stop()
})

ledgerContract('PostgresLedger', async () => ({
  ledger: new PostgresLedger(source, { now: () => new Date('2026-11-23T03:07:00.000Z') }),
  entries: (stream) =>
    source.query('select type, stream_seq::int from audit.entry where stream_id = $1 order by stream_seq', [stream]),
}))
