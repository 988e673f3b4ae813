import { LOGIN_ROLES, migrate, prepareCluster, type LoginRole, type Passwords } from '@firebreak/store'
import pg from 'pg'
import { PATIENCE } from './moments.js'

/** One database of the cluster that is going to suffer, with the whole schema and a table for the writers' business. */
export interface Database {
  url(role?: LoginRole): string
}

const passwords = Object.fromEntries(LOGIN_ROLES.map((role) => [role, `crash-only-${role}`])) as Passwords

export async function makeDatabase(superuserUrl: string, name: string): Promise<Database> {
  await prepareCluster(superuserUrl, name, passwords)
  const url = (role?: LoginRole) => {
    const url = new URL(superuserUrl)
    if (role) [url.username, url.password] = [role, passwords[role]]
    url.pathname = `/${name}`
    return url.href
  }
  await migrate(url('fb_migrator'))
  await withClient(url(), (client) => client.query(SETTING))
  return { url }
}

const SETTING = `
  -- The writers' business: a row that may not change without an entry in the same transaction.
  create schema crash;
  grant usage on schema crash to fb_api;
  create table crash.thing (id uuid primary key);
  grant insert, select on crash.thing to fb_api;
  create constraint trigger audited after insert on crash.thing
    deferrable initially deferred for each row execute function audit.require_entry('thing');
  alter role fb_api set idle_in_transaction_session_timeout = ${PATIENCE.transactionMs};
  alter role fb_worker set idle_in_transaction_session_timeout = ${PATIENCE.transactionMs};
  alter role fb_sequencer set idle_in_transaction_session_timeout = ${PATIENCE.transactionMs};
  alter role fb_sequencer set idle_session_timeout = ${PATIENCE.leadMs};
`

/** One short session; errors are the caller's. */
export async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
