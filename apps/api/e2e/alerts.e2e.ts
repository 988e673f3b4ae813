import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeliveryView } from '../src/alerts/alerts.schema.js'
import { problem } from '../src/http/view.js'
import { IncidentView } from '../src/incidents/incidents.schema.js'
import { at, read, refused, slowApi, Stage, told } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set()))
afterAll(() => stage.strike())

const ledger = () => told(stage.by('hannah').GET('/v1/alerts/ledger'))
const active = async () =>
  (await told(stage.by('hannah').GET('/v1/incidents', { params: { query: { state: 'active' } } }))).items
const shown = (id: string) => told(stage.by('hannah').GET('/v1/incidents/{id}', at({ id })))
const timelineOf = (id: string) => told(stage.by('audrey').GET('/v1/incidents/{id}/timeline', at({ id })))

test('an alert becomes an incident of its class with a severity and a requested plan', async () => {
  const { body } = await read(DeliveryView, stage.alert(slowApi()).expect(202))
  expect(body).toMatchObject({ received: 1, opened: 1, joined: 0, repeated: 0, resolved: 0 })

  const [incident] = await active()
  const opened = await shown(incident!.id)
  expect(opened).toMatchObject({
    state: 'open',
    phase: 'none',
    class: 'high-api-latency',
    severity: 'SEV2',
    title: 'API latency is high',
    service: 'api',
    environment: 'prod',
    owner: null,
    alerts_firing: 1,
    page: '/v1/runbook/high-api-latency',
    alerts: [{ fingerprint: '9a7c1b4f2e6d8035', state: 'firing', incident: incident!.id }],
    may: { acknowledge: { ok: true }, resolve: { ok: true }, plan: { ok: true } },
  })
  expect(await told(stage.by('hannah').GET('/v1/plans/{id}', at({ id: opened.plans[0]! })))).toMatchObject({
    state: 'requested',
    recipe: { id: 'scale-api' },
    requested_by: { name: 'Firebreak' },
    digest: null,
    may: { approve: { ok: false, code: 'in-progress' } },
  })
})

test('the same delivery twice changes nothing the second time', async () => {
  const before = await active()
  const { body } = await read(DeliveryView, stage.alert(slowApi()).expect(202))
  expect(body).toMatchObject({ received: 1, opened: 0, repeated: 1 })
  expect(await active()).toEqual(before)
})

test('a storm of one new alert, told many times at once, is one incident, and the ledger adds up', async () => {
  const storm = slowApi({ fingerprint: 'storm', labels: { alertname: 'Storm' } })
  const fates = await Promise.all(Array.from({ length: 12 }, () => read(DeliveryView, stage.alert(storm).expect(202))))
  expect(fates.reduce((sum, { body }) => sum + body.opened, 0)).toBe(1)
  expect(fates.reduce((sum, { body }) => sum + body.repeated, 0)).toBe(11)
  expect((await ledger()).adds_up).toBe(true)
})

test('a malformed webhook is refused with pointers, and stands in the ledger as refused', async () => {
  const wrong = slowApi()
  const { body } = await read(
    problem,
    stage.alert({ ...wrong, alerts: [{ ...wrong.alerts[0], startsAt: 'yesterday' }] }).expect(400),
  )
  expect(body).toMatchObject({ code: 'malformed', errors: [{ pointer: '/alerts/0/startsAt' }] })
  expect(await ledger()).toMatchObject({ adds_up: true, items: [{ source: 'alertmanager', refused: 1 }] })
})

test.each([
  ['not JSON', Buffer.from('{"version": ')],
  ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ['nothing', Buffer.alloc(0)],
])('a delivery that is %s is stored, byte by byte, as refused', async (_, bytes) => {
  const refused = async () => (await ledger()).items[0]!.refused
  const before = await refused()
  const answer = await fetch(`${stage.url}/v1/alerts/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.key('alertmanager')}`, 'content-type': 'application/json' },
    body: bytes,
  })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'malformed', errors: [{ pointer: '' }] })
  expect(await refused()).toBe(before + 1)
  const [row] = await stage.query<{ body: Buffer }>(
    `select body from flow.delivery where state = 'refused' order by id desc limit 1`,
  )
  expect(row!.body.equals(bytes)).toBe(true)
})

test('an unknown alert becomes unclassified', async () => {
  await stage.alert(slowApi({ fingerprint: 'beef', labels: { alertname: 'NobodyKnowsThis' } })).expect(202)
  expect(await active()).toContainEqual(
    expect.objectContaining({ class: 'unclassified', title: 'API latency is high' }),
  )
})

test('an unknown source is not found, and says which there are', async () => {
  const { body } = await read(problem, stage.as('alertmanager').post('/v1/alerts/nagios').send({}).expect(404))
  expect(body).toMatchObject({ code: 'not-found', detail: expect.stringContaining('alertmanager') as string })
})

test('a person acknowledges and owns it; the timeline says so in sentences', async () => {
  const incident = (await active()).find((one) => one.class === 'high-api-latency')!
  const acknowledge = (version: string) =>
    stage.as('sam').post(`/v1/incidents/${incident.id}/acknowledge`).set('if-match', version)
  const shown = await read(IncidentView, stage.as('sam').get(`/v1/incidents/${incident.id}`).expect('etag', '"1"'))
  const { body } = await read(IncidentView, acknowledge(shown.headers['etag']!).expect(200).expect('etag', '"2"'))
  const { body: late } = await read(problem, acknowledge('"1"').expect(412))
  expect(late.code).toBe('precondition')
  expect(body).toMatchObject({ state: 'acknowledged', owner: { id: 'sam', name: 'Sam Lindqvist' }, version: 2 })

  const lines = (await timelineOf(incident.id)).items
  expect(lines.map(({ type }) => type)).toEqual([
    'alert.fired',
    'incident.opened',
    'plan.requested',
    'incident.acknowledged',
  ])
  expect(lines.at(-1)).toMatchObject({
    type: 'incident.acknowledged',
    says: 'Sam Lindqvist has it.',
    by: { id: 'sam' },
  })
})

test('a note of a person stands in its timeline', async () => {
  const { id } = (await active()).find((one) => one.class === 'high-api-latency')!
  const note = (by: string, text: string) =>
    stage.by(by).POST('/v1/incidents/{id}/notes', { ...at({ id }), body: { text } })
  await refused(note('hannah', ' '), 400)
  await refused(note('audrey', 'x'), 403)
  await told(note('hannah', 'the cache was cold'))
  const says = 'Hannah Okafor noted: the cache was cold'
  expect((await timelineOf(id)).items.at(-1)).toMatchObject({ type: 'note.added', by: { id: 'hannah' }, says })
})

test('it is handed to somebody who may have it, and its severity is corrected with a reason', async () => {
  const { id } = (await active()).find((one) => one.class === 'high-api-latency')!
  const change = (by: string, body: { owner?: string; severity?: 'SEV1'; reason?: string }, header = {}) =>
    stage.by(by).PATCH('/v1/incidents/{id}', { params: { path: { id }, header }, body })
  await refused(change('audrey', { owner: 'sam' }), 403)
  await refused(change('hannah', {}), 400)
  expect((await refused(change('hannah', { severity: 'SEV1' }), 400)).errors).toMatchObject([{ pointer: '/reason' }])
  expect((await refused(change('hannah', { owner: 'audrey' }), 422)).code).toBe('out-of-range')

  const { version } = await shown(id)
  expect(await told(change('sam', { owner: 'hannah' }, { 'If-Match': `"${version}"` }))).toMatchObject({
    ...{ state: 'acknowledged', owner: { id: 'hannah' }, version: version + 1 },
  })
  const late = await refused(change('sam', { severity: 'SEV1', reason: 'x' }, { 'If-Match': `"${version}"` }), 412)
  expect(late.code).toBe('precondition')
  expect(await told(change('sam', { severity: 'SEV1', reason: 'customers see it' }))).toMatchObject({
    ...{ severity: 'SEV1', suggested: ['scale-api'], may: { correct: { ok: true }, reopen: { ok: false } } },
  })
  const lines = (await timelineOf(id)).items.slice(-2)
  expect(lines.map(({ says }) => says)).toEqual([
    'Sam Lindqvist gave the incident to Hannah Okafor.',
    'Sam Lindqvist corrected the severity to SEV1: customers see it.',
  ])
})

test('the incident is resolved with its last alert', async () => {
  const incident = (await active()).find((one) => one.class === 'high-api-latency')!
  const { body } = await read(DeliveryView, stage.alert(slowApi({ status: 'resolved' })).expect(202))
  expect(body).toMatchObject({ resolved: 1 })
  expect(await shown(incident.id)).toMatchObject({
    state: 'resolved',
    alerts_firing: 0,
    may: { acknowledge: { ok: false, code: 'superseded' }, assign: { ok: false, code: 'superseded' } },
  })
  expect((await ledger()).adds_up).toBe(true)
})

test('it is opened again for as long as an alert would have done so, and then another one begins', async () => {
  const items = (await told(stage.by('hannah').GET('/v1/incidents', { params: { query: { state: 'resolved' } } })))
    .items
  const { id } = items.find((one) => one.class === 'high-api-latency')!
  const ask = (action: 'reopen' | 'resolve', by = 'sam') =>
    stage.by(by).POST(`/v1/incidents/{id}/${action}`, { ...at({ id }), body: { reason: 'look again' } })
  await refused(ask('reopen', 'audrey'), 403)
  expect((await shown(id)).may.reopen).toEqual({ ok: true })
  expect(await told(ask('reopen'))).toMatchObject({ state: 'open', resolved_at: null, owner: { id: 'hannah' } })
  const says = (await timelineOf(id)).items.map((line) => line.says)
  expect(says).toContain('Sam Lindqvist opened the incident again: look again.')
  expect((await refused(ask('reopen'), 409)).detail).toContain('nothing to open again')

  await told(ask('resolve'))
  stage.forward(31 * 60_000)
  const late = await refused(ask('reopen'), 409)
  expect(late).toMatchObject({ code: 'superseded', detail: expect.stringContaining('opens another') as string })
  expect((await shown(id)).may.reopen).toMatchObject({ ok: false, reason: late.detail })
})

test('lists go page by page, newest first, without losing or repeating one', async () => {
  for (const n of [1, 2, 3])
    await stage.alert(slowApi({ fingerprint: `page${n}`, labels: { alertname: `Page${n}` } })).expect(202)
  const list = (query: { limit?: number; after?: string }) =>
    told(stage.by('hannah').GET('/v1/incidents', { params: { query } }))
  const idsOf = ({ items }: Awaited<ReturnType<typeof list>>) => items.map(({ id }) => id)
  const all = idsOf(await list({}))
  let page = await list({ limit: 2 })
  const seen = idsOf(page)
  while (page.next) {
    page = await list({ limit: 2, after: page.next })
    seen.push(...idsOf(page))
  }
  expect(seen).toEqual(all)
  expect(seen.length).toBeGreaterThan(4)
  expect([...seen].sort().reverse()).toEqual(seen)
})

test('a query that the list does not take is refused by pointer', async () => {
  const { body } = await read(problem, stage.as('hannah').get('/v1/incidents?limit=9999&color=red').expect(400))
  expect(body.errors?.map(({ pointer }) => pointer).sort()).toEqual(['/color', '/limit'])
})
