import { temporaryPostgres } from '@firebreak/dev'
import { LOGIN_ROLES, prepareCluster, type LoginRole, type Passwords } from '../cluster.js'
import { migrate } from '../migrate.js'

/** A Postgres of this test's own, migrated. A cluster each, because the horizon of the log is one per cluster. */
export interface TestDatabase {
  /** Signs in as one of our roles. */
  url(role: LoginRole): string
  superuserUrl: string
  /** Ends Postgres and removes its files. */
  stop(): Promise<void>
}

const passwords = Object.fromEntries(LOGIN_ROLES.map((role) => [role, `test-only-${role}`])) as Passwords

export async function freshDatabase(): Promise<TestDatabase> {
  const postgres = await temporaryPostgres()
  await prepareCluster(postgres.url, 'firebreak', passwords)
  const url = (role: LoginRole) => {
    const url = new URL(postgres.url)
    url.username = role
    url.password = passwords[role]
    url.pathname = '/firebreak'
    return url.href
  }
  await migrate(url('fb_migrator'))
  const superuser = new URL(postgres.url)
  superuser.pathname = '/firebreak'
  return { url, superuserUrl: superuser.href, stop: () => postgres.stop() }
}
