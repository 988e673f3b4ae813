import { leafHash, tilesOf } from '@firebreak/audit-log'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { entriesBetween, newestCheckpoint, proofReader, readTile } from './reads.js'
import { collect, logCluster, testLog, type LogCluster, type LogDatabase, type TestLog } from './testing/index.js'

let cluster: LogCluster
let database: LogDatabase
let log: TestLog
let reader: pg.Client

beforeAll(async () => {
  cluster = await logCluster()
})
afterAll(async () => {
  await cluster.stop()
})
beforeEach(async () => {
  database = await cluster.database()
  log = testLog()
  reader = await database.client('fb_reader')
  return () => database.close()
})

async function grow(many: number): Promise<void> {
  const api = await database.client('fb_api')
  const drafts = Array.from({ length: many }, (_, i) => ({ stream: `run:r_${i % 3}` }))
  await log.write(api, ...drafts)
  await log.sequenceAll(database.url('fb_sequencer'))
}

test('before the first checkpoint there is none; afterwards the newest', async () => {
  expect(await newestCheckpoint(reader)).toBeUndefined()
  await grow(2)
  await grow(3)
  expect(await newestCheckpoint(reader)).toMatchObject({ size: 5, published_at: expect.any(Date) as Date })
})

test('any range of entries, over pages, in order; left early, it reads no further', async () => {
  await grow(2_300)
  const positions = (await collect(entriesBetween(reader, 5, 2_290))).map(({ position }) => position)
  expect(positions).toEqual(Array.from({ length: 2_285 }, (_, i) => i + 5))
  expect(await collect(entriesBetween(reader, 7, 7))).toEqual([])

  let asked = 0
  const counting = { query: (sql: string, params?: unknown[]) => (asked++, reader.query(sql, params)) }
  for await (const { position } of entriesBetween(counting, 0, 2_300)) if (position === 10) break
  expect(asked).toBe(1)
})

test('a hole, and an end beyond the log, are errors and not shorter answers', async () => {
  await grow(10)
  await expect(collect(entriesBetween(reader, 0, 11))).rejects.toThrow(/no entry at position 10/)
  const root = await database.client()
  await root.query('alter table audit.entry disable trigger all')
  await root.query('delete from audit.entry where id = (select id from audit.leaf where position = 4)')
  await expect(collect(entriesBetween(reader, 0, 10))).rejects.toThrow(/no entry at position 4/)
})

test('tiles are as they were at any size that has been', async () => {
  await grow(200)
  await grow(100)
  const bodies = await collect(entriesBetween(reader, 0, 300))
  const leaves = bodies.map(({ body }) => Buffer.from(leafHash(body)))
  expect(await readTile(reader, { level: 0, index: 0, width: 200 })).toEqual(Buffer.concat(leaves.slice(0, 200)))
  for (const tile of tilesOf(300)) expect((await readTile(reader, tile)).length).toBe(tile.width * 32)
  await expect(readTile(reader, { level: 0, index: 1, width: 45 })).rejects.toThrow(/no tile 1 of level 0 with 45/)
})

test('a proof reads a handful of tiles, one statement at a time', async () => {
  await grow(1_000)
  let open = 0
  let most = 0
  let asked = 0
  const counting = {
    query: async (sql: string, params?: unknown[]) => {
      asked++
      most = Math.max(most, ++open)
      const answer = await reader.query(sql, params)
      open--
      return answer
    },
  }
  const proof = await proofReader(counting).inclusion(513, 1_000)
  expect(proof.length).toBe(10)
  expect(most).toBe(1)
  expect(asked).toBeLessThanOrEqual(4)
  await expect(proofReader(reader).inclusion(1_000, 1_000)).rejects.toThrow(/no leaf 1000/)
  await expect(proofReader(reader).consistency(900, 1_001)).rejects.toThrow(/no tile|not in a tree/)
})
