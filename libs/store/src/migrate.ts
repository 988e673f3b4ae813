import { auditMigrations } from '@firebreak/audit-store'
import pg from 'pg'
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm'
import { flowMigrations, type Migration } from './migrations/index.js'

/** Where TypeORM keeps what ran: `flow.migration`, readable by every role, so that a process can refuse a newer schema. */
const RAN = { schema: 'flow', table: 'migration' } as const

const READERS = 'fb_api, fb_worker, fb_sequencer, fb_reader'

/** One number for every process that migrates this database. TypeORM itself takes no lock. */
const MIGRATING = 4_600_101

/** The database has been migrated by a newer version of this program than the one that runs. */
export class NewerSchema extends Error {
  constructor(unknown: readonly string[]) {
    super(
      `this database is newer than this version of Firebreak: it has ${unknown.map((name) => `"${name}"`).join(', ')}. ` +
        `Start the newer version, or restore the copy that was taken before it was installed; migrations never run backwards`,
    )
    this.name = 'NewerSchema'
  }
}

/**
 * Brings the schema up to this version: the audit log's migrations first, as `audit_owner`, then flow's, each in a
 * transaction of its own. Many processes may call it at once; one does the work, the others wait for it.
 *
 * @param migratorUrl signs in as fb_migrator, made by `prepareCluster`
 * @returns the names of the migrations that ran now
 * @throws NewerSchema when the database knows migrations that this version does not
 */
export async function migrate(
  migratorUrl: string,
  lists: { audit: readonly Migration[]; flow: readonly Migration[] } = { audit: auditMigrations, flow: flowMigrations },
): Promise<string[]> {
  const steps = [...lists.audit.map(asAuditOwner), ...lists.flow.map(asMigrator)]
  const lock = new pg.Client({ connectionString: migratorUrl, application_name: 'firebreak migrate' })
  lock.on('error', () => undefined) // the next query on it fails and says so
  await lock.connect()
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATING])
    await lock.query('create schema if not exists audit authorization audit_owner')
    await lock.query(`create schema if not exists ${RAN.schema}`)
    const source = new DataSource({
      type: 'postgres',
      url: migratorUrl,
      schema: RAN.schema,
      migrationsTableName: RAN.table,
      migrationsTransactionMode: 'each',
      migrations: steps.map((step) => step.migration),
      installExtensions: false,
      applicationName: 'firebreak migrate',
    })
    await source.initialize()
    try {
      await refuseNewer(lock, new Set(steps.map((step) => step.name)))
      const ran = await source.runMigrations()
      await lock.query(`grant usage on schema ${RAN.schema} to ${READERS}`)
      await lock.query(`grant select on ${RAN.schema}.${RAN.table} to ${READERS}`)
      return ran.map((migration) => migration.name)
    } finally {
      await source.destroy()
    }
  } finally {
    await lock.end()
  }
}

/**
 * Refuses a database that a newer version has migrated: whoever starts would guess at columns. `db` reads
 * `flow.migration`, as every role may.
 * @throws NewerSchema
 */
export async function refuseNewerSchema(db: { query(sql: string): Promise<unknown> }): Promise<void> {
  const ran = (await db.query(`select name from ${RAN.schema}.${RAN.table} order by id`)) as { name: string }[]
  const known = new Set(
    [...auditMigrations.map(asAuditOwner), ...flowMigrations.map(asMigrator)].map(({ name }) => name),
  )
  const unknown = ran.map(({ name }) => name).filter((name) => !known.has(name))
  if (unknown.length > 0) throw new NewerSchema(unknown)
}

async function refuseNewer(client: pg.Client, known: ReadonlySet<string>): Promise<void> {
  const table = `${RAN.schema}.${RAN.table}`
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table])
  if (!rows[0]?.there) return
  const ran = await client.query<{ name: string }>(`select name from ${table} order by id`)
  const unknown = ran.rows.map((row) => row.name).filter((name) => !known.has(name))
  if (unknown.length > 0) throw new NewerSchema(unknown)
}

interface Step {
  name: string
  migration: new () => MigrationInterface
}

/**
 * TypeORM orders by a 13-digit timestamp at the end of the name. Ours are no times: a list's place and the step's place in
 * it, so that the log's steps come before flow's, and that a list may only ever grow at its end.
 */
const step = (list: 1 | 2, place: number, { name }: Migration, run: (runner: QueryRunner) => Promise<void>): Step => {
  const full = `${name} ${list * 1e12 + place}`
  class SqlMigration implements MigrationInterface {
    readonly name = full
    readonly up = run
    async down(): Promise<void> {
      throw new Error(`"${name}" does not run backwards`)
    }
  }
  return { name: full, migration: SqlMigration }
}

const asMigrator = (migration: Migration, place: number): Step =>
  step(2, place, migration, async (runner) => {
    await runner.query(migration.sql)
  })

const asAuditOwner = (migration: Migration, place: number): Step =>
  step(1, place, migration, async (runner) => {
    await runner.query('set local role audit_owner')
    await runner.query(migration.sql)
    // TypeORM writes down what ran in this same transaction, and audit_owner has no business in that table.
    await runner.query('reset role')
  })
