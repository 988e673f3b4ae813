import { Lifts, processActor } from '@firebreak/flow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FreezeCheck, FreezePage, FreezeView, StopView } from '../src/freezes/freezes.schema.js'
import { problem } from '../src/http/view.js'
import { PlanPage, PlanView } from '../src/plans/plans.schema.js'
import { QuietWindowPage, QuietWindowView } from '../src/quiet-windows/quiet-windows.schema.js'
import { read, slowApi, Stage } from './stage.js'

let stage: Stage
let worker: Awaited<ReturnType<Stage['worker']>>
let plan: string
let digest: string

beforeAll(async () => {
  stage = await Stage.set()
  worker = await stage.worker()
  await stage.alert(slowApi()).expect(202)
  plan = (await read(PlanPage, stage.as('hannah').get('/v1/plans').expect(200))).body.items[0]!.id
  await worker.planner.make(plan)
  digest = (await read(PlanView, stage.as('hannah').get(`/v1/plans/${plan}`).expect(200))).body.digest!
})
afterAll(() => stage.strike())

const approve = () => stage.as('hannah').post(`/v1/plans/${plan}/approvals`).send({ digest, decision: 'yes' })
/** What the plan says beforehand of a yes, and of a no. */
const said = async () => (await read(PlanView, stage.as('hannah').get(`/v1/plans/${plan}`).expect(200))).body.may
const check = async (target: string) =>
  (await read(FreezeCheck, stage.as('alertmanager').get(`/v1/freezes/check?target=${target}`).expect(200))).body

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
  expect((await read(FreezePage, stage.as('audrey').get('/v1/freezes').expect(200))).body.items).toEqual([])
})

test('the stop switch holds everybody until somebody lets it go', async () => {
  expect((await read(StopView, stage.as('audrey').get('/v1/stop').expect(200))).body).toMatchObject({ on: false })
  await stage.as('audrey').post('/v1/stop').send({ reason: 'x' }).expect(403)
  const { body } = await read(StopView, stage.as('sam').post('/v1/stop').send({ reason: 'strange nodes' }).expect(201))
  expect(body).toMatchObject({ on: true, by: { id: 'sam' }, reason: 'strange nodes' })
  expect((await read(problem, approve().expect(423))).body).toMatchObject({ code: 'halted' })
  expect(await said()).toMatchObject({
    approve: { ok: false, code: 'halted', who: ['sre', 'ml', 'security'] },
    refuse: { ok: true },
  })
  const stop = (await read(StopView, stage.as('sam').get('/v1/stop').expect(200))).body
  expect(stop.may).toMatchObject({ press: { ok: false, code: 'already-decided' }, release: { ok: true } })
  expect(await check('deployment:prod/api')).toMatchObject({ frozen: true, code: 'halted' })
  await read(StopView, stage.as('hannah').delete('/v1/stop?reason=all+clear').expect(200))
  expect(await check('deployment:prod/api')).toMatchObject({ frozen: false })
  expect(await said()).toMatchObject({ approve: { ok: true }, refuse: { ok: true } })
})

test('in a quiet window planned work waits; who is in charge of it may cancel it before it begins', async () => {
  const hours = (many: number) => new Date(Date.now() + many * 3_600_000).toISOString()
  const wish = { scopes: ['service:api'], ends_at: hours(1), reason: 'the release is frozen' }
  await stage.as('theo').post('/v1/quiet-windows').send(wish).expect(403)
  const declare = async (body: object) =>
    (await read(QuietWindowView, stage.as('hannah').post('/v1/quiet-windows').send(body).expect(201))).body
  const planned = await declare({ ...wish, starts_at: hours(0.5) })
  expect(planned).toMatchObject({
    state: 'planned',
    by: { id: 'hannah' },
    cancelled: null,
    may: { cancel: { ok: true } },
  })
  const end = (id: string) => stage.as('sam').delete(`/v1/quiet-windows/${id}?reason=not+now`)
  expect((await read(QuietWindowView, end(planned.id).expect(200))).body).toMatchObject({
    state: 'cancelled',
    cancelled: { by: { id: 'sam' }, reason: 'not now' },
  })

  const open = await declare(wish)
  expect(open).toMatchObject({ state: 'open', may: { cancel: { ok: false, code: 'superseded' } } })
  expect((await read(problem, end(open.id).expect(409))).body).toMatchObject({ code: 'superseded' })
  // It was made before the window: one that is made now needs one tier more, and passes.
  expect((await read(problem, approve().expect(423))).body).toMatchObject({ code: 'quiet' })
  expect(await said()).toMatchObject({ approve: { ok: false, code: 'quiet' }, refuse: { ok: true } })
  const { items } = (await read(QuietWindowPage, stage.as('audrey').get('/v1/quiet-windows').expect(200))).body
  expect(items.map(({ id }) => id)).toEqual([open.id, planned.id])
})

test('one of Security freezes a pipeline: from then on its targets cannot be changed, and everybody can ask', async () => {
  const wish = { scopes: ['pipeline:ingest'], reason: 'data leaves at night', review_by: '2026-12-01T00:00:00Z' }
  const { body: made } = await read(FreezeView, stage.as('theo').post('/v1/freezes').send(wish).expect(201))
  expect(made).toMatchObject({ scopes: ['pipeline:ingest'], by: { id: 'theo' }, state: 'enforcing' })

  const refused = (await read(problem, approve().expect(423))).body
  expect(await said()).toMatchObject({
    approve: { ok: false, code: 'frozen', who: ['security'], reason: refused.detail },
  })
  expect(refused).toMatchObject({ code: 'frozen', detail: expect.stringContaining('data leaves at night') as string })
  expect(await check('deployment:prod/api')).toMatchObject({ frozen: true, code: 'frozen', by: made.id })
  expect(await check('queue:batch')).toMatchObject({ frozen: true })
  expect(await check('deployment:prod/other')).toMatchObject({ frozen: false })
  await stage.as('alertmanager').get('/v1/freezes/check?target=everything').expect(422)

  expect((await read(FreezeView, stage.as('theo').get(`/v1/freezes/${made.id}`).expect(200))).body).toEqual(made)
  const entries = await stage.query<{ type: string }>('select type from audit.entry where stream_id = $1', [
    `freeze:${made.id}`,
  ])
  expect(entries).toEqual([{ type: 'freeze.declared' }])
})

test('planning goes on under a freeze', async () => {
  const wish = { recipe: 'scale-api', params: {}, reason: 'what would it do?', labels: { service: 'api' } }
  const { body } = await read(PlanView, stage.as('hannah').post('/v1/plans').send(wish).expect(202))
  expect(await worker.planner.make(body.id)).toMatchObject({ state: 'proposed' })
})

test('two others than who asked lift it: until then it holds, and what it held may begin after that', async () => {
  const { id } = (await read(FreezePage, stage.as('audrey').get('/v1/freezes').expect(200))).body.items[0]!
  const seen = async (by = 'audrey') => (await read(FreezeView, stage.as(by).get(`/v1/freezes/${id}`).expect(200))).body
  const decide = (by: string, digest: string, decision = 'yes') =>
    stage.as(by).post(`/v1/freezes/${id}/lift/approvals`).send({ digest, decision })
  await stage.as('hannah').post(`/v1/freezes/${id}/lift`).send({ reason: 'x' }).expect(403)
  const asked = (
    await read(FreezeView, stage.as('ines').post(`/v1/freezes/${id}/lift`).send({ reason: 'a backup' }).expect(201))
  ).body
  expect(asked).toMatchObject({
    state: 'lift-asked',
    lift: { state: 'asked', asked_by: { id: 'ines' }, reason: 'a backup', reversal: [], votes: [] },
    may: { lift: { ok: false, code: 'in-progress' }, approve: { ok: false, code: 'own-plan' } },
  })
  const { digest } = asked.lift!
  expect((await read(problem, decide('ines', digest).expect(403))).body.code).toBe('own-plan')
  expect((await read(problem, decide('theo', `sha256:${'0'.repeat(64)}`).expect(409))).body.code).toBe('stale')
  await decide('theo', digest).expect(200)
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
  await decide('viktor', digest).expect(200)
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
  const { id } = (await read(FreezePage, stage.as('audrey').get('/v1/freezes').expect(200))).body.items[0]!
  for (const role of ['fb_api', 'fb_worker'] as const)
    for (const sql of [`delete from flow."freeze"`, `update flow."freeze" set scopes = '["queue:none"]'`])
      await expect(stage.queryAs(role, sql)).rejects.toThrow(/permission denied/)
  const lie = `insert into flow.enforcement values ('${id}', 'lifted', null, now(), null)`
  await expect(stage.queryAs('fb_api', lie)).rejects.toThrow(/permission denied/)
  await expect(stage.queryAs('fb_worker', lie)).rejects.toThrow(/cannot go from nothing to lifted|duplicate key/)
})
