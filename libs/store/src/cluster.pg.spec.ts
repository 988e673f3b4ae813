import { randomUUIDv7 } from 'node:crypto'
import { append, lockStreams, type Draft } from '@firebreak/audit-store'
import { temporaryPostgres, type RunningPostgres } from '@firebreak/dev'
import pg from 'pg'
import { DataSource } from 'typeorm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LOGIN_ROLES, prepareCluster, type LoginRole, type Passwords } from './cluster.js'
import { migrate, NewerSchema } from './migrate.js'

let postgres: RunningPostgres

const passwords = Object.fromEntries(LOGIN_ROLES.map((role) => [role, `${role}-p@ss/word`])) as Passwords

function urlOf(role: LoginRole, database: string, password = passwords[role]): string {
  const url = new URL(postgres.url)
  url.username = role
  url.password = encodeURIComponent(password)
  url.pathname = `/${database}`
  return url.href
}

async function ask<Row>(url: string, sql: string, params: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql, params)).rows as Row[]
  } finally {
    await client.end()
  }
}

beforeAll(async () => {
  postgres = await temporaryPostgres()
})
afterAll(async () => {
  await postgres.stop()
})

test('many may prepare and migrate at once: the work is done once', async () => {
  await Promise.all([1, 2, 3, 4].map(() => prepareCluster(postgres.url, 'house', passwords)))
  const ran = await Promise.all([1, 2, 3, 4].map(() => migrate(urlOf('fb_migrator', 'house'))))
  expect(ran.filter((names) => names.length > 0)).toHaveLength(1)
  expect(ran.flat()[0]).toMatch(/^audit-001-log /)
  expect(await migrate(urlOf('fb_migrator', 'house'))).toEqual([])
})

test('preparing again changes a password, and the old one is refused', async () => {
  await prepareCluster(postgres.url, 'again', passwords)
  await prepareCluster(postgres.url, 'again', { ...passwords, fb_reader: 'another-password' })
  await expect(ask(urlOf('fb_reader', 'again'), 'select 1')).rejects.toThrow(/password authentication failed/)
  expect(await ask(urlOf('fb_reader', 'again', 'another-password'), 'select 1 as one')).toEqual([{ one: 1 }])
  await prepareCluster(postgres.url, 'again', passwords)
})

test('no role is a superuser, and only the audit log has an owner that nobody signs in as', async () => {
  await prepareCluster(postgres.url, 'roles', passwords)
  const roles = await ask(
    postgres.url,
    `select rolname, rolcanlogin as login, rolinherit as inherit, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as strong
     from pg_roles where rolname like 'fb\\_%' or rolname = 'audit_owner' order by rolname`,
  )
  const plain = (rolname: string, login = true, inherit = true) => ({ rolname, login, inherit, strong: false })
  expect(roles).toEqual([
    plain('audit_owner', false),
    plain('fb_api'),
    plain('fb_migrator', true, false),
    plain('fb_reader'),
    plain('fb_sequencer'),
    plain('fb_worker'),
  ])
  const members = await ask<{ member: string; role: string }>(
    postgres.url,
    `select m.rolname as member, r.rolname as role from pg_auth_members a
     join pg_roles m on m.oid = a.member join pg_roles r on r.oid = a.roleid where m.rolname like 'fb\\_%'`,
  )
  expect(members).toEqual([{ member: 'fb_migrator', role: 'audit_owner' }])
})

test('every role runs out of patience before an open transaction holds up the log', async () => {
  await prepareCluster(postgres.url, 'patience', passwords)
  for (const role of LOGIN_ROLES) {
    const [set] = await ask<Record<string, number>>(
      urlOf(role, 'patience'),
      `select name, setting::int from pg_settings where name = 'idle_in_transaction_session_timeout'`,
    )
    expect(set?.['setting']).toBeGreaterThan(0)
    if (role !== 'fb_migrator') expect(set?.['setting']).toBeLessThan(10_000)
  }
})

test('a sequencer that is stopped and not dead loses its session, and with it the lead', async () => {
  await prepareCluster(postgres.url, 'stopped', passwords)
  const [set] = await ask<{ idle: number }>(
    urlOf('fb_sequencer', 'stopped'),
    `select setting::int as idle from pg_settings where name = 'idle_session_timeout'`,
  )
  expect(set?.idle).toBe(15_000)
})

test('entries go through TypeORM, in its transaction', async () => {
  await prepareCluster(postgres.url, 'typeorm', passwords)
  await migrate(urlOf('fb_migrator', 'typeorm'))
  const source = await new DataSource({
    type: 'postgres',
    url: urlOf('fb_worker', 'typeorm'),
    installExtensions: false,
  }).initialize()
  try {
    const write = (fails: boolean) =>
      source.transaction(async (manager) => {
        await lockStreams(manager, ['run:r_1'])
        const draft: Draft = {
          stream: 'run:r_1',
          type: 'run.started',
          about: 'run:r_1',
          actor: { kind: 'process', id: 'worker' },
        }
        const [entry] = await append(manager, [draft], { now: new Date(), newId: () => randomUUIDv7() })
        if (fails) throw new Error('changed my mind')
        return entry!.stream_seq
      })
    expect(await write(false)).toBe(0)
    await expect(write(true)).rejects.toThrow('changed my mind')
    expect(await write(false)).toBe(1)
  } finally {
    await source.destroy()
  }
})

test('a stranger may not connect, and nobody makes tables beside the house', async () => {
  await prepareCluster(postgres.url, 'narrow', passwords)
  await ask(postgres.url, `create role stranger login password 'stranger-password'`)
  const stranger = new URL(urlOf('fb_api', 'narrow', 'stranger-password'))
  stranger.username = 'stranger'
  await expect(ask(stranger.href, 'select 1')).rejects.toThrow(/permission denied for database/)
  for (const role of ['fb_api', 'fb_worker', 'fb_sequencer', 'fb_reader'] as const) {
    const url = urlOf(role, 'narrow')
    await expect(ask(url, 'create table public.beside (id int)'), role).rejects.toThrow(/permission denied|read-only/)
    await expect(ask(url, 'create schema beside'), role).rejects.toThrow(/permission denied|read-only/)
    await expect(ask(url, 'create temp table beside (id int)'), role).rejects.toThrow(/permission denied|read-only/)
  }
})

test('bad input is refused before anything is made', async () => {
  await expect(prepareCluster(postgres.url, 'never', { ...passwords, fb_api: 'short' })).rejects.toThrow(
    /password of fb_api/,
  )
  await expect(prepareCluster(postgres.url, 'never', { ...passwords, fb_api: 'pässwörter' })).rejects.toThrow(/ASCII/)
  expect(await ask(postgres.url, `select from pg_database where datname = 'never'`)).toEqual([])
  await prepareCluster(postgres.url, 'once', passwords)
  await expect(prepareCluster(urlOf('fb_migrator', 'once'), 'never', passwords)).rejects.toThrow(/superuser/)
})

test('a cluster with prepared transactions is refused: they would hold the log up for ever', async () => {
  const other = await temporaryPostgres({ max_prepared_transactions: '5' })
  try {
    await expect(prepareCluster(other.url, 'never', passwords)).rejects.toThrow(/max_prepared_transactions = 0/)
  } finally {
    await other.stop()
  }
})

test('a list grows at its end; a version that lacks what ran is refused, and says what to do', async () => {
  await prepareCluster(postgres.url, 'grown', passwords)
  const url = urlOf('fb_migrator', 'grown')
  const audit = [{ name: 'audit-1', sql: 'create table audit.one (id int)' }]
  const flow = [{ name: 'flow-1', sql: 'create table flow.one (id int)' }]
  expect(await migrate(url, { audit, flow })).toHaveLength(2)

  const grown = { audit: [...audit, { name: 'audit-2', sql: 'create table audit.two (id int)' }], flow }
  expect(await migrate(url, grown)).toEqual([expect.stringMatching(/^audit-2 /)])
  const refusal = await migrate(url, { audit, flow }).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(NewerSchema)
  expect(String(refusal)).toMatch(/"audit-2 .*Start the newer version/)

  const owners = await ask(
    url,
    `select schemaname || '.' || tablename as name, tableowner as owner from pg_tables
     where schemaname in ('audit', 'flow') order by 1`,
  )
  expect(owners).toEqual([
    { name: 'audit.one', owner: 'audit_owner' },
    { name: 'audit.two', owner: 'audit_owner' },
    { name: 'flow.migration', owner: 'fb_migrator' },
    { name: 'flow.one', owner: 'fb_migrator' },
  ])
})

test('a migration that fails leaves nothing of itself', async () => {
  await prepareCluster(postgres.url, 'broken', passwords)
  const url = urlOf('fb_migrator', 'broken')
  const flow = [{ name: 'flow-1', sql: 'create table flow.half (id int); select 1 / 0' }]
  await expect(migrate(url, { audit: [], flow })).rejects.toThrow(/division by zero/)
  expect(await ask(url, `select from pg_tables where schemaname = 'flow' and tablename = 'half'`)).toEqual([])
  expect(await migrate(url, { audit: [], flow: [{ name: 'flow-1', sql: 'select 1' }] })).toHaveLength(1)
})
