import { append } from '@firebreak/audit-store'
import { othersOf, voiceFor, whyNotDecide, type Actor, type Plan, type RoleGrant } from '@firebreak/flow'
import type { Role } from '@firebreak/kit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newUuid } from './new-id.js'
import { freshDatabase, type TestDatabase } from './testing/database.js'

/*
 * What the database itself holds about breaking the glass, whoever writes: the API cannot forge a second person, and the
 * worker cannot make a pass, stretch one, use it twice, or use it in silence.
 */

let database: TestDatabase
const clients = new Map<string, pg.Client>()
const digest = `sha256:${'d'.repeat(64)}`
const at = '2026-11-23T03:07:00.000Z'
const minutes = (n: number) => new Date(Date.parse(at) + n * 60_000).toISOString()
const OLD = '2026-01-01T00:00:00.000Z'

async function as(role: 'fb_api' | 'fb_worker' | 'superuser'): Promise<pg.Client> {
  const known = clients.get(role)
  if (known) return known
  const client = new pg.Client({ connectionString: role === 'superuser' ? database.superuserUrl : database.url(role) })
  await client.connect()
  clients.set(role, client)
  return client
}

/** As the superuser, past every trigger: ours are ENABLE ALWAYS, and only an owner switches them off. */
const triggers = (how: string) => `do $$ declare t record; begin
  for t in select tgrelid::regclass as rel, tgname from pg_trigger where not tgisinternal and tgrelid::regclass::text like 'flow.%' loop
    execute format('alter table %s ${how}', t.rel, t.tgname); end loop; end $$`

const grants: RoleGrant[] = (
  [
    ['theo', 'security', OLD],
    ['ines', 'security', OLD],
    ['viktor', 'security', OLD],
    ['kim', 'security', minutes(-60 * 23)],
    ['robot', 'security', OLD],
    ['sam', 'sre', OLD],
    ['hannah', 'sre', OLD],
    ['noor', 'sre', minutes(-60 * 23)],
  ] as const
).map(([person_id, role, since]) => ({ id: `rol_${person_id}`, person_id, role, since }))
const people = [...new Set(grants.map(({ person_id }) => person_id))]

const body = JSON.stringify({ steps: [{}], approval: { roles: ['sre', 'security'] } })
const plan = (id: string, tier = 'T1', quorum = 1, by = 'sam') => `
  insert into flow.request (id, kind, body, "by", reason, at) values ('${id}', 'plan', '{}', '${by}', '', '${at}');
  insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, incident_id, requested_by, body, digest, tier, quorum, made_at, expires_at)
    values ('${id}', 'proposed', 'scale-api', 1, '${digest}', 'inc_1', 'sam', '${body}', '${digest}', '${tier}', ${quorum}, '${at}', '${minutes(120)}');`
const wish = (id: string, plan: string, by = 'theo', over = 'approval', freeze = 'null', from = at) =>
  `insert into flow.break_glass values ('${id}', '${plan}', '${digest}', '${over}', ${freeze}, 30, 'x', '${by}', '${from}', '${from}'::timestamptz + interval '60 minutes');`
const decide = (
  id: string,
  by: string,
  { decision = 'granted', voice = 'security', from = minutes(5), until = 35 } = {},
) =>
  `insert into flow.break_glass_decision values ('${id}', '${by}', '${decision}', '${voice}', '', '${from}', ${decision === 'granted' ? `'${minutes(until)}'` : 'null'});`
const run = (plan: string, glass: string, { named = digest, from = minutes(6) } = {}) =>
  `insert into flow.run (id, plan_id, plan_digest, recipe_id, state, started_at, break_glass, scopes) values ('run_${plan}', '${plan}', '${named}', 'scale-api', 'running', '${from}', '${glass}', '["house:everything"]');`
const use = (glass: string, run: string, from = minutes(6)) =>
  `insert into flow.break_glass_use (id, run_id, at, told) values ('${glass}', '${run}', '${from}', 'dlv_1');`
const acknowledge = (id: string, by: string, incident = 'inc_1') =>
  `insert into flow.acknowledgement values ('${id}', '${incident}', '${by}', '${at}');`
const give = (to: string) => `update flow.incident set owner = '${to}', version = version + 1 where id = 'inc_1';`
const review = (id: string, by: string, from = minutes(59)) =>
  `insert into flow.break_glass_review values ('${id}', '${by}', 'justified', 'it was', '${from}');`

beforeAll(async () => {
  database = await freshDatabase()
  const client = await as('superuser')
  await client.query('begin')
  await client.query(triggers('disable trigger user'))
  for (const id of people)
    await client.query(`insert into flow.person (id, kind, name) values ($1, $2, $1)`, [
      id,
      id === 'robot' ? 'service' : 'person',
    ])
  for (const { id, person_id, role, since } of grants)
    await client.query('insert into flow.role_grant (id, person_id, role, since) values ($1, $2, $3, $4)', [
      id,
      person_id,
      role,
      since,
    ])
  await client.query(`
    insert into flow.incident (id, state, class, severity, title, group_key, owner, opened_at, version)
      values ('inc_1', 'acknowledged', 'high-api-latency', 'SEV2', 'slow', 'g', 'sam', '${at}', 1),
        ('inc_open', 'open', 'high-api-latency', 'SEV2', 'slow', 'g2', 'sam', '${at}', 1);
    insert into flow.acknowledgement values ('ack_1', 'inc_1', 'sam', '${at}');
    insert into flow."freeze" (id, scopes, reason, "by", at) values ('frz_1', '["service:api"]', 'x', 'theo', '${at}'), ('frz_2', '["service:api"]', 'x', 'theo', '${at}');
    insert into flow."freeze" (id, scopes, reason, "by", at) values ('frz_gone', '["service:api"]', 'x', 'theo', '${at}');
    insert into flow.enforcement values ('frz_gone', 'lifted', null, '${at}');
    ${['pln_free', 'pln_asked', 'pln_granted', 'pln_refused', 'pln_freeze', 'pln_used', 'pln_other'].map((id) => plan(id)).join('')}
    ${plan('pln_own', 'T2', 1, 'ines')} ${plan('pln_no')} ${plan('pln_gone')} ${plan('pln_yes', 'T3', 2)} ${plan('pln_three', 'T3', 2)} ${plan('pln_late')}
    insert into flow.approval values ('apr_no', 'pln_no', 'sam', 'no', '${digest}', '', '${at}'), ('apr_yes', 'pln_yes', 'ines', 'yes', '${digest}', '', '${at}'),
      ('apr_three', 'pln_three', 'ines', 'yes', '${digest}', '', '${at}');
    insert into flow.request (id, kind, subject, body, "by", reason, at) values ('req_gone', 'cancel', 'pln_gone', '{}', 'sam', '', '${at}');
    ${wish('bgl_asked', 'pln_asked')} ${wish('bgl_own', 'pln_own')} ${wish('bgl_yes', 'pln_yes')} ${wish('bgl_no', 'pln_no')} ${wish('bgl_gone', 'pln_gone')}
    ${wish('bgl_granted', 'pln_granted')} ${decide('bgl_granted', 'ines')}
    ${wish('bgl_refused', 'pln_refused')} ${decide('bgl_refused', 'ines', { decision: 'refused' })}
    ${wish('bgl_freeze', 'pln_freeze', 'theo', 'freeze', `'frz_1'`)} ${decide('bgl_freeze', 'ines')}
    ${wish('bgl_three', 'pln_three')} ${decide('bgl_three', 'ines')}
    ${wish('bgl_late', 'pln_late')} ${decide('bgl_late', 'ines', { until: 6 })}
    ${wish('bgl_used', 'pln_used', 'theo', 'freeze', `'frz_1'`)} ${decide('bgl_used', 'ines')} ${run('pln_used', 'bgl_used')} ${use('bgl_used', 'run_pln_used')}
    update flow.plan set state = 'used' where id = 'pln_used'`)
  await client.query(triggers('enable always trigger %I'))
  await client.query('commit')
})
afterAll(async () => {
  for (const client of clients.values()) await client.end()
  await database.stop()
})

test.each<['fb_api' | 'fb_worker', string, string, RegExp]>([
  ['fb_worker', 'ask for a pass', wish('bgl_x', 'pln_free'), /permission denied/],
  ['fb_worker', 'grant one', decide('bgl_asked', 'ines'), /permission denied/],
  ['fb_worker', 'say who leads an incident', acknowledge('ack_x', 'sam'), /permission denied/],
  ['fb_worker', 'give an incident to somebody', give('noor'), /permission denied/],
  ['fb_worker', 'review one', review('bgl_used', 'viktor'), /permission denied/],
  ['fb_api', 'use one', use('bgl_granted', 'run_x'), /permission denied/],
  ['fb_api', 'start a run by one', run('pln_granted', 'bgl_granted'), /permission denied/],
  ['fb_api', 'change what was asked', `update flow.break_glass set minutes = 60`, /permission denied/],
  ['fb_api', 'make one longer', `update flow.break_glass_decision set expires_at = now()`, /permission denied/],
  ['fb_api', 'turn who acknowledged', `update flow.acknowledgement set "by" = 'noor'`, /permission denied/],
  ['fb_api', 'forget who acknowledged', `delete from flow.acknowledgement`, /permission denied/],
  ['fb_api', 'acknowledge in the name of who has it not', acknowledge('ack_x', 'noor'), /not of who has the incident/],
  ['fb_api', 'acknowledge what stays open', acknowledge('ack_x', 'sam', 'inc_open'), /not of who has the incident/],
  ['fb_api', 'take one back unseen', `delete from flow.break_glass`, /permission denied/],
  ['fb_api', 'soften a review', `update flow.break_glass_review set verdict = 'justified'`, /permission denied/],
  ['fb_worker', 'forget a use', `delete from flow.break_glass_use`, /permission denied/],
  [
    'fb_worker',
    'say that another run used it',
    `update flow.break_glass_use set run_id = 'run_x'`,
    /permission denied/,
  ],

  ['fb_api', 'ask in the name of another role', wish('bgl_x', 'pln_free', 'sam'), /who asks is of Security, for a day/],
  ['fb_api', 'ask in the name of a service', wish('bgl_x', 'pln_free', 'robot'), /who asks is of Security, for a day/],
  ['fb_api', 'ask in the name of a young role', wish('bgl_x', 'pln_free', 'kim'), /who asks is of Security, for a day/],
  [
    'fb_api',
    'ask for another digest',
    wish('bgl_x', 'pln_free').replace(digest, `sha256:${'e'.repeat(64)}`),
    /it is for another digest/,
  ],
  ['fb_api', 'ask for two at a time', wish('bgl_x', 'pln_asked', 'ines'), /the plan has one that is open/],
  [
    'fb_api',
    'ask beside one that is granted',
    wish('bgl_x', 'pln_granted', 'ines', 'freeze', `'frz_1'`, minutes(10)),
    /one that is open/,
  ],
  [
    'fb_api',
    'ask over a no',
    wish('bgl_x', 'pln_no', 'ines', 'approval', 'null', minutes(90)),
    /somebody said no to the plan/,
  ],
  [
    'fb_api',
    'ask for a plan that was cancelled',
    wish('bgl_x', 'pln_gone', 'ines', 'approval', 'null', minutes(90)),
    /the plan was cancelled/,
  ],
  [
    'fb_api',
    'ask for a plan that has a run',
    wish('bgl_x', 'pln_used', 'ines', 'approval', 'null', minutes(90)),
    /the plan is used/,
  ],
  [
    'fb_api',
    'ask for a plan after its time',
    wish('bgl_x', 'pln_free', 'ines', 'approval', 'null', minutes(120)),
    /the plan has expired/,
  ],
  [
    'fb_api',
    'ask over a freeze that is over',
    wish('bgl_x', 'pln_free', 'theo', 'freeze', `'frz_gone'`),
    /the freeze was lifted/,
  ],
  ['fb_api', 'ask over a freeze without naming it', wish('bgl_x', 'pln_free', 'theo', 'freeze'), /check constraint/],
  ['fb_api', 'ask for two hours', wish('bgl_x', 'pln_free').replace(', 30,', ', 120,'), /check constraint/],

  ['fb_api', 'grant in the name of who asked', decide('bgl_asked', 'theo'), /who asked does not decide/],
  ['fb_api', 'grant in the name of another role', decide('bgl_asked', 'sam'), /who decides is of Security, for a day/],
  ['fb_api', 'grant in the name of a young role', decide('bgl_asked', 'kim'), /who decides is of Security, for a day/],
  ['fb_api', 'grant in the name of a service', decide('bgl_asked', 'robot'), /who decides is of Security, for a day/],
  [
    'fb_api',
    'let the lead stand in where two others are there',
    decide('bgl_asked', 'sam', { voice: 'on-call-lead' }),
    /fewer than two others/,
  ],
  [
    'fb_api',
    'grant a T2 plan in the name of who asked for it',
    decide('bgl_own', 'ines'),
    /who asked for the plan does not let it pass/,
  ],
  [
    'fb_api',
    'grant the missing yes in the name of who gave the other',
    decide('bgl_yes', 'ines'),
    /not the one who is missing/,
  ],
  ['fb_api', 'grant it for longer than was asked', decide('bgl_asked', 'ines', { until: 40 }), /longer than was asked/],
  [
    'fb_api',
    'grant it for two hours',
    decide('bgl_asked', 'ines', { until: 125 }),
    /longer than was asked|check constraint/,
  ],
  [
    'fb_api',
    'grant it when the time to decide is over',
    decide('bgl_asked', 'ines', { from: minutes(60), until: 80 }),
    /the time to decide is over/,
  ],
  [
    'fb_api',
    'grant it before it was asked',
    decide('bgl_asked', 'ines', { from: minutes(-5), until: 10 }),
    /the time to decide is over/,
  ],
  ['fb_api', 'grant what somebody said no to', decide('bgl_no', 'ines'), /somebody said no to the plan/],
  ['fb_api', 'grant what was cancelled', decide('bgl_gone', 'ines'), /the plan was cancelled/],
  ['fb_api', 'grant what was refused', decide('bgl_refused', 'viktor'), /duplicate key/],

  ['fb_worker', 'start by a pass that nobody granted', run('pln_asked', 'bgl_asked'), /nobody granted it/],
  ['fb_worker', 'start by one that was refused', run('pln_refused', 'bgl_refused'), /nobody granted it/],
  ['fb_worker', 'start by one for another plan', run('pln_other', 'bgl_granted'), /it is for another plan/],
  ['fb_worker', 'start by one whose time is over', run('pln_late', 'bgl_late'), /its time is over/],
  ['fb_worker', 'start by one that was used', run('pln_other', 'bgl_used'), /it is for another plan/],
  [
    'fb_worker',
    'start another digest by one',
    run('pln_granted', 'bgl_granted', { named: `sha256:${'e'.repeat(64)}` }),
    /names another digest/,
  ],
  ['fb_worker', 'start without a yes by a pass over a freeze', run('pln_freeze', 'bgl_freeze'), /has 0 of 1 approvals/],
  ['fb_worker', 'count the yes of who granted it beside it', run('pln_three', 'bgl_three'), /has 1 of 2 approvals/],
  [
    'fb_worker',
    'say that a run used one that has none',
    use('bgl_granted', 'run_pln_used'),
    /has not used the break-glass/,
  ],
  [
    'fb_worker',
    'end the alert of one that nobody reviewed',
    `update flow.break_glass_use set "over" = 'dlv_2'`,
    /is not reviewed/,
  ],

  ['fb_api', 'review in the name of who asked', review('bgl_used', 'theo'), /who asked or granted does not review/],
  ['fb_api', 'review in the name of who granted', review('bgl_used', 'ines'), /who asked or granted does not review/],
  ['fb_api', 'review in the name of another role', review('bgl_used', 'sam'), /who reviews is of Security, for a day/],
  ['fb_api', 'review in the name of a young role', review('bgl_used', 'kim'), /who reviews is of Security, for a day/],
  ['fb_api', 'review what was not used', review('bgl_granted', 'viktor'), /it was not used/],
  ['fb_api', 'review before it was used', review('bgl_used', 'viktor', minutes(1)), /it was not used/],
])('as %s nobody can %s', async (role, _, sql, message) => {
  const client = await as(role)
  await client.query('begin')
  try {
    await expect(client.query(sql)).rejects.toThrow(message)
  } finally {
    await client.query('rollback')
  }
})

test.each<['fb_api' | 'fb_worker', string, string]>([
  ['fb_api', 'asked', wish('bgl_new', 'pln_free')],
  ['fb_api', 'granted', decide('bgl_asked', 'viktor')],
  ['fb_api', 'reviewed', review('bgl_used', 'viktor')],
  ['fb_worker', 'used', `${run('pln_granted', 'bgl_granted')} ${use('bgl_granted', 'run_pln_granted')}`],
])('as %s what is right can be written, and not without its entry: %s', async (role, _, sql) => {
  const client = await as(role)
  await client.query('begin')
  await client.query(sql)
  await expect(client.query('commit')).rejects.toThrow(/has no audit entry in its transaction/)
})

test('a run that uses a pass in silence is not committed', async () => {
  const client = await as('fb_worker')
  await client.query('begin')
  await client.query(run('pln_granted', 'bgl_granted'))
  await expect(client.query('set constraints flow.used immediate')).rejects.toThrow(/and does not say so/)
  await client.query('rollback')
})

test('a pass is used by one run, even where its plan could have two', async () => {
  const client = await as('superuser')
  const { rows } = await client.query<{ why: string }>(
    `select flow.why_not_passed('bgl_used', p, $1) as why from flow.plan p where id = 'pln_used'`,
    [minutes(7)],
  )
  expect(rows).toEqual([{ why: 'a run has used it' }])
  await client.query('begin')
  await client.query(triggers('disable trigger user'))
  const again = run('pln_other', 'bgl_used')
  await expect(client.query(again)).rejects.toThrow(/duplicate key .*break_glass/)
  await client.query('rollback')
})

test('a run goes over its one freeze, for as long as its pass lasts', async () => {
  const client = await as('fb_worker')
  const passes = async (run: string, freeze: string, when: string) =>
    (await client.query<{ may: boolean }>('select flow.passes_freeze($1, $2, $3) as may', [run, freeze, when])).rows[0]!
      .may
  expect(await passes('run_pln_used', 'frz_1', minutes(34))).toBe(true)
  expect(await passes('run_pln_used', 'frz_1', minutes(35))).toBe(false)
  expect(await passes('run_pln_used', 'frz_2', minutes(34))).toBe(false)
  expect(await passes('run_other', 'frz_1', minutes(34))).toBe(false)
})

describe('where Security is too few', () => {
  /** As the API, over plain SQL: what the database says of a grant by `who` after that. */
  async function grantBy(who: string, before: (client: pg.Client) => Promise<unknown>): Promise<string> {
    const client = await as('superuser')
    await client.query('begin')
    try {
      await client.query('alter table flow.role_grant disable trigger user')
      await client.query(`delete from flow.role_grant where person_id = 'viktor'`)
      await client.query('set local role fb_api')
      await before(client)
      await client.query('set constraints all immediate')
      await client.query('set constraints all deferred')
      await client.query(decide('bgl_asked', who, { voice: 'on-call-lead' }).replace(';', ''))
      return 'granted'
    } catch (error) {
      return (error as Error).message
    } finally {
      await client.query('rollback')
    }
  }
  const tell = (client: pg.Client, type: 'incident.acknowledged' | 'incident.changed', id: string) => {
    const about = 'incident:inc_1'
    const actor = { kind: 'person' as const, id, auth: 'session', roles: ['sre'] }
    const draft = { stream: about, about, type, actor, outcome: 'ok' as const, detail: { version: 2 } }
    return append(client, [draft], { now: new Date(at), newId: newUuid })
  }

  test('who acknowledged the incident may grant, also when somebody else has been given it', async () => {
    expect(await grantBy('sam', async () => undefined)).toBe('granted')
    const given = async (client: pg.Client) => (await tell(client, 'incident.changed', 'theo'), client.query(give('hannah'))) // prettier-ignore
    expect(await grantBy('sam', given)).toBe('granted')
    expect(await grantBy('hannah', given)).toMatch(/who acknowledged the incident themselves decides/)
  })

  test.each<[string, Parameters<typeof tell>[1], string, string | RegExp]>([
    ['said so', 'incident.acknowledged', 'hannah', 'granted'],
    ['was said by another to have it', 'incident.acknowledged', 'theo', /has no entry of hannah themselves/],
    ['changed something else of it', 'incident.changed', 'hannah', /has no entry of hannah themselves/],
  ])('and who was given it, when they %s', async (_, type, by, said) => {
    const answer = await grantBy('hannah', async (client) => {
      await tell(client, type, by)
      await client.query(give('hannah'))
      await client.query(acknowledge('ack_2', 'hannah'))
    })
    expect(answer).toMatch(said)
  })

  test('nobody leads an incident that is closed', async () => {
    const closed = async (client: pg.Client) => {
      await tell(client, 'incident.changed', 'theo')
      for (const state of ['resolved', 'closed'])
        await client.query(`update flow.incident set state = '${state}' where id = 'inc_1'`)
    }
    expect(await grantBy('sam', closed)).toMatch(/who acknowledged the incident themselves decides/)
  })
})

describe('the database and the domain say the same of who may decide', () => {
  const row = (tier: string, by: string) =>
    ({
      id: 'pln_x',
      state: 'proposed',
      tier,
      digest,
      requested_by: by,
      expires_at: minutes(120),
      body: null,
    }) as unknown as Plan

  test.each(people.flatMap((who) => [true, false].map((few) => ({ who, few }))))(
    '$who, where Security is few: $few',
    async ({ few, who }) => {
      const client = await as('superuser')
      const there = few ? grants.filter(({ person_id }) => person_id !== 'viktor') : grants
      const held = there.filter(({ person_id }) => person_id === who)
      const by: Actor = {
        ...{ kind: who === 'robot' ? 'service' : 'person', id: who, auth: 'session' },
        roles: held.map(({ role }): Role => role),
      }
      const pass = {
        wish: {
          ...{
            id: 'bgl_asked',
            plan_id: 'pln_x',
            plan_digest: digest,
            over: 'approval' as const,
            freeze_id: null,
            minutes: 30,
          },
          ...{ reason: 'x', by: 'theo', at, open_until: minutes(60) },
        },
      }
      // A service never holds the role of people; the database looks at what it is, too.
      const security = there.filter(({ person_id, role }) => role === 'security' && person_id !== 'robot')
      const now = new Date(minutes(5))
      const around = { others: othersOf('theo', security, now), lead: 'sam' }
      const no = whyNotDecide(pass, { plan: row('T1', 'sam'), approvals: [] }, around, by, held, now)

      await client.query('begin')
      await client.query('alter table flow.role_grant disable trigger user')
      if (few) await client.query(`delete from flow.role_grant where person_id = 'viktor'`)
      const { rows } = await client.query<{ others: number }>(`select flow.others_of_security('theo', $1) as others`, [
        now,
      ])
      const said = await client.query(decide('bgl_asked', who, { voice: voiceFor(around, by, held) })).then(
        () => true,
        () => false,
      )
      await client.query('rollback')
      expect({ who, others: rows[0]?.others, said }).toEqual({ who, others: around.others, said: no === undefined })
    },
  )
})
