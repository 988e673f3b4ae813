import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '../src/http/view.js'
import { IncidentPage, IncidentView, Timeline } from '../src/incidents/incidents.schema.js'
import { PlanPage, PlanView } from '../src/plans/plans.schema.js'
import { LoanPage, LoanView, RunView } from '../src/runs/runs.schema.js'
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
})
afterAll(() => stage.strike())

const vote = (person: string, body: object) => stage.as(person).post(`/v1/plans/${plan}/approvals`).send(body)
const waiting = async (more = '') =>
  (await read(PlanPage, stage.as('sam').get(`/v1/plans?state=proposed${more}`).expect(200))).body.items.map(
    ({ id, state }) => ({ id, state }),
  )
const rows = (table: string) => stage.query(`select * from flow.${table}`)

test('a plan that the worker has not made yet cannot be approved', async () => {
  const { body } = await read(
    problem,
    vote('hannah', { digest: `sha256:${'0'.repeat(64)}`, decision: 'yes' }).expect(409),
  )
  expect(body).toMatchObject({ code: 'in-progress' })
})

test('the worker makes it, and everybody reads the same digest over the same steps', async () => {
  expect(await waiting()).toEqual([])
  await worker.planner.make(plan)
  const { body } = await read(PlanView, stage.as('hannah').get(`/v1/plans/${plan}`).expect(200))
  digest = body.digest!
  expect(body).toMatchObject({
    state: 'proposed',
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
    body: {
      v: 1,
      id: plan,
      steps: [{ verb: 'scale-deployment', before: { replicas: 2 }, after: { replicas: 5 } }],
      blast_radius: { targets: 1, steps: 1 },
    },
    quorum: { needed: 1, given: 0 },
    may: { approve: { ok: true } },
  })
  expect((await read(PlanView, stage.as('audrey').get(`/v1/plans/${plan}`).expect(200))).body.digest).toBe(digest)
})

test.each([
  ['mira', 'not-your-role', ['sre']],
  ['audrey', 'not-your-role', ['sre', 'ml', 'security']],
  ['ada', 'not-your-role', ['sre', 'ml', 'security']],
])('%s may not, and reads who may', async (person, code, who) => {
  const { body: shown } = await read(PlanView, stage.as(person).get(`/v1/plans/${plan}`).expect(200))
  expect(shown.may.approve).toMatchObject({ ok: false, code, who })
  const { body } = await read(problem, vote(person, { digest, decision: 'yes' }).expect(403))
  expect(body).toMatchObject({ status: 403, code })
  expect(await rows('approval')).toEqual([])
})

test('a service may not approve', async () => {
  const { body } = await read(problem, vote('alertmanager', { digest, decision: 'yes' }).expect(403))
  expect(body).toMatchObject({ code: 'service-cannot-approve' })
})

test('another digest than the plan’s is stale', async () => {
  const { body } = await read(
    problem,
    vote('hannah', { digest: `sha256:${'0'.repeat(64)}`, decision: 'yes' }).expect(409),
  )
  expect(body).toMatchObject({ code: 'stale' })
  expect(await rows('approval')).toEqual([])
})

test('what is no digest is malformed, with a pointer', async () => {
  const { body } = await read(problem, vote('hannah', { digest: 'yes please', decision: 'yes' }).expect(400))
  expect(body).toMatchObject({ code: 'malformed', errors: [{ pointer: '/digest' }] })
})

test('exactly this digest is approved; twice is once', async () => {
  const { body } = await read(PlanView, vote('hannah', { digest, decision: 'yes', note: 'looks right' }).expect(200))
  expect(body).toMatchObject({
    state: 'approved',
    quorum: { needed: 1, given: 1 },
    approvals: [{ by: { id: 'hannah', name: 'Hannah Okafor' }, decision: 'yes', digest, note: 'looks right' }],
    may: { approve: { ok: false, code: 'already-decided' } },
  })
  await vote('hannah', { digest, decision: 'yes', note: 'looks right' }).expect(200)
  // A client that lost the answer, and an impatient one.
  await Promise.all([1, 2, 3].map(() => vote('hannah', { digest, decision: 'yes', note: 'looks right' }).expect(200)))
  expect(await rows('approval')).toHaveLength(1)
  const entries = await stage.query(`select type from audit.entry where stream_id = $1 and type like 'approval.%'`, [
    `plan:${plan}`,
  ])
  expect(entries).toHaveLength(1)
})

test('those that wait for people are found whatever has come since, and each says how far it is', async () => {
  expect(await waiting()).toEqual([{ id: plan, state: 'approved' }])
  expect(await waiting('&incident=inc_other')).toEqual([])
  expect((await read(problem, stage.as('sam').get('/v1/plans?state=used').expect(400))).body).toMatchObject({
    code: 'malformed',
    errors: [{ pointer: '/state' }],
  })
})

test('the worker carries it out; run, loan, incident and timeline show it', async () => {
  await worker.runner.carryOut(plan)
  expect(await waiting()).toEqual([])
  expect(worker.cluster.effects).toHaveLength(1)

  const { body: made } = await read(PlanView, stage.as('sam').get(`/v1/plans/${plan}`).expect(200))
  expect(made).toMatchObject({ state: 'used', run: expect.stringMatching(/^run_/) as string })
  const { body: run } = await read(RunView, stage.as('sam').get(`/v1/runs/${made.run}`).expect(200))
  expect(run).toMatchObject({
    state: 'succeeded',
    plan,
    plan_digest: digest,
    recipe: { id: 'scale-api' },
    steps: [
      {
        number: 1,
        verb: 'scale-deployment',
        state: 'done',
        says: made.body!.steps[0]!.says,
        before: { replicas: 2 },
        after: { replicas: 5 },
      },
    ],
  })
  const { body: loans } = await read(LoanPage, stage.as('sam').get('/v1/loans').expect(200))
  expect(loans.items).toMatchObject([
    { id: run.loans[0]!, state: 'out', target: 'deployment:prod/api', says: run.steps[0]!.undo_says! },
  ])

  const { body: incident } = await read(IncidentView, stage.as('sam').get(`/v1/incidents/${run.incident}`).expect(200))
  expect(incident).toMatchObject({ phase: 'mitigated' })
  const { body: timeline } = await read(
    Timeline,
    stage.as('sam').get(`/v1/incidents/${run.incident}/timeline`).expect(200),
  )
  const says = timeline.items.map(({ says }) => says)
  expect(says).toContainEqual(expect.stringMatching(/^Hannah Okafor approved exactly this plan .*: looks right\.$/))
  expect(says).toContainEqual(expect.stringMatching(/started: 1 step, approved by Hannah Okafor\.$/))
  expect(says.join('\n')).not.toMatch(/undefined|null|\[object/)
})

test('a loan is renewed with a reason, for as long as its plan lends at most', async () => {
  const [loan] = (await read(LoanPage, stage.as('sam').get('/v1/loans').expect(200))).body.items
  expect(loan!.may.renew).toEqual({ ok: true })
  const renew = (who: string, body: object) => stage.as(who).post(`/v1/loans/${loan!.id}/renew`).send(body)
  await renew('audrey', { minutes: 10, reason: 'a while longer' }).expect(403)
  await renew('sam', { minutes: loan!.minutes }).expect(400)
  await renew('sam', { minutes: loan!.minutes + 1, reason: 'for good' }).expect(422)
  await renew('sam', { minutes: loan!.minutes, reason: 'a while longer' }).expect(202)

  // Nobody rang: the sweep finds it, and not again when it is done.
  const waits = async () => (await worker.backlog.find(new Date())).filter(({ id }) => id === loan!.id)
  expect(await waits()).toEqual([{ queue: 'loan', id: loan!.id }])
  expect(await worker.loans.giveBack(loan!.id)).toBe('renewed')
  expect(await waits()).toEqual([])
  const { body: renewed } = await read(LoanView, stage.as('sam').get(`/v1/loans/${loan!.id}`).expect(200))
  expect(renewed.state).toBe('out')
  expect(renewed.until > loan!.until).toBe(true)
})

test('a loan is asked back with a reason', async () => {
  const [loan] = (await read(LoanPage, stage.as('sam').get('/v1/loans').expect(200))).body.items
  await stage.as('sam').post(`/v1/loans/${loan!.id}/return`).send({}).expect(400)
  await stage.as('audrey').post(`/v1/loans/${loan!.id}/return`).send({ reason: 'enough' }).expect(403)
  await stage.as('sam').post(`/v1/loans/${loan!.id}/return`).send({ reason: 'load is gone' }).expect(202)
  expect(
    await stage.query(`select subject, reason from flow.request where kind = 'loan' and body ->> 'wish' = 'return'`),
  ).toEqual([{ subject: loan!.id, reason: 'load is gone' }])
  expect(await worker.backlog.find(new Date())).toContainEqual({ queue: 'loan', id: loan!.id })
  const { body: asked } = await read(LoanView, stage.as('sam').get(`/v1/loans/${loan!.id}`).expect(200))
  expect(asked.may.renew).toMatchObject({ ok: false, code: 'in-progress' })
})

test('a plan asked for with Prefer: wait comes back made, with its Location', async () => {
  const [incident] = (await read(IncidentPage, stage.as('sam').get('/v1/incidents?state=active').expect(200))).body
    .items as {
    id: string
  }[]
  worker.cluster.elsewhere('prod/api', { replicas: 2, ready: 2 })
  const making = madeSoon()
  const { body, headers } = await read(
    PlanView,
    stage
      .as('sam')
      .post('/v1/plans')
      .set('prefer', 'wait=5')
      .send({ recipe: 'scale-api', incident: incident!.id, params: { replicas: 6 }, reason: 'still slow' })
      .expect(202),
  )
  await making
  expect(headers).toMatchObject({ location: `/v1/plans/${body.id}`, 'preference-applied': 'wait=5' })
  expect(body).toMatchObject({
    state: 'proposed',
    requested_by: { id: 'sam' },
    body: { steps: [{ after: { replicas: 6 } }] },
  })

  const { body: second } = await read(
    problem,
    stage.as('noor').post('/v1/plans').send({ recipe: 'scale-api', incident: incident!.id }).expect(409),
  )
  expect(second).toMatchObject({ code: 'in-progress' })

  // The worker's part: as soon as the request is there, its plan is.
  async function madeSoon(): Promise<void> {
    for (;;) {
      const [waiting] = await stage.query<{ id: string }>(
        `select id from flow.request r where kind = 'plan' and not exists (select from flow.plan p where p.id = r.id)`,
      )
      if (waiting) return void (await worker.planner.make(waiting.id))
    }
  }
})

test('parameters that do not fit the recipe are refused by pointer, and an unknown recipe is not found', async () => {
  const { body } = await read(
    problem,
    stage
      .as('sam')
      .post('/v1/plans')
      .send({ recipe: 'scale-api', params: { replicas: 0 } })
      .expect(422),
  )
  expect(body).toMatchObject({ code: 'out-of-range', errors: [{ pointer: '/params/replicas' }] })
  await stage.as('sam').post('/v1/plans').send({ recipe: 'reboot-everything' }).expect(404)
})

test('a "no" closes a plan for everybody', async () => {
  const { body: open } = await read(PlanPage, stage.as('sam').get('/v1/plans').expect(200))
  const { id, digest } = open.items[0]!
  await stage.as('noor').post(`/v1/plans/${id}/approvals`).send({ digest, decision: 'no', note: 'not now' }).expect(200)
  const { body } = await read(
    problem,
    stage.as('hannah').post(`/v1/plans/${id}/approvals`).send({ digest, decision: 'yes' }).expect(409),
  )
  expect(body).toMatchObject({ code: 'already-decided' })
  expect((await read(PlanView, stage.as('hannah').get(`/v1/plans/${id}`).expect(200))).body.state).toBe('refused')
})
