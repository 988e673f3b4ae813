import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cast } from '../src/people/cast.js'
import { seedPeople } from '../src/people/seeding.js'
import { sha256 } from '../src/people/callers.js'
import { Me } from '../src/people/people.schema.js'
import { read, Stage } from './stage.js'

let stage: Stage
let file: string
beforeAll(async () => {
  stage = await Stage.set()
  file = `${stage.folder}/people.json`
})
afterAll(() => stage.strike())

const count = async (table: string) =>
  (await stage.query<{ n: number }>(`select count(*)::int as n from flow.${table}`))[0]!.n
// fb_reader may not see keys at all.
const keyHashes = () =>
  stage.world.ledger.read((books) => books.apiKeys.where({})).then((keys) => keys.map(({ hash }) => hash))
const keys = async () => (JSON.parse(await readFile(file, 'utf8')) as { people: { id: string; key: string }[] }).people

test('everybody is there once, with roles old enough to vote, and an entry each', async () => {
  expect(await count('person')).toBe(cast.length)
  const grants = await stage.query<{ person_id: string; role: string; days: number }>(
    `select person_id, role, (now()::date - since::date) as days from flow.role_grant`,
  )
  expect(grants).toHaveLength(cast.length)
  expect(grants.every(({ days }) => days >= 29)).toBe(true)
  const entries = await stage.query<{ type: string; n: number }>(
    `select type, count(*)::int as n from audit.entry group by type order by type`,
  )
  expect(entries).toEqual([
    { type: 'key.created', n: cast.length },
    { type: 'person.added', n: cast.length },
    { type: 'role.granted', n: cast.length },
  ])
})

test('keys are in a file that only its owner may read, and nowhere else', async () => {
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const bodies = await stage.query<{ body: Buffer }>('select body from audit.entry')
  for (const { key } of await keys()) {
    expect(key).toMatch(/^fbk_[\w-]{43}$/)
    expect(await keyHashes()).toContain(sha256(key))
    expect(bodies.some(({ body }) => body.includes(key))).toBe(false)
  }
})

test('starting again, five at once, changes nothing', async () => {
  const before = await readFile(file, 'utf8')
  await Promise.all([1, 2, 3, 4, 5].map(() => seedPeople(stage.world, file)))
  expect(await readFile(file, 'utf8')).toBe(before)
  expect(await keyHashes()).toHaveLength(cast.length)
})

test.each([
  ['lost', () => rm(file)],
  ['spoiled', () => writeFile(file, '{"people": 7}')],
])('a file that was %s is written anew, with new keys that are good', async (_, spoil) => {
  const old = await keys()
  const before = (await keyHashes()).length
  await spoil()
  await Promise.all([1, 2, 3].map(() => seedPeople(stage.world, file)))
  expect(await keyHashes()).toHaveLength(before + cast.length)
  for (const { id, key } of await keys()) {
    expect(key).not.toBe(old.find((one) => one.id === id)!.key)
    const { body } = await read(Me, stage.nobody.get('/v1/me').set('authorization', `Bearer ${key}`))
    expect(body.id).toBe(id)
  }
  expect(await count('person')).toBe(cast.length)
})

test('with a wiped record the file’s keys are good again', async () => {
  const other = await Stage.set()
  try {
    await seedPeople(other.world, file)
    for (const { id, key } of await keys()) {
      const { body } = await read(Me, other.nobody.get('/v1/me').set('authorization', `Bearer ${key}`))
      expect(body.id).toBe(id)
    }
  } finally {
    await other.strike()
  }
})

test('outside of the sandbox nobody is seeded for, and the routes do not exist', async () => {
  const other = await Stage.set({ config: { mode: 'production' } })
  try {
    await other.nobody.get('/v1/people/seeded').expect(404)
    await other.nobody.post('/v1/sign-in/seeded').send({ person: 'hannah' }).expect(404)
  } finally {
    await other.strike()
  }
})
