import { createHash } from 'node:crypto'
import {
  CompactRange,
  decodeEntry,
  formatVkey,
  generateKey,
  hex,
  leafHash,
  parseCheckpoint,
  parseNote,
  readRotation,
  signRotation,
  successionDigest,
  verifyNote,
  type EntryBody,
  type SigningKey,
  type Succession,
} from '@firebreak/audit-log'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Draft } from './append.js'
import { logKeys } from './log-keys.js'
import { entriesBetween, newestCheckpoint, olderCheckpoints } from './reads.js'
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

beforeAll(async () => void (cluster = await logCluster()))
afterAll(() => cluster.stop())
beforeEach(async () => {
  database = await cluster.database()
  log = testLog()
  root = await database.client()
  api = await database.client('fb_api')
  await root.query(ANSWERS)
})
afterEach(() => database.close())

/** In place of the function of the schema flow, which libs/store has and tests: what the votes came to. */
const ANSWERS = `
  create table public.approved (request text, old_origin text, old_size bigint, old_root text, new_origin text, reason text, digest text, approvals jsonb);
  create function flow.approved_successor(origin text) returns table
    (request text, old_origin text, old_size bigint, old_root text, reason text, digest text, approvals jsonb)
    language sql stable security definer as
    'select request, old_origin, old_size, old_root, reason, digest, approvals from public.approved where new_origin = origin';
  grant execute on function flow.approved_successor(text) to fb_sequencer;
  grant usage on schema flow to fb_sequencer`

const key = (name: string, seed: string): SigningKey =>
  generateKey(name, new Uint8Array(createHash('sha256').update(`TEST-ONLY ${seed}`).digest()))
const second = key('test.example/log', 'second')
const third = key('test.example/log', 'third')
const successor = key('test.example/log/2', 'successor')

const url = () => database.url('fb_sequencer')
const write = async (many: number) => {
  for (let i = 0; i < many; i++) await log.write(api, { stream: 'run:r_1' })
}

/** Runs a sequencer with these keys until there is nothing to do. */
async function sequence(given: { key: SigningKey; oldKey?: SigningKey }, at = url(), many = 50): Promise<string[]> {
  const said: string[] = []
  const one = log.sequencer(at, { ...given, report: (line) => said.push(line) })
  try {
    for (let i = 0; i < many && (await one.step()) !== 'idle'; i++) continue
  } finally {
    await one.close()
  }
  return said
}

const entries = async (tx = api): Promise<EntryBody[]> => {
  const { leaves } = (await tx.query<{ leaves: number }>('select count(*)::int as leaves from audit.leaf')).rows[0]!
  return (await collect(entriesBetween(tx, 0, leaves))).map(({ body }) => decodeEntry(body))
}

/** Each checkpoint is signed by the key that its table says, and by no other. */
async function expectSignedInTurn(tx = api): Promise<string[]> {
  const keys = await logKeys(tx)
  const { rows } = await tx.query<{ size: string; note: string }>(
    'select size, note from audit.checkpoint order by size',
  )
  return rows.map(({ note: text, size }) => {
    const inForce = keys.findLast(({ position }) => position <= Number(size))!.key
    const note = parseNote(text)
    expect(verifyNote(note, [inForce])).toHaveLength(1)
    expect(note.signatures).toHaveLength(1)
    expect(parseCheckpoint(note.text).origin).toBe(inForce.name)
    return `${size} ${formatVkey(inForce)}`
  })
}

// ── rotation ──────────────────────────────────────────────────────────────────────────────────────────────────────────

test('a new log begins with its key, and writes it down', async () => {
  await write(1)
  await sequence({ key: log.key })
  expect(await logKeys(api)).toEqual([
    { position: 0, key: expect.objectContaining({ keyId: log.key.keyId }) as object, how: 'first' },
  ])
})

test('a rotation is one entry that both keys sign; what covers it, the new key signs', async () => {
  log.trusted.push(second)
  await write(3)
  await sequence({ key: log.key })
  await write(2)
  await sequence({ key: second, oldKey: log.key })
  await write(1)
  await sequence({ key: second })
  const all = await entries()
  const at = all.findIndex(({ type }) => type === 'log.key-rotated')
  const rotated = all[at]! as EntryBody<'log.key-rotated'>
  expect(all.filter(({ type }) => type === 'log.key-rotated')).toHaveLength(1)
  expect(rotated).toMatchObject({ stream: 'log', about: 'log:test.example/log' })
  expect(readRotation(rotated.detail)).toMatchObject({ old: { keyId: log.key.keyId }, new: { keyId: second.keyId } })
  expect((await logKeys(api)).map(({ how, position }) => `${how} ${position}`)).toEqual([
    'first 0',
    `rotated ${at + 1}`,
  ])
  const signed = await expectSignedInTurn()
  expect(signed[0]).toBe(`3 ${formatVkey(log.key)}`)
  expect(signed.at(-1)).toBe(`7 ${formatVkey(second)}`)
})

test('another key without the old one is refused, and nothing is signed; so is a key that was given up', async () => {
  log.trusted.push(second, third)
  await write(1)
  await sequence({ key: log.key })
  await expect(sequence({ key: second })).rejects.toThrow(
    /^WRONG_KEY: .*give the old one too \(FIREBREAK_LOG_OLD_KEY_FILE\)/,
  )
  await expect(sequence({ key: second, oldKey: third })).rejects.toThrow(/^WRONG_KEY/)
  expect(await entries()).toHaveLength(1)
  await sequence({ key: second, oldKey: log.key })
  await expect(sequence({ key: log.key, oldKey: second })).rejects.toThrow(/^WRONG_KEY: .* was given up/)
  await sequence({ key: third, oldKey: second })
  expect((await logKeys(api)).map(({ how }) => how)).toEqual(['first', 'rotated', 'rotated'])
  await expectSignedInTurn()
})

test('a notary that does not trust the new key yet holds up the checkpoint; the old key signs nothing more', async () => {
  await write(1)
  await sequence({ key: log.key })
  const said = await sequence({ key: second, oldKey: log.key })
  expect(said.join('\n')).toMatch(/the notary refuses: 403/)
  expect((await newestCheckpoint(api))!.size).toBe(1)
  log.trusted.push(second)
  await sequence({ key: second })
  expect(await expectSignedInTurn()).toEqual([`1 ${formatVkey(log.key)}`, `2 ${formatVkey(second)}`])
})

test('a leader that died with the rotation appended and not covered is followed by one that covers it, once', async () => {
  log.trusted.push(second)
  await write(1)
  await sequence({ key: log.key })
  const slow = await database.client('fb_worker')
  await slow.query('begin')
  await slow.query('select pg_current_xact_id()') // holds the horizon, so that the entry waits
  await sequence({ key: second, oldKey: log.key })
  await sequence({ key: second, oldKey: log.key })
  expect((await entries()).some(({ type }) => type === 'log.key-rotated')).toBe(false)
  await slow.query('rollback')
  await sequence({ key: second, oldKey: log.key })
  expect((await entries()).filter(({ type }) => type === 'log.key-rotated')).toHaveLength(1)
  await expectSignedInTurn()
})

test('the first key of a log of before its table is the one that signed its newest checkpoint', async () => {
  log.trusted.push(second)
  await write(1)
  await sequence({ key: log.key })
  await root.query('alter table audit.log_key disable trigger all; delete from audit.log_key')
  await expect(sequence({ key: second })).rejects.toThrow(
    /^WRONG_KEY: the newest checkpoint .* was signed with another key/,
  )
  await sequence({ key: second, oldKey: log.key })
  expect((await logKeys(api)).map(({ how, key }) => `${how} ${hex(key.keyId)}`)).toEqual([
    `first ${hex(log.key.keyId)}`,
    `rotated ${hex(second.keyId)}`,
  ])
})

const rotation = (old: SigningKey, fresh: SigningKey, more: object = {}): Partial<Draft> => ({
  stream: 'log',
  type: 'log.key-rotated',
  about: 'log:test.example/log',
  detail: { ...signRotation(old, fresh), ...more },
})

test.each<[string, Partial<Draft>, RegExp]>([
  ['with a signature of neither', rotation(log_(), second, { signed_by_old: signRotation(third, second).signed_by_old }), /the old key .* did not sign/],
  ['that hands over another key', rotation(third, second), /a key that is not in force/],
  ['in another stream', { ...rotation(log_(), second), stream: 'run:r_1' }, /stands in the stream "log"/],
  ['without signatures', { ...rotation(log_(), second), detail: {} }, /both sign it/],
  ['of another log', rotation(successor, key('test.example/log/2', 'x')), /a key that is not in force/],
])('a forged rotation %s stops the log before it is covered', async (_, draft, why) => {
  await write(1)
  await log.write(api, draft)
  await expect(sequence({ key: log.key })).rejects.toThrow(/^ENTRY_REFUSED/)
  await expect(sequence({ key: log.key })).rejects.toThrow(why)
  expect(await entries()).toHaveLength(0)
}) // prettier-ignore

/** The key of testLog(), before there is one. */
function log_(): SigningKey {
  return testLog().key
}

test('a succession that somebody else appended stops the log', async () => {
  await log.write(api, { stream: 'log', type: 'log.succeeded', about: 'log:test.example/log/2', detail: { kept: 0 } })
  await expect(sequence({ key: log.key })).rejects.toThrow(
    /^ENTRY_REFUSED: .*only the sequencer itself begins a successor/,
  )
})

// ── succession ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An old copy of this database, as a restore of files makes it; and the log goes on without it. */
async function oldCopyOf(size: number): Promise<{ copy: LogDatabase; lost: { size: number; root: Uint8Array } }> {
  await write(size)
  await sequence({ key: log.key })
  await api.end()
  await root.end()
  const copy = await cluster.copyOf(database)
  root = await database.client()
  api = await database.client('fb_api')
  await write(4)
  await sequence({ key: log.key })
  return { copy, lost: (await newestCheckpoint(api))! }
}

async function approve(at: pg.Client, more: Partial<Succession> & { digest?: string } = {}): Promise<Succession> {
  const { digest, ...change } = more
  const asked: Succession = {
    old_origin: log.key.name, old_size: 0, old_root: '', new_origin: successor.name, reason: 'the disk is gone', request: 'scr_1', ...change,
  } // prettier-ignore
  const approvals = [{ id: 'vot_1', by: 'ada' }, { id: 'vot_2', by: 'grace' }] // prettier-ignore
  await at.query('insert into public.approved values ($1, $2, $3, $4, $5, $6, $7, $8)', [
    asked.request, asked.old_origin, asked.old_size, asked.old_root, asked.new_origin, asked.reason, digest ?? successionDigest(asked), JSON.stringify(approvals),
  ]) // prettier-ignore
  return asked
}

test('an old copy is refused; approved, a successor keeps what is left, and its first entry says so', async () => {
  const { copy, lost } = await oldCopyOf(5)
  const at = copy.url('fb_sequencer')
  const [tx, admin] = [await copy.client('fb_api'), await copy.client()]
  try {
    await expect(sequence({ key: log.key }, at)).rejects.toThrow(/^LOG_REGRESSED/)
    await expect(sequence({ key: successor }, at)).rejects.toThrow(/^NOT_APPROVED: .*two people of Security approve it/)
    // What happens meanwhile waits; so do the approvals themselves.
    await log.write(
      tx,
      { stream: 'run:meanwhile' },
      { stream: 'successor:scr_1', type: 'successor.approved', about: 'vote:vot_1' },
    )
    const asked = await approve(admin, { old_size: lost.size, old_root: hex(lost.root) })

    // The notary does not know the new name yet.
    expect((await sequence({ key: successor }, at)).join('\n')).toMatch(
      /nothing is covered before it has answered: the notary refuses: 404/,
    )
    log.trusted.push(successor)
    await sequence({ key: successor }, at)

    const all = await entries(tx)
    expect(all.map(({ type }) => type)).toEqual([
      ...Array.from({ length: 5 }, () => 'step.intended'), 'log.succeeded', 'step.intended', 'successor.approved',
    ]) // prettier-ignore
    const kept = new CompactRange()
    for (const { body } of await collect(entriesBetween(tx, 0, 5))) kept.append(leafHash(body))
    const over = successionDigest(asked)
    expect(all[5]).toMatchObject({
      stream: 'log',
      about: `log:${successor.name}`,
      reason: 'the disk is gone',
      approvals: [
        { id: 'vot_1', by: 'ada', over },
        { id: 'vot_2', by: 'grace', over },
      ],
      detail: { old_origin: log.key.name, old_size: lost.size, old_root: hex(lost.root), kept: 5, kept_root: hex(kept.root()), request: 'scr_1' },
    }) // prettier-ignore
    expect(await expectSignedInTurn(tx)).toEqual([`5 ${formatVkey(log.key)}`, `8 ${formatVkey(successor)}`])
    expect((await logKeys(tx)).map(({ how, position }) => `${how} ${position}`)).toEqual(['first 0', 'succeeded 6'])

    // Never again under the old name; and the successor goes on like any log.
    await expect(sequence({ key: log.key }, at)).rejects.toThrow(/^WRONG_KEY: .* was succeeded by test.example\/log\/2/)
    await log.write(tx, {})
    await sequence({ key: successor }, at)
    expect((await newestCheckpoint(tx))!.size).toBe(9)
  } finally {
    await copy.close()
  }
})

test('the notary knows the successor already: a second copy cannot begin it anew', async () => {
  const { copy, lost } = await oldCopyOf(3)
  const again = await cluster.copyOf(copy)
  log.trusted.push(successor)
  for (const one of [copy, again]) {
    await approve(await one.client(), { old_size: lost.size, old_root: hex(lost.root) })
  }
  await sequence({ key: successor }, copy.url('fb_sequencer'))
  await expect(sequence({ key: successor }, again.url('fb_sequencer'))).rejects.toThrow(/^LOG_REGRESSED|^LOG_FORKED/)
  await copy.close()
  await again.close()
})

test.each<[string, Partial<Succession> & { digest?: string }, RegExp]>([
  ['about another log', { old_origin: 'other.example/log' }, /^NOT_APPROVED: .*it is about other.example\/log/],
  ['from before the log went on', { old_size: 2 }, /^NOT_APPROVED: .*it knew of 2 entries, and 4 are published/],
  ['over another history', { old_size: 4, old_root: 'ab'.repeat(32) }, /^LOG_FORKED/],
  ['whose text was changed', { digest: `sha256:${'0'.repeat(64)}` }, /^NOT_APPROVED: what was approved/],
])('an approval %s begins nothing', async (_, change, why) => {
  log.trusted.push(successor)
  await write(4)
  await sequence({ key: log.key })
  await approve(root, { old_size: 4, old_root: hex((await newestCheckpoint(api))!.root), ...change })
  await expect(sequence({ key: successor })).rejects.toThrow(why)
  expect(await entries()).toHaveLength(4)
  await sequence({ key: log.key })
}) // prettier-ignore

test('restored through SQL into another cluster: refused; approved, a new era covers what was written before and after', async () => {
  log.trusted.push(successor)
  await write(3)
  await sequence({ key: log.key })
  await write(2)
  // As after such a restore: another identity, and xids of before far above those that are given out now.
  for (const table of ['entry', 'leaf']) {
    await root.query(`alter table audit.${table} disable trigger append_only`)
    await root.query(`update audit.${table} set xid = (xid::text::bigint + 1000000)::text::xid8`)
    await root.query(`alter table audit.${table} enable always trigger append_only`)
  }
  await root.query(
    `update audit.cursor set system_identifier = 42, home_since = null, last_xid = (last_xid::text::bigint + 1000000)::text::xid8`,
  )
  await expect(sequence({ key: log.key })).rejects.toThrow(
    /^OTHER_CLUSTER: .* cluster 42, .*two people approve a successor log/,
  )
  // Written in the new cluster before anybody approved anything: it must not stand behind the cursor.
  await log.write(api, { stream: 'successor:scr_1', type: 'successor.requested', about: 'request:scr_1' })
  expect((await api.query('select era from audit.entry order by era desc limit 1')).rows).toEqual([{ era: 1 }])
  await approve(root, { old_size: 3, old_root: hex((await newestCheckpoint(api))!.root) })
  await sequence({ key: successor })
  await write(2)
  await sequence({ key: successor })
  expect((await entries()).map(({ type }) => type)).toEqual([
    ...Array.from({ length: 3 }, () => 'step.intended'), 'log.succeeded',
    ...Array.from({ length: 2 }, () => 'step.intended'), 'successor.requested',
    ...Array.from({ length: 2 }, () => 'step.intended'),
  ]) // prettier-ignore
  expect((await root.query('select era from audit.cursor')).rows).toEqual([{ era: 1 }])
  await expectSignedInTurn()
})

test('killed before or after any statement of a succession, the next one goes on: begun once', async () => {
  log.trusted.push(successor)
  await write(3)
  await sequence({ key: log.key })
  await approve(root, { old_size: 3, old_root: hex((await newestCheckpoint(api))!.root) })
  let deaths = 0
  for (let at = 0; ; at++) {
    for (const when of ['before', 'after'] as const) {
      let outcome: string = 'standby'
      // The session of the one that died before may still be closing, and with it the lead.
      while (outcome === 'standby') {
        const one = log.sequencer(url(), { key: successor, connect: () => dyingAt(at, when) })
        outcome = await one.step().catch((error: Error) => error.message)
        await one.close()
      }
      if (!outcome.includes('killed')) {
        expect(deaths).toBeGreaterThan(20)
        await sequence({ key: successor })
        expect((await entries()).filter(({ type }) => type === 'log.succeeded')).toHaveLength(1)
        expect((await entries()).length).toBe(4)
        await expectSignedInTurn()
        return
      }
      deaths++
    }
  }
})

/** A session that ends like a process under kill -9 at its n-th statement: before it was sent, or when nobody heard. */
async function dyingAt(at: number, when: 'before' | 'after') {
  const client = await openSession(url())
  let sent = 0
  const die = () => {
    ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
    throw new Error('killed')
  }
  return {
    query: async (sql: string, params?: unknown[]) => {
      const dies = sent++ === at
      if (dies && when === 'before') die()
      const answer = await client.query(sql, params)
      if (dies) die()
      return answer
    },
    end: () => client.end(),
  }
}

test('the older checkpoints of an export: those around each change of the key, and none of a log that was succeeded', async () => {
  log.trusted.push(second, third)
  for (const given of [{ key: log.key }, { key: second, oldKey: log.key }, { key: third, oldKey: second }]) {
    await sequence(given)
    for (let i = 0; i < 30; i++) {
      await write(1)
      await sequence(given)
    }
  }
  const sizes = async (most: number) =>
    (await olderCheckpoints(api, (await newestCheckpoint(api))!.size, most)).map(
      (note) => parseCheckpoint(parseNote(note).text).size,
    )
  const changes = (await logKeys(api)).slice(1).map(({ position }) => position)
  for (const most of [8, 64]) {
    const some = await sizes(most)
    expect(some.length).toBeLessThanOrEqual(most)
    expect(some).toEqual(expect.arrayContaining(changes.flatMap((position) => [position - 1, position])))
    expect(some).toEqual([...new Set(some)].toSorted((a, b) => a - b))
  }
  log.trusted.push(successor)
  const newest = (await newestCheckpoint(api))!
  await approve(root, { old_size: newest.size, old_root: hex(newest.root) })
  await sequence({ key: successor })
  expect(await sizes(64)).toEqual([])
  for (let i = 0; i < 3; i++) {
    await write(1)
    await sequence({ key: successor })
  }
  expect(await sizes(64)).toEqual([newest.size + 1, newest.size + 2])
})

// ── many ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

test('two sequencers started at once, a hundred times: one signs', { timeout: 120_000 }, async () => {
  for (let round = 0; round < 100; round++) {
    await log.write(api, { stream: `run:r_${round % 3}` })
    const two = [log.sequencer(url()), log.sequencer(url())]
    const found = await Promise.all(two.map((one) => one.step()))
    expect(found.toSorted(), `round ${round}`).toEqual(['covered', 'standby'])
    expect(two.filter((one) => one.leads)).toHaveLength(1)
    await Promise.all(two.map((one) => one.close()))
  }
  const { rows } = await api.query<{ size: string; roots: string }>(
    'select size, count(*) as roots from audit.checkpoint group by size having count(*) > 1',
  )
  expect(rows).toEqual([])
  expect((await newestCheckpoint(api))!.size).toBe(100)
  await expectSignedInTurn()
})
