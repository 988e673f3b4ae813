import { countingYeses, mayPass, passages, type Plan, type Thing } from '@firebreak/flow'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoginRole } from './cluster.js'
import { describeSchema } from './testing/describe-schema.js'
import { freshDatabase, type TestDatabase } from './testing/database.js'

let database: TestDatabase
const clients = new Map<string, pg.Client>()

async function as(role: LoginRole | 'superuser'): Promise<pg.Client> {
  const known = clients.get(role)
  if (known) return known
  const client = new pg.Client({ connectionString: role === 'superuser' ? database.superuserUrl : database.url(role) })
  await client.connect()
  clients.set(role, client)
  return client
}

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  for (const client of clients.values()) await client.end()
  await database.stop()
})

/**
 * Who may do what with which table: powers.md for the tables that exist. `r` select, `a` insert, `w(…)` update of these
 * columns, `d` delete. A table that is not here must not exist.
 */
const powers: Record<string, Partial<Record<'fb_api' | 'fb_worker' | 'fb_sequencer' | 'fb_reader', string>>> = {
  'flow.acknowledgement': { fb_api: 'ra', fb_worker: 'r', fb_reader: 'r' },
  'flow.alert': {
    fb_api: 'ra w(annotations,ends_at,flaps,generator_url,incident_id,labels,starts_at,state)',
    fb_worker: 'r',
    fb_reader: 'r',
  },
  'flow.api_key': { fb_api: 'ra w(last_used,revoked_at)', fb_worker: 'r' },
  'flow.approval': { fb_api: 'ra', fb_worker: 'r', fb_reader: 'r' },
  'flow.break_glass': { fb_api: 'ra', fb_worker: 'r', fb_reader: 'r' },
  'flow.break_glass_decision': { fb_api: 'ra', fb_worker: 'r', fb_reader: 'r' },
  'flow.break_glass_review': { fb_api: 'ra', fb_worker: 'r', fb_reader: 'r' },
  'flow.break_glass_use': { fb_api: 'r', fb_worker: 'ra w(over,overdue)', fb_reader: 'r' },
  'flow.budget': { fb_api: 'r', fb_worker: 'ra w(over)', fb_reader: 'r' },
  'flow.delivery': {
    fb_api: 'ra w(faults,joined,opened,refused,repeated,resolved,state,suppressed)',
    fb_worker: 'ra',
    fb_reader: 'r',
  },
  'flow.export': {
    fb_api: 'r',
    fb_worker: 'ra w(because,checkpoint_size,ended_at,entries,manifest,position,sha256,size,started_at,state,total)',
    fb_reader: 'r',
  },
  'flow.enforcement': { fb_api: 'r', fb_worker: 'ra w(at,because,lift,state)', fb_reader: 'r' },
  'flow.figure': { fb_api: 'r', fb_worker: 'ra w(at,value) d', fb_reader: 'r' },
  'flow.freeze': { fb_api: 'ra', fb_worker: 'r', fb_reader: 'r' },
  'flow.incident': { fb_api: 'ra w(class,owner,resolved_at,severity,state,version)', fb_worker: 'r', fb_reader: 'r' },
  'flow.loan': { fb_api: 'r', fb_worker: 'ra w(because,held_by,returned_at,state,tried_at,until)', fb_reader: 'r' },
  'flow.maintenance_run': {
    fb_api: 'r',
    fb_worker: 'ra w(because,ended_at,retry_at,started_at,state,told)',
    fb_reader: 'r',
  },
  'flow.migration': { fb_api: 'r', fb_worker: 'r', fb_sequencer: 'r', fb_reader: 'r' },
  'flow.observation': { fb_api: 'r', fb_worker: 'ra w(at,value) d', fb_reader: 'r' },
  'flow.person': { fb_api: 'ra', fb_worker: 'r', fb_reader: 'r' },
  'flow.plan': { fb_api: 'r', fb_worker: 'ra w(because,state)', fb_reader: 'r' },
  'flow.quiet_window': { fb_api: 'ra w(cancelled_at,cancelled_because,cancelled_by)', fb_worker: 'r', fb_reader: 'r' },
  'flow.request': { fb_api: 'ra', fb_worker: 'r', fb_reader: 'r' },
  'flow.role_grant': { fb_api: 'ra w(revoked_at,revoked_by)', fb_worker: 'r', fb_reader: 'r' },
  'flow.run': {
    fb_api: 'r',
    fb_worker: 'ra w(answered,because,ended_at,frozen_by,frozen_undoing,goes_on_at,state,verifying_at)',
    fb_reader: 'r',
  },
  'flow.idempotency': { fb_api: 'ra w(answer,headers,ids,results,status)', fb_worker: 'r(expires_at,id) d' },
  'flow.session': { fb_api: 'ra d', fb_worker: 'r d' },
  'flow.standing_approval': {
    fb_api: 'ra w(revoked_at,revoked_because,revoked_by,state)',
    fb_worker: 'r',
    fb_reader: 'r',
  },
  'flow.step': {
    fb_api: 'r',
    fb_worker: 'ra w(after,attempt,because,before,ended_at,fence,intended_at,items_done,output,state,undo_intended_at)',
    fb_reader: 'r',
  },
  'flow.step_item': {
    fb_api: 'r',
    fb_worker: 'ra w(after,attempt,because,before,ended_at,fence,intended_at,state,undo_intended_at)',
    fb_reader: 'r',
  },
  'flow.vote': { fb_api: 'ra', fb_worker: 'r', fb_reader: 'r' },
  'flow.target_lock': { fb_api: 'r', fb_worker: 'ra d', fb_reader: 'r' },
  'flow.target_state': { fb_api: 'r', fb_worker: 'ra w(at,value)', fb_reader: 'r' },
  'flow.trace': { fb_api: 'ra w(at,traceparent)', fb_worker: 'ra w(at,traceparent) d' },
  'flow.tenure': { fb_api: 'r', fb_worker: 'ra w(fence,holder,until)', fb_reader: 'r' },
  'audit.entry': {
    fb_api: 'r a(about,body,entry_id,stream_id,stream_seq,type)',
    fb_worker: 'r a(about,body,entry_id,stream_id,stream_seq,type)',
    fb_sequencer: 'r a(about,body,entry_id,stream_id,stream_seq,type)',
    fb_reader: 'r',
  },
  'audit.disclosure': { fb_api: 'ra', fb_worker: 'ra' },
  'audit.blob': { fb_api: 'r', fb_worker: 'ra', fb_reader: 'r' },
  'audit.leaf': { fb_api: 'r', fb_worker: 'r', fb_sequencer: 'ra', fb_reader: 'r' },
  'audit.tile': { fb_api: 'r', fb_worker: 'r', fb_sequencer: 'raw', fb_reader: 'r' },
  'audit.checkpoint': { fb_api: 'r', fb_worker: 'r', fb_sequencer: 'ra', fb_reader: 'r' },
  'audit.log_key': { fb_api: 'r', fb_worker: 'r', fb_sequencer: 'ra', fb_reader: 'r' },
  'audit.cursor': { fb_sequencer: 'rw' },
}

test('the catalogue says what powers.md says, about these tables and no others', async () => {
  const { rows } = await (
    await as('superuser')
  ).query<{ table: string; grantee: string; privilege: string; columns: string | null }>(`
    with grants as (
      select c.oid, n.nspname || '.' || c.relname as table, r.rolname::text as grantee, g.privilege_type as privilege
      from pg_class c join pg_namespace n on n.oid = c.relnamespace,
        aclexplode(c.relacl) g join pg_roles r on r.oid = g.grantee
      where c.relkind = 'r' and n.nspname in ('flow', 'audit')
    ), column_grants as (
      select n.nspname || '.' || c.relname as table, r.rolname::text as grantee, g.privilege_type as privilege,
        string_agg(a.attname, ',' order by a.attname) as columns
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace,
        aclexplode(a.attacl) g join pg_roles r on r.oid = g.grantee
      where c.relkind = 'r' and n.nspname in ('flow', 'audit') group by 1, 2, 3
    )
    select "table", grantee, privilege, null as columns from grants where grantee like 'fb\\_%' and grantee <> 'fb_migrator'
    union all select "table", grantee, privilege, columns from column_grants`)
  const found: typeof powers = {}
  const letters: Record<string, string> = { SELECT: 'r', INSERT: 'a', UPDATE: 'w', DELETE: 'd' }
  for (const table of new Set(rows.map((row) => row.table))) {
    const roles: Record<string, string> = {}
    for (const grantee of new Set(rows.filter((row) => row.table === table).map((row) => row.grantee))) {
      const mine = rows.filter((row) => row.table === table && row.grantee === grantee)
      const whole = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].filter((p) =>
        mine.some((row) => row.privilege === p && !row.columns),
      )
      const parts = mine.filter((row) => row.columns).map((row) => `${letters[row.privilege]}(${row.columns})`)
      const others = mine.filter((row) => !letters[row.privilege]).map((row) => row.privilege)
      const lone = whole.includes('DELETE') && parts.length > 0
      const plain = whole
        .filter((p) => !(lone && p === 'DELETE'))
        .map((p) => letters[p])
        .join('')
      roles[grantee] = [plain.replace(/^(ra?)d$/, '$1 d'), ...parts.sort(), ...(lone ? ['d'] : []), ...others]
        .filter((part) => part !== '')
        .join(' ')
    }
    found[table] = roles
  }
  expect(found).toEqual(powers)
  const { rows: tables } = await (
    await as('superuser')
  ).query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  )
  expect(tables.map(({ name }) => name).sort()).toEqual(Object.keys(powers).sort())
})

test('the schema is the one that is checked in', async () => {
  await expect(await describeSchema(await as('superuser'))).toMatchFileSnapshot('../schema.sql')
})

test('the database and the domain agree on every passage', async () => {
  const client = await as('fb_reader')
  for (const thing of Object.keys(passages) as Thing[]) {
    const table: Record<string, readonly string[]> = passages[thing]
    const states = [...new Set([...Object.keys(table), ...Object.values(table).flat()])].filter((s) => s !== 'starts')
    for (const from of [null, ...states])
      for (const to of states) {
        const { rows } = await client.query<{ may: boolean }>('select flow.may_pass($1, $2, $3) as may', [
          thing,
          from,
          to,
        ])
        expect({ thing, from, to, may: rows[0]?.may }).toEqual({ thing, from, to, may: mayPass(thing, from, to) })
      }
  }
})

describe('direct SQL', () => {
  const at = '2026-11-23T03:07:00Z'
  const digest = `sha256:${'a'.repeat(64)}`
  const later = '2026-11-23T03:37:00Z'
  const body = '{"steps": [{}], "approval": {"roles": ["sre"]}}'

  /** As the superuser, past every trigger: the situation that a test starts from. */
  async function given(sql: string): Promise<void> {
    const client = await as('superuser')
    await client.query('begin')
    // Our triggers are ENABLE ALWAYS; the situation is made by switching them off by name, which only an owner can.
    await client.query(`do $$ declare t regclass; begin
      for t in select distinct tgrelid::regclass from pg_trigger where not tgisinternal and tgrelid::regclass::text like 'flow.%' loop
        execute format('alter table %s disable trigger user', t); end loop; end $$`)
    await client.query(sql)
    await client.query(`do $$ declare t record; begin
      for t in select tgrelid::regclass as rel, tgname from pg_trigger where not tgisinternal and tgrelid::regclass::text like 'flow.%' loop
        execute format('alter table %s enable always trigger %I', t.rel, t.tgname); end loop; end $$`)
    await client.query('commit')
  }

  beforeAll(async () => {
    await given(`
      insert into flow.person values ('hannah', 'person', 'Hannah'), ('sam', 'person', 'Sam'), ('robot', 'service', 'Robot'), ('ada', 'person', 'Ada'), ('ines', 'person', 'Ines'), ('theo', 'person', 'Theo');
      insert into flow.role_grant (id, person_id, role, since) values ('rol_ada', 'ada', 'admin', '${at}'), ('rol_hannah', 'hannah', 'sre', '2026-11-01');
      insert into flow.role_grant (id, person_id, role, since, revoked_at, revoked_by) values ('rol_gone', 'sam', 'ml', '${at}', '${at}', 'ada');
      insert into flow.role_grant (id, person_id, role, since) values ('rol_sam', 'sam', 'sre', '2026-11-01'), ('rol_robot', 'robot', 'sre', '2026-11-01'), ('rol_young', 'ines', 'sre', '2026-11-22T12:00:00Z');
      insert into flow.role_grant (id, person_id, role, since, revoked_at, revoked_by) values ('rol_former', 'theo', 'sre', '2026-11-01', '${at}', 'ada');
      insert into flow.request (id, kind, body, "by", reason, at) select 'pln_' || n, 'plan', '{}', 'hannah', '', '${at}' from generate_series(1, 11) n;
      insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, requested_by, body, digest, tier, quorum, made_at, expires_at)
        select 'pln_' || n, 'proposed', 'scale-api', 1, '${digest}', 'hannah', '${body}', '${digest}', case n when 3 then 'T2' else 'T1' end, 1, '${at}', '${later}'
        from generate_series(1, 6) n;
      insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, requested_by, body, digest, tier, quorum, made_at, expires_at)
        values ('pln_7', 'proposed', 'scale-api', 1, '${digest}', 'hannah', '${body}', '${digest}', 'T0', 0, '${at}', '${later}'),
          ('pln_8', 'stale', 'scale-api', 1, '${digest}', 'hannah', '${body}', '${digest}', 'T1', 1, '${at}', '${later}'),
          ('pln_9', 'proposed', 'scale-api', 1, '${digest}', 'sam', '${body}', '${digest}', 'T2', 1, '${at}', '${later}'),
          ('pln_10', 'proposed', 'scale-api', 1, '${digest}', 'sam', '${body}', '${digest}', 'T2', 1, '${at}', '${later}'),
          ('pln_11', 'proposed', 'scale-api', 1, '${digest}', 'sam', '${body}', '${digest}', 'T1', 1, '${at}', '${later}');
      insert into flow.approval values ('apr_8', 'pln_8', 'sam', 'yes', '${digest}', '', '${at}'),
        ('apr_9', 'pln_9', 'hannah', 'yes', '${digest}', '', '${at}'), ('apr_2', 'pln_2', 'sam', 'yes', '${digest}', '', '${at}'),
        ('apr_3', 'pln_3', 'hannah', 'yes', '${digest}', '', '${at}'),
        ('apr_4', 'pln_4', 'robot', 'yes', '${digest}', '', '${at}'),
        ('apr_10', 'pln_10', 'ines', 'yes', '${digest}', '', '${at}'), ('apr_11', 'pln_11', 'theo', 'yes', '${digest}', '', '${at}'),
        ('apr_5', 'pln_5', 'sam', 'yes', '${digest}', '', '${at}'), ('apr_6', 'pln_5', 'hannah', 'no', '${digest}', '', '${at}');
      insert into flow.request (id, kind, subject, body, "by", reason, at) values ('pln_c', 'plan', null, '{}', 'hannah', '', '${at}'), ('req_c', 'cancel', 'pln_c', '{}', 'sam', '', '${at}');
      insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, requested_by, body, digest, tier, quorum, made_at, expires_at)
        values ('pln_c', 'proposed', 'scale-api', 1, '${digest}', 'hannah', '{}', '${digest}', 'T1', 1, '${at}', '${later}');
      insert into flow.approval values ('apr_c', 'pln_c', 'sam', 'yes', '${digest}', '', '${at}');
      insert into flow.standing_approval (id, state, recipe_id, recipe_version, recipe_digest, targets, bounds, "by", reason, at, expires_at)
        values ('sta_1', 'given', 'scale-api', 1, 'sha256:${'e'.repeat(64)}', '["deployment:prod/api"]', '{"steps": 1, "after": {}}', 'hannah', '', '${at}', '${later}');
      insert into flow.quiet_window (id, scopes, reason, "by", at, starts_at, ends_at)
        values ('qwi_1', '["service:api"]', '', 'hannah', '${at}', '${at}', '${later}')`)
  })

  const run = (plan: string, named = digest, started = at) =>
    `insert into flow.run (id, plan_id, plan_digest, recipe_id, state, scopes, started_at) values ('run_${plan}', '${plan}', '${named}', 'scale-api', 'running', '["house:everything","deployment:prod/api"]', '${started}')`
  const approval = (id: string, plan: string, by: string, named = digest) =>
    `insert into flow.approval values ('${id}', '${plan}', '${by}', 'yes', '${named}', '', '${at}')`

  const grant = (person: string, role: string, by: string, since = 'now') =>
    `insert into flow.role_grant (id, person_id, role, since, "by") values ('rol_x', '${person}', '${role}', '${since}', ${by})`
  const revoke = (id: string, by: string) =>
    `update flow.role_grant set revoked_at = now(), revoked_by = ${by} where id = '${id}'`

  test.each<[LoginRole, string, string, RegExp]>([
    ['fb_worker', 'say yes', approval('apr_w', 'pln_1', 'hannah'), /permission denied for table approval/],
    [
      'fb_worker',
      'ask for a plan in a person’s name',
      `insert into flow.request (id, kind, body, "by", reason, at) values ('pln_x', 'plan', '{}', 'hannah', '', now())`,
      /permission denied for table request/,
    ],
    [
      'fb_worker',
      'give itself a role',
      `insert into flow.role_grant values ('rol_x', 'hannah', 'admin', now())`,
      /permission denied for table role_grant/,
    ],
    ['fb_worker', 'run a plan that nobody approved', run('pln_1'), /has 0 of 1 approvals/],
    ['fb_worker', 'run a plan that changes something as one that only reads', run('pln_7'), /has 0 of 0 approvals/],
    ['fb_worker', 'run a plan that is stale', run('pln_8'), /the plan pln_8 is stale/],
    [
      'fb_worker',
      'start by itself under a standing approval that is for something else',
      run('pln_1').replace('started_at)', 'started_at, standing)').replace(/\)$/, `, 'sta_1')`),
      /the standing approval sta_1 does not cover the plan pln_1: another recipe/,
    ],
    [
      'fb_worker',
      'approve in advance',
      `insert into flow.standing_approval select * from flow.standing_approval`,
      /permission denied for table standing_approval/,
    ],
    [
      'fb_api',
      'widen what was approved in advance',
      `update flow.standing_approval set targets = '[]'`,
      /permission denied/,
    ],
    [
      'fb_api',
      'end a quiet window that is open, as if it had been before',
      `update flow.quiet_window set cancelled_by = 'hannah', cancelled_because = '', cancelled_at = '2026-11-23T03:00:00Z'`,
      /is cancelled already, or has begun/,
    ],
    ['fb_api', 'make a quiet window shorter', `update flow.quiet_window set ends_at = now()`, /permission denied/],
    ['fb_worker', 'cancel a quiet window', `update flow.quiet_window set cancelled_by = 'x'`, /permission denied/],
    ['fb_worker', 'name another requester, so that the one who asked counts', run('pln_9'), /has 0 of 1 approvals/],
    ['fb_worker', 'run a plan under another digest', run('pln_2', `sha256:${'b'.repeat(64)}`), /names another digest/],
    ['fb_worker', 'run a T2 plan on the yes of who asked for it', run('pln_3'), /has 0 of 1 approvals/],
    ['fb_worker', 'run a plan on the yes of a service', run('pln_4'), /has 0 of 1 approvals/],
    ['fb_worker', 'run a T2 plan on the yes of a role of fifteen hours', run('pln_10'), /has 0 of 1 approvals/],
    ['fb_worker', 'run a plan on the yes of whose role was taken back', run('pln_11'), /has 0 of 1 approvals/],
    [
      'fb_worker',
      'start a run without saying in which scopes',
      run('pln_2').replace('["house:everything","deployment:prod/api"]', '[]'),
      /the run run_pln_2 may not begin now: scopes/,
    ],
    ['fb_worker', 'run a plan that somebody refused', run('pln_5'), /expired or was refused/],
    ['fb_worker', 'run a plan that somebody cancelled', run('pln_c'), /the plan pln_c was cancelled/],
    ['fb_worker', 'run a plan after its time', run('pln_2', digest, '2026-11-23T04:00:00Z'), /expired or was refused/],
    [
      'fb_worker',
      'change what was approved',
      `update flow.plan set digest = '${digest}', body = '{}' where id = 'pln_1'`,
      /permission denied for table plan/,
    ],
    ['fb_worker', 'lower the quorum', `update flow.plan set quorum = 0 where id = 'pln_1'`, /permission denied/],
    [
      'fb_worker',
      'propose a plan without a quorum',
      `insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, requested_by, body, digest, tier, quorum, made_at, expires_at) values ('pln_6b', 'proposed', 'x', 1, 'x', 'x', '{}', '${digest}', 'T1', 0, now(), now())`,
      /violates check constraint/,
    ],
    ['fb_worker', 'rewrite its journal', `update flow.step set args = '{}'`, /permission denied for table step/],
    ['fb_worker', 'forget a run', 'delete from flow.run', /permission denied/],
    [
      'fb_worker',
      'deliver alerts in a monitor’s name',
      `insert into flow.delivery (id, source, "by", received_at, state, body, received) values ('dlv_x', 'alertmanager', 'x', now(), 'stored', '', 1)`,
      /row-level security/,
    ],
    [
      'fb_worker',
      'say that its own finding was sorted in',
      `insert into flow.delivery (id, source, "by", received_at, state, body, received, opened) values ('dlv_x', 'firebreak', 'worker', now(), 'processed', '', 1, 1)`,
      /row-level security/,
    ],
    ['fb_worker', 'close an incident', `update flow.incident set state = 'resolved'`, /permission denied/],
    [
      'fb_api',
      'make a plan',
      `insert into flow.plan select * from flow.plan limit 1`,
      /permission denied for table plan/,
    ],
    [
      'fb_api',
      'give somebody a role in their own name',
      grant('sam', 'admin', `'sam'`),
      /sam cannot give a role to themselves/,
    ],
    [
      'fb_api',
      'give a role in the name of who is no administrator',
      grant('sam', 'admin', `'hannah'`),
      /hannah is no administrator/,
    ],
    [
      'fb_api',
      'give a role that was old when it was given',
      grant('sam', 'security', `'ada'`, '2026-01-01'),
      /a role is given from now on/,
    ],
    ['fb_api', 'give a role twice', grant('hannah', 'sre', `'ada'`), /duplicate key/],
    ['fb_api', 'widen a role', `update flow.role_grant set role = 'admin'`, /permission denied/],
    ['fb_api', 'make a role older', `update flow.role_grant set since = '2026-01-01'`, /permission denied/],
    ['fb_api', 'forget that somebody had a role', 'delete from flow.role_grant', /permission denied/],
    ['fb_api', 'take the last administrator’s role', revoke('rol_ada', `'ada'`), /the last administrator stays/],
    [
      'fb_api',
      'take a role in the name of who is no administrator',
      revoke('rol_hannah', `'sam'`),
      /sam is no administrator/,
    ],
    [
      'fb_api',
      'give back what was taken',
      `update flow.role_grant set revoked_at = null, revoked_by = null where id = 'rol_gone'`,
      /taken back once, and for good/,
    ],
    ['fb_worker', 'take a role', revoke('rol_hannah', `'ada'`), /permission denied/],
    ['fb_api', 'start a run', run('pln_2'), /permission denied for table run/],
    ['fb_api', 'take back a yes', `delete from flow.approval`, /permission denied/],
    ['fb_api', 'change a yes', `update flow.approval set decision = 'no'`, /permission denied/],
    [
      'fb_api',
      'approve a digest that the plan does not have',
      approval('apr_x', 'pln_1', 'sam', `sha256:${'c'.repeat(64)}`),
      /is not open under the digest/,
    ],
    ['fb_api', 'say yes twice for one person', approval('apr_y', 'pln_2', 'sam'), /duplicate key/],
    ['fb_api', 'give back a loan by itself', `update flow.loan set state = 'returned'`, /permission denied/],
    ['fb_api', 'rewrite an observation', `update flow.observation set value = '{}'`, /permission denied/],
    ['fb_api', 'change what a delivery said', `update flow.delivery set body = ''`, /permission denied/],
    ['fb_sequencer', 'touch the flow', 'select from flow.plan', /permission denied/],
    ['fb_reader', 'read keys', 'select from flow.api_key', /permission denied/],
    ['fb_reader', 'read sessions', 'select from flow.session', /permission denied/],
    ['fb_reader', 'read what people were answered', 'select from flow.idempotency', /permission denied/],
    ['fb_worker', 'read what people were answered', 'select answer from flow.idempotency', /permission denied/],
    ['fb_api', 'forget what it has answered', 'delete from flow.idempotency', /permission denied/],
    [
      'fb_reader',
      'write anything',
      `insert into flow.observation values ('x', '{}', now())`,
      /permission denied|read-only/,
    ],
  ])('as %s cannot %s', async (role, _, sql, message) => {
    const client = await as(role)
    await client.query('begin')
    try {
      await expect(client.query(sql)).rejects.toThrow(message)
    } finally {
      await client.query('rollback')
    }
  })

  test.each<[LoginRole, string, string]>([
    ['fb_api', 'a yes', approval('apr_silent', 'pln_6', 'sam')],
    ['fb_worker', 'the start of a run', run('pln_2')],
    ['fb_api', 'a role', grant('sam', 'security', `'ada'`)],
    ['fb_api', 'that a role was taken', revoke('rol_hannah', `'ada'`)],
    ['fb_worker', 'the end of a plan', `update flow.plan set state = 'cancelled' where id = 'pln_6'`],
    ['fb_worker', 'another reason of a plan', `update flow.plan set because = 'it rained' where id = 'pln_6'`],
    [
      'fb_worker',
      'its own finding',
      `insert into flow.delivery (id, source, "by", received_at, state, body, received) values ('dlv_y', 'firebreak', 'worker', now(), 'stored', '', 1)`,
    ],
  ])('as %s cannot commit %s without an entry', async (role, _, sql) => {
    const client = await as(role)
    await client.query('begin')
    await client.query(sql)
    await expect(client.query('commit')).rejects.toThrow(/has no audit entry in its transaction/)
  })

  test('the database and the domain count the same yeses', async () => {
    const client = await as('superuser')
    const hours = (n: number) => new Date(Date.parse(at) + n * 60 * 60_000).toISOString()
    for (const tier of ['T0', 'T1', 'T2', 'T3'] as const)
      for (const since of [-25, -24, -23, 0, 1].map(hours))
        for (const role of ['sre', 'ml'] as const)
          for (const revoked of [false, true]) {
            const grant = { id: 'rol_kim', person_id: 'kim', role, since }
            const plan = { id: 'pln_6', state: 'proposed', tier, digest, quorum: 1, body: JSON.parse(body) as unknown }
            const yes = { id: 'apr_kim', plan_id: 'pln_6', by: 'kim', decision: 'yes' as const, digest, note: '', at }
            await client.query('begin')
            await client.query('alter table flow.role_grant disable trigger user')
            await client.query(`insert into flow.person (id, kind, name) values ('kim', 'person', 'Kim')`)
            await client.query(
              `insert into flow.role_grant (id, person_id, role, since, revoked_at, revoked_by) values ('rol_kim', 'kim', $1, $2, $3, $4)`,
              [role, since, revoked ? at : null, revoked ? 'ada' : null],
            )
            await client.query(approval('apr_kim', 'pln_6', 'kim'))
            const { rows } = await client.query<{ yes: number }>(
              `select flow.counting_yeses(jsonb_populate_record(p, $1)) as yes from flow.plan p where id = 'pln_6'`,
              [JSON.stringify({ tier })],
            )
            await client.query('rollback')
            const counted = countingYeses(plan as unknown as Plan, [yes], revoked ? [] : [grant]).length
            expect({ tier, since, role, revoked, yes: rows[0]?.yes }).toEqual({
              tier,
              since,
              role,
              revoked,
              yes: counted,
            })
          }
  })

  test('cannot take a passage that is not in the table', async () => {
    const client = await as('fb_worker')
    await client.query('begin')
    try {
      await client.query(run('pln_2'))
      await expect(client.query(`update flow.run set state = 'succeeded'`)).rejects.toThrow(
        /cannot go from running to succeeded/,
      )
    } finally {
      await client.query('rollback')
    }
  })

  test('cannot be prepared to outlive its session', async () => {
    const client = await as('fb_api')
    await client.query('begin')
    await expect(client.query(`prepare transaction 'forever'`)).rejects.toThrow(/prepared transactions are disabled/)
    await client.query('rollback')
  })
})
