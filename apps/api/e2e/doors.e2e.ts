import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeliveryView } from '../src/alerts/alerts.schema.js'
import { problem } from '../src/http/view.js'
import { Me } from '../src/people/people.schema.js'
import { read, Stage } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set()))
afterAll(() => stage.strike())

interface Description {
  paths: Record<string, Record<string, { 'x-right'?: string; 'x-roles'?: string[] | 'anyone' }>>
}
const description = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as Description
const routes = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { 'x-right': right, 'x-roles': roles }]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method as 'get' | 'post',
    path: path.replace('{source}', 'alertmanager').replaceAll(/\{\w+\}/g, 'inc_00000000-0000-7000-8000-000000000000'),
    right,
    roles,
  })),
)

test('every route has a right', () => {
  expect(routes.length).toBeGreaterThan(30)
  expect(routes.filter(({ right, roles }) => !right || !roles)).toEqual([])
})

test.each(routes.filter(({ roles }) => roles !== 'anyone'))(
  '$name answers nobody who is not signed in',
  async ({ method, path }) => {
    const { body, headers } = await read(problem, stage.nobody[method](path).expect(401))
    expect(headers['content-type']).toContain('application/problem+json')
    expect(body).toMatchObject({ status: 401, code: 'not-signed-in', request_id: headers['x-request-id'] as string })
  },
)

test.each(routes.filter(({ roles }) => Array.isArray(roles)))(
  '$name refuses every role that is not $roles',
  async ({ method, path, roles }) => {
    const cast = {
      sre: 'hannah',
      ml: 'mira',
      security: 'theo',
      auditor: 'audrey',
      admin: 'ada',
      service: 'alertmanager',
    }
    for (const [role, person] of Object.entries(cast)) {
      if (roles!.includes(role)) continue
      const { body } = await read(problem, stage.as(person)[method](path).expect(403))
      expect(body.code).toMatch(/^(not-your-role|service-cannot-approve)$/)
    }
  },
)

test('a service sends alerts and reads nothing', async () => {
  for (const path of ['/v1/incidents', '/v1/plans', '/v1/runs', '/v1/audit/entries', '/v1/runbook', '/v1/stream'])
    await stage.as('alertmanager').get(path).expect(403)
})

test.each([
  ['a key that nobody has', `Bearer fbk_${'A'.repeat(43)}`],
  ['a key of another form', 'Bearer fbk_short'],
  ['another scheme', 'Basic aGFubmFoOg=='],
])('%s signs nobody in', async (_, authorization) => {
  await stage.nobody.get('/v1/me').set({ authorization }).expect(401)
})

test('a person signs in for twelve hours with a cookie that no script can read', async () => {
  const { headers, body } = await read(
    Me,
    stage.nobody.post('/v1/sign-in/seeded').send({ person: 'hannah' }).expect(200),
  )
  expect(body).toMatchObject({ id: 'hannah', name: 'Hannah Okafor', kind: 'person', roles: ['sre'], mode: 'sandbox' })
  const [cookie] = headers['set-cookie'] as unknown as string[]
  expect(cookie).toMatch(/^fb_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/)
  const session = cookie!.split(';')[0]!
  await stage.nobody.get('/v1/me').set({ cookie: session }).expect(200)
  const rows = await stage.query(`select body from audit.entry where type = 'session.opened'`)
  expect(rows).toHaveLength(1)

  stage.forward(12 * 60 * 60_000 + 1)
  await stage.nobody.get('/v1/me').set({ cookie: session }).expect(401)
})

test('a cookie writes only from our own page', async () => {
  const cookie = await signIn('sam')
  const write = (headers: Record<string, string>) =>
    stage.nobody
      .post('/v1/plans')
      .set({ cookie, ...headers })
      .send({ recipe: 'nothing' })
  const { host } = new URL(stage.url)
  for (const foreign of [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
  ] as Record<string, string>[]) {
    const { body } = await read(problem, write(foreign).expect(401))
    expect(body.code).toBe('not-signed-in')
  }
  // 404: past every door, and there is no such recipe.
  await write({ 'sec-fetch-site': 'same-origin' }).expect(404)
  await write({ origin: `http://${host}` }).expect(404)
  await stage.nobody.get('/v1/incidents').set({ cookie, 'sec-fetch-site': 'cross-site' }).expect(200)
})

test('another site can sign nobody in', async () => {
  await stage.nobody
    .post('/v1/sign-in/seeded')
    .set({ origin: 'https://evil.example' })
    .send({ person: 'hannah' })
    .expect(401)
})

test('signing out ends the session, and stands in the log', async () => {
  const cookie = await signIn('noor')
  const { headers } = await stage.nobody
    .post('/v1/sign-out')
    .set({ cookie, 'sec-fetch-site': 'same-origin' })
    .expect(204)
  expect((headers['set-cookie'] as unknown as string[])[0]).toMatch(/^fb_session=; .*Expires=Thu, 01 Jan 1970/)
  await stage.nobody.get('/v1/me').set({ cookie }).expect(401)
  expect(await stage.query(`select from audit.entry where type = 'session.closed'`)).toHaveLength(1)
})

test('nobody but the cast signs in, and no service', async () => {
  for (const person of ['mallory', 'alertmanager', '../../etc/passwd'])
    await stage.nobody.post('/v1/sign-in/seeded').send({ person }).expect(404)
})

test.each(['evil.example', 'evil.example:4600', '127.0.0.1.evil.example', ''])(
  'the Host %j is not ours',
  async (host) => {
    const { body } = await read(problem, stage.as('hannah').get('/v1/me').set({ host }).expect(400))
    expect(body.code ?? 'malformed').toBe('malformed')
  },
)

test.each(['localhost', '127.0.0.1:4600', 'LOCALHOST:1'])('the Host %s is', async (host) => {
  await stage.as('hannah').get('/v1/me').set({ host }).expect(200)
})

test('a request id that fits is kept, and reaches the log; another is made', async () => {
  await stage.as('hannah').get('/v1/me').set('x-request-id', 'trace-0001').expect('x-request-id', 'trace-0001')
  const { headers } = await stage.as('hannah').get('/v1/me').set('x-request-id', 'a b <script>').expect(200)
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)

  await stage.as('audrey').post('/v1/audit/exports').set('x-request-id', 'trace-0002').send({}).expect(202)
  const [entry] = await stage.query<{ body: Buffer }>(`select body from audit.entry where type = 'export.requested'`)
  expect(JSON.parse(entry!.body.toString())).toMatchObject({
    request_id: 'trace-0002',
    actor: { id: 'audrey', auth: 'api-key', roles: ['auditor'] },
  })
})

test.each([
  ['an unknown route', 404, 'not-found', () => stage.as('hannah').get('/v1/nothing')],
  ['an unknown method', 404, 'not-found', () => stage.as('hannah').delete('/v1/plans')],
  ['an unknown version', 404, 'not-found', () => stage.as('hannah').get('/v7/me')],
  ['an unknown thing', 404, 'not-found', () => stage.as('hannah').get('/v1/incidents/inc_none')],
  ['a strange id', 404, 'not-found', () => stage.as('hannah').get('/v1/incidents/%27%3B--')],
  [
    'a body of another kind',
    415,
    'unsupported',
    () => stage.as('hannah').post('/v1/plans').type('text/plain').send('hello'),
  ],
  [
    'a form',
    415,
    'unsupported',
    () => stage.as('alertmanager').post('/v1/alerts/alertmanager').type('form').send('a=1'),
  ],
  [
    'a large body',
    413,
    'too-large',
    () =>
      stage
        .as('hannah')
        .post('/v1/plans')
        .send({ recipe: 'x'.repeat(1024 * 1024) }),
  ],
  [
    'a large delivery',
    413,
    'too-large',
    () =>
      stage
        .as('alertmanager')
        .post('/v1/alerts/alertmanager')
        .send({ a: 'x'.repeat(5 * 1024 * 1024) }),
  ],
  ['broken JSON', 400, 'malformed', () => stage.as('hannah').post('/v1/plans').type('json').send('{"recipe":')],
  ['an unknown field', 400, 'malformed', () => stage.as('hannah').post('/v1/plans').send({ recipe: 'x', sudo: true })],
] as const)('%s is a problem: %d %s', async (_, status, code, ask) => {
  const { body, headers } = await read(problem, ask().expect(status))
  expect(headers['content-type']).toContain('application/problem+json')
  expect(body).toMatchObject({
    type: `urn:firebreak:problem:${code}`,
    status,
    code,
    request_id: headers['x-request-id'] as string,
  })
  expect(body.title).toEqual(expect.any(String))
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts:\d|\.js:\d| {4}at /)
})

test('a body over the common limit passes where a storm of alerts comes in', async () => {
  const { body } = await read(
    DeliveryView,
    stage
      .as('alertmanager')
      .post('/v1/alerts/alertmanager')
      .send({ version: '4', alerts: [], note: 'x'.repeat(2 * 1024 * 1024) })
      .expect(202),
  )
  expect(body.received).toBe(0)
})

test('every answer carries its headers', async () => {
  for (const answer of [
    await stage.nobody.get('/v1/health'),
    await stage.nobody.get('/v1/nothing'),
    await stage.nobody.get('/v1/me'),
  ])
    expect(answer.headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
      'x-request-id': expect.any(String) as string,
    })
})

test('nothing unforeseen happened', () => {
  expect(stage.said).toEqual([])
})

async function signIn(person: string): Promise<string> {
  const { headers } = await stage.nobody.post('/v1/sign-in/seeded').send({ person }).expect(200)
  return (headers['set-cookie'] as unknown as string[])[0]!.split(';')[0]!
}
