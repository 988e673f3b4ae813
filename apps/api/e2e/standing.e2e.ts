import { afterAll, beforeAll, expect, test } from 'vitest'
import { BudgetList, BudgetView } from '../src/budgets/budgets.schema.js'
import { problem } from '../src/http/view.js'
import { PlanPage, PlanView } from '../src/plans/plans.schema.js'
import { GraduationsView, GraduationView, RecipeView } from '../src/recipes/recipes.schema.js'
import { RunPage } from '../src/runs/runs.schema.js'
import { StandingApprovalPage, StandingApprovalView } from '../src/standing-approvals/standing-approvals.schema.js'
import { read, slowApi, Stage } from './stage.js'

let stage: Stage
let worker: Awaited<ReturnType<Stage['worker']>>
let wish: { recipe: string; digest: string; targets: string[]; bounds: object; expires_at: string; reason: string }

beforeAll(async () => {
  stage = await Stage.set()
  worker = await stage.worker()
  const { body } = await read(RecipeView, stage.as('hannah').get('/v1/recipes/scale-api').expect(200))
  wish = {
    recipe: 'scale-api',
    digest: body.digest,
    targets: ['deployment:prod/api'],
    bounds: { steps: 1, runs: { most: 1, minutes: 60 }, after: { replicas: { at_least: 2, at_most: 8 } } },
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    reason: 'it was right forty times',
  }
})
afterAll(() => stage.strike())

const give = (person: string, change: object = {}) =>
  stage.as(person).post('/v1/standing-approvals').send({ ...wish, ...change }) // prettier-ignore

/** The plan that an alert brings along, made by the worker. */
async function alerted(startsAt?: string) {
  await stage.alert(slowApi({ startsAt })).expect(202)
  const { id } = (await read(PlanPage, stage.as('hannah').get('/v1/plans').expect(200))).body.items[0]!
  await worker.planner.make(id)
  return id
}

const graduate = (person: string, to: string, change: object = {}) =>
  stage
    .as(person)
    .post('/v1/recipes/scale-api/graduations')
    .send({ digest: wish.digest, to, reason: 'its record', ...change })
const graduations = async () =>
  (await read(GraduationsView, stage.as('hannah').get('/v1/recipes/scale-api/graduations').expect(200))).body

test('a recipe that proposes acts by itself only after a run of it has helped, and a person of its role said so', async () => {
  expect((await read(problem, give('hannah').expect(422))).body).toMatchObject({ code: 'out-of-range' })
  expect(await graduations()).toMatchObject({ stage: 'propose', record: { runs: 0 }, items: [] })
  expect((await read(problem, graduate('hannah', 'auto').expect(422))).body.detail).toContain('has helped yet')

  const id = await alerted()
  const { body: plan } = await read(PlanView, stage.as('hannah').get(`/v1/plans/${id}`).expect(200))
  const yes = { digest: plan.digest, decision: 'yes' }
  await stage.as('hannah').post(`/v1/plans/${id}/approvals`).send(yes).expect(200)
  expect(await worker.runner.carryOut(id)).toBe('succeeded')
  worker.cluster.deploy('prod/api', { replicas: 2 })
  await stage.alert(slowApi({ status: 'resolved' })).expect(202)

  expect((await graduations()).to).toMatchObject([
    { stage: 'watch', may: { ok: true } },
    { stage: 'auto', may: { ok: true } },
  ])
  await graduate('audrey', 'auto').expect(403)
  await graduate('mira', 'auto').expect(403)
  await graduate('hannah', 'auto', { digest: `sha256:${'0'.repeat(64)}` }).expect(409)
  const { body: decided } = await read(GraduationView, graduate('hannah', 'auto').expect(201))
  expect(decided).toMatchObject({ from: 'propose', to: 'auto', record: { proposed: 1, runs: 1, succeeded: 1 } })
  expect((await graduations()).items).toEqual([decided])
  const { body: recipe } = await read(RecipeView, stage.as('audrey').get('/v1/recipes/scale-api').expect(200))
  expect(recipe).toMatchObject({ stage: 'auto', written_stage: 'propose' })
})

test.each([
  ['mira', {}, 403, 'not-your-role'],
  ['audrey', {}, 403, 'not-your-role'],
  ['hannah', { targets: [] }, 422, 'empty-selection'],
  ['hannah', { digest: `sha256:${'0'.repeat(64)}` }, 409, 'stale'],
  ['hannah', { expires_at: '2036-01-01T00:00:00Z' }, 422, 'out-of-range'],
  ['hannah', { bounds: { steps: 1 } }, 400, 'malformed'],
])('%s cannot approve in advance by %o: %i %s', async (person, change, status, code) => {
  expect((await read(problem, give(person, change).expect(status))).body).toMatchObject({ code })
})

test('an alert that comes under a standing approval is repaired by nobody’s hand, and the record says under whose yes', async () => {
  const { body: given } = await read(StandingApprovalView, give('hannah').expect(201))
  expect(given).toMatchObject({ state: 'given', by: { id: 'hannah' }, runs: 0, may: { revoke: { ok: true } } })

  const plan = await alerted(new Date().toISOString())
  expect(await worker.backlog.find(worker.world.now())).toContainEqual({ queue: 'run', id: plan })
  expect(await worker.runner.carryOut(plan)).toBe('succeeded')
  const { body: runs } = await read(RunPage, stage.as('audrey').get(`/v1/runs?plan=${plan}`).expect(200))
  expect(runs.items).toMatchObject([{ state: 'succeeded', standing: given.id }])
  const page = await read(StandingApprovalPage, stage.as('audrey').get('/v1/standing-approvals').expect(200))
  expect(page.body.items).toMatchObject([{ id: given.id, runs: 1 }])

  const taken = stage.as('mira').delete(`/v1/standing-approvals/${given.id}?reason=not+tonight`)
  expect((await read(StandingApprovalView, taken.expect(200))).body).toMatchObject({
    state: 'revoked',
    revoked: { by: { id: 'mira' }, reason: 'not tonight' },
    may: { revoke: { ok: false } },
  })
  await stage.as('mira').delete('/v1/standing-approvals/sta_none?reason=x').expect(404)
})

test('a budget that is spent is disarmed, which is an incident, until a person re-arms it', async () => {
  // The one run that the house allows an hour has started above.
  await stage.alert(slowApi({ status: 'resolved' })).expect(202)
  worker.cluster.deploy('prod/api', { replicas: 2 })
  await give('hannah').expect(201)
  const plan = await alerted(new Date().toISOString())
  expect(await worker.runner.carryOut(plan)).toBe('disarmed')
  expect(await stage.query(`select from flow.delivery where source = 'firebreak'`)).toHaveLength(1)

  const { body } = await read(BudgetList, stage.as('audrey').get('/v1/budgets').expect(200))
  expect(body.items).toMatchObject([
    { id: 'service:api', state: 'disarmed', disarmed: { plan }, may: { rearm: { ok: false, code: 'not-your-role' } } },
  ])
  expect((await read(problem, give('hannah').expect(423))).body).toMatchObject({ code: 'disarmed' })

  const rearm = (person: string) =>
    stage.as(person).post('/v1/budgets/service%3Aapi/rearm').send({ reason: 'the release is out' })
  await rearm('audrey').expect(403)
  expect((await read(BudgetView, rearm('mira').expect(200))).body).toMatchObject({
    ...{ state: 'armed', used: 0, disarmed: null },
    rearmed: { by: { id: 'mira' }, reason: 'the release is out' },
  })
  expect((await read(problem, rearm('mira').expect(409))).body).toMatchObject({ code: 'already-decided' })
  expect(await worker.runner.carryOut(plan)).toBe('succeeded')
})
