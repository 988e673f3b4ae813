import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, refused, slowApi, Stage, told } from './stage.js'

let stage: Stage
let worker: Awaited<ReturnType<Stage['worker']>>
let incident: string

beforeAll(async () => {
  stage = await Stage.set()
  worker = await stage.worker()
  await stage.alert(slowApi()).expect(202)
  incident = (await told(stage.by('hannah').GET('/v1/incidents'))).items[0]!.id
})
afterAll(() => stage.strike())

const figuresOf = (id: string, by = 'hannah') => stage.by(by).GET('/v1/incidents/{id}/figures', at({ id }))
const changesOf = (id: string, by = 'hannah') => stage.by(by).GET('/v1/incidents/{id}/changes', at({ id }))
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

/** What the worker would have read: one point each 15 s over half an hour. */
const line = (value: (minutes: number) => number | null, more: object) => ({
  ...{ title: 'x', unit: '', threshold: null, query: 'a query of the house', step_s: 15, unavailable: null, ...more },
  points: Array.from({ length: 121 }, (_, nth) => [Math.floor(Date.now() / 1_000) + (nth - 120) * 15, value(nth / 4 - 30)]), // prettier-ignore
})
const figure = (target: string, name: string, value: object, seen: string | null = ago(0)) =>
  stage.queryAs('fb_worker', 'insert into flow.figure (id, target, value, at) values ($1, $2, $3, $4)', [
    ...[`${target} ${name}`, target, JSON.stringify({ name, ...value }), seen],
  ])
const seen = (target: string, value: object) =>
  stage.queryAs('fb_worker', 'insert into flow.observation (id, value, at) values ($1, $2, now())', [
    ...[target, JSON.stringify(value)],
  ])

test('nothing is known before the worker has looked', async () => {
  expect(await told(figuresOf(incident))).toEqual({ items: [] })
  expect(await told(changesOf(incident))).toMatchObject({ items: [], looked_at: null })
})

test('an alert whose monitor says that it began days before does not hide when the others began', async () => {
  const first = await told(changesOf(incident))
  // The one that opened it says that it began days ago.
  const began = ago(4)
  const second = { fingerprint: '00000000000000aa', labels: { pod: 'api-2' }, startsAt: began }
  await stage.alert(slowApi(second)).expect(202)
  const { from } = await told(changesOf(incident))
  expect(Date.parse(first.from) - Date.parse(from)).toBeGreaterThan(3 * 60_000)
  expect(Date.parse(began) - Date.parse(from)).toBe(6 * 3_600_000)
  await stage.alert(slowApi({ ...second, status: 'resolved', endsAt: ago(0) })).expect(202)
})

test('figures are those of what it is about, what is wrong first, and a gap is no zero', async () => {
  await figure(
    'service:other',
    'p95_ms',
    line(() => 1, {}),
  )
  await figure('service:api', 'requests_per_second', line((minutes) => (minutes < -5 ? 40 : 80), { title: 'Requests', unit: '/s' })) // prettier-ignore
  const why = 'The monitoring system could not be reached.'
  const p95 = line((minutes) => (minutes < -20 ? null : 900), { threshold: 500, unit: 'ms', unavailable: why })
  await figure('service:api', 'p95_ms', p95, ago(4))
  const { items } = await told(figuresOf(incident))
  expect(items.map(({ target, name }) => `${target} ${name}`)).toEqual(['service:api p95_ms', 'service:api requests_per_second']) // prettier-ignore
  expect(items[0]).toMatchObject({ threshold: 500, unit: 'ms', step_s: 15, unavailable: why })
  expect(items[0]!.points[0]![1]).toBeNull()
  expect(items[0]!.age_ms).toBeGreaterThanOrEqual(240_000)
  expect(items[1]!.points).toHaveLength(121)
  // What a house asks its monitoring system stays in the house.
  expect(JSON.stringify(items)).not.toContain('a query of the house')
})

test('what changed is ranked, and what a run of ours did for it is named as that', async () => {
  const [id = ''] = (await told(stage.by('hannah').GET('/v1/incidents/{id}', at({ id: incident })))).plans
  await worker.planner.make(id)
  const { digest } = await told(stage.by('hannah').GET('/v1/plans/{id}', at({ id })))
  const yes = { digest: digest!, decision: 'yes' as const, note: '' }
  await told(stage.by('hannah').POST('/v1/plans/{id}/approvals', { ...at({ id }), body: yes }))
  const running = new Date().toISOString()
  expect(await worker.runner.carryOut(id)).toBe('succeeded')
  const change = (at: string, after: string, what: string, from: string | number, to: string | number) => ({
    ...{ at, after, says: `${what} ${from} → ${to}`, what: [{ what, from, to }] },
  })
  await seen('deployment:prod/api', {
    autoscaler: null,
    changes: [
      change(new Date().toISOString(), running, 'replicas', 2, 5),
      change(ago(12), ago(12.1), 'image', 'api:1', 'api:2'),
    ],
  })
  // As an older worker remembered it.
  await seen('deployment:prod/checkout', { last_change: { at: ago(3), after: ago(3.1), says: 'replicas 4 → 5' } })

  const { items, looked_at } = await told(changesOf(incident))
  expect(items.map(({ kind, says }) => [kind, says])).toEqual([
    ['traffic', expect.stringMatching(/^Requests rose from 40 to 80 a second \(\+100 %\)$/)],
    ['image', 'image api:1 → api:2'],
    ['replicas', 'replicas 4 → 5'],
    ['replicas', 'replicas 2 → 5, by a run of scale-api'],
  ])
  const [run] = (await told(stage.by('hannah').GET('/v1/runs'))).items
  expect(items.map(({ run }) => run)).toEqual([null, null, null, run!.id])
  expect(items.at(-1)!.because).toContain('done for this incident')
  expect(looked_at).not.toBeNull()
})

test('what a run of ours gave back is named as given back', async () => {
  const [loan] = (await told(stage.by('hannah').GET('/v1/loans'))).items
  const before = new Date().toISOString()
  await told(
    stage.by('hannah').POST('/v1/loans/{id}/return', { ...at({ id: loan!.id }), body: { reason: 'over' } }),
    202,
  )
  expect(await worker.loans.giveBack(loan!.id)).toBe('returned')
  const back = { at: new Date().toISOString(), after: before, says: 'replicas 5 → 2', what: [{ what: 'replicas', from: 5, to: 2 }] } // prettier-ignore
  await stage.queryAs('fb_worker', `update flow.observation set value = $1 where id = 'deployment:prod/api'`, [JSON.stringify({ changes: [back] })]) // prettier-ignore
  const { items } = await told(changesOf(incident))
  expect(items.find(({ target }) => target === 'deployment:prod/api')).toMatchObject({
    ...{ says: 'replicas 5 → 2, given back by a run of scale-api', run: loan!.run },
  })
})

test('among thousands of things that did not change, what did is told', async () => {
  await stage.queryAs(
    'fb_worker',
    `insert into flow.observation (id, value, at) select 'deployment:else/' || n, '{"changes": []}', now() from generate_series(1, 5000) n`,
    [],
  )
  const version = {
    at: ago(6),
    after: ago(6.1),
    says: 'version 6 → 7',
    what: [{ what: 'version', from: '6', to: '7' }],
  }
  await seen('model:invoice-classifier', { changes: [version], last_change: null })
  const { items, looked_at } = await told(changesOf(incident))
  expect(items.map(({ says }) => says)).toContain('version 6 → 7')
  expect(looked_at).not.toBeNull()
})

test('who may not read incidents reads none of it, and what is not there has none', async () => {
  await refused(figuresOf(incident, 'alertmanager'), 403)
  await refused(changesOf(incident, 'alertmanager'), 403)
  await refused(figuresOf('inc_nobody'), 404)
  await refused(changesOf('inc_nobody'), 404)
})

test('one target has its figures whole, and one figure of every target that has it is told by fewer points', async () => {
  const of = (id: string) => told(stage.by('hannah').GET('/v1/targets/{id}/figures', at({ id })))
  expect((await of('service:api')).items.map(({ name }) => name)).toEqual(['p95_ms', 'requests_per_second'])
  expect((await of('service:api')).items[0]!.points).toHaveLength(121)
  expect(await of('service:nobody')).toEqual({ items: [] })
  const named = (name: string) => stage.by('hannah').GET('/v1/targets/figures', { params: { query: { name } } })
  const { items } = await told(named('p95_ms'))
  expect(items.map(({ target }) => target)).toEqual(['service:api', 'service:other'])
  expect(items[0]).toMatchObject({ step_s: 120, threshold: 500 })
  expect(items[0]!.points.length).toBeLessThan(20)
  await refused(named('p95_ms; drop'), 400)
  expect(JSON.stringify(items)).not.toContain('a query of the house')
})

test('one figure of a thousand targets comes in pages, and what is written meanwhile makes none come twice', async () => {
  const write = (from: number, to: number) =>
    stage.queryAs(
      'fb_worker',
      `insert into flow.figure (id, target, value, at)
       select 'service:many-' || lpad(n::text, 4, '0') || ' depth', 'service:many-' || lpad(n::text, 4, '0'), $1, now()
       from generate_series(${from}, ${to}) n`,
      [JSON.stringify({ ...line(() => 1, { unit: 'jobs', threshold: null }), name: 'depth' })],
    )
  await write(100, 1_099)
  const found: string[] = []
  let after: string | null = null
  let pages = 0
  do {
    const page = { limit: 200, ...(after === null ? {} : { after }) }
    const answer: { items: { target: string }[]; next: string | null } = await told(
      stage.by('hannah').GET('/v1/targets/figures', { params: { query: { name: 'depth', ...page } } }),
    )
    found.push(...answer.items.map(({ target }) => target))
    after = answer.next
    if (pages++ === 0) await write(0, 50)
  } while (after !== null)
  expect([pages, found.length, new Set(found).size]).toEqual([5, 1_000, 1_000])
  await refused(
    stage.by('hannah').GET('/v1/targets/figures', { params: { query: { name: 'depth', after: 'x' } } }),
    400,
  )
})

test('of what began before the last hour the coarser figures are told', async () => {
  const coarse = { name: 'p95_ms', ...line(() => 700, { threshold: 500, unit: 'ms' }), step_s: 120 }
  await stage.queryAs('fb_worker', `insert into flow.figure (id, target, value, at) values ('service:api p95_ms 120', 'service:api', $1, now())`, [JSON.stringify(coarse)]) // prettier-ignore
  const steps = async () => (await told(figuresOf(incident))).items.map(({ name, step_s }) => `${name} ${step_s}`)
  expect(await steps()).toEqual(['p95_ms 15', 'requests_per_second 15'])
  const ofTarget = await told(stage.by('hannah').GET('/v1/targets/{id}/figures', at({ id: 'service:api' })))
  expect(ofTarget.items.map(({ step_s }) => step_s)).toEqual([15, 15])
  stage.forward(50 * 60_000)
  expect(await steps()).toEqual(['p95_ms 120', 'requests_per_second 15'])
})

test('a list of targets stays small: it has no points, and of changes the last alone', async () => {
  const query = { kind: 'model' }
  const list = () => told(stage.by('hannah').GET('/v1/targets', { params: { query } }))
  const said = { at: ago(6), after: ago(7), says: 'version 5 → 6' }
  await seen('model:other', { version: '6', last_change: said, changes: [{ ...said, what: [] }] })
  const { items } = await list()
  expect(JSON.stringify(items)).not.toContain('points')
  expect(items.find(({ target }) => target === 'model:other')!.value).toEqual({ version: '6', last_change: said })
  const one = await told(stage.by('hannah').GET('/v1/targets/{id}', at({ id: 'model:other' })))
  expect(one.value['changes']).toHaveLength(1)
})

test('what somebody has opened again after the run that mended it is mended no more', async () => {
  const phase = async () => (await told(stage.by('hannah').GET('/v1/incidents/{id}', at({ id: incident })))).phase
  const say = (action: 'resolve' | 'reopen') =>
    told(stage.by('hannah').POST(`/v1/incidents/{id}/${action}`, { ...at({ id: incident }), body: { reason: 'look' } }))
  expect(await phase()).toBe('mitigated')
  await say('resolve')
  expect(await phase()).toBe('mitigated')
  stage.forward(60_000)
  await say('reopen')
  expect(await phase()).toBe('none')
  await say('resolve')
  expect(await phase()).toBe('mitigated')
  await say('reopen')
})

test('an incident that is over for longer than figures reach back has no points of today', async () => {
  await stage.alert(slowApi({ status: 'resolved' })).expect(202)
  const points = async () => (await told(figuresOf(incident))).items.map(({ points }) => points.length)
  expect(await points()).toEqual([121, 121])
  stage.forward(9 * 3_600_000)
  expect(await points()).toEqual([0, 0])
})
