import { clearExpired, openStore } from '@firebreak/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FreezeView } from '../src/freezes/freezes.schema.js'
import { problem } from '../src/http/view.js'
import { ApiKeyPage, MadeApiKey } from '../src/people/api-keys.schema.js'
import { read, Stage } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set()))
afterAll(() => stage.strike())

const wish = { scopes: ['deployment:prod/api'], reason: 'a break-in' }
const declare = (key: string, body: object = wish) =>
  stage.as('theo').post('/v1/freezes').set('idempotency-key', key).send(body)
const declared = async () => (await stage.query(`select from audit.entry where type = 'freeze.declared'`)).length

test('a call that is sent twice is done once and answered the same, to the byte', async () => {
  const first = await read(FreezeView, declare('one').expect(201))
  const again = await read(FreezeView, declare('one').expect(201).expect('idempotent-replayed', 'true'))
  expect(again.text).toBe(first.text)
  expect(first.headers).not.toHaveProperty('idempotent-replayed')
  expect(again.headers['content-type']).toBe(first.headers['content-type'])
  expect(await declared()).toBe(1)
})

test('another body under the key is refused, and so is another thing of the same route', async () => {
  const { body } = await read(problem, declare('one', { ...wish, reason: 'another' }).expect(422))
  expect(body.code).toBe('key-reused')
  for (const [id, status] of [
    ['inc_a', 404],
    ['inc_b', 404],
  ] as const)
    // Nothing was done, so nothing is used up.
    await stage
      .as('hannah')
      .post(`/v1/incidents/${id}/acknowledge`)
      .set('idempotency-key', 'on an incident'.replaceAll(' ', '-'))
      .expect(status)
  expect(await declared()).toBe(1)
})

test('a key is its owner’s and its route’s: others may say the same', async () => {
  await stage.as('ines').post('/v1/freezes').set('idempotency-key', 'one').send(wish).expect(201)
  await stage.as('theo').post('/v1/stop').set('idempotency-key', 'one').send({ reason: 'look first' }).expect(201)
  expect(await declared()).toBe(2)
})

test('of many at once one does it; the others are told to come again, or the same', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => declare('many')))
  const said = answers.map(({ status, body }) =>
    status === 201 ? FreezeView.parse(body).id : `${status} ${problem.parse(body).code}`,
  )
  expect(new Set(said.filter((one) => one !== '409 in-progress')).size).toBe(1)
  expect(await declared()).toBe(3)
})

test('an answer without a body, and where the new thing lies, are said again', async () => {
  const ask = () =>
    stage.as('hannah').post('/v1/plans').set('idempotency-key', 'a-plan').send({ recipe: 'scale-api', params: PARAMS })
  await stage.as('theo').delete('/v1/stop?reason=looked').set('idempotency-key', 'go').expect(200)
  const first = await ask().expect(202)
  const again = await ask().expect(202)
  expect(again.headers['location']).toBe(first.headers['location'])
  expect(again.headers['location']).toMatch(/^\/v1\/plans\/pln_/)

  const { body } = await read(MadeApiKey, stage.as('sam').post('/v1/api-keys').send({ name: 'watch' }).expect(201))
  const revoke = () => stage.as('sam').delete(`/v1/api-keys/${body.key.id}`).set('idempotency-key', 'revoke')
  await revoke().expect(204)
  const { text } = await revoke().expect(204).expect('idempotent-replayed', 'true')
  expect(text).toBe('')
})

test('a secret is shown once, also to whoever asks again under the key', async () => {
  const make = () => stage.as('hannah').post('/v1/api-keys').set('idempotency-key', 'laptop').send({ name: 'laptop' })
  const first = await read(MadeApiKey, make().expect(201))
  expect(first.body.secret).toMatch(/^fbk_/)
  const again = await read(MadeApiKey, make().expect(201))
  expect(again.body).toEqual({ key: first.body.key, secret: null })
  const rows = await stage.queryAs<{ whole: string }>(
    'fb_api',
    'select to_jsonb(i)::text as whole from flow.idempotency i',
  )
  expect(rows.map(({ whole }) => whole).join()).not.toContain(first.body.secret)
  expect((await read(ApiKeyPage, stage.as('hannah').get('/v1/api-keys'))).body.items).toHaveLength(2)
})

test('whoever died between the deed and the answer finds the same thing again', async () => {
  const first = await read(FreezeView, declare('cut-off').expect(201))
  await stage.queryAs('fb_api', `update flow.idempotency set status = null, headers = null, answer = null`)
  const again = await read(FreezeView, declare('cut-off').expect(201))
  expect(again.body).toEqual(first.body)
  expect(await declared()).toBe(4)
})

test.each(['', 'x'.repeat(201), 'two words'])('%j is no key', async (key) => {
  const { body } = await read(problem, declare(key).expect(400))
  expect(body.code).toBe('malformed')
})

test('the worker clears away what is over, and cannot see or touch the rest', async () => {
  const worker = await openStore(stage.database.url('fb_worker'), { applicationName: 'e2e', poolSize: 1 }).initialize()
  try {
    await worker.query('delete from flow.idempotency')
    await expect(worker.query('select answer from flow.idempotency')).rejects.toThrow(/permission denied/)
    const left = () => stage.queryAs<{ n: number }>('fb_api', 'select count(*)::int as n from flow.idempotency')
    const [before] = await left()
    expect(before!.n).toBeGreaterThan(5)
    await stage.queryAs(
      'fb_api',
      `insert into flow.idempotency (id, digest, results, ids, at, expires_at)
       values (repeat('0', 64), repeat('0', 64), '[]', '[]', now() - interval '25 hours', now() - interval '1 hour')`,
    )
    await clearExpired({ query: (sql, params) => worker.query<unknown[]>(sql, params).then((rows) => ({ rows })) })
    expect(await left()).toEqual([before])
  } finally {
    await worker.destroy()
  }
})

test('nothing unforeseen happened', () => {
  expect(stage.said).toEqual([])
})

const PARAMS = { replicas: 6 }
