import { afterAll, beforeAll, expect, test } from 'vitest'
import { slowApi, Stage } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set({ level: 'debug' })))
afterAll(() => stage.strike())

type Line = Record<string, unknown>
const lines = () => stage.said.map((line) => JSON.parse(line) as Line)
const about = (request: string) => lines().filter(({ request_id }) => request_id === request)

/** The body of each entry of the log about a request. */
const entries = (request: string) =>
  stage.query<{ type: string }>(
    `select type from audit.entry where convert_from(body, 'utf8')::json ->> 'request_id' = $1 order by era, xid, id`,
    [request],
  )

test('what a request led to says its id: answer, line, entries', async () => {
  const { headers } = await stage.alert(slowApi()).set('x-request-id', 'monitor:0001').expect(202)
  expect(headers['x-request-id']).toBe('monitor:0001')
  expect(about('monitor:0001')).toMatchObject([
    { level: 'info', name: 'api', msg: 'POST /v1/alerts/:source 202', actor: 'alertmanager', status: 202 },
  ])
  expect((await entries('monitor:0001')).map(({ type }) => type)).toEqual(['delivery.stored', 'alert.fired', 'incident.opened', 'plan.requested', 'delivery.processed']) // prettier-ignore
})

test('an id that has no form of one is made anew', async () => {
  for (const given of ['short', 'with blank in it', 'x'.repeat(101), '{"level":"fatal"}', 'a%0Ab%0Ac%0Ad']) {
    const { headers } = await stage.nobody.get('/v1/health').set('x-request-id', given).expect(200)
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  }
})

test('a trace that the caller brought is told by its lines, though nothing is traced here', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  await stage.as('hannah').get('/v1/incidents').set({ traceparent, 'x-request-id': 'hannah-reads-1' }).expect(200)
  expect(about('hannah-reads-1')).toMatchObject([{ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', actor: 'hannah' }])
  await stage
    .as('hannah')
    .get('/v1/incidents')
    .set({ traceparent: 'junk', 'x-request-id': 'hannah-reads-2' })
    .expect(200)
  expect(about('hannah-reads-2')[0]).not.toHaveProperty('trace_id')
})

test('what is asked for often is below the line of what is told, and a thing is told by its id', async () => {
  await stage.nobody.get('/v1/health').set('x-request-id', 'a-load-balancer').expect(200)
  expect(about('a-load-balancer')).toMatchObject([{ level: 'debug' }])
  await stage.as('hannah').get('/v1/plans/pln_nobody-0001').set('x-request-id', 'hannah-reads-3').expect(404)
  expect(about('hannah-reads-3')).toMatchObject([{ level: 'info', plan: 'pln_nobody-0001', status: 404 }])
  await stage.as('hannah').get('/v1/plans/%0a%7b%22level%22').set('x-request-id', 'hannah-reads-4').expect(404)
  expect(about('hannah-reads-4')[0]).not.toHaveProperty('plan')
})

test('no line has a key, a cookie, a body or an address, and each is one line', async () => {
  const signedIn = await stage.nobody.post('/v1/sign-in/seeded').send({ person: 'hannah' })
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0]!
  await stage.nobody.get('/v1/me').set('cookie', cookie)
  await stage.nobody
    .get('/v1/me?token=hunter2-in-a-query')
    .set('authorization', 'Bearer fbk_not-a-key-of-anybody-hunter2')
  await stage.as('hannah').post('/v1/plans').send({ recipe: 'hunter2-in-a-body\n{"level":"fatal"}' })
  const text = stage.said.join('\n')
  const secrets = [cookie.split('=')[1]!, stage.key('hannah'), stage.key('alertmanager'), 'hunter2', '127.0.0.1']
  for (const secret of secrets) expect(text).not.toContain(secret)
  expect(text.split('\n')).toHaveLength(stage.said.length)
  expect(lines().filter(({ level }) => level === 'fatal')).toEqual([])
})
