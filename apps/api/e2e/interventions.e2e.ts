import { PortFailure } from '@firebreak/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '../src/http/view.js'
import { at, read, refused, slowApi, Stage, told } from './stage.js'

let stage: Stage
let incident: string
let worker: Awaited<ReturnType<Stage['worker']>>

beforeAll(async () => {
  stage = await Stage.set()
  worker = await stage.worker()
  await stage.alert(slowApi()).expect(202)
  const [plan] = (await told(stage.by('hannah').GET('/v1/plans'))).items
  incident = plan!.incident!
  // What triage asked for is out of the way: here people ask.
  await worker.planner.make(plan!.id)
  await decide(plan!.id, 'no')
  await worker.planner.close(plan!.id)
})
afterAll(() => stage.strike())

const shown = (plan: string) => told(stage.by('hannah').GET('/v1/plans/{id}', at({ id: plan })))

/** Hannah decides about exactly what stands there. */
async function decide(plan: string, decision: 'yes' | 'no') {
  const { digest } = await shown(plan)
  const body = { digest: digest!, decision, note: 'by hand' }
  await told(stage.by('hannah').POST('/v1/plans/{id}/approvals', { ...at({ id: plan }), body }))
}

const ask = () =>
  told(stage.by('hannah').POST('/v1/plans', { body: { recipe: 'scale-api', params: {}, incident, reason: 'by hand' } }), 202) // prettier-ignore

/** A plan that somebody asked for and approved; the worker has not taken it up yet. */
async function approved(): Promise<string> {
  const { id } = await ask()
  await worker.planner.make(id)
  expect(await shown(id)).toMatchObject({ state: 'proposed' })
  await decide(id, 'yes')
  return id
}

const runOf = async (plan: string) =>
  (await told(stage.by('hannah').GET('/v1/runs', { params: { query: { plan } } }))).items[0]!

test('a plan is cancelled before it is a run: it takes no more yes, and the incident may have another', async () => {
  const plan = await approved()
  const cancel = (person: string, reason: string, id = plan) =>
    stage.by(person).DELETE('/v1/plans/{id}', { params: { path: { id }, query: { reason } } })
  await refused(cancel('audrey', 'x'), 403)
  const silent = await read(problem, stage.as('hannah').delete(`/v1/plans/${plan}`).expect(400))
  expect(silent.body.errors).toMatchObject([{ pointer: '/reason' }])
  const waiting = () => worker.backlog.find(stage.world.now())
  expect(await waiting()).toContainEqual({ queue: 'run', id: plan })

  expect(await told(cancel('sam', 'the wrong service'), 202)).toMatchObject({
    state: 'cancelled',
    may: { approve: { code: 'already-decided' }, cancel: { ok: false, code: 'already-decided' } },
  })
  expect(await waiting()).not.toContainEqual({ queue: 'run', id: plan })
  expect(await waiting()).toContainEqual({ queue: 'plan', id: plan })
  expect(await worker.runner.carryOut(plan)).toBe('not-approved')
  expect(await worker.planner.close(plan)).toBe('cancelled')
  expect((await shown(plan)).because).toBe('sam cancelled it.')

  // Not yet made, it never is.
  const asked = await ask()
  expect(asked.may.cancel).toEqual({ ok: true })
  await told(cancel('hannah', 'no', asked.id), 202)
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

  const cancel = (person: string, reason: string) =>
    stage.by(person).POST('/v1/runs/{id}/cancel', { ...at({ id: run.id }), body: { reason } })
  expect(await refused(cancel('audrey', 'x'), 403)).toMatchObject({ code: 'not-your-role' })
  const silent = await read(problem, stage.as('hannah').post(`/v1/runs/${run.id}/cancel`).send({}).expect(400))
  expect(silent.body.errors).toMatchObject([{ pointer: '/reason' }])
  const asked = await told(cancel('hannah', 'the wrong service'), 202)
  expect(asked.may.cancel).toMatchObject({ ok: false, code: 'in-progress' })
  expect(await refused(cancel('sam', 'too'), 409)).toMatchObject({ code: 'in-progress' })

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
  const said = { verdict: 'in-place', then: 'go-on', reason: 'kubectl says five' } as const
  const answered = await told(
    stage.by('sam').POST('/v1/runs/{id}/resolve-unknown', { ...at({ id: run.id }), body: said }),
    202,
  )
  expect(answered.may.resolve).toMatchObject({ ok: false, code: 'in-progress' })
  expect(await waiting()).toContainEqual({ queue: 'run', id: plan })

  expect(await worker.runner.carryOut(plan)).toBe('succeeded')
  expect(await waiting()).not.toContainEqual({ queue: 'run', id: plan })
  expect(await runOf(plan)).toMatchObject({
    steps: [{ state: 'done', because: 'sam answered "in-place".' }],
    may: { resolve: { ok: false, code: 'superseded' } },
  })
})
