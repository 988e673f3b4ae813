import { BreakGlassAlarm, processActor, sweep } from '@firebreak/flow'
import { FakeDoorbell } from '@firebreak/flow/testing'
import { freshDatabase, type TestDatabase } from '@firebreak/store/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BreakGlassCheck, BreakGlassPage, BreakGlassView } from '../src/break-glass/break-glass.schema.js'
import { FreezeView } from '../src/freezes/freezes.schema.js'
import { problem } from '../src/http/view.js'
import { AlertPage, IncidentPage, Timeline } from '../src/incidents/incidents.schema.js'
import { PlanPage, PlanView } from '../src/plans/plans.schema.js'
import { read, slowApi, Stage } from './stage.js'

let database: TestDatabase
let stage: Stage
let worker: Awaited<ReturnType<Stage['worker']>>
let other: Awaited<ReturnType<Stage['worker']>>
let plan: string
let digest: string
let freeze: string
let pass: string

beforeAll(async () => {
  database = await freshDatabase()
  stage = await Stage.set({ database })
  worker = await stage.worker()
  other = await stage.worker()
  const wish = { scopes: ['pipeline:ingest'], reason: 'data leaves at night' }
  freeze = (await read(FreezeView, stage.as('theo').post('/v1/freezes').send(wish).expect(201))).body.id
  await stage.alert(slowApi()).expect(202)
  plan = (await read(PlanPage, stage.as('hannah').get('/v1/plans').expect(200))).body.items[0]!.id
  await worker.planner.make(plan)
  digest = (await planNow()).digest!
})
afterAll(() => stage.strike())

const planNow = async (by = 'hannah', id = plan) =>
  (await read(PlanView, stage.as(by).get(`/v1/plans/${id}`).expect(200))).body
const passNow = async (by = 'audrey', id = pass) =>
  (await read(BreakGlassView, stage.as(by).get(`/v1/break-glass/${id}`).expect(200))).body
const approve = (id = plan, over = digest, by = 'hannah') =>
  stage.as(by).post(`/v1/plans/${id}/approvals`).send({ digest: over, decision: 'yes' })
const ask = (by: string, body: object = {}) =>
  stage
    .as(by)
    .post('/v1/break-glass')
    .send({ plan, digest, over: { freeze }, reason: 'it is what stops the leak', ...body })
const decide = (by: string, body: object = {}, id = pass) =>
  stage
    .as(by)
    .post(`/v1/break-glass/${id}/approvals`)
    .send({ digest, decision: 'yes', ...body })
const review = (by: string, body: object = {}, id = pass) =>
  stage
    .as(by)
    .post(`/v1/break-glass/${id}/review`)
    .send({ verdict: 'justified', note: 'nothing else stopped it', ...body })
const refused = async (answer: ReturnType<typeof ask>, status: number) =>
  (await read(problem, answer.expect(status))).body.code
const alerts = async () =>
  (await read(AlertPage, stage.as('hannah').get('/v1/alerts').expect(200))).body.items
    .filter(({ source }) => source === 'firebreak')
    .map(({ labels, state }) => `${labels['alertname']} ${state}`)
    .sort()
const liftAsSuperuser = async (id: string) => {
  const client = new pg.Client({ connectionString: database.superuserUrl })
  await client.connect()
  await client.query('alter table flow.enforcement disable trigger user')
  await client.query(`insert into flow.enforcement values ($1, 'lifted', null, now())`, [id])
  await client.query(
    'alter table flow.enforcement enable always trigger passage; alter table flow.enforcement enable always trigger audited',
  )
  await client.end()
}
/** The API's own sweep sorts in what the worker has delivered. */
const sortedIn = () =>
  expect
    .poll(async () => (await stage.query(`select from flow.delivery where state = 'stored'`)).length, {
      timeout: 20_000,
    })
    .toBe(0)

test('under a freeze the yes is refused, and the plan says who may break the glass', async () => {
  expect(await refused(approve(), 423)).toBe('frozen')
  expect((await planNow('hannah')).may).toMatchObject({
    approve: { ok: false, code: 'frozen' },
    break_glass: { ok: false, code: 'not-your-role', who: ['security'] },
  })
  expect((await planNow('theo')).may.break_glass).toEqual({ ok: true })
})

test('whoever is about to ask is told what holds the plan, and who could grant it', async () => {
  const check = async (by: string, id = plan) =>
    (await read(BreakGlassCheck, stage.as(by).get(`/v1/break-glass/check?plan=${id}`).expect(200))).body
  const found = await check('theo')
  expect(found).toMatchObject({
    ...{ plan, digest, approval_missing: true },
    freezes: [{ id: freeze, reason: 'data leaves at night', by: { id: 'theo', name: 'Theo Brandt' } }],
    granters: { lead: null },
  })
  expect(found.granters.security.map(({ id }) => id).sort()).toEqual(['ines', 'viktor'])
  // Whoever else looks is told the same, and of three who could grant.
  expect((await check('hannah')).granters.security.map(({ id }) => id).sort()).toEqual(['ines', 'theo', 'viktor'])
  expect(await refused(stage.as('theo').get('/v1/break-glass/check?plan=pln_none'), 404)).toBe('not-found')
})

test.each<[string, object, number, string]>([
  ['hannah', {}, 403, 'not-your-role'],
  ['ada', {}, 403, 'not-your-role'],
  ['alertmanager', {}, 403, 'not-your-role'],
  ['theo', { digest: `sha256:${'0'.repeat(64)}` }, 409, 'stale'],
  ['theo', { plan: 'pln_none' }, 404, 'not-found'],
  ['theo', { over: { freeze: 'frz_none' } }, 404, 'not-found'],
  ['theo', { over: 'everything' }, 400, 'malformed'],
  ['theo', { over: { freeze: 'x', approval: true } }, 400, 'malformed'],
  ['theo', { minutes: 61 }, 400, 'malformed'],
  ['theo', { reason: ' ' }, 400, 'malformed'],
  ['theo', { digest: 'sha256:abc' }, 400, 'malformed'],
])('%s cannot ask by %o: %i %s', async (by, body, status, code) => {
  expect(await refused(ask(by, body), status)).toBe(code)
  expect((await read(BreakGlassPage, stage.as('audrey').get('/v1/break-glass').expect(200))).body.items).toEqual([])
})

test('one of Security asks, once however often it is sent under one key', async () => {
  const send = () => ask('theo', { minutes: 30 }).set('idempotency-key', 'one')
  const { body } = await read(BreakGlassView, send().expect(201))
  expect((await read(BreakGlassView, send().expect(201))).body).toEqual(body)
  pass = body.id
  expect(body).toMatchObject({
    state: 'asked',
    over: 'freeze',
    freeze,
    by: { id: 'theo' },
    decision: null,
    minutes: 30,
  })
  expect(body.may).toMatchObject({ decide: { ok: false, code: 'own-plan' }, review: { ok: false, code: 'superseded' } })
  expect((await passNow('ines')).may.decide).toEqual({ ok: true })
  expect(await refused(ask('ines'), 409)).toBe('in-progress')
  // Asked for is not granted.
  expect(await refused(approve(), 423)).toBe('frozen')
})

test.each<[string, object, number, string]>([
  ['theo', {}, 403, 'own-plan'],
  ['hannah', {}, 403, 'not-your-role'],
  ['audrey', {}, 403, 'not-your-role'],
  ['alertmanager', {}, 403, 'not-your-role'],
  ['ines', { digest: `sha256:${'0'.repeat(64)}` }, 409, 'stale'],
  ['ines', { decision: 'maybe' }, 400, 'malformed'],
])('%s cannot grant it by %o: %i %s', async (by, body, status, code) => {
  expect(await refused(decide(by, body), status)).toBe(code)
  expect(await passNow()).toMatchObject({ state: 'asked' })
})

test('nobody grants by a role that they were given for it', async () => {
  const give = { role: 'security', reason: 'we are short' }
  await stage.as('ada').post('/v1/people/sam/roles').send(give).expect(201)
  expect(await refused(decide('sam'), 403)).toBe('role-too-young')
  await stage.as('ada').delete('/v1/people/sam/roles/security?reason=no').expect(200)
})

test('another one grants it: the plan is approved, two workers start it at once, and one run passes', async () => {
  const { body } = await read(BreakGlassView, decide('ines', { note: 'go' }).expect(200))
  expect(body).toMatchObject({
    state: 'granted',
    decision: { by: { id: 'ines' }, voice: 'security', decision: 'granted' },
  })
  await decide('ines', { note: 'go' }).expect(200)
  expect(await refused(decide('viktor'), 409)).toBe('already-decided')

  expect((await planNow('hannah')).may.approve).toEqual({ ok: true })
  await approve().expect(200)
  const carried = await Promise.all([worker.runner.carryOut(plan), other.runner.carryOut(plan)])
  expect(carried).toContain('succeeded')
  expect(worker.cluster.effects.length + other.cluster.effects.length).toBe(1)

  const used = await passNow()
  expect(used).toMatchObject({ state: 'used', use: { run: (await planNow()).run } })
  expect(Date.parse(used.use!.review_by) - Date.parse(used.use!.at)).toBe(24 * 3_600_000)
  const entries = await stage.query<{ type: string; body: Buffer }>(
    `select type, body from audit.entry where type like 'break-glass.%' or type = 'step.intended' order by id`,
  )
  expect(entries.map(({ type }) => type)).toEqual([
    ...['break-glass.asked', 'break-glass.granted', 'break-glass.used', 'step.intended'],
  ])
  expect(JSON.parse(entries[3]!.body.toString())).toMatchObject({ freeze: { decision: 'passed', pass } })
})

test('everybody is told: an incident of its own, and lines in that of the plan', async () => {
  await sortedIn()
  expect(await alerts()).toEqual(['BreakGlassUsed firing'])
  const { items } = (await read(IncidentPage, stage.as('hannah').get('/v1/incidents').expect(200))).body
  expect(items[0]).toMatchObject({ title: expect.stringContaining('Break-glass') as string, severity: 'SEV2' })
  const of = (await passNow()).incident!
  const told = (await read(Timeline, stage.as('hannah').get(`/v1/incidents/${of}/timeline`).expect(200))).body.items
  expect(told.map(({ says }) => says)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/asked to break the glass: to pass the freeze frz_.* with this plan, for 30 minutes/),
      expect.stringMatching(/granted it: this plan passes the freeze frz_.*, once, until/),
      expect.stringMatching(/^The glass was broken: run_.* passed the freeze frz_/),
    ]),
  )
  const { body } = await read(BreakGlassPage, stage.as('hannah').get(`/v1/break-glass?incident=${of}`).expect(200))
  expect(body.items.map(({ id }) => id)).toEqual([pass])
  expect(
    (await read(BreakGlassPage, stage.as('hannah').get('/v1/break-glass?plan=pln_none').expect(200))).body.items,
  ).toEqual([])
})

test('the event stream tells it to every screen that is open', async () => {
  const end = new AbortController()
  const headers = { authorization: `Bearer ${stage.key('audrey')}`, 'last-event-id': '0.0.0' }
  const answer = await fetch(`${stage.url}/v1/stream`, { headers, signal: end.signal })
  let told = ''
  for await (const piece of answer.body as AsyncIterable<Uint8Array>)
    if ((told += new TextDecoder().decode(piece)).includes('break-glass.used')) break
  end.abort()
  expect(told).toContain(`"about":"break_glass_use:${pass}"`)
})

test('the freeze is there still: for every other plan, and for the loan of that run', async () => {
  const wish = { recipe: 'scale-api', params: {}, reason: 'more', labels: { service: 'api' } }
  const next = (await read(PlanView, stage.as('hannah').post('/v1/plans').send(wish).expect(202))).body.id
  await worker.planner.make(next)
  const { digest: made } = await planNow('hannah', next)
  if (made) expect(await refused(approve(next, made), 423)).toBe('frozen')
  const loans = await stage.query<{ id: string }>('select id from flow.loan')
  stage.forward(2 * 3_600_000)
  for (const { id } of loans) expect(await worker.loans.giveBack(id)).toBe('frozen')
})

test('a day later its review is overdue, and that is told; whoever asked or granted cannot end it', async () => {
  const alarm = new BreakGlassAlarm(worker.world, processActor('worker-1'))
  expect(await alarm.tell()).toBe(0)
  stage.forward(24 * 3_600_000)
  expect(await passNow()).toMatchObject({ state: 'overdue' })
  const twice = await Promise.all([alarm.tell(), new BreakGlassAlarm(other.world, processActor('worker-2')).tell()])
  expect(twice.sort()).toEqual([0, 1])
  await sortedIn()
  expect(await alerts()).toEqual(['BreakGlassReviewOverdue firing', 'BreakGlassUsed firing'])

  expect(await refused(review('theo'), 403)).toBe('own-plan')
  expect(await refused(review('ines'), 403)).toBe('own-plan')
  expect(await refused(review('hannah'), 403)).toBe('not-your-role')
  expect(await refused(review('viktor', { note: '' }), 400)).toBe('malformed')
  expect(await refused(review('viktor', {}, 'bgl_none'), 404)).toBe('not-found')
  expect((await passNow('viktor')).may.review).toEqual({ ok: true })
  const { body } = await read(BreakGlassView, review('viktor').expect(200))
  expect(body).toMatchObject({ state: 'reviewed', review: { by: { id: 'viktor' }, verdict: 'justified', late: true } })
  expect(await refused(review('viktor', { verdict: 'not-justified' }), 409)).toBe('already-decided')
  expect(await alarm.tell()).toBe(1)
  await sortedIn()
  expect(await alerts()).toEqual(['BreakGlassReviewOverdue resolved', 'BreakGlassUsed resolved'])
})

test('a pass over a missing yes starts its run without it; the freeze holds it still, and the sweep finds it when nobody rang', async () => {
  const wish = { recipe: 'scale-api', params: {}, reason: 'again', labels: { service: 'api' } }
  const made = (await read(PlanView, stage.as('sam').post('/v1/plans').send(wish).expect(202))).body.id
  const third = await stage.worker()
  await third.planner.make(made)
  const theirs = (await planNow('sam', made)).digest!
  const { body } = await read(
    BreakGlassView,
    ask('viktor', { plan: made, digest: theirs, over: 'approval' }).expect(201),
  )
  await decide('theo', { digest: theirs }, body.id).expect(200)
  const bell = new FakeDoorbell()
  await sweep(third.backlog, bell, stage.world.now())
  expect(bell.rings).toContainEqual({ queue: 'run', id: made })
  expect(await third.runner.carryOut(made)).toBe('frozen')
  // As the superuser: who may lift a freeze is another story.
  await liftAsSuperuser(freeze)
  expect(await third.runner.carryOut(made)).toBe('succeeded')
  expect(await passNow('hannah', body.id)).toMatchObject({ state: 'used', over: 'approval' })
  const [run] = await stage.query<{ break_glass: string; yes: number }>(
    'select r.break_glass, (select count(*)::int from flow.approval a where a.plan_id = r.plan_id) as yes from flow.run r where plan_id = $1',
    [made],
  )
  expect(run).toEqual({ break_glass: body.id, yes: 0 })
})

test('where Security is too few, who asks cannot choose who grants: an owner says themselves that they have it', async () => {
  await stage.as('ada').delete('/v1/people/viktor/roles/security').query({ reason: 'moved on' }).expect(200)
  const incident = (await read(IncidentPage, stage.as('hannah').get('/v1/incidents').expect(200))).body.items.find(
    ({ state }) => state === 'open',
  )!.id
  const wish = { recipe: 'scale-api', params: {}, reason: 'once more', incident, labels: { service: 'api' } }
  const made = (await read(PlanView, stage.as('hannah').post('/v1/plans').send(wish).expect(202))).body.id
  const fourth = await stage.worker()
  await fourth.planner.make(made)
  const theirs = (await planNow('hannah', made)).digest!
  await stage.as('theo').patch(`/v1/incidents/${incident}`).send({ owner: 'noor' }).expect(200)
  const { id } = (await read(BreakGlassView, ask('theo', { plan: made, digest: theirs, over: 'approval' }).expect(201)))
    .body
  const granters = async () =>
    (await read(BreakGlassCheck, stage.as('theo').get(`/v1/break-glass/check?plan=${made}`).expect(200))).body.granters

  expect(await granters()).toMatchObject({ security: [{ id: 'ines' }], lead: null })
  expect((await passNow('noor', id)).may.decide).toMatchObject({ ok: false, code: 'not-your-role' })
  expect(await refused(decide('noor', { digest: theirs }, id), 403)).toBe('not-your-role')
  await stage.as('noor').post(`/v1/incidents/${incident}/acknowledge`).expect(200)
  // Given to somebody else, it is still who acknowledged it.
  await stage.as('theo').patch(`/v1/incidents/${incident}`).send({ owner: 'sam' }).expect(200)
  expect((await granters()).lead).toMatchObject({ id: 'noor' })
  expect((await passNow('sam', id)).may.decide).toMatchObject({ ok: false, code: 'not-your-role' })
  expect((await passNow('noor', id)).may.decide).toEqual({ ok: true })
  const granted = (await read(BreakGlassView, decide('noor', { digest: theirs }, id).expect(200))).body
  expect(granted).toMatchObject({ state: 'granted', decision: { by: { id: 'noor' }, voice: 'on-call-lead' } })
})
