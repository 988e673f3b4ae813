import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import pg from 'pg'

/** The roles that people and processes sign in as. `audit_owner` is not here: nobody signs in as it. */
export const LOGIN_ROLES = ['fb_migrator', 'fb_api', 'fb_worker', 'fb_sequencer', 'fb_reader'] as const

export type LoginRole = (typeof LOGIN_ROLES)[number]
export type Passwords = Readonly<Record<LoginRole, string>>

/**
 * Patience per role, in milliseconds; 0 is none set. An open transaction that has written holds the horizon of the whole
 * cluster's audit log, so nobody may sit idle in one for longer than the merge delay on which the house raises an alarm (10 s).
 */
const PATIENCE: Readonly<Record<LoginRole, { idle: number; statement: number; lock: number }>> = {
  fb_migrator: { idle: 60_000, statement: 0, lock: 60_000 },
  fb_api: { idle: 8_000, statement: 10_000, lock: 5_000 },
  fb_worker: { idle: 8_000, statement: 30_000, lock: 5_000 },
  fb_sequencer: { idle: 8_000, statement: 60_000, lock: 10_000 },
  fb_reader: { idle: 8_000, statement: 30_000, lock: 5_000 },
}

/** One number for every process that prepares a cluster: roles are rows that all databases of the cluster share. */
const PREPARING = 4_600_100

/**
 * Makes roles and database as `powers.md` has them, or brings them back to that. May be run again at any time and by many
 * at once. Works on PostgreSQL 15 to 18.
 *
 * @param superuserUrl any database of the cluster, as a superuser; used here and nowhere else
 * @param database     its name; made when it is not there, owned by fb_migrator
 * @param passwords    one per role that signs in; printable ASCII. Postgres only ever sees SCRAM verifiers, so none reaches its log
 */
export async function prepareCluster(superuserUrl: string, database: string, passwords: Passwords): Promise<void> {
  for (const role of LOGIN_ROLES) verifiable(role, passwords[role])
  await withClient(superuserUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [PREPARING])
    await refuseWhatCannotWork(client)
    await prepareRoles(client, passwords)
    await prepareDatabase(client, database)
    // Schemas and functions belong to a database, so the rest is said inside it, still under the lock held outside.
    await withClient(withDatabase(superuserUrl, database), narrowDatabase)
  })
}

async function refuseWhatCannotWork(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; prepared: number; superuser: boolean }>(
    `select current_setting('server_version_num')::int as version,
            current_setting('max_prepared_transactions')::int as prepared,
            (select rolsuper from pg_roles where rolname = current_user) as superuser`,
  )
  const { version, prepared, superuser } = rows[0]!
  if (version < 150_000) throw new Error(`Postgres ${Math.floor(version / 10_000)} is too old: 15 or newer is needed`)
  if (!superuser) throw new Error('the URL for preparing the cluster must sign in as a superuser')
  // A prepared transaction outlives its session and every timeout, and holds the audit log's horizon for as long.
  if (prepared > 0)
    throw new Error('prepared transactions are on: set max_prepared_transactions = 0 and restart Postgres')
}

async function prepareRoles(client: pg.Client, passwords: Passwords): Promise<void> {
  const plain = 'nosuperuser nocreatedb nocreaterole noreplication nobypassrls'
  await ensureRole(client, 'audit_owner')
  await client.query(`alter role audit_owner nologin inherit ${plain}`)
  for (const role of LOGIN_ROLES) {
    await ensureRole(client, role)
    // The migrator must say `set role audit_owner` to touch the log's tables: it never does so by accident.
    const inherit = role === 'fb_migrator' ? 'noinherit' : 'inherit'
    const verifier = pg.escapeLiteral(scramVerifier(passwords[role]))
    await client.query(`alter role ${role} login ${inherit} ${plain} password ${verifier}`)
    const { idle, statement, lock } = PATIENCE[role]
    await client.query(`alter role ${role} set idle_in_transaction_session_timeout = ${idle}`)
    await client.query(`alter role ${role} set statement_timeout = ${statement}`)
    await client.query(`alter role ${role} set lock_timeout = ${lock}`)
  }
  await client.query('alter role fb_reader set default_transaction_read_only = on')
  // A sequencer asks several times a second. One that is stopped and not dead would keep the lead for as long as its session.
  await client.query('alter role fb_sequencer set idle_session_timeout = 15000')
  await client.query('grant audit_owner to fb_migrator')
}

async function ensureRole(client: pg.Client, role: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
  if (rowCount === 0) await client.query(`create role ${role} nologin`)
}

async function prepareDatabase(client: pg.Client, database: string): Promise<void> {
  const name = pg.escapeIdentifier(database)
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
  if (rowCount === 0) await client.query(`create database ${name} owner fb_migrator encoding 'UTF8' template template0`)
  await client.query(`alter database ${name} owner to fb_migrator`)
  await client.query(`revoke all on database ${name} from public`)
  await client.query(`grant connect on database ${name} to ${LOGIN_ROLES.join(', ')}`)
}

async function narrowDatabase(client: pg.Client): Promise<void> {
  await client.query('revoke all on schema public from public')
  // The sequencer compares the cluster's identity with the one in its cursor; the migration writes the first one there.
  await client.query('grant execute on function pg_control_system() to fb_sequencer, audit_owner')
}

/**
 * What Postgres stores of a password (RFC 5803), computed here, so that the password itself is never part of a statement
 * and so never of a server log. 4,096 rounds are Postgres's own default.
 */
function scramVerifier(password: string, salt = randomBytes(16), rounds = 4_096): string {
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`
}

/** SCRAM normalises what is not ASCII (SASLprep); rather than doing that too, refuse it. */
function verifiable(role: LoginRole, password: unknown): void {
  if (typeof password !== 'string' || !/^[\x21-\x7e]{8,128}$/.test(password)) {
    throw new Error(`the password of ${role} must be 8 to 128 printable ASCII characters without spaces`)
  }
}

const withDatabase = (url: string, database: string): string => {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'firebreak migrate' })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
