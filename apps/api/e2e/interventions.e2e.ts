import { PortFailure } from '@firebreak/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '../src/http/view.js'
import { PlanPage, PlanView } from '../src/plans/plans.schema.js'
import { RunPage, RunView } from '../src/runs/runs.schema.js'
import { read, slowApi, Stage } from './stage.js'

let stage: Stage
let incident: string
let worker: Awaited<ReturnType<Stage['worker']>>

beforeAll(async () => {
  stage = await Stage.set()
  worker = await stage.worker()
  await stage.alert(slowApi()).expect(202)
  const { body } = await read(PlanPage, stage.as('hannah').get('/v1/plans').expect(200))
  incident = body.items[0]!.incident!
  // What triage asked for is out of the way: here people ask.
  await worker.planner.make(body.items[0]!.id)
  const { digest } = (await read(PlanView, stage.as('hannah').get(`/v1/plans/${body.items[0]!.id}`).expect(200))).body
  const no = { digest, decision: 'no', note: 'by hand' }
  await stage.as('hannah').post(`/v1/plans/${body.items[0]!.id}/approvals`).send(no).expect(200)
  await worker.planner.close(body.items[0]!.id)
})
afterAll(() => stage.strike())

/** A plan that somebody asked for and approved; the worker has not taken it up yet. */
async function approved(): Promise<string> {
  const wish = { recipe: 'scale-api', params: {}, incident, reason: 'by hand' }
  const { body: asked } = await read(PlanView, stage.as('hannah').post('/v1/plans').send(wish).expect(202))
  await worker.planner.make(asked.id)
  const { body } = await read(PlanView, stage.as('hannah').get(`/v1/plans/${asked.id}`).expect(200))
  expect(body).toMatchObject({ state: 'proposed' })
  const vote = { digest: body.digest, decision: 'yes' }
  await stage.as('hannah').post(`/v1/plans/${asked.id}/approvals`).send(vote).expect(200)
  return asked.id
}

async function runOf(plan: string) {
  const { body } = await read(RunPage, stage.as('hannah').get(`/v1/runs?plan=${plan}`).expect(200))
  return body.items[0]!
}

test('a plan is cancelled before it is a run: it takes no more yes, and the incident may have another', async () => {
  const plan = await approved()
  const cancel = (person: string, query: string) => stage.as(person).delete(`/v1/plans/${plan}${query}`)
  await cancel('audrey', '?reason=x').expect(403)
  expect((await read(problem, cancel('hannah', '').expect(400))).body.errors).toMatchObject([{ pointer: '/reason' }])
  const waiting = () => worker.backlog.find(stage.world.now())
  expect(await waiting()).toContainEqual({ queue: 'run', id: plan })

  const { body } = await read(PlanView, cancel('sam', '?reason=the+wrong+service').expect(202))
  expect(body).toMatchObject({
    state: 'cancelled',
    may: { approve: { code: 'already-decided' }, cancel: { ok: false, code: 'already-decided' } },
  })
  expect(await waiting()).not.toContainEqual({ queue: 'run', id: plan })
  expect(await waiting()).toContainEqual({ queue: 'plan', id: plan })
  expect(await worker.runner.carryOut(plan)).toBe('not-approved')
  expect(await worker.planner.close(plan)).toBe('cancelled')
  expect((await read(PlanView, stage.as('hannah').get(`/v1/plans/${plan}`).expect(200))).body.because).toBe(
    'sam cancelled it.',
  )

  // Not yet made, it never is.
  const wish = { recipe: 'scale-api', params: {}, incident, reason: 'by hand' }
  const { body: asked } = await read(PlanView, stage.as('hannah').post('/v1/plans').send(wish).expect(202))
  expect(asked.may.cancel).toEqual({ ok: true })
  await stage.as('hannah').delete(`/v1/plans/${asked.id}?reason=no`).expect(202)
  expect(await waiting()).not.toContainEqual({ queue: 'plan', id: asked.id })
  expect(await worker.planner.make(asked.id)).toBeUndefined()
})

test('a run is cancelled by whoever responds, and by nobody else; it ends at its next boundary', async () => {
  const plan = await approved()
  // A worker that was told to stop hands the run over before its first step.
  expect(await worker.runner.carryOut(plan, { aborted: true })).toBe('handed-over')
  const run = await runOf(plan)
  expect(run).toMatchObject({
    state: 'running',
    may: { cancel: { ok: true }, resolve: { ok: false, code: 'superseded' } },
  })

  const cancel = (person: string, body: object) => stage.as(person).post(`/v1/runs/${run.id}/cancel`).send(body)
  expect((await read(problem, cancel('audrey', { reason: 'x' }).expect(403))).body).toMatchObject({
    code: 'not-your-role',
  })
  expect((await read(problem, cancel('hannah', {}).expect(400))).body.errors).toMatchObject([{ pointer: '/reason' }])
  const { body: asked } = await read(RunView, cancel('hannah', { reason: 'the wrong service' }).expect(202))
  expect(asked.may.cancel).toMatchObject({ ok: false, code: 'in-progress' })
  expect((await read(problem, cancel('sam', { reason: 'too' }).expect(409))).body).toMatchObject({
    code: 'in-progress',
  })

  expect(await worker.runner.carryOut(plan)).toBe('cancelled')
  expect(await runOf(plan)).toMatchObject({
    state: 'cancelled',
    because: 'hannah cancelled it.',
    steps: [{ state: 'skipped' }],
    may: { cancel: { ok: false, code: 'already-decided' } },
  })
  expect(worker.cluster.effects).toEqual([])
  expect(await stage.query('select from flow.target_lock')).toEqual([])
  expect(await stage.query("select from flow.tenure where holder <> ''")).toEqual([])
})

test('a run that asks is found by the sweep when it was answered, and goes on', async () => {
  const plan = await approved()
  const { hands } = worker.cluster
  const scale = hands.scale.bind(hands)
  hands.scale = async () => {
    hands.scale = scale
    worker.cluster.elsewhere('prod/api', { replicas: 4 })
    throw new PortFailure('timeout', 'no answer')
  }
  expect(await worker.runner.carryOut(plan)).toBe('needs-a-person')
  const run = await runOf(plan)
  expect(run).toMatchObject({ state: 'needs-a-person', steps: [{ state: 'unknown' }], may: { resolve: { ok: true } } })
  const waiting = () => worker.backlog.find(stage.world.now())
  expect(await waiting()).not.toContainEqual({ queue: 'run', id: plan })

  const answer = (body: object) => stage.as('sam').post(`/v1/runs/${run.id}/resolve-unknown`).send(body)
  await answer({ verdict: 'perhaps', reason: 'x' }).expect(400)
  await answer({ verdict: 'in-place', reason: 'x' }).expect(400)
  worker.cluster.elsewhere('prod/api', { replicas: 5, ready: 5 })
  const said = { verdict: 'in-place', then: 'go-on', reason: 'kubectl says five' }
  const { body: answered } = await read(RunView, answer(said).expect(202))
  expect(answered.may.resolve).toMatchObject({ ok: false, code: 'in-progress' })
  expect(await waiting()).toContainEqual({ queue: 'run', id: plan })

  expect(await worker.runner.carryOut(plan)).toBe('succeeded')
  expect(await waiting()).not.toContainEqual({ queue: 'run', id: plan })
  expect(await runOf(plan)).toMatchObject({
    steps: [{ state: 'done', because: 'sam answered "in-place".' }],
    may: { resolve: { ok: false, code: 'superseded' } },
  })
})
