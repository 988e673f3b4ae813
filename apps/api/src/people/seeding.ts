import { entry, processActor, time, type World, type WriteBooks } from '@firebreak/flow'
import { roles } from '@firebreak/kit'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { newSecret, sha256 } from './callers.js'
import { cast, type Seeded } from './cast.js'

const DAYS_BACK = 30

const file = z.object({
  people: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      kind: z.enum(['person', 'service']),
      roles: z.array(z.enum(roles)),
      key: z.string().regex(/^fbk_[\w-]{43}$/),
    }),
  ),
})

/**
 * Puts the sandbox's people into the record, with roles old enough to vote and a key each, and the keys into a file that
 * only its owner may read. Many processes may do it at once, and each start again: what is there stays, a file that was
 * lost is written anew with new keys, and after a wiped database the file's keys are good again.
 */
export async function seedPeople({ ledger, now, newId }: World, path: string): Promise<void> {
  const me = processActor('api')
  await ledger.write(async (books) => {
    // Everybody's stream: two processes that seed at once do it one after the other.
    await books.lock({ stream: cast.map(({ id }) => `person:${id}`) })
    const keys = await keysIn(path)
    const since = time(new Date(now().getTime() - DAYS_BACK * 24 * 60 * 60_000))
    for (const person of cast) {
      await addPerson(books, person, since)
      const key = keys.get(person.id) ?? newSecret('fbk_')
      await addKey(books, person, key)
      keys.set(person.id, key)
    }
    // Before the commit, under the lock: who comes next finds the file, or does it all again.
    await writeKeys(path, keys)
  })

  async function addPerson(books: WriteBooks, { id, name, kind, roles }: Seeded, since: string): Promise<void> {
    const stream = `person:${id}`
    if (!(await books.people.get(id))) {
      await books.people.add({ id, kind, name, issuer: null, subject: null })
      books.audit.append(
        entry(me, stream, 'person.added', stream, { outcome: 'ok', detail: { person_id: id, name, kind } }),
      )
    }
    // Also what was taken back: a start gives nobody again what an administrator took.
    const granted = (await books.roleGrants.where({ person_id: id })).map(({ role }) => role)
    for (const role of roles.filter((role) => !granted.includes(role))) {
      const grant = { id: newId('rol'), person_id: id, role, since }
      await books.roleGrants.add(grant)
      books.audit.append(
        entry(me, stream, 'role.granted', `role_grant:${grant.id}`, {
          outcome: 'ok',
          detail: { person_id: id, role, since },
        }),
      )
    }
  }

  async function addKey(books: WriteBooks, { id }: Seeded, key: string): Promise<void> {
    const hash = sha256(key)
    const [known] = await books.apiKeys.where({ hash })
    if (known) return
    const row = {
      ...{ id: newId('key'), person_id: id, hash, name: 'sandbox', prefix: key.slice(0, 12), scopes: null },
      ...{ created_at: time(now()), expires_at: null, last_used: null, revoked_at: null },
    }
    await books.apiKeys.add(row)
    books.audit.append(
      entry(me, `person:${id}`, 'key.created', `api_key:${row.id}`, {
        outcome: 'ok',
        detail: { key_id: row.id, person_id: id },
      }),
    )
  }
}

/** Keys by person. A file that is not there, or not readable as ours, has none. */
async function keysIn(path: string): Promise<Map<string, string>> {
  try {
    const { people } = file.parse(JSON.parse(await readFile(path, 'utf8')))
    return new Map(people.map(({ id, key }) => [id, key]))
  } catch {
    return new Map()
  }
}

async function writeKeys(path: string, keys: ReadonlyMap<string, string>): Promise<void> {
  const content = `${JSON.stringify({ people: cast.map((person) => ({ ...person, key: keys.get(person.id) })) }, null, 2)}\n`
  const old = await readFile(path, 'utf8').catch(() => '')
  if (old === content) return chmod(path, 0o600)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const beside = `${path}.${process.pid}`
  await writeFile(beside, content, { mode: 0o600 })
  await rename(beside, path)
}
