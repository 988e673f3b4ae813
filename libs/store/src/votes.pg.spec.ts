import { successionDigest, type Succession } from '@firebreak/audit-log'
import { append, lockStreams } from '@firebreak/audit-store'
import { randomUUIDv7 } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from './testing/database.js'

let database: TestDatabase
const clients: pg.Client[] = []
let root: pg.Client
let api: pg.Client
let sequencer: pg.Client

const as = async (url: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  clients.push(client)
  return client
}

beforeAll(async () => {
  database = await freshDatabase()
  root = await as(database.superuserUrl)
  api = await as(database.url('fb_api'))
  sequencer = await as(database.url('fb_sequencer'))
  await root.query(`begin;
    alter table flow.person disable trigger user; alter table flow.role_grant disable trigger user;
    insert into flow.person values ('ann', 'person', 'Ann'), ('bob', 'person', 'Bob'), ('cleo', 'person', 'Cleo'),
      ('new', 'person', 'New'), ('sre', 'person', 'Sre'), ('bot', 'service', 'Bot');
    insert into flow.role_grant select 'rol_' || p, p, 'security', timestamptz '2026-11-01T00:00:00Z' from unnest('{ann,bob,cleo,bot}'::text[]) p;
    insert into flow.role_grant values ('rol_new', 'new', 'security', '2026-11-22T12:00:01Z'), ('rol_sre', 'sre', 'sre', '2026-11-01T00:00:00Z');
    commit`)
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()))
  await database.stop()
})

const AT = '2026-11-23T12:00:00Z'
let made = 0

/** A request of ann's, as the API writes it. */
async function asked(change: Partial<Succession> = {}, kind = 'successor'): Promise<Succession> {
  const request = `scr_${++made}`
  const it = { old_origin: 'log/1', old_size: 10, old_root: 'ab'.repeat(32), new_origin: `log/${request}`, reason: '', request, ...change }
  const { reason, request: id, ...body } = it
  await writing(`request:${id}`, () =>
    api.query(`insert into flow.request (id, kind, body, "by", reason, at) values ($1, $2, $3, 'ann', $4, $5)`, [id, kind, body, reason, AT]),
  )
  return it
} // prettier-ignore

async function writing(about: string, work: () => Promise<unknown>): Promise<void> {
  await api.query('begin')
  try {
    await lockStreams(api, ['successor:x'])
    await work()
    const actor = { kind: 'person' as const, id: 'ann' }
    const draft = { stream: 'successor:x', type: 'successor.requested' as const, about, actor }
    await append(api, [draft], { now: new Date(AT), newId: () => randomUUIDv7() })
    await api.query('commit')
  } catch (error) {
    await api.query('rollback')
    throw error
  }
}

let votes = 0
function vote(
  it: Succession,
  by: string,
  more: { decision?: string; digest?: string; at?: string } = {},
): Promise<void> {
  const { at = AT, decision = 'yes', digest = successionDigest(it) } = more
  const id = `vot_${++votes}`
  return writing(`vote:${id}`, () =>
    api.query('insert into flow.vote values ($1, $2, $3, $4, $5, $6, $7)', [
      id,
      it.request,
      by,
      decision,
      digest,
      '',
      at,
    ]),
  )
}

const approved = async ({ new_origin }: Succession) =>
  (await sequencer.query<{ request: string; digest: string; approvals: { by: string }[] }>(
    'select request, digest, approvals from flow.approved_successor($1)', [new_origin],
  )).rows // prettier-ignore

test('two others of Security make it approved, and the sequencer hears what they approved', async () => {
  const it = await asked()
  await vote(it, 'bob')
  expect(await approved(it)).toEqual([])
  await vote(it, 'cleo')
  const approvals = [expect.objectContaining({ by: 'bob' }), expect.objectContaining({ by: 'cleo' })]
  expect(await approved(it)).toEqual([{ request: it.request, digest: successionDigest(it), approvals }])
})

test.each<[string, string, { decision?: string; at?: string }]>([
  ['somebody whose role is younger than a day', 'new', {}],
  ['a service', 'bot', {}],
  ['somebody of another role', 'sre', {}],
  ['somebody who says no', 'cleo', { decision: 'no' }],
])('bob and %s are not enough', async (_, by, more) => {
  const it = await asked()
  await vote(it, 'bob')
  await vote(it, by, more)
  expect(await approved(it)).toEqual([])
})

test('one no is enough, though two said yes', async () => {
  const it = await asked({ new_origin: 'log/refused' })
  await vote(it, 'bob')
  await vote(it, 'cleo')
  await vote(it, 'new', { decision: 'no' })
  expect(await approved(it)).toEqual([])
})

test('a vote is for what stands in the record, by somebody else, once, and for good', async () => {
  const it = await asked()
  await expect(vote(it, 'bob', { digest: `sha256:${'0'.repeat(64)}` })).rejects.toThrow(/is not under the digest/)
  await expect(vote(it, 'ann')).rejects.toThrow(/by others than who asked/)
  await vote(it, 'bob')
  await expect(vote(it, 'bob')).rejects.toThrow(/duplicate key/)
  await expect(vote(it, 'nobody')).rejects.toThrow(/foreign key/)
  await expect(vote(await asked({}, 'export'), 'bob')).rejects.toThrow(/is not under the digest/)
  for (const sql of [`update flow.vote set decision = 'no'`, 'delete from flow.vote'])
    await expect(api.query(sql)).rejects.toThrow(/permission denied/)
  await api.query('begin')
  await api.query(`insert into flow.vote values ('vot_silent', $1, 'cleo', 'yes', $2, '', $3)`, [it.request, successionDigest(it), AT])
  await expect(api.query('commit')).rejects.toThrow(/has no audit entry/)
}) // prettier-ignore

test('nobody but the sequencer asks, and it sees nothing else', async () => {
  await expect(api.query(`select flow.approved_successor('x')`)).rejects.toThrow(/permission denied/)
  await expect(sequencer.query('select from flow.vote')).rejects.toThrow(/permission denied/)
  await expect(sequencer.query('select from flow.request')).rejects.toThrow(/permission denied/)
})

test.each([
  'plain', '"quoted" \\ / \b\f\n\r\t', 'é ß € 𝄞 \u2028 \u2029 \u007f \u0080', "'; drop table flow.vote; --", '<script>&amp;', '\u0001\u001f', '',
])('the database takes the digest of %j as the domain does', async (text) => {
  const it = await asked({ reason: text, old_size: 9_007_199_254_740_991, new_origin: `log/${text}` })
  const { rows } = await root.query<{ digest: string }>('select flow.vote_digest(r) as digest from flow.request r where id = $1', [it.request])
  expect(rows[0]?.digest).toBe(successionDigest(it))
}) // prettier-ignore
