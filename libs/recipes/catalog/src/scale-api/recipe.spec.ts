import {
  movedGuards,
  type Hands,
  type JsonObject,
  type Quota,
  type Readers,
  type Recipe,
  type Service,
} from '@firebreak/kit'
import { carryOut, everyStepCanDie, everyStepCanFail, everyStepTwice, type Stage } from '@firebreak/flow/testing'
import { aService, FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { raiseAutoscalerFloor, scaleDeployment } from '@firebreak/kit/verbs'
import { describe, expect, test } from 'vitest'
import { scaleApi } from './recipe.js'

const API = 'prod/api'
const { p95_ms: P95, requests_per_second: LOAD, downstream_depth: QUEUE } = aService().metrics
const GROWTH = aService().metrics.downstream_growth_per_minute!

const pods = (hard: number, used: number) => ({ resource: 'pods', hard, used })

/** The service `api`, slow: two replicas, p95 of 900 ms where 500 ms is the threshold. */
class Slow {
  readonly cluster = new FakeCluster()
  readonly metrics = new FakeMetrics().set(P95, 900).set(LOAD!, 120).set(QUEUE!, 7).set(GROWTH, 0)
  readonly readers: Readers
  readonly hands: Hands = fakeHands({ cluster: this.cluster.hands })

  constructor(service: Partial<Service> = {}) {
    this.readers = fakeReaders({
      cluster: this.cluster.reader,
      metrics: this.metrics,
      directory: new FakeDirectory([aService(service)]),
    })
    this.cluster.deploy(API, { replicas: 2 })
  }

  autoscaled(bounds = { min: 2, max: 4 }): this {
    this.cluster.autoscale('prod/api-hpa', API, bounds)
    return this
  }

  async diagnose(wish: JsonObject = {}, labels: Record<string, string> = { service: 'api' }) {
    return scaleApi.diagnose(this.readers, { labels }, scaleApi.params.parse(wish))
  }

  /** The first reason to stop, as the planner asks for it. */
  async stopped(wish: JsonObject = {}): Promise<string | undefined> {
    const facts = await this.diagnose(wish)
    return scaleApi.stopIf.find(({ when }) => when(facts, scaleApi.params.parse(wish)))?.because
  }

  async plan(wish: JsonObject = {}) {
    expect(await this.stopped(wish)).toBeUndefined()
    return scaleApi.plan(await this.diagnose(wish), scaleApi.params.parse(wish))
  }

  /** How many replicas a plan asks for. */
  async wanted(wish: JsonObject = {}): Promise<unknown> {
    const [step] = await this.plan(wish)
    return step!.args['to']
  }

  /** Does the plan's steps, or takes them back. */
  async verdict(facts: Awaited<ReturnType<typeof scaleApi.diagnose>>, wish: JsonObject = {}) {
    return scaleApi.verify.holds(this.readers, facts, scaleApi.params.parse(wish))
  }
}

/** On the engine's stage: fast once five are ready, as many as were asked for or as the autoscaler keeps. */
function stage({ autoscaled = false } = {}): Stage {
  const api = new Slow()
  if (autoscaled) api.autoscaled()
  api.metrics.follow(P95, () => {
    const { args } = api.cluster.effects.findLast(({ method }) => method === 'setBounds') ?? {}
    const replicas = (args?.[1] as { min: number } | undefined)?.min
    if (replicas) api.cluster.elsewhere(API, { replicas, ready: replicas, updated: replicas })
    return 2_400 / api.cluster.at(API)!.ready
  })
  const { readers, hands, cluster } = api
  const recipe = scaleApi as unknown as Recipe
  return { recipe, readers, hands, effects: () => cluster.effects, labels: { service: 'api' } }
}

describe.each([{ autoscaled: false }, { autoscaled: true }])('carried out: %j', (given) => {
  everyStepTwice(() => stage(given))
  everyStepCanFail(() => stage(given))
  everyStepCanDie(() => stage(given))
})

test('looks at the service that the alert names', async () => {
  const api = new Slow()
  api.cluster.deploy(API, { replicas: 2, restarts: 3, uid: 'u1' })
  expect(await api.diagnose()).toEqual({
    service: {
      name: 'api',
      environment: 'prod',
      p95_threshold_ms: 500,
      max_replicas: 10,
      p95_query: P95,
      depth_query: QUEUE,
      growth_query: GROWTH,
    },
    deployment: { ref: API, uid: 'u1', replicas: 2, ready: 2, updated: 2, observed: true },
    autoscaled: false,
    autoscaler: null,
    rollout: { state: 'complete', why: null },
    quota: { room_pods: null, says: null, not_known: null },
    p95_ms: 900,
    requests_per_second: 120,
    downstream_depth: 7,
    downstream_growth_per_minute: 0,
    pods: { count: 2, ready: 2, restarts: 6 },
  })
})

test('facts are whole numbers, and what is above the threshold stays above it', async () => {
  const api = new Slow().autoscaled()
  api.metrics.set(P95, 500.0001).set(LOAD!, 119.6).set(QUEUE!, 6.4)
  expect(await api.diagnose()).toMatchObject({ p95_ms: 501, requests_per_second: 120, downstream_depth: 6 })
})

test('load and queue are unknown where the house does not measure them', async () => {
  const api = new Slow({ metrics: { p95_ms: P95 } })
  expect(await api.diagnose()).toMatchObject({ p95_ms: 900, requests_per_second: null, downstream_depth: null })
  expect(api.metrics.asked).toEqual([P95])
})

test.each([
  [{ service: 'web' }, 'there is no service "web"; the house knows api (firebreak.yaml, services)'],
  [{ service: 'prod/api' }, 'there is no service "prod/api"; the house knows api (firebreak.yaml, services)'],
  [{ deployment: 'prod/api' }, 'no service is named; the house knows api (firebreak.yaml, services)'],
])('believes nothing of an alert but the name of a service of the house: %j', async (labels, message) => {
  const api = new Slow()
  await expect(api.diagnose({}, labels as Record<string, string>)).rejects.toThrow(message)
  expect(api.metrics.asked).toEqual([])
})

test.each<[limits: Quota['limits'], room: number | null, scoped?: boolean]>([
  [[{ resource: 'pods', hard: 10, used: 7 }], 3],
  [[{ resource: 'requests.cpu', hard: 2_000, used: 1_300 }], 2],
  [[{ resource: 'cpu', hard: 2_000, used: 1_900 }], 0],
  [[{ resource: 'limits.memory', hard: 1_000, used: 600 }], 2],
  [[{ resource: 'requests.memory', hard: 100, used: 200 }], 0],
  [[pods(20, 7), { resource: 'requests.cpu', hard: 2_000, used: 500 }], 5],
  // They say nothing about these pods: services, storage, limits that the pods do not name, and some pods only.
  [[{ resource: 'services', hard: 1, used: 1 }], null],
  [[{ resource: 'requests.storage', hard: 1, used: 1 }], null],
  [[{ resource: 'limits.cpu', hard: 1, used: 1 }], null],
  [[{ resource: 'count/jobs.batch', hard: 1, used: 1 }], null],
  [[pods(1, 1)], null, true],
])('counts how many more pods a quota has room for: %j → %j', async (limits, room, scoped) => {
  const api = new Slow()
  const asks = {
    requests: { cpu_millis: 300, memory_bytes: 100 },
    limits: { cpu_millis: null, memory_bytes: 200 },
  }
  api.cluster.deploy(API, { replicas: 2, asks })
  api.cluster.putQuota('prod/small', limits, scoped)
  api.cluster.putQuota('elsewhere/none', [pods(0, 0)])
  expect((await api.diagnose()).quota.room_pods).toBe(room)
})

test('asks for no more than a quota has room for, and says which', async () => {
  const api = new Slow()
  api.cluster.putQuota('prod/small', [pods(10, 8)])
  expect(await api.wanted()).toBe(4)
  expect((await api.diagnose()).quota.says).toBe('prod/small limits pods: 8 of 10 are used')
})

test.each([
  { depth: 7, growth: 30, stops: false },
  { depth: 7, growth: 31, stops: true },
  { depth: 10_000, growth: 499, stops: false },
  { depth: 10_000, growth: 501, stops: true },
  { depth: 10_000, growth: -900, stops: false },
  { depth: undefined, growth: 31, stops: true },
  { depth: 10_000, growth: undefined, stops: false },
  // The house says how to measure it, and nobody does.
  { depth: undefined, growth: undefined, stops: true },
])('a queue that grows by a twentieth of itself in a minute is backpressure: %j', async ({ depth, growth, stops }) => {
  const api = new Slow()
  api.metrics.set(QUEUE!, depth).set(GROWTH, growth)
  expect((await api.stopped()) !== undefined).toBe(stops)
})

test('whether a quota with scopes counts these pods is not known, and the plan says so, as the verdict does', async () => {
  const api = new Slow()
  api.cluster.putQuota('prod/burst', [pods(1, 1)], true)
  const facts = await api.diagnose()
  expect(facts.quota).toMatchObject({ room_pods: null, not_known: expect.stringMatching(/^prod\/burst: .*not known/) as string }) // prettier-ignore
  api.cluster.rolls(API, { state: 'blocked', why: 'exceeded quota: burst' })
  expect((await api.verdict(facts)).says).toContain('(exceeded quota: burst; prod/burst: counts some pods only')
})

test('an autoscaler says by which figures it decides, and what keeps it from going on', async () => {
  const api = new Slow()
  const cpu = { name: 'cpu', current: 92, target: 70, unit: 'percent' } as const
  const memory = { name: 'memory', current: null, target: 1_073_741_824, unit: 'bytes' } as const
  const requests = { name: 'requests', current: 12_500, target: 10_000, unit: 'millis' } as const
  api.cluster.autoscale('prod/api-hpa', API, { min: 1, max: 2 }, { metrics: [cpu, memory, requests] })
  expect((await api.diagnose()).autoscaler).toMatchObject({
    metrics: [cpu, memory, requests],
    blind: false,
    says: 'cpu 92 % of 70 %; memory unknown of 1024 MiB; requests 12.5 of 10; at its maximum of 2',
  })
  const [reason, message] = ['FailedGetResourceMetric', 'unable to fetch metrics, token=hunter22']
  const conditions = [
    { type: 'ScalingActive', holds: false, reason, message },
    { type: 'AbleToScale', holds: null, reason: '', message: '' },
  ]
  api.cluster.autoscale('prod/api-hpa', API, { min: 1, max: 9 }, { conditions })
  expect((await api.diagnose()).autoscaler).toMatchObject({
    blind: true,
    says: 'it cannot tell how many are needed (FailedGetResourceMetric: unable to fetch metrics, token=‹secret›)',
  })
})

test('with an autoscaler at its maximum says so', async () => {
  const api = new Slow().autoscaled({ min: 1, max: 2 })
  expect((await api.diagnose()).autoscaler).toMatchObject({ at_maximum: true })
  expect((await new Slow().autoscaled({ min: 1, max: 3 }).diagnose()).autoscaler).toMatchObject({ at_maximum: false })
})

test('says so when the deployment is not there', async () => {
  const api = new Slow()
  api.cluster.remove(API)
  await expect(api.diagnose()).rejects.toThrow('deployment prod/api is not there')
})

test('does not guess when the metrics cannot be read', async () => {
  const api = new Slow()
  api.metrics.failNext('unreachable')
  await expect(api.diagnose()).rejects.toThrow('unreachable')
  api.metrics.several(P95, [900, 100])
  await expect(api.diagnose()).rejects.toThrow('2 series')
})

const stops: [because: RegExp, make: (api: Slow) => unknown, wish?: JsonObject][] = [
  [/not being measured/, ({ metrics }) => metrics.set(P95, undefined)],
  [/not being measured/, ({ metrics }) => metrics.set(P95, NaN)],
  [/not being measured/, ({ metrics }) => metrics.set(P95, Infinity)],
  [/back under the threshold/, ({ metrics }) => metrics.set(P95, 500)],
  [/scaled to zero/, ({ cluster }) => cluster.deploy(API, { replicas: 0 })],
  [/rollout is in progress/, ({ cluster }) => cluster.deploy(API, { replicas: 3, ready: 2 })],
  [/rollout is in progress/, ({ cluster }) => cluster.elsewhere(API, { observed: false })],
  [/cannot be made/, ({ cluster }) => cluster.rolls(API, { state: 'blocked', why: 'exceeded quota: small' })],
  [/do not come up in time/, ({ cluster }) => cluster.rolls(API, { state: 'stalled', why: 'has timed out' })],
  [/are not ready/, ({ cluster }) => cluster.deploy(API, { replicas: 3, ready: 2, updated: 3 })],
  [/bottleneck is downstream/, ({ metrics }) => metrics.set(GROWTH, 31)],
  [/no room for one more pod/, ({ cluster }) => cluster.putQuota('prod/small', [pods(9, 9)])],
  [/than a quota of its namespace/, ({ cluster }) => cluster.putQuota('prod/small', [pods(9, 8)]), { replicas: 4 }],
  [/on their way/, (api) => api.autoscaled({ min: 4, max: 8 })],
  [/as many replicas as the house allows/, ({ cluster }) => cluster.deploy(API, { replicas: 10 })],
  [/More replicas were asked for/, () => undefined, { replicas: 11 }],
  [/No more replicas were asked for/, () => undefined, { replicas: 2 }],
]

test.each(stops)('stops: %s', async (because, make, wish) => {
  const api = new Slow()
  expect(await api.stopped()).toBeUndefined()
  make(api)
  expect(await api.stopped(wish)).toMatch(because)
})

test('every reason to stop is tried above', () => {
  for (const { because } of scaleApi.stopIf)
    expect(
      stops.some(([reason]) => reason.test(because)),
      because,
    ).toBe(true)
})

test('scales the deployment, as a loan', async () => {
  const api = new Slow()
  const { uid } = api.cluster.at(API)!
  expect(await api.plan()).toEqual([scaleDeployment({ deployment: API, uid, from: 2, to: 5 }, { loan_minutes: 60 })])
  expect(await api.plan({ replicas: 3, minutes: 15 })).toEqual([
    scaleDeployment({ deployment: API, uid, from: 2, to: 3 }, { loan_minutes: 15 }),
  ])
})

test.each([
  { replicas: 1, wanted: 5 },
  { replicas: 3, wanted: 6 },
  { replicas: 7, wanted: 10 },
  { replicas: 9, wanted: 10 },
])('asks for twice as many, at least five, at most what the house allows: $replicas → $wanted', async (given) => {
  const api = new Slow()
  api.cluster.deploy(API, given)
  expect(await api.wanted()).toBe(given.wanted)
})

test('what the house allows may be asked for, to the last replica', async () => {
  expect(await new Slow({ max_replicas: 3 }).wanted()).toBe(3)
  expect(await new Slow({ max_replicas: 3 }).wanted({ replicas: 3 })).toBe(3)
})

test.each([
  { bounds: { min: 2, max: 4 }, raised: { min: 5, max: 5 } },
  { bounds: { min: 1, max: 8 }, raised: { min: 5, max: 8 } },
])('with an autoscaler raises its floor, and its ceiling only where it must: $bounds', async ({ bounds, raised }) => {
  const api = new Slow().autoscaled(bounds)
  expect(await api.plan()).toEqual([
    raiseAutoscalerFloor(
      { autoscaler: 'prod/api-hpa', deployment: API, uid: 'uid-of-prod/api-hpa', from: bounds, to: raised },
      { loan_minutes: 60 },
    ),
  ])
})

test.each([{ replicas: 0 }, { replicas: 2.5 }, { minutes: 4 }, { minutes: 721 }, { replica: 5 }, { replicas: '5' }])(
  'refuses the parameters %j',
  (wish) => {
    expect(scaleApi.params.safeParse(wish).success).toBe(false)
  },
)

test('repairs, says how, and can be taken back', async () => {
  const api = new Slow()
  api.metrics.follow(P95, () => 1_800 / api.cluster.at(API)!.ready)
  const facts = await api.diagnose()
  const steps = await api.plan()

  expect(await api.verdict(facts)).toEqual({
    holds: false,
    says: 'p95 of api is 900 ms (threshold 500 ms), and 2 of 5 replicas are ready.',
  })
  await carryOut(api, steps)
  expect(await api.verdict(facts)).toEqual({
    holds: true,
    says: 'p95 of api is 360 ms (threshold 500 ms), and 5 of 5 replicas are ready.',
  })
  await carryOut(api, steps, 'undo')
  expect(api.cluster.at(API)).toMatchObject({ replicas: 2 })
})

test('with an autoscaler it has helped once that many are ready', async () => {
  const api = new Slow().autoscaled()
  const facts = await api.diagnose()
  await carryOut(api, await api.plan())
  api.metrics.set(P95, 200)
  expect(await api.verdict(facts)).toMatchObject({ holds: false })
  api.cluster.deploy(API, { replicas: 5, uid: facts.deployment.uid })
  expect(await api.verdict(facts)).toMatchObject({ holds: true })
})

test.each<[says: string, make: (api: Slow) => unknown]>([
  ['p95 of api is 501 ms (threshold 500 ms), and 5 of 5 replicas are ready.', ({ metrics }) => metrics.set(P95, 501)],
  [
    'p95 of api is not being measured (threshold 500 ms), and 5 of 5 replicas are ready.',
    ({ metrics }) => metrics.set(P95, undefined),
  ],
  ['p95 of api is 200 ms (threshold 500 ms), and 4 of 5 replicas are ready.', ({ cluster }) => cluster.settle(API, 4)],
  [
    'p95 of api is 200 ms (threshold 500 ms), and 0 of 5 replicas are ready.',
    ({ cluster }) => cluster.elsewhere(API, { observed: false }),
  ],
  [
    'p95 of api is 200 ms (threshold 500 ms), and 4 of 5 replicas are ready (exceeded quota: small).',
    ({ cluster }) => {
      cluster.settle(API, 4)
      cluster.rolls(API, { state: 'blocked', why: 'exceeded quota: small' })
    },
  ],
  [
    'p95 of api is 200 ms (threshold 500 ms), and 5 of 5 replicas are ready. The queue behind it grows: 7 before, 108 now.',
    ({ metrics }) => metrics.set(QUEUE!, 108),
  ],
  [
    'p95 of api is 200 ms (threshold 500 ms), and 5 of 5 replicas are ready. The queue behind it grows: 7 before, 40 now.',
    ({ metrics }) => metrics.set(QUEUE!, 40).set(GROWTH, 60),
  ],
  [
    'Deployment prod/api is not the one that was scaled any more.',
    ({ cluster }) => cluster.deploy(API, { replicas: 5, uid: 'another' }),
  ],
  ['Deployment prod/api is not the one that was scaled any more.', ({ cluster }) => cluster.remove(API)],
])('has not helped while: %s', async (says, make) => {
  const api = new Slow()
  const facts = await api.diagnose()
  await carryOut(api, await api.plan())
  api.metrics.set(P95, 200)
  expect(await api.verdict(facts)).toMatchObject({ holds: true })
  make(api)
  expect(await api.verdict(facts)).toEqual({ holds: false, says })
})

test.each<[fact: string, make: (api: Slow) => unknown]>([
  ['deployment.uid', ({ cluster }) => cluster.deploy(API, { replicas: 2, uid: 'another' })],
  ['deployment.replicas', ({ cluster }) => cluster.elsewhere(API, { replicas: 3 })],
  ['p95_ms', ({ metrics }) => metrics.set(P95, 500)],
  ['p95_ms', ({ metrics }) => metrics.set(P95, undefined)],
  ['autoscaled', (api) => api.autoscaled()],
  ['downstream_depth', ({ metrics }) => metrics.set(QUEUE!, 108)],
])('the plan is stale when %s moves', async (fact, make) => {
  const api = new Slow()
  const then = await api.diagnose()
  make(api)
  expect(movedGuards(scaleApi.guards(then), then, await api.diagnose())).toMatchObject([{ fact }])
})

test('the plan is stale when a quota has no room any more', async () => {
  const api = new Slow()
  api.cluster.putQuota('prod/small', [pods(9, 6)])
  const then = await api.diagnose()
  api.cluster.putQuota('prod/small', [pods(9, 9)])
  const moved = movedGuards(scaleApi.guards(then), then, await api.diagnose())
  expect(moved).toEqual([{ fact: 'quota.room_pods', was: 3, is: 0 }])
})

test('the plan stands while only moving numbers move', async () => {
  const api = new Slow()
  const then = await api.diagnose()
  api.cluster.elsewhere(API)
  api.metrics.set(P95, 2_000).set(LOAD!, 4_000).set(QUEUE!, 90)
  expect(movedGuards(scaleApi.guards(then), then, await api.diagnose())).toEqual([])
})

test('with an autoscaler its bounds must stand, and replicas may move', async () => {
  const api = new Slow().autoscaled({ min: 2, max: 6 })
  const then = await api.diagnose()
  api.cluster.elsewhere(API, { replicas: 3 })
  expect(movedGuards(scaleApi.guards(then), then, await api.diagnose())).toEqual([])
  api.autoscaled({ min: 3, max: 7 })
  const moved = movedGuards(scaleApi.guards(then), then, await api.diagnose())
  expect(moved.map(({ fact }) => fact)).toEqual(['autoscaler.min', 'autoscaler.max'])
})

test('one person of SRE may approve it', () => {
  const recipe: Pick<Recipe, 'stage' | 'approval'> = scaleApi
  expect(recipe).toMatchObject({ stage: 'propose', approval: { tier: 'T1', roles: ['sre'], people: 1 } })
})
