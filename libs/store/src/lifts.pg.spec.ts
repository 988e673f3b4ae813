import { anewOf, liftDigest, liftOf, liftState, type Request, type RoleGrant, type Vote } from '@firebreak/flow'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore, PostgresLedger } from './postgres-ledger.js'
import { freshDatabase, type TestDatabase } from './testing/database.js'

/*
 * What lets a freeze go is said twice: by the domain, and by the database, which believes no worker. Here both are asked about
 * the same rows.
 */

let database: TestDatabase
let client: pg.Client
const at = (hours: number) => new Date(Date.parse('2026-11-23T03:00:00.000Z') + hours * 3_600_000).toISOString()

beforeAll(async () => {
  database = await freshDatabase()
  client = new pg.Client({ connectionString: database.superuserUrl })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.stop()
})

const asked: Request = {
  ...{ id: 'lft_1', kind: 'lift', subject: 'frz_1', incident_id: null, by: 'ines', at: at(0) },
  ...{ reason: 'it was "a backup"\n— ünd more \u2028', body: { epoch: 1, reversal: [], expires_at: at(24) } },
}
const vote = (by: string, more: Partial<Vote> = {}): Vote => ({
  ...{ id: `vot_${by}`, request_id: 'lft_1', by, decision: 'yes', digest: liftDigest(liftOf(asked)), note: '' },
  ...{ at: at(1), ...more },
})
const grants: RoleGrant[] = [
  ['ines', 'security', -99],
  ['theo', 'security', -99],
  ['viktor', 'security', -99],
  ['young', 'security', -22],
  ['just', 'security', -23],
  ['hannah', 'sre', -99],
  ['robot', 'security', -99],
].map(([id, role, since]) => ({
  ...{ id: `rol_${id}`, person_id: id as string, role: role as 'security', since: at(since as number) },
  ...{ by: null, revoked_at: null, revoked_by: null },
}))
const people = grants.map(({ person_id: id }) => ({ id, kind: id === 'robot' ? ('service' as const) : ('person' as const) })) // prettier-ignore
const yes = [vote('theo'), vote('viktor')]

interface There {
  votes?: Vote[]
  more?: number
  now?: number
  without?: string
}
test.each<[string, There, string]>([
  ['nobody approved', { votes: [] }, 'asked'],
  ['one approved', { votes: [vote('theo')] }, 'asked'],
  ['two approved', {}, 'approved'],
  ['one and who asked approved', { votes: [vote('theo'), vote('ines')] }, 'asked'],
  ['one and another role approved', { votes: [vote('theo'), vote('hannah')] }, 'asked'],
  ['one and a service of that role approved', { votes: [vote('theo'), vote('robot')] }, 'asked'],
  ['one and somebody of 23 hours approved', { votes: [vote('theo'), vote('young')] }, 'asked'],
  ['one and somebody of 24 hours approved', { votes: [vote('theo'), vote('just')] }, 'approved'],
  ['one whose role was taken back since', { without: 'theo' }, 'asked'],
  ['one approved another digest', { votes: [vote('theo'), vote('viktor', { digest: `sha256:${'a'.repeat(64)}` })] }, 'asked'], // prettier-ignore
  ['two approved and one refused', { votes: [...yes, vote('just', { decision: 'no' })] }, 'refused'],
  ['two approved, and it expired', { now: 24 }, 'expired'],
  ['two approved, and there is another freeze', { more: 1 }, 'void'],
])('%s: database and domain agree', async (_, { more = 0, now = 2, votes = yes, without }, said) => {
  const held = grants.filter(({ person_id }) => person_id !== without)
  const of = held.filter(({ person_id }) => votes.some(({ by }) => by === person_id))
  expect(liftState(asked, votes, people, of, 1 + more, undefined, new Date(at(now)))).toBe(said)
  await client.query('begin')
  try {
    // Rolled back, so that no entries are asked for; the triggers of the rows themselves are not what is asked here.
    for (const table of ['vote', '"freeze"', 'role_grant', 'person', 'request'])
      await client.query(`alter table flow.${table} disable trigger user`)
    for (const { person_id } of grants)
      await client.query('insert into flow.person values ($1, $2, $1)', [person_id, person_id === 'robot' ? 'service' : 'person']) // prettier-ignore
    for (const row of held) await add('role_grant', row)
    for (let nth = 1; nth <= 1 + more; nth++)
      await add('"freeze"', { id: `frz_${nth}`, scopes: ['service:api', `queue:${nth}`], reason: '', by: 'theo', at: at(-1) }) // prettier-ignore
    await add('request', asked)
    for (const row of votes) await add('vote', row)
    const { rows } = await client.query<{ because: string | null; digest: string; of_another: string }>(
      `select flow.why_not_lift('lft_1', 'frz_1', $1) as because, flow.why_not_lift('lft_1', 'frz_9', $1) as of_another,
         flow.vote_digest(r) as digest from flow.request r where r.id = 'lft_1'`,
      [at(now)],
    )
    expect(rows[0]).toEqual({
      because: said === 'approved' ? null : said,
      of_another: 'nobody asked for it',
      digest: liftDigest(liftOf(asked)),
    })
  } finally {
    await client.query('rollback')
  }
})

test.each<[string, Partial<Request>]>([
  ['of a freeze that is not there', { subject: 'frz_9' }],
  ['of another epoch', { body: { ...asked.body, epoch: 2 } }],
  ['for more than a week', { body: { ...asked.body, expires_at: at(24 * 9) } }],
  ['with a reversal plan that nobody can read', { body: { ...asked.body, reversal: ['x'] } }],
  ['by somebody of another role', { by: 'hannah' }],
  ['by a service', { by: 'robot' }],
])('a lift %s is not written down', async (_, change) => {
  await client.query('begin')
  try {
    for (const table of ['"freeze"', 'role_grant', 'person'])
      await client.query(`alter table flow.${table} disable trigger user`)
    for (const { person_id } of grants)
      await client.query('insert into flow.person values ($1, $2, $1)', [person_id, person_id === 'robot' ? 'service' : 'person']) // prettier-ignore
    for (const row of grants) await add('role_grant', row)
    await add('"freeze"', { id: 'frz_1', scopes: ['service:api'], reason: '', by: 'theo', at: at(-1) })
    await client.query('savepoint asked')
    await add('request', asked)
    await client.query('rollback to savepoint asked')
    await expect(add('request', { ...asked, ...change })).rejects.toMatchObject({ constraint: 'lift' })
  } finally {
    await client.query('rollback')
  }
})

const add = (table: string, row: object) =>
  client.query(`insert into flow.${table} select * from jsonb_populate_record(null::flow.${table}, $1)`, [
    JSON.stringify(row),
  ])

test('neither database role writes a lift past the votes', async () => {
  for (const [role, sql, why] of [
    ['fb_api', `insert into flow.enforcement values ('frz_1', 'enforcing', null, now(), null)`, /permission denied/],
    ['fb_worker', `insert into flow.request (id, kind, body, "by", reason, at) values ('lft_x', 'lift', '{}', 'ines', '', now())`, /permission denied/], // prettier-ignore
    ['fb_worker', `insert into flow.vote values ('vot_x', 'lft_x', 'ines', 'yes', '', '', now())`, /permission denied/],
    ['fb_worker', `delete from flow.enforcement`, /permission denied/],
  ] as const) {
    const one = new pg.Client({ connectionString: database.url(role) })
    await one.connect()
    await expect(one.query(sql)).rejects.toThrow(why)
    await one.end()
  }
})

test('the record knows the runs that a lifted freeze had stopped, until they are asked for anew', async () => {
  for (const table of ['"freeze"', 'request', 'plan', 'run', 'enforcement', 'incident'])
    await client.query(`alter table flow.${table} disable trigger user`)
  const source = await openStore(database.url('fb_api'), { applicationName: 'lifts', poolSize: 1 }).initialize()
  const ledger = new PostgresLedger(source, { now: () => new Date(at(0)) })
  const found = async () => (await ledger.read((books) => books.frozenRunsToPlan())).map(({ id }) => id)
  try {
    await add('"freeze"', { id: 'frz_1', scopes: ['service:api'], reason: '', by: 'theo', at: at(-1) })
    const incident = { class: 'x', severity: 'SEV3', title: '', group_key: 'g', opened_at: at(0), version: 1 }
    await add('incident', { id: 'inc_over', state: 'resolved', ...incident })
    for (const [id, state, frozen_by, incident_id] of [
      ['1', 'frozen', 'frz_1', null],
      ['2', 'frozen', null, null],
      ['3', 'succeeded', 'frz_1', null],
      ['4', 'frozen', 'frz_1', 'inc_over'],
    ]) {
      const plan = { recipe_id: 'r', recipe_version: 1, recipe_digest: '', requested_by: 'x', tier: 'T1', quorum: 1 }
      await add('request', { ...asked, id: `pln_of_${id}`, kind: 'plan', subject: 'r', body: {} })
      await add('plan', { id: `pln_of_${id}`, state: 'stopped', ...plan, made_at: at(0), expires_at: at(1) })
      await add('run', { id: `run_${id}`, plan_id: `pln_of_${id}`, plan_digest: '', recipe_id: 'r', state, started_at: at(0), frozen_by, incident_id }) // prettier-ignore
    }
    expect(await found()).toEqual([])
    await add('enforcement', { id: 'frz_1', state: 'lifted', at: at(0) })
    expect(await found()).toEqual(['run_1'])
    await add('request', { ...asked, id: anewOf('run_1'), kind: 'plan', subject: 'r', body: {} })
    expect(await found()).toEqual([])
    // On its way back, also where the incident is over, but not while there is nothing to take back, or it is lent.
    await client.query(`update flow.run set frozen_undoing = true where id = 'run_4'`)
    expect(await found()).toEqual([])
    const step = { run_id: 'run_4', verb: 'v', args: {}, state: 'done', attempt: 1, fence: 1, items_done: 0 }
    await client.query('alter table flow.step disable trigger user')
    await client.query('alter table flow.loan disable trigger user')
    await add('step', { ...step, id: 'stp_1', number: 1, loan_minutes: null })
    expect(await found()).toEqual(['run_4'])
    await add('step', { ...step, id: 'stp_2', number: 2, loan_minutes: 60 })
    const loan = { id: 'lon_1', run_id: 'run_4', step_id: 'stp_2', target: 't', verb: 'v', args: {} }
    await add('loan', { ...loan, state: 'overdue', out_at: at(0), until: at(1) })
    expect(await found()).toEqual([])
    await client.query(`update flow.loan set state = 'returned'`)
    expect(await found()).toEqual(['run_4'])
  } finally {
    await source.destroy()
  }
})

test('the record knows the lifts to carry out: those that two have approved or that have begun, and none that is over', async () => {
  for (const table of ['vote', '"freeze"', 'role_grant', 'person', 'request', 'enforcement'])
    await client.query(`alter table flow.${table} disable trigger user`)
  for (const { id, kind } of people) await client.query('insert into flow.person values ($1, $2, $1)', [id, kind])
  for (const row of grants) await add('role_grant', row)
  const states = [
    ['a_nobody_asked', undefined, undefined],
    ['b_asked', [], undefined],
    ['c_approved', yes, undefined],
    ['d_approved', yes, 'enforced'],
    ['e_lifting', [], 'lifting'],
    ['f_lifted', yes, 'lifted'],
  ] as const
  for (const [id, votes, state] of states) {
    await add('"freeze"', { id, scopes: [`service:${id}`], reason: '', by: 'theo', at: at(-1) })
    const lift = { ...asked, id: `lft_${id}`, subject: id }
    if (votes) await add('request', lift)
    for (const { by } of votes ?? [])
      await add('vote', vote(by, { id: `vot_${id}_${by}`, request_id: lift.id, digest: liftDigest(liftOf(lift)) }))
    if (state) await add('enforcement', { id, state, at: at(0) })
  }
  const source = await openStore(database.url('fb_worker'), { applicationName: 'lifts', poolSize: 1 }).initialize()
  try {
    const ledger = new PostgresLedger(source, { now: () => new Date(at(2)) })
    const found = await ledger.read((books) => books.liftsToCarryOut(at(2)))
    expect(found.map(({ id }) => id)).toEqual(['c_approved', 'd_approved', 'e_lifting'])
    expect(await ledger.read((books) => books.liftsToCarryOut(at(24)))).toMatchObject([{ id: 'e_lifting' }])
  } finally {
    await source.destroy()
  }
})
