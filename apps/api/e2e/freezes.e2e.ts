import { Lifts, processActor } from '@firebreak/flow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '../src/http/view.js'
import { at, read, refused, slowApi, Stage, told } from './stage.js'

let stage: Stage
let worker: Awaited<ReturnType<Stage['worker']>>
let plan: string
let digest: string

beforeAll(async () => {
  stage = await Stage.set()
  worker = await stage.worker()
  await stage.alert(slowApi()).expect(202)
  plan = (await told(stage.by('hannah').GET('/v1/plans'))).items[0]!.id
  await worker.planner.make(plan)
  digest = (await shown()).digest!
})
afterAll(() => stage.strike())

const shown = () => told(stage.by('hannah').GET('/v1/plans/{id}', at({ id: plan })))
const approve = () =>
  stage.by('hannah').POST('/v1/plans/{id}/approvals', { ...at({ id: plan }), body: { digest, decision: 'yes' } })
/** What the plan says beforehand of a yes, and of a no. */
const said = async () => (await shown()).may
const check = (target: string) =>
  told(stage.by('alertmanager').GET('/v1/freezes/check', { params: { query: { target } } }))
const freezes = async () => (await told(stage.by('audrey').GET('/v1/freezes'))).items

test.each([
  ['hannah', { scopes: ['service:api'], reason: 'x' }, 403, 'not-your-role'],
  ['ada', { scopes: ['service:api'], reason: 'x' }, 403, 'not-your-role'],
  ['theo', { scopes: [], reason: 'x' }, 422, 'empty-selection'],
  ['theo', { scopes: ['service:apy'], reason: 'x' }, 422, 'out-of-scope'],
  ['theo', { scopes: ['service:api'], reason: ' ' }, 400, 'malformed'],
  ['theo', { scopes: ['service:api'] }, 400, 'malformed'],
  ['theo', { scopes: ['service:api'], reason: 'x', incident: 'inc_none' }, 404, 'not-found'],
])('%s cannot freeze by %o: %i %s', async (person, body, status, code) => {
  const answer = await read(problem, stage.as(person).post('/v1/freezes').send(body).expect(status))
  expect(answer.body).toMatchObject({ code })
  expect(await freezes()).toEqual([])
})

test('the stop switch holds everybody until somebody lets it go', async () => {
  const look = (person: string) => told(stage.by(person).GET('/v1/stop'))
  expect(await look('audrey')).toMatchObject({ on: false })
  await refused(stage.by('audrey').POST('/v1/stop', { body: { reason: 'x' } }), 403)
  const pressed = await told(stage.by('sam').POST('/v1/stop', { body: { reason: 'strange nodes' } }), 201)
  expect(pressed).toMatchObject({ on: true, by: { id: 'sam' }, reason: 'strange nodes' })
  expect(await refused(approve(), 423)).toMatchObject({ code: 'halted' })
  expect(await said()).toMatchObject({
    approve: { ok: false, code: 'halted', who: ['sre', 'ml', 'security'] },
    refuse: { ok: true },
  })
  expect((await look('sam')).may).toMatchObject({
    press: { ok: false, code: 'already-decided' },
    release: { ok: true },
  })
  expect(await check('deployment:prod/api')).toMatchObject({ frozen: true, code: 'halted' })
  await told(stage.by('hannah').DELETE('/v1/stop', { params: { query: { reason: 'all clear' } } }))
  expect(await check('deployment:prod/api')).toMatchObject({ frozen: false })
  expect(await said()).toMatchObject({ approve: { ok: true }, refuse: { ok: true } })
})

test('in a quiet window planned work waits; who is in charge of it may cancel it before it begins', async () => {
  const hours = (many: number) => new Date(Date.now() + many * 3_600_000).toISOString()
  const wish = { scopes: ['service:api'], ends_at: hours(1), reason: 'the release is frozen' }
  await refused(stage.by('theo').POST('/v1/quiet-windows', { body: wish }), 403)
  const declare = (body: typeof wish & { starts_at?: string }) =>
    told(stage.by('hannah').POST('/v1/quiet-windows', { body }), 201)
  const planned = await declare({ ...wish, starts_at: hours(0.5) })
  expect(planned).toMatchObject({
    state: 'planned',
    by: { id: 'hannah' },
    cancelled: null,
    may: { cancel: { ok: true } },
  })
  const end = (id: string) =>
    stage.by('sam').DELETE('/v1/quiet-windows/{id}', { params: { path: { id }, query: { reason: 'not now' } } })
  expect(await told(end(planned.id))).toMatchObject({
    state: 'cancelled',
    cancelled: { by: { id: 'sam' }, reason: 'not now' },
  })

  const open = await declare(wish)
  expect(open).toMatchObject({ state: 'open', may: { cancel: { ok: false, code: 'superseded' } } })
  expect(await refused(end(open.id), 409)).toMatchObject({ code: 'superseded' })
  // It was made before the window: one that is made now needs one tier more, and passes.
  expect(await refused(approve(), 423)).toMatchObject({ code: 'quiet' })
  expect(await said()).toMatchObject({ approve: { ok: false, code: 'quiet' }, refuse: { ok: true } })
  const { items } = await told(stage.by('audrey').GET('/v1/quiet-windows'))
  expect(items.map(({ id }) => id)).toEqual([open.id, planned.id])
})

test('one of Security freezes a pipeline: from then on its targets cannot be changed, and everybody can ask', async () => {
  const wish = { scopes: ['pipeline:ingest'], reason: 'data leaves at night', review_by: '2026-12-01T00:00:00Z' }
  const made = await told(stage.by('theo').POST('/v1/freezes', { body: wish }), 201)
  expect(made).toMatchObject({ scopes: ['pipeline:ingest'], by: { id: 'theo' }, state: 'enforcing' })

  const no = await refused(approve(), 423)
  expect(await said()).toMatchObject({
    approve: { ok: false, code: 'frozen', who: ['security'], reason: no.detail },
  })
  expect(no).toMatchObject({ code: 'frozen', detail: expect.stringContaining('data leaves at night') as string })
  expect(await check('deployment:prod/api')).toMatchObject({ frozen: true, code: 'frozen', by: made.id })
  expect(await check('queue:batch')).toMatchObject({ frozen: true })
  expect(await check('deployment:prod/other')).toMatchObject({ frozen: false })
  await refused(stage.by('alertmanager').GET('/v1/freezes/check', { params: { query: { target: 'everything' } } }), 422)

  expect(await told(stage.by('theo').GET('/v1/freezes/{id}', at({ id: made.id })))).toEqual(made)
  const entries = await stage.query<{ type: string }>('select type from audit.entry where stream_id = $1', [
    `freeze:${made.id}`,
  ])
  expect(entries).toEqual([{ type: 'freeze.declared' }])
})

test('planning goes on under a freeze', async () => {
  const wish = { recipe: 'scale-api', params: {}, reason: 'what would it do?', labels: { service: 'api' } }
  const { id } = await told(stage.by('hannah').POST('/v1/plans', { body: wish }), 202)
  expect(await worker.planner.make(id)).toMatchObject({ state: 'proposed' })
})

test('two others than who asked lift it: until then it holds, and what it held may begin after that', async () => {
  const { id } = (await freezes())[0]!
  const seen = (by = 'audrey') => told(stage.by(by).GET('/v1/freezes/{id}', at({ id })))
  const ask = (by: string, reason: string) =>
    stage.by(by).POST('/v1/freezes/{id}/lift', { ...at({ id }), body: { reason } })
  const decide = (by: string, digest: string) =>
    stage.by(by).POST('/v1/freezes/{id}/lift/approvals', { ...at({ id }), body: { digest, decision: 'yes' } })
  await refused(ask('hannah', 'x'), 403)
  const asked = await told(ask('ines', 'a backup'), 201)
  expect(asked).toMatchObject({
    state: 'lift-asked',
    lift: { state: 'asked', asked_by: { id: 'ines' }, reason: 'a backup', reversal: [], votes: [] },
    may: { lift: { ok: false, code: 'in-progress' }, approve: { ok: false, code: 'own-plan' } },
  })
  const { digest } = asked.lift!
  expect((await refused(decide('ines', digest), 403)).code).toBe('own-plan')
  expect((await refused(decide('theo', `sha256:${'0'.repeat(64)}`), 409)).code).toBe('stale')
  await told(decide('theo', digest))
  const lifts = new Lifts(worker.world)
  const me = processActor('worker-1')
  expect(await lifts.carryOut(me)).toBe(0)
  // Neither can the worker's role, before the second yes.
  await expect(
    stage.queryAs(
      'fb_worker',
      `insert into flow.enforcement values ('${id}', 'enforcing', null, now(), null);
      update flow.enforcement set state = 'lifting', lift = '${asked.lift!.id}' where id = '${id}'`,
    ),
  ).rejects.toThrow(/is not lifted: asked/)
  expect((await seen('viktor')).may.approve).toEqual({ ok: true })
  await told(decide('viktor', digest))
  expect(await seen()).toMatchObject({ state: 'lift-asked', lift: { state: 'approved' } })
  expect(await check('queue:batch')).toMatchObject({ frozen: true })

  expect(await lifts.carryOut(me)).toBe(1)
  expect(await seen()).toMatchObject({ state: 'lifted', lift: { state: 'lifted' } })
  expect(await check('queue:batch')).toMatchObject({ frozen: false })
  const entries = await stage.query<{ type: string }>(
    'select type from audit.entry where stream_id = $1 order by stream_seq',
    [`freeze:${id}`],
  )
  expect(entries.map(({ type }) => type)).toEqual([
    ...['freeze.declared', 'freeze.lift-asked', 'freeze.lift-approved', 'freeze.lift-approved'],
    ...['freeze.lifting', 'freeze.lifted'],
  ])
})

test('neither role of the database can say that a freeze was lifted, or take one away', async () => {
  const { id } = (await freezes())[0]!
  for (const role of ['fb_api', 'fb_worker'] as const)
    for (const sql of [`delete from flow."freeze"`, `update flow."freeze" set scopes = '["queue:none"]'`])
      await expect(stage.queryAs(role, sql)).rejects.toThrow(/permission denied/)
  const lie = `insert into flow.enforcement values ('${id}', 'lifted', null, now(), null)`
  await expect(stage.queryAs('fb_api', lie)).rejects.toThrow(/permission denied/)
  await expect(stage.queryAs('fb_worker', lie)).rejects.toThrow(/cannot go from nothing to lifted|duplicate key/)
})
