import { readFile } from 'node:fs/promises'
import { LOGIN_ROLES, prepareCluster, type Passwords } from '../cluster.js'
import { migrate } from '../migrate.js'

/**
 * Prepares the cluster and brings the schema up to this version, then exits 0. From the environment:
 * FIREBREAK_SUPERUSER_URL, FIREBREAK_DATABASE, FIREBREAK_PASSWORDS (path of a JSON file with one password per role).
 */
async function main(): Promise<void> {
  const superuserUrl = needed('FIREBREAK_SUPERUSER_URL')
  const database = needed('FIREBREAK_DATABASE')
  const passwords = await readPasswords(needed('FIREBREAK_PASSWORDS'))
  await prepareCluster(superuserUrl, database, passwords)

  const url = new URL(superuserUrl)
  url.username = 'fb_migrator'
  url.password = encodeURIComponent(passwords.fb_migrator)
  url.pathname = `/${encodeURIComponent(database)}`
  const ran = await migrate(url.href)
  console.log(ran.length === 0 ? 'the schema is up to date' : `migrated: ${ran.join(', ')}`)
}

function needed(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

async function readPasswords(path: string): Promise<Passwords> {
  let read: unknown
  try {
    read = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    // A syntax error would quote the file, and the file is secrets.
    const why = error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message
    throw new Error(`FIREBREAK_PASSWORDS: ${path} cannot be read: ${why}`, { cause: undefined })
  }
  const found = new Map(Object.entries(read ?? {}))
  const missing = LOGIN_ROLES.filter((role) => typeof found.get(role) !== 'string')
  if (missing.length > 0) throw new Error(`FIREBREAK_PASSWORDS: ${path} has no password for ${missing.join(', ')}`)
  return Object.fromEntries(LOGIN_ROLES.map((role) => [role, found.get(role)])) as Passwords
}

main().catch((error: unknown) => {
  console.error(`migrate: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
})
