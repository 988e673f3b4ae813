import { randomUUIDv7 } from 'node:crypto'
import { commitment, decodeEntry, EntryError, leafHash } from '@firebreak/audit-log'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { append, type Draft } from './append.js'
import { advisoryLock, LockedTooLate, lockStreams } from './locks.js'
import { disclosuresOf } from './reads.js'
import { logCluster, type LogCluster, type LogDatabase } from './testing/index.js'

let cluster: LogCluster
let database: LogDatabase
let tx: pg.Client

beforeAll(async () => {
  cluster = await logCluster()
})
afterAll(async () => {
  await cluster.stop()
})
beforeEach(async () => {
  database = await cluster.database()
  tx = await database.client('fb_api')
  return () => database.close()
})

const context = () => ({ now: new Date('2026-11-23T10:02:03.123Z'), newId: () => randomUUIDv7() })
const draft = (stream: string): Draft => ({
  stream,
  type: 'step.intended',
  about: 'step:s_1',
  actor: { kind: 'process', id: 'worker' },
})

test('what an entry names by digest is on the list of outputs, once, and only where the entry is', async () => {
  const worker = await database.client('fb_worker')
  const output = [{ sha256: 'a'.repeat(64), size: 4, media_type: 'text/plain' }]
  const names = async (end: 'commit' | 'rollback') => {
    await worker.query('begin')
    await lockStreams(worker, ['run:r_1'])
    await append(
      worker,
      [
        { ...draft('run:r_1'), output },
        { ...draft('run:r_1'), output },
      ],
      context(),
    )
    await worker.query(end)
    return (await worker.query<object>('select sha256, size::int, media_type from audit.blob')).rows
  }
  expect(await names('rollback')).toEqual([])
  expect(await names('commit')).toEqual(output)
  expect(await names('commit')).toEqual(output)
})

test('what is answered is what stands in the table, byte for byte, and its hash', async () => {
  await tx.query('begin')
  await lockStreams(tx, ['run:r_1', 'plan:p_1'])
  const written = await append(tx, [draft('run:r_1'), draft('plan:p_1'), draft('run:r_1')], context())
  const more = await append(tx, [draft('run:r_1')], context())
  await tx.query('commit')
  expect([...written, ...more].map(({ stream, stream_seq }) => [stream, stream_seq])).toEqual([
    ['run:r_1', 0],
    ['plan:p_1', 0],
    ['run:r_1', 1],
    ['run:r_1', 2],
  ])

  const { rows } = await tx.query<Record<string, unknown>>('select * from audit.entry order by id')
  expect(rows).toHaveLength(4)
  for (const [i, { entry_id, stream, stream_seq, body }] of [...written, ...more].entries()) {
    expect(decodeEntry(body)).toMatchObject({
      v: 1,
      entry_id,
      stream,
      stream_seq,
      ts: '2026-11-23T10:02:03.123Z',
      type: 'step.intended',
    })
    expect(rows[i]).toMatchObject({
      entry_id,
      stream_id: stream,
      stream_seq: String(stream_seq),
      type: 'step.intended',
      about: 'step:s_1',
      era: 0,
    })
    expect(rows[i]!['body']).toEqual(Buffer.from(body))
    expect(rows[i]!['leaf_hash']).toEqual(Buffer.from(leafHash(body)))
  }
  expect(new Set(rows.map((row) => row['xid'])).size).toBe(1)
})

test('numbers have no gap when transactions are rolled back', async () => {
  for (const end of ['commit', 'rollback', 'commit', 'rollback', 'commit']) {
    await tx.query('begin')
    await lockStreams(tx, ['run:r_1'])
    await append(tx, [draft('run:r_1'), draft('run:r_1')], context())
    await tx.query(end)
  }
  const { rows } = await tx.query<{ stream_seq: string }>('select stream_seq from audit.entry order by stream_seq')
  expect(rows.map((row) => Number(row.stream_seq))).toEqual([0, 1, 2, 3, 4, 5])
})

test('nothing to say is nothing done; what the schema refuses is refused before the database is asked', async () => {
  expect(await append(tx, [], context())).toEqual([])
  const odd = { ...draft('run:r_1'), detail: { password: 'secret' } } as unknown as Draft
  await expect(append(tx, [odd], context())).rejects.toThrow(EntryError)
  const { rows } = await tx.query('select from audit.entry')
  expect(rows).toEqual([])
})

test('a client that answers with rows alone, as TypeORM does, will do', async () => {
  const manager = { query: async (sql: string, params?: unknown[]) => (await tx.query(sql, params)).rows as unknown[] }
  await manager.query('begin')
  await lockStreams(manager, ['run:r_1'])
  await append(manager, [draft('run:r_1')], context())
  const [second] = await append(manager, [draft('run:r_1')], context())
  await manager.query('commit')
  expect(second?.stream_seq).toBe(1)
})

test('a stream that was not locked fails on its number when somebody else was faster', async () => {
  const other = await database.client('fb_worker')
  await tx.query('begin')
  await append(tx, [draft('run:r_1')], context())
  await other.query('begin')
  // Said before it can fail: it fails while the commit is still being answered.
  const racing = expect(append(other, [draft('run:r_1')], context())).rejects.toThrow(/duplicate key .*stream/)
  const watcher = await database.client()
  const waits = `select from pg_stat_activity where usename = 'fb_worker' and wait_event_type = 'Lock'`
  while ((await watcher.query(waits)).rowCount === 0) continue
  await tx.query('commit')
  await racing
})

test('a lock after the first write is refused', async () => {
  await tx.query('begin')
  await lockStreams(tx, ['run:r_1'])
  await lockStreams(tx, ['run:r_2'])
  await append(tx, [draft('run:r_1')], context())
  await expect(lockStreams(tx, ['run:r_3'])).rejects.toThrow(LockedTooLate)
})

test('crossing names do not dead-lock, whatever order they are said in', async () => {
  const writers = await Promise.all(Array.from({ length: 8 }, () => database.client('fb_worker')))
  const names = Array.from({ length: 20 }, (_, i) => `run:r_${i}`)
  await Promise.all(
    writers.map(async (writer) => {
      for (let i = 0; i < 25; i++) {
        const some = names.toSorted(() => Math.random() - 0.5).slice(0, 6)
        await writer.query('begin')
        await lockStreams(writer, some)
        await append(writer, some.map(draft), context())
        await writer.query('commit')
      }
    }),
  )
  const { rows } = await tx.query<{ count: number }>('select count(*)::int as count from audit.entry')
  expect(rows[0]?.count).toBe(8 * 25 * 6)
})

test('try answers at once; shared locks go together and exclude the exclusive; spaces keep apart; the end frees', async () => {
  const other = await database.client('fb_worker')
  await tx.query('begin')
  await other.query('begin')
  expect(await advisoryLock(tx, 'scope', ['service:api', 'service:api'], 'shared')).toBe(true)
  expect(await advisoryLock(other, 'scope', ['service:api'], 'shared')).toBe(true)
  expect(await advisoryLock(tx, 'key', ['k'], 'try')).toBe(true)
  expect(await advisoryLock(other, 'key', ['free', 'k'], 'try')).toBe(false)
  expect(await advisoryLock(other, 'group', ['k'], 'try')).toBe(true)
  expect(await advisoryLock(other, 'scope', ['service:api'], 'try')).toBe(false)
  await tx.query('rollback')
  expect(await advisoryLock(other, 'key', ['k'], 'try')).toBe(true)
  expect(await advisoryLock(other, 'scope', ['service:api'], 'exclusive')).toBe(true)
  expect(await advisoryLock(other, 'scope', [], 'exclusive')).toBe(true)
  await other.query('rollback')
})

test('a personal value stands beside the log, and its commitment in it', async () => {
  await tx.query('begin')
  await lockStreams(tx, ['run:r_1', 'person:p_1'])
  const someone: Draft = { ...draft('person:p_1'), actor: { kind: 'person', id: 'hannah' } }
  const written = await append(
    tx,
    [{ ...someone, personal: { '/actor/ip': '192.0.2.7' } }, draft('run:r_1'), { ...someone, personal: {} }],
    context(),
  )
  await tx.query('commit')
  const bodies = written.map(({ body }) => decodeEntry(body))
  const disclosed = await disclosuresOf(tx, written.map(({ entry_id }) => entry_id)) // prettier-ignore
  expect(disclosed).toMatchObject([{ entry_id: written[0]!.entry_id, path: '/actor/ip', value: '192.0.2.7' }])
  expect(bodies.map(({ actor }) => actor.ip)).toEqual([commitment(disclosed[0]!), undefined, undefined])
  expect(Buffer.from(written[0]!.body).toString()).not.toContain('192.0.2.7')
  expect(bodies[0]).not.toHaveProperty('personal')
})

test('each personal value has a salt of its own, and goes with the transaction', async () => {
  const someone: Draft = { ...draft('person:p_1'), personal: { '/actor/ip': '192.0.2.7' } }
  await tx.query('begin')
  await lockStreams(tx, ['person:p_1'])
  const written = await append(tx, [someone, someone], context())
  const salts = await disclosuresOf(tx, written.map(({ entry_id }) => entry_id)) // prettier-ignore
  expect(new Set(salts.map(({ salt }) => Buffer.from(salt).toString('hex'))).size).toBe(2)
  await tx.query('rollback')
  expect(await disclosuresOf(tx, written.map(({ entry_id }) => entry_id))).toEqual([]) // prettier-ignore
})
