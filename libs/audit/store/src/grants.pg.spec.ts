import { randomUUIDv7 } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { append, type Draft } from './append.js'
import { logCluster, testLog, type LogCluster, type LogDatabase, type LogRole } from './testing/index.js'

let cluster: LogCluster
let database: LogDatabase

beforeAll(async () => {
  cluster = await logCluster()
})
afterAll(async () => {
  await cluster.stop()
})
beforeEach(async () => {
  database = await cluster.database()
  return () => database.close()
})

const WRITERS: readonly LogRole[] = ['fb_api', 'fb_worker', 'fb_sequencer']
const ALL: readonly LogRole[] = [...WRITERS, 'fb_reader', 'fb_migrator']

/** One entry, one leaf, one checkpoint, so that there is something to harm. */
async function someLog(): Promise<void> {
  const log = testLog()
  await log.write(await database.client('fb_api'), {})
  await log.sequenceAll(database.url('fb_sequencer'))
}

test('who may do what is exactly the table of powers.md', async () => {
  const root = await database.client()
  const { rows } = await root.query<{ role: string; what: string; may: string }>(
    `select r.rolname as role, c.relname as what,
            string_agg(lower(p.privilege), ' ' order by p.privilege) as may
     from pg_roles r
     cross join (select oid, relname from pg_class where relnamespace = 'audit'::regnamespace and relkind in ('r', 'S')) c
     cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) as p (privilege)
     where r.rolname like 'fb\\_%' and (
       case when c.relname = 'entry_id_seq' then p.privilege in ('SELECT', 'UPDATE') and has_sequence_privilege(r.oid, c.oid, p.privilege)
            when p.privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') then has_any_column_privilege(r.oid, c.oid, p.privilege)
            else has_table_privilege(r.oid, c.oid, p.privilege) end)
     group by 1, 2 order by 1, 2`,
  )
  const read = (...tables: string[]) => tables.map((what) => ({ what, may: 'select' }))
  const expected: Record<string, { what: string; may: string }[]> = {
    fb_api: [
      ...read('blob', 'checkpoint'),
      { what: 'disclosure', may: 'insert select' },
      { what: 'entry', may: 'insert select' },
      ...read('leaf', 'log_key', 'tile'),
    ],
    fb_reader: read('blob', 'checkpoint', 'entry', 'leaf', 'log_key', 'tile'),
    fb_sequencer: [
      { what: 'checkpoint', may: 'insert select' },
      { what: 'cursor', may: 'select update' },
      { what: 'entry', may: 'insert select' },
      { what: 'leaf', may: 'insert select' },
      { what: 'log_key', may: 'insert select' },
      { what: 'tile', may: 'insert select update' },
    ],
    fb_worker: [
      { what: 'blob', may: 'insert select' },
      ...read('checkpoint'),
      { what: 'disclosure', may: 'insert select' },
      { what: 'entry', may: 'insert select' },
      ...read('leaf', 'log_key', 'tile'),
    ],
  }
  const found = Object.groupBy(rows, ({ role }) => role)
  expect(
    Object.fromEntries(
      Object.entries(found).map(([role, some]) => [role, some!.map(({ what, may }) => ({ what, may }))]),
    ),
  ).toEqual(expected)

  const columns = await root.query<{ column: string }>(
    `select attname as column from pg_attribute where attrelid = 'audit.entry'::regclass and attnum > 0
       and has_column_privilege('fb_api', attrelid, attnum, 'INSERT') order by attname`,
  )
  expect(columns.rows.map((row) => row.column)).toEqual([
    'about',
    'body',
    'entry_id',
    'stream_id',
    'stream_seq',
    'type',
  ])
  const functions = await root.query<{ role: string; name: string }>(
    `select r.rolname as role, p.proname as name from pg_proc p cross join pg_roles r
     where p.pronamespace = 'audit'::regnamespace and r.rolname like 'fb\\_%' and has_function_privilege(r.oid, p.oid, 'EXECUTE') order by 1, 2`,
  )
  expect(functions.rows).toEqual([
    ...['fb_api'].map((role) => ({ role, name: 'current_era' })),
    { role: 'fb_migrator', name: 'require_entry' },
    ...['fb_sequencer', 'fb_worker'].map((role) => ({ role, name: 'current_era' })),
  ])
})

describe('forbidden to everybody who can sign in', () => {
  const statements = [
    `update audit.entry set type = 'step.done'`,
    `update audit.entry set body = 'x'`,
    'delete from audit.entry',
    'truncate audit.entry',
    'truncate audit.entry cascade',
    'delete from audit.leaf',
    'update audit.leaf set position = 7',
    'delete from audit.checkpoint',
    `update audit.checkpoint set note = ''`,
    'delete from audit.tile',
    'delete from audit.log_key',
    `update audit.log_key set vkey = ''`,
    'delete from audit.cursor',
    'delete from audit.disclosure',
    `update audit.disclosure set value = 'x'`,
    'truncate audit.disclosure',
    'delete from audit.blob',
    'update audit.blob set size = 0',
    `insert into audit.cursor (only_row, system_identifier) values (true, 1)`,
    'alter table audit.entry disable trigger all',
    'drop table audit.entry',
    'create table audit.beside (id int)',
    'create rule r as on insert to audit.entry do instead nothing',
    'create trigger t before insert on audit.entry execute function audit.refuse_change()',
    'alter function audit.require_entry() security invoker',
    `select setval('audit.entry_id_seq', 1)`,
    `set session_replication_role = replica`,
    `insert into audit.entry (xid, entry_id, stream_id, stream_seq, type, about, body) values ('1', gen_random_uuid(), 'run:x', 0, 'step.done', 'step:s', '{}')`,
    `insert into audit.entry (id, entry_id, stream_id, stream_seq, type, about, body) overriding system value values (1, gen_random_uuid(), 'run:x', 0, 'step.done', 'step:s', '{}')`,
    `insert into audit.entry (era, entry_id, stream_id, stream_seq, type, about, body) values (9, gen_random_uuid(), 'run:x', 0, 'step.done', 'step:s', '{}')`,
    `insert into audit.entry (recorded_at, entry_id, stream_id, stream_seq, type, about, body) values (now(), gen_random_uuid(), 'run:x', 0, 'step.done', 'step:s', '{}')`,
  ]
  test.each(statements)('%s', async (sql) => {
    await someLog()
    for (const role of ALL) {
      const client = await database.client(role)
      await expect(client.query(sql), role).rejects.toThrow(
        /permission denied|must be (able to SET ROLE|owner|a?)|cannot insert/,
      )
    }
  })
})

test.each([
  ['leaf', `insert into audit.leaf select 1, era, xid, id + 1, gen_random_uuid(), leaf_hash from audit.leaf`],
  ['checkpoint', `insert into audit.checkpoint select size + 1, root, note, cosigned from audit.checkpoint`],
  ['tile', `insert into audit.tile select 1::smallint, idx, width, hashes from audit.tile`],
  ['tile width', 'update audit.tile set idx = idx'],
  ['cursor', 'update audit.cursor set next_position = next_position'],
])('only the sequencer writes a %s', async (_what, sql) => {
  await someLog()
  for (const role of ALL.filter((role) => role !== 'fb_sequencer')) {
    const client = await database.client(role)
    await expect(client.query(sql), role).rejects.toThrow(/permission denied/)
  }
  await expect((await database.client('fb_sequencer')).query(sql)).resolves.toMatchObject({ rowCount: 1 })
})

test('nobody but those who append may insert an entry; nobody but the sequencer sees the cursor', async () => {
  const insert = `insert into audit.entry (entry_id, stream_id, stream_seq, type, about, body) values (gen_random_uuid(), 'run:x', $1, 'step.done', 'step:s', '{}')`
  for (const role of ALL) {
    const client = await database.client(role)
    const inserting = client.query(insert, [ALL.indexOf(role)])
    if (WRITERS.includes(role)) await expect(inserting, role).resolves.toMatchObject({ rowCount: 1 })
    else await expect(inserting, role).rejects.toThrow(/permission denied/)
    const looking = client.query('select * from audit.cursor')
    if (role === 'fb_sequencer') await expect(looking).resolves.toMatchObject({ rowCount: 1 })
    else await expect(looking, role).rejects.toThrow(/permission denied/)
  }
})

test.each([
  ['update audit.entry set type = type', 'entry'],
  ['delete from audit.entry', 'entry'],
  ['truncate audit.entry', 'entry'],
  ['update audit.leaf set position = position', 'leaf'],
  ['delete from audit.leaf', 'leaf'],
  ['truncate audit.leaf', 'leaf'],
  ['update audit.checkpoint set note = note', 'checkpoint'],
  ['delete from audit.checkpoint', 'checkpoint'],
  ['truncate audit.checkpoint', 'checkpoint'],
  ['delete from audit.tile', 'tile'],
  ['truncate audit.tile', 'tile'],
  ['delete from audit.cursor', 'cursor'],
  ['truncate audit.cursor', 'cursor'],
])('%s: refused to the owner, and to a superuser that acts as a replica', async (sql, table) => {
  await someLog()
  const refusal = new RegExp(`of audit\\.${table} is refused: the audit log is append-only`)
  const owner = await database.client()
  await owner.query('set role audit_owner')
  await expect(owner.query(sql)).rejects.toThrow(refusal)
  const replica = await database.client()
  await replica.query('set session_replication_role = replica')
  await expect(replica.query(sql)).rejects.toThrow(refusal)
})

describe('no change without an entry', () => {
  let api: pg.Client
  beforeEach(async () => {
    const migrator = await database.client('fb_migrator')
    await migrator.query(`
      create table flow.run (id text primary key, state text not null);
      create constraint trigger audited after insert or update of state or delete on flow.run
        deferrable initially deferred for each row execute function audit.require_entry('run');
      create table flow.budget (name text primary key, spent int not null);
      create constraint trigger audited after insert or update on flow.budget
        deferrable initially deferred for each row execute function audit.require_entry('budget', 'name');
      grant usage on schema flow to fb_api;
      grant select, insert, update, delete on flow.run, flow.budget to fb_api;
    `)
    api = await database.client('fb_api')
  })

  const about = (about: string): Draft => ({
    stream: 'run:r_1',
    type: 'run.started',
    about,
    actor: { kind: 'process', id: 'worker' },
  })
  const say = (...abouts: string[]) => append(api, abouts.map(about), { now: new Date(), newId: () => randomUUIDv7() })

  test('a change with an entry about that row commits, whichever comes first', async () => {
    await api.query('begin')
    await say('run:r_1')
    await api.query(`insert into flow.run values ('r_1', 'queued'), ('r_2', 'queued')`)
    await say('run:r_2')
    await api.query('commit')
    await api.query('begin')
    await api.query(`insert into flow.budget values ('scale', 1)`)
    await api.query(`update flow.run set state = 'running' where id = 'r_1'`)
    await api.query(`update flow.run set state = 'failed' where id = 'r_1'`)
    await say('budget:scale', 'run:r_1')
    await api.query('commit')
    expect((await api.query('select from flow.run')).rowCount).toBe(2)
  })

  test.each([
    ['none at all', () => Promise.resolve([])],
    ['about another row', () => say('run:r_2')],
    ['about another kind', () => say('step:r_1')],
    ['about a longer name', () => say('run:r_11')],
  ])('an entry %s: refused at the commit, with table and row', async (_which, entry) => {
    await api.query('begin')
    await api.query(`insert into flow.run values ('r_1', 'queued')`)
    await entry()
    const refusal = await api.query('commit').catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      message: 'insert of flow.run r_1 has no audit entry in its transaction',
      hint: `Append one with about = 'run:r_1' before the commit.`,
      schema: 'flow',
      table: 'run',
    })
    expect((await api.query('select from flow.run')).rowCount).toBe(0)
  })

  test('an entry of an earlier transaction is no entry of this one; a delete needs one too', async () => {
    await api.query('begin')
    await api.query(`insert into flow.run values ('r_1', 'queued')`)
    await say('run:r_1')
    await api.query('commit')
    await expect(api.query(`update flow.run set state = 'running'`)).rejects.toThrow(
      /update of flow.run r_1 has no audit entry/,
    )
    await expect(api.query('delete from flow.run')).rejects.toThrow(/delete of flow.run r_1 has no audit entry/)
  })

  test('a savepoint is the same transaction, and what was rolled back to it does not count', async () => {
    await api.query('begin')
    await api.query(`insert into flow.run values ('r_1', 'queued')`)
    await api.query('savepoint s')
    await say('run:r_1')
    await api.query('release savepoint s')
    await api.query('commit')
    await api.query('begin')
    await api.query(`update flow.run set state = 'running'`)
    await api.query('savepoint s')
    await say('run:r_1')
    await api.query('rollback to savepoint s')
    await expect(api.query('commit')).rejects.toThrow(/has no audit entry/)
  })

  test('what it sees does not depend on who commits', async () => {
    // The migrator may not read entries, yet hears of the entry and not of a right that is missing.
    const migrator = await database.client('fb_migrator')
    await expect(migrator.query(`insert into flow.run values ('r_1', 'queued')`)).rejects.toThrow(/has no audit entry/)
  })

  test('an entry of an earlier era, whose xid came round again, does not count', async () => {
    const root = await database.client()
    await root.query('begin')
    await root.query(`insert into flow.run values ('r_1', 'queued')`)
    await root.query(
      `insert into audit.entry (era, entry_id, stream_id, stream_seq, type, about, body)
       values (-1, gen_random_uuid(), 'run:r_1', 0, 'run.started', 'run:r_1', '{}')`,
    )
    await expect(root.query('commit')).rejects.toThrow(/has no audit entry/)
  })

  test('the one who fires it cannot bend it by a table of his own in front', async () => {
    await api.query('begin')
    await api.query(`select set_config('search_path', 'pg_temp, audit', true)`)
    await api.query(`insert into flow.run values ('r_1', 'queued')`)
    await expect(api.query('commit')).rejects.toThrow(/has no audit entry/)
  })

  test('500 rows of one transaction are 500 look-ups', async () => {
    const ids = Array.from({ length: 500 }, (_, i) => `r_${i}`)
    await api.query('begin')
    await api.query(`insert into flow.run select id, 'queued' from unnest($1::text[]) as id`, [ids])
    await say(...ids.map((id) => `run:${id}`))
    await api.query('commit')
    const root = await database.client()
    await root.query('analyze audit.entry')
    const { rows } = await root.query<{ 'QUERY PLAN': string }>(
      `explain select from audit.entry where xid = '1000' and about = 'run:r_1' and era = 0`,
    )
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/entry_of_row/)
  })
})
