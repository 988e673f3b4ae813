import { temporaryPostgres } from '@firebreak/dev'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LOGIN_ROLES, prepareCluster, type Passwords } from './cluster.js'
import { migrate } from './migrate.js'

let postgres: Awaited<ReturnType<typeof temporaryPostgres>>

beforeAll(async () => {
  postgres = await temporaryPostgres()
})
afterAll(() => postgres.stop())

const passwords = Object.fromEntries(LOGIN_ROLES.map((role) => [role, `test-only-${role}`])) as Passwords

/** A database in which somebody did something before it was migrated; answers how the index of texts was made, if it was. */
async function migrated(database: string, before: string): Promise<string | undefined> {
  await prepareCluster(postgres.url, database, passwords)
  const [superuser, migrator] = [new URL(postgres.url), new URL(postgres.url)]
  superuser.pathname = migrator.pathname = `/${database}`
  migrator.username = 'fb_migrator'
  migrator.password = passwords.fb_migrator
  const client = new pg.Client({ connectionString: superuser.href })
  await client.connect()
  try {
    await client.query(before)
    expect(await migrate(migrator.href)).toContainEqual(expect.stringContaining('found-by-text'))
    const sql = `select indexdef from pg_indexes where schemaname = 'flow' and indexname = 'incident_by_text'`
    return (await client.query<{ indexdef: string }>(sql)).rows[0]?.indexdef
  } finally {
    await client.end()
  }
}

test('trigrams that somebody has installed already are taken where they are', async () => {
  const made = await migrated(
    'elsewhere',
    'create schema theirs authorization fb_migrator; create extension pg_trgm with schema theirs',
  )
  expect(made).toContain('theirs.gin_trgm_ops')
})

test('without trigrams that may be used a database is migrated all the same', async () => {
  const made = await migrated('hidden', 'create schema hidden; create extension pg_trgm with schema hidden')
  expect(made).toBeUndefined()
})
