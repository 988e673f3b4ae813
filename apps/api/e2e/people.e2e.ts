import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiKeyPage, MadeApiKey } from '../src/people/api-keys.schema.js'
import { problem } from '../src/http/view.js'
import { PersonPage, PersonView } from '../src/people/people.schema.js'
import { read, Stage } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set()))
afterAll(() => stage.strike())

const list = async (person: string, query = '') =>
  (await read(PersonPage, stage.as(person).get(`/v1/people${query}`).expect(200))).body
const give = (by: string, to: string, role: string) =>
  stage.as(by).post(`/v1/people/${to}/roles`).send({ role, reason: 'on call from Monday' })
const take = (by: string, from: string, role: string) =>
  stage.as(by).delete(`/v1/people/${from}/roles/${role}`).query({ reason: 'moved on' })
const codeOf = async (ask: ReturnType<typeof give>, status: number) =>
  (await read(problem, ask.expect(status))).body.code

test('everybody sees who is what, since when; only an administrator sees that they may change it', async () => {
  const { items } = await list('hannah', '?role=security')
  expect(items.map(({ id }) => id)).toEqual(['ines', 'theo', 'viktor'])
  expect(items[0]).toMatchObject({ kind: 'person', roles: [{ role: 'security', by: null }] })
  expect(items[0]!.may.grant).toMatchObject({ ok: false, code: 'not-your-role', who: ['admin'] })
  const [ada] = (await list('ada', '?role=admin')).items
  expect(ada!.may.grant).toMatchObject({ ok: false, code: 'own-plan' })
  expect(ada!.roles[0]!.may.revoke).toMatchObject({ ok: false, code: 'out-of-range' })
  const first = await list('ada', '?limit=4')
  const rest = await list('ada', `?after=${first.next}`)
  expect([...first.items, ...rest.items].map(({ id }) => id)).toHaveLength(11)
})

test('a role that is given is there with the next request, and gone with the next one when it is taken back', async () => {
  await stage.as('mira').get('/v1/audit/exports').expect(200)
  await stage
    .as('mira')
    .post('/v1/freezes')
    .send({ scopes: ['service:api'], reason: 'x' })
    .expect(403)
  const { body } = await read(PersonView, give('ada', 'mira', 'security').expect(201))
  expect(body.roles).toMatchObject([
    { role: 'ml', by: null },
    { role: 'security', by: { id: 'ada' } },
  ])
  await stage
    .as('mira')
    .post('/v1/freezes')
    .send({ scopes: ['pipeline:ingest'], reason: 'x' })
    .expect(201)
  await read(PersonView, take('ada', 'mira', 'security').expect(200))
  await stage
    .as('mira')
    .post('/v1/freezes')
    .send({ scopes: ['service:api'], reason: 'x' })
    .expect(403)
  const entries = await stage.query<{ body: Buffer }>(
    `select body from audit.entry where stream_id = 'person:mira' and type like 'role.%' order by id desc limit 2`,
  )
  expect(entries.map(({ body }) => JSON.parse(body.toString()) as unknown)).toMatchObject([
    { type: 'role.revoked', actor: { id: 'ada' }, reason: 'moved on' },
    { type: 'role.granted', actor: { id: 'ada' }, reason: 'on call from Monday' },
  ])
})

test('nobody gives themselves a role, and none but an administrator gives one', async () => {
  expect(await codeOf(give('ada', 'ada', 'sre'), 403)).toBe('own-plan')
  expect(await codeOf(give('hannah', 'hannah', 'admin'), 403)).toBe('not-your-role')
  expect(await codeOf(give('hannah', 'sam', 'ml'), 403)).toBe('not-your-role')
  expect(await codeOf(give('ada', 'alertmanager', 'sre'), 422)).toBe('out-of-range')
  expect(await codeOf(give('ada', 'hannah', 'service'), 400)).toBe('malformed')
  expect(await codeOf(give('ada', 'ghost', 'sre'), 404)).toBe('not-found')
  expect(await codeOf(take('ada', 'hannah', 'emperor'), 400)).toBe('malformed')
})

test('the last administrator stays; of two who take each other’s role at once, one does', async () => {
  expect(await codeOf(take('ada', 'ada', 'admin'), 422)).toBe('out-of-range')
  await give('ada', 'leo', 'admin').expect(201)
  const answers = await Promise.all([take('ada', 'leo', 'admin'), take('leo', 'ada', 'admin')])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
  const [left, ...more] = (await list('hannah', '?role=admin')).items
  expect(more).toEqual([])
  if (left!.id === 'leo') {
    await give('leo', 'ada', 'admin').expect(201)
    await take('ada', 'leo', 'admin').expect(200)
  }
})

test('a service is added, made a key by whoever added it, and may what services may', async () => {
  const ask = stage.as('ada').post('/v1/people').send({ name: 'CI' })
  const { body } = await read(PersonView, ask.expect(201))
  expect(body).toMatchObject({ kind: 'service', name: 'CI', roles: [{ role: 'service', by: { id: 'ada' } }] })
  const wish = { name: 'ci', person: body.id, scopes: ['freeze.check'] }
  const made = await read(MadeApiKey, stage.as('ada').post('/v1/api-keys').send(wish).expect(201))
  const headers = { authorization: `Bearer ${made.body.secret}` }
  await stage.nobody.get('/v1/freezes/check?target=deployment:prod/api').set(headers).expect(200)
  await stage.nobody.get('/v1/people').set(headers).expect(403)
  expect((await read(ApiKeyPage, stage.as('ada').get(`/v1/api-keys?person=${body.id}`))).body.items).toHaveLength(1)
  await stage.as('hannah').post('/v1/people').send({ name: 'mine' }).expect(403)
  const named = stage.as('ada').post('/v1/people').send({ name: 'x', subject: 'ci' })
  expect((await read(problem, named.expect(400))).body.errors).toMatchObject([{ pointer: '/subject' }])
})
