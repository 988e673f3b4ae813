import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '../src/http/view.js'
import { PlanView } from '../src/plans/plans.schema.js'
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
})
afterAll(() => stage.strike())

const shown = (person: string, id = plan) => told(stage.by(person).GET('/v1/plans/{id}', at({ id })))
const vote = (person: string, over: string, note?: string) => decide(person, plan, { digest: over, decision: 'yes', ...(note ? { note } : {}) }) // prettier-ignore
const decide = (person: string, id: string, body: { digest: string; decision: 'yes' | 'no'; note?: string }) =>
  stage.by(person).POST('/v1/plans/{id}/approvals', { ...at({ id }), body })
const waiting = async (incident?: string) => {
  const query = { state: 'proposed' as const, ...(incident ? { incident } : {}) }
  return (await told(stage.by('sam').GET('/v1/plans', { params: { query } }))).items.map(({ id, state }) => ({
    id,
    state,
  }))
}
const loans = async () => (await told(stage.by('sam').GET('/v1/loans'))).items
const NONE = `sha256:${'0'.repeat(64)}`
const rows = (table: string) => stage.query(`select * from flow.${table}`)

test('a plan that the worker has not made yet cannot be approved', async () => {
  expect(await refused(vote('hannah', NONE), 409)).toMatchObject({ code: 'in-progress' })
})

test('the worker makes it, and everybody reads the same digest over the same steps', async () => {
  expect(await waiting()).toEqual([])
  await worker.planner.make(plan)
  const made = await shown('hannah')
  digest = made.digest!
  expect(made).toMatchObject({
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
  expect((await shown('audrey')).digest).toBe(digest)
})

test.each([
  ['mira', 'not-your-role', ['sre']],
  ['audrey', 'not-your-role', ['sre', 'ml', 'security']],
  ['ada', 'not-your-role', ['sre', 'ml', 'security']],
])('%s may not, and reads who may', async (person, code, who) => {
  expect((await shown(person)).may.approve).toMatchObject({ ok: false, code, who })
  expect(await refused(vote(person, digest), 403)).toMatchObject({ status: 403, code })
  expect(await rows('approval')).toEqual([])
})

test('a service may not approve', async () => {
  expect(await refused(vote('alertmanager', digest), 403)).toMatchObject({ code: 'service-cannot-approve' })
})

test('another digest than the plan’s is stale', async () => {
  expect(await refused(vote('hannah', NONE), 409)).toMatchObject({ code: 'stale' })
  expect(await rows('approval')).toEqual([])
})

test('what is no digest is malformed, with a pointer', async () => {
  const no = await refused(vote('hannah', 'yes please'), 400)
  expect(no).toMatchObject({ code: 'malformed', errors: [{ pointer: '/digest' }] })
})

test('exactly this digest is approved; twice is once', async () => {
  expect(await told(vote('hannah', digest, 'looks right'))).toMatchObject({
    state: 'approved',
    quorum: { needed: 1, given: 1 },
    approvals: [{ by: { id: 'hannah', name: 'Hannah Okafor' }, decision: 'yes', digest, note: 'looks right' }],
    may: { approve: { ok: false, code: 'already-decided' } },
  })
  await told(vote('hannah', digest, 'looks right'))
  // A client that lost the answer, and an impatient one.
  await Promise.all([1, 2, 3].map(() => told(vote('hannah', digest, 'looks right'))))
  expect(await rows('approval')).toHaveLength(1)
  const entries = await stage.query(`select type from audit.entry where stream_id = $1 and type like 'approval.%'`, [
    `plan:${plan}`,
  ])
  expect(entries).toHaveLength(1)
})

test('those that wait for people are found whatever has come since, and each says how far it is', async () => {
  expect(await waiting()).toEqual([{ id: plan, state: 'approved' }])
  expect(await waiting('inc_other')).toEqual([])
  expect((await read(problem, stage.as('sam').get('/v1/plans?state=used').expect(400))).body).toMatchObject({
    code: 'malformed',
    errors: [{ pointer: '/state' }],
  })
})

test('the worker carries it out; run, loan, incident and timeline show it', async () => {
  await worker.runner.carryOut(plan)
  expect(await waiting()).toEqual([])
  expect(worker.cluster.effects).toHaveLength(1)

  const made = await shown('sam')
  expect(made).toMatchObject({ state: 'used', run: expect.stringMatching(/^run_/) as string })
  const run = await told(stage.by('sam').GET('/v1/runs/{id}', at({ id: made.run! })))
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
  expect(await loans()).toMatchObject([
    { id: run.loans[0]!, state: 'out', target: 'deployment:prod/api', says: run.steps[0]!.undo_says! },
  ])

  const incident = at({ id: run.incident! })
  expect(await told(stage.by('sam').GET('/v1/incidents/{id}', incident))).toMatchObject({ phase: 'mitigated' })
  const timeline = await told(stage.by('sam').GET('/v1/incidents/{id}/timeline', incident))
  const says = timeline.items.map(({ says }) => says)
  expect(says).toContainEqual(expect.stringMatching(/^Hannah Okafor approved exactly this plan .*: looks right\.$/))
  expect(says).toContainEqual(expect.stringMatching(/started: 1 step, approved by Hannah Okafor\.$/))
  expect(says.join('\n')).not.toMatch(/undefined|null|\[object/)
})

test('a loan is renewed with a reason, for as long as its plan lends at most', async () => {
  const [loan] = await loans()
  expect(loan!.may.renew).toEqual({ ok: true })
  const renew = (who: string, minutes: number, reason: string) =>
    stage.by(who).POST('/v1/loans/{id}/renew', { ...at({ id: loan!.id }), body: { minutes, reason } })
  await refused(renew('audrey', 10, 'a while longer'), 403)
  await stage.as('sam').post(`/v1/loans/${loan!.id}/renew`).send({ minutes: loan!.minutes }).expect(400)
  await refused(renew('sam', loan!.minutes + 1, 'for good'), 422)
  await told(renew('sam', loan!.minutes, 'a while longer'), 202)

  // Nobody rang: the sweep finds it, and not again when it is done.
  const waits = async () => (await worker.backlog.find(new Date())).filter(({ id }) => id === loan!.id)
  expect(await waits()).toEqual([{ queue: 'loan', id: loan!.id }])
  expect(await worker.loans.giveBack(loan!.id)).toBe('renewed')
  expect(await waits()).toEqual([])
  const renewed = await told(stage.by('sam').GET('/v1/loans/{id}', at({ id: loan!.id })))
  expect(renewed.state).toBe('out')
  expect(renewed.until > loan!.until).toBe(true)
})

test('a loan is asked back with a reason', async () => {
  const [loan] = await loans()
  const askBack = (who: string, reason: string) =>
    stage.by(who).POST('/v1/loans/{id}/return', { ...at({ id: loan!.id }), body: { reason } })
  await stage.as('sam').post(`/v1/loans/${loan!.id}/return`).send({}).expect(400)
  await refused(askBack('audrey', 'enough'), 403)
  await told(askBack('sam', 'load is gone'), 202)
  expect(
    await stage.query(`select subject, reason from flow.request where kind = 'loan' and body ->> 'wish' = 'return'`),
  ).toEqual([{ subject: loan!.id, reason: 'load is gone' }])
  expect(await worker.backlog.find(new Date())).toContainEqual({ queue: 'loan', id: loan!.id })
  const asked = await told(stage.by('sam').GET('/v1/loans/{id}', at({ id: loan!.id })))
  expect(asked.may.renew).toMatchObject({ ok: false, code: 'in-progress' })
})

test('a plan asked for with Prefer: wait comes back made, with its Location', async () => {
  const active = { params: { query: { state: 'active' as const } } }
  const [incident] = (await told(stage.by('sam').GET('/v1/incidents', active))).items
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

  const again = { recipe: 'scale-api', incident: incident!.id }
  expect(await refused(stage.by('noor').POST('/v1/plans', { body: again }), 409)).toMatchObject({ code: 'in-progress' })

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
  await refused(stage.by('sam').POST('/v1/plans', { body: { recipe: 'reboot-everything' } }), 404)
})

test('a "no" closes a plan for everybody', async () => {
  const [open] = (await told(stage.by('sam').GET('/v1/plans'))).items
  const [id, over] = [open!.id, open!.digest!]
  await told(decide('noor', id, { digest: over, decision: 'no', note: 'not now' }))
  const late = await refused(decide('hannah', id, { digest: over, decision: 'yes' }), 409)
  expect(late).toMatchObject({ code: 'already-decided' })
  expect((await shown('hannah', id)).state).toBe('refused')
})

test('plans are found by who asked for them', async () => {
  const by = async (person: string, requested_by: string, state?: 'proposed') => {
    const query = { requested_by, ...(state ? { state } : {}) }
    return (await told(stage.by(person).GET('/v1/plans', { params: { query } }))).items
  }
  const all = (await told(stage.by('sam').GET('/v1/plans'))).items
  const mine = await by('sam', 'me')
  expect(mine.length).toBeGreaterThan(0)
  expect(mine.map(({ id }) => id)).toEqual(
    all.filter(({ requested_by }) => requested_by.id === 'sam').map(({ id }) => id),
  )
  expect(await by('noor', 'sam')).toHaveLength(mine.length)
  const waiting = await by('sam', 'me', 'proposed')
  expect(waiting.every(({ id }) => mine.some((one) => one.id === id))).toBe(true)
  expect(await by('sam', 'nobody')).toEqual([])
})
