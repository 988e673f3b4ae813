import { randomUUIDv7 } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  CompactRange,
  cosign,
  cosignedAt,
  decodeEntry,
  formatSignature,
  generateKey,
  KEY_TYPE,
  leafHash,
  parseCheckpoint,
  parseNote,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
} from '@firebreak/audit-log'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { append, type Draft } from './append.js'
import { Cosigner, type CosignerAnswer } from './cosigner.js'
import { lockStreams } from './locks.js'
import { entriesBetween, newestCheckpoint, proofReader } from './reads.js'
import { LogRefused } from './refusal.js'
import type { Session } from './sequencer.js'
import {
  collect,
  logCluster,
  openSession,
  testLog,
  type LogCluster,
  type LogDatabase,
  type TestLog,
} from './testing/index.js'

let cluster: LogCluster
let database: LogDatabase
let log: TestLog
let root: pg.Client
let api: pg.Client

beforeAll(async () => {
  cluster = await logCluster()
})
afterAll(async () => {
  await cluster.stop()
})
beforeEach(async () => {
  database = await cluster.database()
  log = testLog()
  root = await database.client()
  api = await database.client('fb_api')
})
afterEach(async () => {
  await database.close()
})

const asSequencer = () => database.url('fb_sequencer')
const count = (table: string) => countIn(root, table)
const countIn = async (tx: pg.Client, table: string) =>
  (await tx.query<{ count: number }>(`select count(*)::int as count from ${table}`)).rows[0]!.count

/** `many` transactions of one entry each. */
async function write(many: number, stream = 'run:r_1'): Promise<void> {
  for (let i = 0; i < many; i++) await log.write(api, { stream })
}

/** What an auditor would do, from the tables: re-hash every body, rebuild the tree, compare with the signed root. */
async function expectSound(): Promise<number> {
  const newest = await newestCheckpoint(api)
  if (!newest) throw new Error('no checkpoint')
  const note = parseNote(newest.cosigned)
  expect(verifyNote(note, [log.key])).toHaveLength(1)
  expect(cosignedAt(note, log.notaryKey)).toBeTypeOf('number')
  const said = parseCheckpoint(note.text)
  const entries = await collect(entriesBetween(api, 0, said.size))
  const range = new CompactRange()
  for (const { body } of entries) range.append(leafHash(body))
  expect(said).toEqual({ origin: log.key.name, size: entries.length, root: range.root() })
  const ids = entries.map(({ body }) => decodeEntry(body).entry_id)
  expect(new Set(ids).size).toBe(ids.length)
  return said.size
}

test('committed entries become leaves, tiles and a cosigned checkpoint', async () => {
  await write(3)
  await log.write(api, { stream: 'plan:p_1' }, { stream: 'run:r_1' }, { stream: 'plan:p_1' })
  const newest = await log.sequenceAll(asSequencer())
  expect(newest.size).toBe(6)
  expect(await expectSound()).toBe(6)
  const bodies = (await collect(entriesBetween(api, 0, 6))).map(({ body }) => decodeEntry(body))
  expect(bodies.map(({ stream, stream_seq }) => `${stream} ${stream_seq}`)).toEqual([
    'run:r_1 0', 'run:r_1 1', 'run:r_1 2', 'plan:p_1 0', 'run:r_1 3', 'plan:p_1 1',
  ]) // prettier-ignore
})

test('over several tiles, every position has a proof and every pair of checkpoints a consistency proof', async () => {
  const sizes: number[] = []
  const roots = new Map<number, Uint8Array>()
  // 256 · 3 + some, in uneven steps, so that tiles are begun, continued and filled by different batches.
  for (const many of [1, 254, 1, 1, 255, 258, 3]) {
    const drafts = Array.from({ length: many }, (_, i) => ({ stream: `run:r_${i % 5}` }))
    await log.write(api, ...drafts)
    const { size, root } = await log.sequenceAll(asSequencer())
    sizes.push(size)
    roots.set(size, root)
  }
  expect(await expectSound()).toBe(773)
  const proofs = proofReader(api)
  const bodies = await collect(entriesBetween(api, 0, 773))
  for (const size of sizes) {
    for (const index of [0, 1, 255, 256, 511, 512, size - 1].filter((index) => index < size)) {
      const proof = await proofs.inclusion(index, size)
      const leaf = leafHash(bodies[index]!.body)
      expect(verifyInclusion({ index, size, leaf, root: roots.get(size)!, proof }), `${index} in ${size}`).toBe(true)
    }
    for (const size1 of sizes.filter((other) => other <= size)) {
      const proof = await proofs.consistency(size1, size)
      const grown = { size1, size2: size, root1: roots.get(size1)!, root2: roots.get(size)!, proof }
      expect(verifyConsistency(grown), `${size1} to ${size}`).toBe(true)
    }
  }
})

test('16 writers with open transactions: none lost, none doubled, streams in order; taking what is visible loses some', async () => {
  const each = 40
  const writers = await Promise.all(Array.from({ length: 16 }, () => database.client('fb_worker')))
  const naive = await database.client('fb_sequencer')
  let naiveLast = 0
  let naiveTaken = 0
  const lookNaively = async () => {
    const { rows } = await naive.query('select id from audit.entry where id > $1 order by id', [naiveLast])
    naiveTaken += rows.length
    naiveLast = Math.max(naiveLast, ...rows.map((row: { id: string }) => Number(row.id)))
  }
  const one = log.sequencer(asSequencer())
  let writing = true
  const sequencing = (async () => {
    while (writing) {
      await one.step()
      await lookNaively()
    }
  })()
  await Promise.all(
    writers.map(async (tx, writer) => {
      for (let i = 0; i < each; i++) {
        // Every other stream is shared by all writers, so that they wait for each other.
        const stream = i % 2 === 0 ? `run:r_${i % 7}` : `run:w_${writer}`
        await tx.query('begin')
        await lockStreams(tx, [stream])
        const draft: Draft = { stream, type: 'step.done', about: 'step:s', actor: { kind: 'process', id: 'w' } }
        await append(tx, [draft], { now: new Date(), newId: () => randomUUIDv7() })
        await pause(Math.random() * 12)
        await tx.query('commit')
      }
    }),
  )
  writing = false
  await sequencing
  while ((await one.step()) !== 'idle') continue
  await one.close()
  await lookNaively()

  expect(await expectSound()).toBe(16 * each)
  expect(await count('audit.entry')).toBe(16 * each)
  const next = new Map<string, number>()
  for (const { body } of await collect(entriesBetween(api, 0, 16 * each))) {
    const { stream, stream_seq } = decodeEntry(body)
    expect(stream_seq, stream).toBe(next.get(stream) ?? 0)
    next.set(stream, stream_seq + 1)
  }
  // The control: were this 640, the writers above would prove nothing.
  expect(naiveTaken).toBeLessThan(16 * each)
})

test('without the lock before the first write, a stream lands out of order: what LockedTooLate is for', async () => {
  const [early, late] = [await database.client('fb_api'), await database.client('fb_api')]
  await root.query('create table public.anything (id int); grant insert on public.anything to fb_api')
  const context = () => ({ now: new Date(), newId: () => randomUUIDv7() })
  const draft: Draft = { stream: 'run:r_1', type: 'step.done', about: 'step:s', actor: { kind: 'process', id: 'w' } }
  await early.query('begin')
  await early.query('insert into public.anything values (1)') // its xid, before its lock
  await late.query('begin')
  await lockStreams(late, ['run:r_1'])
  await append(late, [draft], context())
  await late.query('commit')
  await append(early, [draft], context())
  await early.query('commit')
  await log.sequenceAll(asSequencer())
  const order = (await collect(entriesBetween(api, 0, 2))).map(({ body }) => decodeEntry(body).stream_seq)
  expect(order).toEqual([1, 0])
})

test('an entry waits for every older transaction of the cluster, and is not jumped over', async () => {
  const slow = await database.client('fb_worker')
  await slow.query('begin')
  await slow.query('select pg_current_xact_id()')
  await write(2)
  const one = log.sequencer(asSequencer())
  expect(await one.step()).toBe('idle')
  expect(await count('audit.leaf')).toBe(0)
  await slow.query('commit')
  expect(await one.step()).toBe('covered')
  expect(await count('audit.leaf')).toBe(2)
  await one.close()
})

test('of two sequencers one leads; when it goes, the other takes over', async () => {
  const [first, second] = [log.sequencer(asSequencer()), log.sequencer(asSequencer())]
  await write(2)
  expect(await first.step()).toBe('covered')
  expect(await second.step()).toBe('standby')
  expect([first.leads, second.leads]).toEqual([true, false])
  await first.close()
  await write(2)
  expect(await second.step()).toBe('covered')
  await second.close()
  expect(await expectSound()).toBe(4)
})

test('a leader that lost the lead without noticing writes nothing and stops', async () => {
  const zombie = log.sequencer(asSequencer())
  await write(1)
  expect(await zombie.step()).toBe('covered')
  await root.query('update audit.cursor set leader_epoch = leader_epoch + 1')
  await write(1)
  await expect(zombie.step()).rejects.toThrow(/^ZOMBIE/)
  expect(await count('audit.leaf')).toBe(1)
  await zombie.close()
  await log.sequenceAll(asSequencer())
  expect(await expectSound()).toBe(2)
})

/** Ends like a process under kill -9 at its n-th statement: before it was sent, or when it was done and nobody heard. */
class Dying {
  sent = 0
  constructor(
    readonly at: number,
    readonly when: 'before' | 'after',
  ) {}

  connect = async (): Promise<Session> => {
    const client = await openSession(asSequencer())
    const die = () => {
      ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
      throw new Error('killed')
    }
    return {
      query: async (sql: string, params?: unknown[]) => {
        const dies = this.sent++ === this.at
        if (dies && this.when === 'before') die()
        const answer = await client.query(sql, params)
        if (dies) die()
        return answer
      },
      end: () => client.end(),
    }
  }
}

test.each(['before', 'after'] as const)(
  'killed %s any of its statements, the next one goes on: nothing lost, doubled or forked',
  async (when) => {
    await write(3)
    await log.sequenceAll(asSequencer())
    let size = 3
    let deaths = 0
    for (let at = 0; ; at++) {
      // Enough to begin, continue and fill tiles now and then.
      const drafts = Array.from({ length: 1 + ((at * 97) % 230) }, () => ({ stream: 'run:r_1' }))
      await log.write(api, ...drafts)
      size += drafts.length
      const session = new Dying(at, when)
      const one = log.sequencer(asSequencer(), { connect: session.connect })
      const outcome = await (async () => {
        while ((await one.step()) !== 'idle') continue
        return 'lived'
      })().catch((error: Error) => error.message)
      await one.close()
      if (outcome === 'lived') break
      expect(outcome, `statement ${at}`).toMatch(/killed/)
      deaths++
      // The session of the dead one may still be closing, and with it the lead.
      await log.sequenceAll(asSequencer())
      expect(await expectSound(), `after a death at statement ${at}`).toBe(size)
    }
    // lock, cluster, cursor, look, begin, move, leaves, tiles ×2, commit, newest ×2, proof tiles, publish, look: at least these.
    expect(deaths).toBeGreaterThanOrEqual(14)
  },
)

/** A notary that can be away, or whose answers get lost on the way back. */
class Unreliable extends Cosigner {
  mode: 'well' | 'away' | 'answer lost' = 'well'
  asked = 0
  constructor(readonly inner: Cosigner) {
    super()
  }
  async addCheckpoint(oldSize: number, proof: readonly Uint8Array[], note: string): Promise<CosignerAnswer> {
    this.asked++
    if (this.mode === 'away') throw new Error('connect ECONNREFUSED')
    const answer = await this.inner.addCheckpoint(oldSize, proof, note)
    if (this.mode === 'answer lost') throw new Error('socket hang up')
    return answer
  }
}

function withNotary(mode: Unreliable['mode']) {
  const notary = new Unreliable(log.cosigner)
  notary.mode = mode
  let clock = Date.now()
  const said: string[] = []
  const one = log.sequencer(asSequencer(), {
    notary: () => ({ vkey: log.notaryKey, cosigner: notary }),
    now: () => new Date(clock),
    report: (line) => said.push(line),
  })
  return { one, notary, said, later: (ms: number) => (clock += ms) }
}

test('a leader that has not met the notary covers nothing; it is asked again, with patience', async () => {
  const { one, notary, said, later } = withNotary('away')
  await write(2)
  expect(await one.step()).toBe('idle')
  expect(await one.step()).toBe('idle')
  expect(await count('audit.leaf')).toBe(0)
  expect(notary.asked).toBe(1)
  later(10_000)
  await one.step()
  expect(notary.asked).toBe(2)
  expect(said.filter((line) => line.includes('nothing is covered before it has answered'))).toHaveLength(1)
  notary.mode = 'well'
  later(10_000)
  expect(await one.step()).toBe('covered')
  await one.close()
  expect(said.at(-1)).toMatch(/cosigns again/)
  expect(await expectSound()).toBe(2)
})

test('with the notary away later, leaves go on and no checkpoint is published', async () => {
  const { one, notary, said, later } = withNotary('well')
  await write(1)
  await one.step()
  notary.mode = 'away'
  await write(2)
  expect(await one.step()).toBe('covered')
  await write(1)
  expect(await one.step()).toBe('covered')
  expect([await count('audit.leaf'), await count('audit.checkpoint')]).toEqual([4, 1])
  expect(said.filter((line) => line.includes('no checkpoint above 1'))).toHaveLength(1)
  notary.mode = 'well'
  later(10_000)
  await one.step()
  await one.close()
  expect(said.at(-1)).toMatch(/cosigns again, at 4/)
  expect(await expectSound()).toBe(4)
})

test('the notary answered and nobody heard: the same leader goes on, and so does the next', async () => {
  const { one, notary, later } = withNotary('well')
  await write(2)
  await one.step()
  notary.mode = 'answer lost'
  await write(2)
  expect(await one.step()).toBe('covered')
  expect(await count('audit.checkpoint')).toBe(1)
  notary.mode = 'well'
  await write(2)
  later(10_000)
  await one.step()
  expect(await expectSound()).toBe(6)

  notary.mode = 'answer lost'
  await write(2)
  await one.step()
  await one.close()
  await write(1)
  await log.sequenceAll(asSequencer())
  expect(await expectSound()).toBe(9)
})

test.each(['a cosignature by another key', 'something that is no note'])('%s publishes nothing', async (what) => {
  const impostor = new (class extends Cosigner {
    async addCheckpoint(_oldSize: number, _proof: readonly Uint8Array[], note: string): Promise<CosignerAnswer> {
      const other = generateKey(log.notaryKey.name, new Uint8Array(32).fill(9), KEY_TYPE.cosigner)
      const line = formatSignature(cosign(parseNote(note).text, other, 1))
      return { kind: 'cosigned', lines: what.startsWith('a cos') ? line : 'hello' }
    }
  })()
  const said: string[] = []
  const notary = () => ({ vkey: log.notaryKey, cosigner: impostor })
  const one = log.sequencer(asSequencer(), { notary, report: (line) => said.push(line) })
  await write(2)
  expect(await one.step()).toBe('idle')
  await one.close()
  expect(said.at(-1)).toMatch(/answer is not signed by test.example\/notary/)
  expect([await count('audit.leaf'), await count('audit.checkpoint')]).toEqual([0, 0])
})

test('a notary that was replaced starts from nothing and signs the whole log', async () => {
  await write(3)
  await log.sequenceAll(asSequencer())
  const other = testLog()
  await write(1)
  expect((await other.sequenceAll(asSequencer())).size).toBe(4)
})

/** An old copy of the database: the last `many` leaves are gone, with all that came of them. */
async function goBack(many: number): Promise<void> {
  const { rows } = await root.query(
    `select position, era, xid, id from audit.leaf order by position desc offset $1 limit 1`,
    [many],
  )
  const last = rows[0] as { position: string; era: number; xid: string; id: string }
  const size = Number(last.position) + 1
  const range = new CompactRange()
  for (const { leaf_hash } of (
    await root.query('select leaf_hash from audit.leaf where position < $1 order by position', [size])
  ).rows) {
    range.append(leaf_hash as Uint8Array)
  }
  for (const table of ['entry', 'leaf', 'checkpoint', 'tile', 'cursor'])
    await root.query(`alter table audit.${table} disable trigger all`)
  await root.query('delete from audit.leaf where position >= $1', [size])
  await root.query('delete from audit.checkpoint where size > $1', [size])
  await root.query('delete from audit.entry where (era, xid, id) > ($1, $2::xid8, $3)', [last.era, last.xid, last.id])
  await root.query('update audit.tile set width = $1::int, hashes = substr(hashes, 1, $1::int * 32) where level = 0', [
    size,
  ])
  await root.query(
    'update audit.cursor set next_position = $1, last_era = $2, last_xid = $3, last_id = $4, compact_range = $5',
    [size, last.era, last.xid, last.id, Buffer.concat(range.hashes())],
  )
}

test('an old copy of the database is refused: LOG_REGRESSED, and nothing is signed', async () => {
  await write(5)
  await log.sequenceAll(asSequencer())
  await write(5)
  await log.sequenceAll(asSequencer())
  await goBack(3)
  const before = await count('audit.checkpoint')
  const shown: string[] = []
  const watching = new (class extends Cosigner {
    async addCheckpoint(oldSize: number, proof: readonly Uint8Array[], note: string) {
      shown.push(note)
      return log.cosigner.addCheckpoint(oldSize, proof, note)
    }
  })()
  const one = log.sequencer(asSequencer(), { notary: () => ({ vkey: log.notaryKey, cosigner: watching }) })
  const refusal = await one.step().catch((error: unknown) => error)
  await one.close()
  expect(refusal).toBeInstanceOf(LogRefused)
  expect(refusal).toMatchObject({ code: 'LOG_REGRESSED' })
  expect(String(refusal)).toMatch(/has 7 leaves, but the notary knows 10/)
  // The only note it showed is one that had been published: nothing new was signed.
  const published = (await root.query('select note from audit.checkpoint')).rows.map(
    (row: { note: string }) => row.note,
  )
  expect(shown.every((note) => published.includes(note))).toBe(true)
  expect(await count('audit.checkpoint')).toBe(before)
})

test('an old copy does not grow by itself while the notary is away, and is refused when it comes back', async () => {
  await write(10)
  await log.sequenceAll(asSequencer())
  await goBack(3)
  const { one, notary, later } = withNotary('away')
  await one.step()
  await write(8) // 15 now, more than the notary's 10
  await one.step()
  expect(await count('audit.leaf')).toBe(7)
  notary.mode = 'well'
  later(10_000)
  await expect(one.step()).rejects.toThrow(/^LOG_REGRESSED: this log has 7 leaves, but the notary knows 10/)
  await one.close()
})

test('leaves that somebody removed are missed, with the notary away too', async () => {
  await write(5)
  await log.sequenceAll(asSequencer())
  await root.query('alter table audit.leaf disable trigger all')
  await root.query('delete from audit.leaf where position = 4')
  const { one } = withNotary('away')
  await expect(one.step()).rejects.toThrow(/^LOG_REGRESSED: the log has 4 leaves, its cursor says 5/)
  await one.close()
})

test('another history under the same origin is refused by the notary: LOG_FORKED', async () => {
  await write(4)
  await log.sequenceAll(asSequencer())
  const other = await cluster.database()
  try {
    const tx = await other.client('fb_api')
    for (let i = 0; i < 6; i++) await log.write(tx, { stream: 'run:other' })
    // The same key, and a notary that knows nothing of the log above.
    await testLog().sequenceAll(other.url('fb_sequencer'))
    await log.write(tx, { stream: 'run:other' })
    const forked = log.sequencer(other.url('fb_sequencer'))
    await expect(forked.step()).rejects.toThrow(/^LOG_FORKED/)
    await forked.close()
    await write(4)
    await log.sequenceAll(asSequencer())
    expect([await countIn(tx, 'audit.checkpoint'), await countIn(tx, 'audit.leaf')]).toEqual([1, 6])
  } finally {
    await other.close()
  }
})

test('a database of another cluster is refused, with what to do', async () => {
  await write(1)
  await root.query('update audit.cursor set system_identifier = 42')
  const one = log.sequencer(asSequencer())
  await expect(one.step()).rejects.toThrow(/^OTHER_CLUSTER: .* cluster 42, ..*two people approve a successor log/)
  await one.close()
  expect(await count('audit.leaf')).toBe(0)
})

test('writers are spared the look at which cluster this is once a sequencer has had it, in this start of the server', async () => {
  const era = async () => (await root.query<{ era: number }>('select audit.current_era() as era')).rows[0]?.era
  const one = log.sequencer(asSequencer())
  await one.step()
  await one.close()
  // Another cluster's identity beside it is not even read...
  await root.query('update audit.cursor set system_identifier = 42')
  expect(await era()).toBe(0)
  // ...but is, where the server was started anew or the database restored into another one.
  await root.query(`update audit.cursor set home_since = home_since - interval '1 microsecond'`)
  expect(await era()).toBe(1)
})

test('after a restore that began a new era, entries of both eras are covered, the old ones first', async () => {
  await write(2)
  await log.sequenceAll(asSequencer())
  await write(2)
  // As it is after a restore through SQL: what was written before carries xids far above those that are given out now.
  await root.query('alter table audit.entry disable trigger append_only')
  await root.query(`update audit.entry set xid = (xid::text::bigint + 1000000)::text::xid8`)
  await root.query('alter table audit.leaf disable trigger append_only')
  await root.query(`update audit.leaf set xid = (xid::text::bigint + 1000000)::text::xid8`)
  await root.query(`update audit.cursor set last_xid = (last_xid::text::bigint + 1000000)::text::xid8, era = era + 1`)
  await write(3)
  await log.sequenceAll(asSequencer())
  expect(await expectSound()).toBe(7)
})

test.each([
  [
    'body',
    `update audit.entry set body = convert_to(replace(convert_from(body, 'utf8'), 'worker', 'walker'), 'utf8')`,
    null,
  ],
  ['type', `update audit.entry set type = 'step.done'`, /differ in type/],
  ['stream', `update audit.entry set stream_id = 'run:r_2'`, /differ in stream/],
  ['number', 'update audit.entry set stream_seq = 7', /differ in stream_seq/],
  ['about', `update audit.entry set about = 'run:r_2'`, /differ in about/],
  ['id', `update audit.entry set entry_id = gen_random_uuid()`, /differ in entry_id/],
  ['bytes', `update audit.entry set body = body || ' '::bytea`, /more text after the value/],
])('an entry whose %s was edited before it was covered', async (_what, edit, why) => {
  await write(1)
  await root.query('alter table audit.entry disable trigger append_only')
  await root.query(edit)
  const one = log.sequencer(asSequencer())
  if (why) {
    await expect(one.step()).rejects.toThrow(/^ENTRY_REFUSED/)
    await expect(one.step()).rejects.toThrow(why)
    expect(await count('audit.leaf')).toBe(0)
  } else {
    // Whoever may edit rows before they are covered may make consistent ones: nothing in the database can tell. Said in the README.
    expect(await one.step()).toBe('covered')
  }
  await one.close()
})

test('a body that no longer has its hash is refused, whoever managed to part them', async () => {
  await write(1)
  await root.query('alter table audit.entry disable trigger append_only')
  await root.query('alter table audit.entry alter column leaf_hash drop expression')
  await root.query(
    `update audit.entry set body = convert_to(replace(convert_from(body, 'utf8'), 'worker', 'walker'), 'utf8')`,
  )
  const one = log.sequencer(asSequencer())
  await expect(one.step()).rejects.toThrow(/^ENTRY_REFUSED: .* does not have the hash that stands beside it/)
  await one.close()
})

test('a tile that does not fit the leaves stops the log: LOG_DAMAGED', async () => {
  await write(5)
  await log.sequenceAll(asSequencer())
  await root.query('update audit.tile set width = 4, hashes = substr(hashes, 1, 128)')
  await write(1)
  const one = log.sequencer(asSequencer())
  await expect(one.step()).rejects.toThrow(/^LOG_DAMAGED/)
  await one.close()
  expect(await count('audit.leaf')).toBe(5)
})

test('two entries with one id are refused', async () => {
  const entry_id = randomUUIDv7()
  const draft: Draft = { stream: 'run:r_1', type: 'step.done', about: 'step:s', actor: { kind: 'process', id: 'w' } }
  await api.query('begin')
  await append(api, [draft, draft], { now: new Date(), newId: () => entry_id })
  await api.query('commit')
  const one = log.sequencer(asSequencer())
  await expect(one.step()).rejects.toThrow(/^ENTRY_REFUSED: two entries have one entry_id/)
  await one.close()
  expect(await count('audit.leaf')).toBe(0)
})

test('when nothing happens the log says so once a minute, in its own stream', async () => {
  const { one, later } = withNotary('well')
  await write(1)
  await one.step()
  for (let minute = 0; minute < 3; minute++) {
    expect(await one.step()).toBe('idle')
    later(60_001)
    expect(await one.step()).toBe('idle')
    expect(await one.step()).toBe('covered')
  }
  await one.close()
  expect(await expectSound()).toBe(4)
  const beats = (await collect(entriesBetween(api, 1, 4))).map(({ body }) => decodeEntry(body))
  expect(beats.map(({ type, stream, stream_seq }) => [type, stream, stream_seq])).toEqual(
    [0, 1, 2].map((n) => ['log.heartbeat', 'log', n]),
  )
})

test('an open transaction that holds the log up is reported, with where to look', async () => {
  const { one, said, later } = withNotary('well')
  const slow = await database.client('fb_worker')
  await slow.query('begin')
  await slow.query('select pg_current_xact_id()')
  await write(1)
  await root.query('alter table audit.entry disable trigger append_only')
  await root.query(`update audit.entry set recorded_at = now() - interval '11 seconds'`)
  later(10_000)
  await one.step()
  expect(said.at(-1)).toMatch(/waited 11 s .*pg_stat_activity/)
  await slow.query('rollback')
  await one.step()
  later(10_000)
  await one.step()
  expect(said.at(-1)).toBe('entries are covered in time again')
  await one.close()
})

test('run() waits Postgres out and stops when it is told to', async () => {
  await write(2)
  let reachable = false
  const said: string[] = []
  const one = log.sequencer(asSequencer(), {
    connect: () => (reachable ? openSession(asSequencer()) : Promise.reject(new Error('connect ECONNREFUSED'))),
    report: (line) => {
      said.push(line)
      reachable ||= said.length === 2
    },
  })
  const stop = new AbortController()
  let ready = 0
  const running = one.run(stop.signal, () => ready++)
  while ((await count('audit.checkpoint')) === 0) await pause(5)
  expect(said.filter((line) => line.includes('trying again: connect ECONNREFUSED'))).toHaveLength(2)
  await root.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'fb_sequencer'`)
  await write(1)
  while ((await count('audit.checkpoint')) === 1) await pause(5)
  stop.abort()
  await running
  expect(ready).toBe(1)
  expect(await expectSound()).toBe(3)
})
