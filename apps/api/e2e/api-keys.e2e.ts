import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { problem } from '../src/http/view.js'
import { ApiKeyPage, MadeApiKey } from '../src/people/api-keys.schema.js'
import { sha256 } from '../src/people/callers.js'
import { Me } from '../src/people/people.schema.js'
import { read, Stage } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set()))
afterAll(() => stage.strike())

const FirstAnswer = MadeApiKey.extend({ secret: z.string() })
const make = async (person: string, wish: object): Promise<z.output<typeof FirstAnswer>> =>
  (await read(FirstAnswer, stage.as(person).post('/v1/api-keys').send(wish).expect(201))).body
const refused = async (person: string, wish: object, status: number) =>
  (await read(problem, stage.as(person).post('/v1/api-keys').send(wish).expect(status))).body
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
const keysOf = async (person: string, query = '') =>
  (await read(ApiKeyPage, stage.as(person).get(`/v1/api-keys${query}`).expect(200))).body.items

test('a key is shown once; the record and the log have its hash and how it begins', async () => {
  const { key, secret } = await make('hannah', { name: 'laptop' })
  expect(secret).toMatch(/^fbk_[\w-]{43}$/)
  expect(key).toMatchObject({
    name: 'laptop',
    prefix: secret.slice(0, 12),
    scopes: null,
    state: 'good',
    last_used: null,
  })
  const { text } = await read(ApiKeyPage, stage.as('hannah').get('/v1/api-keys').expect(200))
  const bodies = await stage.query<{ body: Buffer }>(`select body from audit.entry where type = 'key.created'`)
  for (const said of [text, ...bodies.map(({ body }) => body.toString()), ...stage.said]) {
    expect(said).not.toContain(secret)
    expect(said).not.toContain(sha256(secret))
  }
  expect(text).toContain(secret.slice(0, 12))
  const [row] = await stage.queryAs<{ whole: string }>(
    'fb_api',
    'select to_jsonb(k)::text as whole from flow.api_key k where id = $1',
    [key.id],
  )
  expect(row!.whole).not.toContain(secret)
  expect(row!.whole).toContain(sha256(secret))
})

test('it signs its person in, and tells within a minute when it was used last', async () => {
  const { key, secret } = await make('sam', { name: 'watch' })
  const used = async () => (await keysOf('sam')).find(({ id }) => id === key.id)!.last_used
  const { body } = await read(Me, stage.nobody.get('/v1/me').set(bearer(secret)).expect(200))
  expect(body.id).toBe('sam')
  const first = await used()
  expect(first).not.toBeNull()
  await stage.nobody.get('/v1/me').set(bearer(secret)).expect(200)
  expect(await used()).toBe(first)
  stage.forward(61_000)
  await stage.nobody.get('/v1/me').set(bearer(secret)).expect(200)
  expect(await used()).not.toBe(first)
})

test('with scopes it may only what they name, also what it is shown that it may', async () => {
  const { secret } = await make('hannah', { name: 'reader', scopes: ['incident.read', 'key.read'] })
  await stage.nobody.get('/v1/incidents').set(bearer(secret)).expect(200)
  for (const path of ['/v1/plans', '/v1/runs', '/v1/audit/entries', '/v1/me'])
    await stage.nobody.get(path).set(bearer(secret)).expect(403)
  const { body } = await read(ApiKeyPage, stage.nobody.get('/v1/api-keys').set(bearer(secret)).expect(200))
  expect(body.items[0]!.may.revoke).toMatchObject({ ok: false, code: 'not-your-role' })
})

test('a key makes no key that may more or lives longer than itself', async () => {
  const { secret } = await make('noor', { name: 'maker', scopes: ['key.make', 'plan.read'], days: 10 })
  const ask = (wish: object, status: number) =>
    stage.nobody.post('/v1/api-keys').set(bearer(secret)).send(wish).expect(status)
  expect((await read(problem, ask({ name: 'all', days: 5 }, 422))).body.code).toBe('out-of-scope')
  const { body } = await read(problem, ask({ name: 'x', days: 5, scopes: ['plan.read', 'plan.approve'] }, 422))
  expect(body).toMatchObject({ code: 'out-of-scope', errors: [{ pointer: '/scopes' }] })
  expect((await read(problem, ask({ name: 'x', days: 11, scopes: ['plan.read'] }, 422))).body.code).toBe('out-of-range')
  await ask({ name: 'less', days: 5, scopes: ['plan.read'] }, 201)
})

test('an administrator makes keys of services; nobody makes one in another person’s name', async () => {
  const { key, secret } = await make('ada', { name: 'monitor', person: 'alertmanager', scopes: ['alert.send'] })
  expect(key.person.id).toBe('alertmanager')
  await stage.nobody.get('/v1/me').set(bearer(secret)).expect(403)
  await stage.nobody.post('/v1/alerts/alertmanager').set(bearer(secret)).send({ version: '4', alerts: [] }).expect(202)
  expect((await refused('ada', { name: 'x', person: 'hannah' }, 403)).code).toBe('not-your-role')
  expect(await refused('hannah', { name: 'x', person: 'alertmanager' }, 403)).toMatchObject({ code: 'not-your-role' })
  expect((await refused('hannah', { name: 'x', person: 'sam' }, 403)).code).toBe('not-your-role')
  expect((await refused('ada', { name: 'x', person: 'ghost' }, 404)).code).toBe('not-found')
})

test.each([
  ['no name', { name: ' ' }, '/name'],
  ['no end', { name: 'x', days: 366 }, '/days'],
  ['a scope that nobody knows', { name: 'x', scopes: ['everything'] }, '/scopes/0'],
  ['a scope that anyone has', { name: 'x', scopes: ['page.load'] }, '/scopes/0'],
  ['no scope at all', { name: 'x', scopes: [] }, '/scopes'],
])('%s is malformed', async (_, wish, pointer) => {
  expect(await refused('hannah', wish, 400)).toMatchObject({ code: 'malformed', errors: [{ pointer }] })
})

test('taken back, it is refused with the next request, and stands in the log once', async () => {
  const { key, secret } = await make('mira', { name: 'lost' })
  // To others it is not there.
  await stage.as('leo').delete(`/v1/api-keys/${key.id}`).expect(404)
  await stage.nobody.get('/v1/me').set(bearer(secret)).expect(200)
  await stage.as('mira').delete(`/v1/api-keys/${key.id}`).expect(204)
  await stage.as('mira').delete(`/v1/api-keys/${key.id}`).expect(204)
  await stage.nobody.get('/v1/me').set(bearer(secret)).expect(401)
  expect(await stage.query(`select from audit.entry where type = 'key.revoked'`)).toHaveLength(1)
  const [mine] = await keysOf('mira')
  expect(mine).toMatchObject({ state: 'revoked', may: { revoke: { ok: false, code: 'superseded' } } })
})

test('an administrator sees and takes back anybody’s', async () => {
  const { key, secret } = await make('theo', { name: 'stolen' })
  expect((await keysOf('ada', '?person=theo')).map(({ id }) => id)).toContain(key.id)
  await stage.as('hannah').get('/v1/api-keys?person=theo').expect(403)
  await stage.as('ada').delete(`/v1/api-keys/${key.id}`).expect(204)
  await stage.nobody.get('/v1/me').set(bearer(secret)).expect(401)
})

test('it ends when it said', async () => {
  const { secret } = await make('viktor', { name: 'day', days: 1 })
  await stage.nobody.get('/v1/me').set(bearer(secret)).expect(200)
  stage.forward(24 * 60 * 60_000)
  await stage.nobody.get('/v1/me').set(bearer(secret)).expect(401)
  expect((await keysOf('viktor'))[0]!.state).toBe('expired')
})
