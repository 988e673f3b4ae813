import { entry } from '@firebreak/flow'
import { ledgerContract } from '@firebreak/flow/testing'
import type { DataSource } from 'typeorm'
import type { EventEmitter } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

test('a row is the same, asked for alone or together with others', async () => {
  const ledger = new PostgresLedger(source, { now: () => new Date('2026-11-23T03:07:00.000Z') })
  const request = {
    ...{ id: 'req_same', kind: 'stop', subject: null, incident_id: null, by: 'mira', reason: 'ä " \\ \n 𝄞' },
    ...{ body: { on: true, deep: [1.5, null, { a: '—' }], big: 9007199254740991 }, at: '2026-11-23T03:07:00.123Z' },
  } as const
  await ledger.write(async (books) => {
    await books.lock({ stream: ['stop:house'] })
    await books.requests.add(request as never)
    books.audit.append(entry({ kind: 'process', id: 'api', auth: 'process', roles: [] }, 'stop:house', 'stop.pressed', 'request:req_same', { outcome: 'ok' })) // prettier-ignore
  })
  const alone = await ledger.read((books) => books.requests.get('req_same'))
  const together = await ledger.read((books) =>
    Promise.all([books.requests.where({ kind: ['stop', 'plan'] }), books.runs.get('run_none'), books.requests.where({ id: [] })]),
  ) // prettier-ignore
  expect(alone).toEqual(request)
  expect(together).toEqual([[request], undefined, []])
})

test('a failure that its caller swallowed is told by the commit', async () => {
  const ledger = new PostgresLedger(source, { now: () => new Date('2026-11-23T03:07:00.000Z') })
  const swallowed = ledger.write(async (books) => {
    await books.incidents.where({ no_such_column: 1 } as never).catch(() => undefined)
  })
  await expect(swallowed).rejects.toThrow(/had failed/)
})

test('a connection that ends in the moment in which it is handed over ends nothing else', async () => {
  type Taken = (error: Error | undefined, client: EventEmitter, release: (error?: Error) => void) => void
  const { master } = source.driver as unknown as { master: { connect(taken: Taken): void } }
  const emitted = await new Promise((resolve) =>
    master.connect((_, client, release) => {
      const ended = new Error('terminating connection due to unexpected postmaster exit')
      // As pg does when the server says so; nobody has had the time to listen.
      resolve(client.emit('error', ended))
      release(ended)
    }),
  )
  expect(emitted).toBe(true)
})

test('who waited too long for a lock hears of that, whatever was asked behind it in the same breath', async () => {
  const url = `${database.url('fb_api')}?options=-c%20lock_timeout%3D200`
  const hasty = await openStore(url, { applicationName: 'hasty' }).initialize()
  const [patient, late] = [source, hasty].map((on) => new PostgresLedger(on, { now: () => new Date() }))
  try {
    const refused = await patient!.write(async (books) => {
      await books.lock({ stream: ['incident:inc_busy'] })
      return late!
        .write((behind) =>
          Promise.all([behind.lock({ stream: ['incident:inc_busy'] }), behind.incidents.get('inc_busy')]),
        )
        .catch((error: unknown) => error)
    })
    expect(refused).toMatchObject({ code: '55P03' })
  } finally {
    await hasty.destroy()
  }
})

/** A pool of one connection: what the last one left behind, the next one finds. */
async function onOneConnection(
  work: (ledger: PostgresLedger, which: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const one = await openStore(database.url('fb_api'), { applicationName: 'one', poolSize: 1 }).initialize()
  try {
    const ledger = new PostgresLedger(one, { now: () => new Date('2026-11-23T03:07:00.000Z') })
    await work(ledger, () => one.query('select pg_backend_pid()'))
  } finally {
    await one.destroy()
  }
}
const twice = {
  ...{ id: 'req_twice', kind: 'stop', subject: null, incident_id: null, by: 'mira', reason: 'twice' },
  ...{ body: { on: true }, at: '2026-11-23T03:07:00.000Z' },
} as const

test('whoever gives up right behind a write that fails leaves no failed transaction to the next', () =>
  onOneConnection(async (ledger, which) => {
    const before = await which()
    const given = ledger.write(async (books) => {
      await books.requests.add(twice as never)
      await books.requests.add(twice as never)
      throw new Error('given up')
    })
    await expect(given).rejects.toThrow('given up')
    expect(await which()).toEqual(before)
    expect(await ledger.read((books) => books.requests.get('req_twice'))).toBeUndefined()
  }))

test('a connection that does not roll back is not used again', () =>
  onOneConnection(async (ledger, which) => {
    const before = await which()
    const failing = ledger.write(async (books) => {
      await books.requests.get('req_none')
      // In one breath with the rollback, and not the transaction's to wait for.
      void books.incidents.where({ no_such_column: 1 } as never).catch(() => undefined)
      throw new Error('given up')
    })
    await expect(failing).rejects.toThrow('given up')
    expect(await which()).not.toEqual(before)
    expect(await ledger.read((books) => books.requests.get('req_twice'))).toBeUndefined()
  }))

test('what was first said behind a failure, and again before that was told, does not hide it', () =>
  onOneConnection(async (ledger) => {
    const failing = ledger.write(async (books) => {
      await books.requests.add(twice as never)
      await books.requests.add(twice as never)
      const first = books.enforcements.where({ id: 'frz_none' })
      first.catch(() => undefined)
      await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve)))
      await books.enforcements.where({ id: 'frz_none' })
    })
    await expect(failing).rejects.toMatchObject({ code: '23505' })
  }))
