import { startPostgres, temporaryPostgres, type RunningPostgres } from '@firebreak/dev'
import { LOGIN_ROLES, migrate, prepareCluster, type LoginRole, type Passwords } from '@firebreak/store'
import pg from 'pg'

/** A migrated Postgres of this test's own that can be switched off and on again, at the same address. */
export async function restartableDatabase() {
  const first = await temporaryPostgres()
  let current: Pick<RunningPostgres, 'stop'> | undefined = { stop: () => end(first) }
  const passwords = Object.fromEntries(LOGIN_ROLES.map((role) => [role, `test-only-${role}`])) as Passwords
  await prepareCluster(first.url, 'firebreak', passwords)
  const url = (role: LoginRole) => {
    const url = new URL(first.url)
    ;[url.username, url.password, url.pathname] = [role, passwords[role], '/firebreak']
    return url.href
  }
  await migrate(url('fb_migrator'))
  const dataDir = await dataDirectory(first.url)
  return {
    url,
    off: async () => {
      await current?.stop()
      current = undefined
    },
    on: async () => void (current ??= await startPostgres({ dataDir, port: first.port })),
    stop: async () => {
      await current?.stop()
      await first.stop()
    },
  }
}

async function dataDirectory(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query<{ data_directory: string }>('show data_directory')
  await client.end()
  return rows[0]!.data_directory
}

/** Ends the process and keeps its files. */
async function end({ url, kill }: RunningPostgres): Promise<void> {
  kill('SIGINT')
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 500 })
    client.on('error', () => undefined)
    const answers = await client.connect().then(
      () => true,
      (error: { code?: string }) => error.code !== 'ECONNREFUSED',
    )
    await client.end().catch(() => undefined)
    if (!answers) return
  }
}
