import { temporaryPostgres } from '@firebreak/dev'
import pg from 'pg'
import { auditMigrations } from '../migrations/index.js'

export type LogRole = 'fb_migrator' | 'fb_api' | 'fb_worker' | 'fb_sequencer' | 'fb_reader'

/** A Postgres for one test file, with the roles. Tests of the whole schema take `freshDatabase()` of @firebreak/store. */
export interface LogCluster {
  /** A database of one test's own, with the schema `audit` alone. One at a time: the horizon of the log is the cluster's. */
  database(): Promise<LogDatabase>
  /** As a restore of its files leaves it: same cluster, same content. Nobody may be connected to it meanwhile. */
  copyOf(database: LogDatabase): Promise<LogDatabase>
  stop(): Promise<void>
}

export interface LogDatabase {
  /** Without a role: as the superuser. */
  url(role?: LogRole): string
  /** An open connection; ended by close(). */
  client(role?: LogRole): Promise<pg.Client>
  close(): Promise<void>
}

const PASSWORD = 'test-only'
const ROLES: readonly LogRole[] = ['fb_migrator', 'fb_api', 'fb_worker', 'fb_sequencer', 'fb_reader']

export async function logCluster(): Promise<LogCluster> {
  const postgres = await temporaryPostgres()
  await makeTemplate(postgres.url)
  let made = 0
  return {
    database: () => from('log_template'),
    copyOf: (database) => from(new URL(database.url()).pathname.slice(1)),
    stop: () => postgres.stop(),
  }

  async function from(template: string): Promise<LogDatabase> {
    const name = `log_${++made}`
    await once(postgres.url, (client) => client.query(`create database ${name} template ${template}`))
    const clients: pg.Client[] = []
    const url = (role?: LogRole) => urlOf(postgres.url, name, role)
    return {
      url,
      async client(role) {
        const client = await open(url(role))
        clients.push(client)
        return client
      },
      async close() {
        await Promise.all(clients.map((client) => client.end().catch(() => undefined)))
      },
    }
  }
}

/** Migrated once; a copy of it costs a tenth. */
async function makeTemplate(superuserUrl: string): Promise<void> {
  await once(superuserUrl, async (client) => {
    for (const role of ROLES) await client.query(`create role ${role} login password '${PASSWORD}'`)
    await client.query('create role audit_owner nologin')
    await client.query('create database log_template')
  })
  await once(urlOf(superuserUrl, 'log_template'), async (client) => {
    await client.query('create schema audit authorization audit_owner')
    await client.query('create schema flow authorization fb_migrator')
    await client.query('set role audit_owner')
    for (const { sql } of auditMigrations) await client.query(sql)
  })
}

function urlOf(superuserUrl: string, name: string, role?: LogRole): string {
  const url = new URL(superuserUrl)
  url.pathname = `/${name}`
  if (role) [url.username, url.password] = [role, PASSWORD]
  return url.href
}

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function once(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = await open(url)
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
