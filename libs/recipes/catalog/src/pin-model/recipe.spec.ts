import { movedGuards, type Hands, type JsonObject, type Readers, type Recipe, type ServedModel } from '@firebreak/kit'
import { carryOut, everyStepCanDie, everyStepCanFail, everyStepTwice, type Stage } from '@firebreak/flow/testing'
import {
  aHouseOfThings,
  aService,
  FakeCluster,
  FakeDirectory,
  FakeMetrics,
  FakeModelRegistry,
  fakeHands,
  fakeReaders,
} from '@firebreak/kit/testing'
import { setDeploymentEnv } from '@firebreak/kit/verbs'
import { describe, expect, test, vi } from 'vitest'
import { pinModel } from './recipe.js'

const API = 'prod/api'
const { p95_ms: P95 } = aService().metrics
const [ours] = aHouseOfThings().models

/** Served by the service itself, without a switch for its hot reload. */
const served: ServedModel = { ...ours!, deployment: API, container: 'api', hot_reload: undefined }

/** The service `api`, slow because its first pod has loaded the model four times. */
class Thrashing {
  readonly cluster = new FakeCluster()
  readonly metrics = new FakeMetrics().set(P95, 1_300)
  readonly registry = new FakeModelRegistry()
  readonly readers: Readers
  readonly hands: Hands = fakeHands({ cluster: this.cluster.hands })

  constructor(models: ServedModel[] = [ours!], env: Record<string, string> = {}) {
    this.readers = fakeReaders({
      cluster: this.cluster.reader,
      metrics: this.metrics,
      directory: new FakeDirectory([aService()], { models }),
      registry: this.registry.reader,
    })
    this.deploy(env)
    this.loads(4)
  }

  deploy(env: Record<string, string> = {}, uid = 'u1'): void {
    this.cluster.deploy(API, { replicas: 2, uid, containers: [{ name: 'api', image: 'api:1', env }] })
  }

  /** The newest version is 2, and the one that serves is 1. */
  async registered(): Promise<this> {
    this.registry.register(ours!.name)
    this.registry.register(ours!.name)
    await this.registry.hands.setAlias(ours!.name, 'production', '1')
    return this
  }

  loads(times: number): void {
    for (let at = 0; at < times; at++)
      this.cluster.say(`${API}-0`, 'hot reload: loading model invoice-classifier:6', { container: 'api' })
  }

  async diagnose(wish: JsonObject = {}, labels: Record<string, string> = { service: 'api' }) {
    return pinModel.diagnose(this.readers, { labels }, pinModel.params.parse(wish))
  }

  async stopped(): Promise<string | undefined> {
    const facts = await this.diagnose()
    return pinModel.stopIf.find(({ when }) => when(facts, pinModel.params.parse({})))?.because
  }

  async plan(wish: JsonObject = {}) {
    expect(await this.stopped()).toBeUndefined()
    return pinModel.plan(await this.diagnose(wish), pinModel.params.parse(wish))
  }

  verdict(facts: Awaited<ReturnType<typeof pinModel.diagnose>>) {
    return pinModel.verify.holds(this.readers, facts, pinModel.params.parse({}))
  }

  async env() {
    return (await this.cluster.reader.rollout(API))!.containers[0]!.env
  }
}

function stage(): Stage {
  const api = new Thrashing()
  api.metrics.follow(P95, () => (api.cluster.effects.length > 0 ? 90 : 1_300))
  const { readers, hands, cluster } = api
  const recipe = pinModel as unknown as Recipe
  return { recipe, readers, hands, effects: () => cluster.effects, labels: { service: 'api' } }
}

describe('carried out', () => {
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})

test('looks at the service that the alert names, and at what its pods say', async () => {
  expect(await new Thrashing().diagnose()).toEqual({
    service: { name: 'api', environment: 'prod', p95_threshold_ms: 500, p95_query: P95 },
    model: 'invoice-classifier',
    deployment: { ref: API, uid: 'u1', replicas: 2, updated: 2, observed: true },
    hold: { container: 'api', env: 'MODEL_HOT_RELOAD', from: null, to: 'off' },
    reloads: { most_by_one_pod: 4, pods_read: 2, pods: 2, seconds: 300 },
    p95_ms: 1_300,
  })
})

test.each([
  'hot reload: loading model invoice-classifier:6',
  'INFO Hot-reloading weights',
  'reloaded the model from s3://models/6',
  'loaded model in 3.1 s',
])('hears "%s"', async (line) => {
  const api = new Thrashing()
  for (let at = 0; at < 5; at++) api.cluster.say(`${API}-1`, line, { container: 'api' })
  expect((await api.diagnose()).reloads.most_by_one_pod).toBe(5)
})

test.each(['GET /v1/model 200', 'configuration reloaded', 'the model says yes'])(
  'is not misled by "%s"',
  async (line) => {
    const api = new Thrashing()
    for (let at = 0; at < 9; at++) api.cluster.say(`${API}-1`, line, { container: 'api' })
    expect((await api.diagnose()).reloads.most_by_one_pod).toBe(4)
  },
)

test.each([
  [[ours!], {}, { service: 'web' }, 'there is no service "web"; the house knows api'],
  [[ours!], {}, { model: 'invoice-classifier' }, 'no service is named'],
  [
    [ours!],
    { model: 'another' },
    { service: 'api' },
    'api loads no model "another" that the house knows; it knows inv',
  ],
  [
    [{ ...ours!, hot_reload: undefined }],
    {},
    { service: 'api' },
    'api loads no model that the house knows; it knows none',
  ],
  [
    [ours!, { ...ours!, name: 'two' }],
    {},
    { service: 'api' },
    'more than one model: name one of invoice-classifier, two',
  ],
  [[{ ...served, container: 'web' }], {}, { service: 'api' }, 'deployment prod/api has no container web, as the model'],
])('takes what it touches from the house alone: %#', async (models, wish, labels, message) => {
  const api = new Thrashing(models)
  await expect(api.diagnose(wish, labels as unknown as Record<string, string>)).rejects.toThrow(message)
})

test('of two models the one that was named', async () => {
  const api = new Thrashing([ours!, { ...served, name: 'two' }])
  expect(await api.diagnose({ model: 'two' })).toMatchObject({ model: 'two', hold: { env: 'MODEL_VERSION' } })
})

test('does not guess when something cannot be read', async () => {
  const api = new Thrashing()
  api.cluster.failNext('forbidden', { of: 'reader' })
  await expect(api.diagnose()).rejects.toThrow('forbidden')
  api.cluster.remove(API)
  await expect(api.diagnose()).rejects.toThrow('deployment prod/api is not there')
})

const stops: [because: RegExp, models: ServedModel[], make: (api: Thrashing) => unknown][] = [
  [/not being measured/, [ours!], ({ metrics }) => metrics.set(P95, undefined)],
  [/not being measured/, [ours!], ({ metrics }) => metrics.set(P95, NaN)],
  [/back under the threshold/, [ours!], ({ metrics }) => metrics.set(P95, 500)],
  [/rollout is in progress/, [ours!], ({ cluster }) => cluster.elsewhere(API, { updated: 1 })],
  [/rollout is in progress/, [ours!], ({ cluster }) => cluster.elsewhere(API, { observed: false })],
  [/names no version/, [served], ({ registry }) => registry.hands.removeAlias(served.name, 'production')],
  [/pinned already/, [ours!], (api) => api.deploy({ MODEL_HOT_RELOAD: 'off' })],
  [/pinned already/, [served], (api) => api.deploy({ MODEL_VERSION: '1' })],
  [/as far as their logs say/, [ours!], (api) => (api.cluster.state.logs.clear(), api.loads(3))],
]

test.each(stops)('stops: %s (%#)', async (because, models, make) => {
  const api = await new Thrashing(models).registered()
  expect(await api.stopped()).toBeUndefined()
  await make(api)
  expect(await api.stopped()).toMatch(because)
})

test('every reason to stop is tried above', () => {
  for (const { because } of pinModel.stopIf)
    expect(
      stops.some(([reason]) => reason.test(because)),
      because,
    ).toBe(true)
})

test('switches the hot reload off, as a loan', async () => {
  const pin = (from: string | null, minutes: number) =>
    setDeploymentEnv(
      { deployment: API, uid: 'u1', container: 'api', name: 'MODEL_HOT_RELOAD', from, to: 'off' },
      { loan_minutes: minutes },
    )
  expect(await new Thrashing().plan()).toEqual([pin(null, 480)])
  expect(await new Thrashing([ours!], { MODEL_HOT_RELOAD: 'on' }).plan({ minutes: 60 })).toEqual([pin('on', 60)])
})

test('where the service serves the model itself, writes down the version that its alias names now', async () => {
  const api = await new Thrashing([served]).registered()
  const args = { deployment: API, uid: 'u1', container: 'api', name: 'MODEL_VERSION', from: null, to: '1' }
  expect(await api.plan()).toEqual([setDeploymentEnv(args, { loan_minutes: 480 })])
})

test.each([{ minutes: 29 }, { minutes: 10_081 }, { model: '' }, { version: '6' }, { minutes: '60' }])(
  'refuses the parameters %j',
  (wish) => {
    expect(pinModel.params.safeParse(wish).success).toBe(false)
  },
)

test('reads logs of the last five minutes, and of the last one afterwards', async () => {
  const api = new Thrashing()
  const logs = vi.spyOn(api.readers.cluster, 'logs')
  const facts = await api.diagnose()
  await api.verdict(facts)
  const wish = { container: 'api', tail: 2_000, limit_bytes: 262_144 }
  expect(logs.mock.calls).toEqual(
    [300, 60].flatMap((since_s) => [0, 1].map((at) => [`${API}-${at}`, { ...wish, since_s }])),
  )
})

test('repairs, says how, and can be taken back', async () => {
  const api = new Thrashing()
  const facts = await api.diagnose()
  const steps = await api.plan()
  expect(await api.verdict(facts)).toEqual({
    holds: false,
    says: 'p95 of api is 1300 ms (threshold 500 ms), its rollout is complete, and within 60 s a pod loads its model 4 times at most (2 pods read).',
  })
  await carryOut(api, steps)
  api.metrics.set(P95, 90)
  // Each new pod loads it once.
  api.loads(1)
  expect(await api.verdict(facts)).toMatchObject({ holds: true })
  expect(await api.env()).toEqual({ MODEL_HOT_RELOAD: 'off' })
  await carryOut(api, steps, 'undo')
  expect(await api.env()).toEqual({})
})

test.each<[says: RegExp, make: (api: Thrashing) => unknown]>([
  [/is 501 ms/, ({ metrics }) => metrics.set(P95, 501)],
  [/not being measured/, ({ metrics }) => metrics.set(P95, undefined)],
  [/rollout is progressing/, ({ cluster }) => cluster.settle(API, 1)],
  [/rollout is stalled/, ({ cluster }) => cluster.rolls(API, { state: 'stalled', why: 'too long' })],
  [/loads its model 2 times at most/, (api) => api.loads(2)],
  [/0 pods read/, ({ cluster }) => cluster.elsewhere(API, { replicas: 0, ready: 0, updated: 0 })],
  [/not the one that was pinned any more/, (api) => api.deploy({}, 'another')],
])('has not helped while: %s', async (says, make) => {
  const api = new Thrashing()
  const facts = await api.diagnose()
  await carryOut(api, await api.plan())
  api.metrics.set(P95, 90)
  expect(await api.verdict(facts)).toMatchObject({ holds: true })
  make(api)
  const verdict = await api.verdict(facts)
  expect(verdict.holds).toBe(false)
  expect(verdict.says).toMatch(says)
})

test.each<[fact: string, make: (api: Thrashing) => unknown]>([
  ['deployment.uid', (api) => api.deploy({}, 'another')],
  ['hold', (api) => api.deploy({ MODEL_HOT_RELOAD: 'off' })],
  ['p95_ms', ({ metrics }) => metrics.set(P95, 500)],
])('the plan is stale when %s moves', async (fact, make) => {
  const api = new Thrashing()
  const then = await api.diagnose()
  make(api)
  expect(movedGuards(pinModel.guards(then), then, await api.diagnose())).toMatchObject([{ fact }])
})

test('the plan stands while only moving numbers move', async () => {
  const api = new Thrashing()
  const then = await api.diagnose()
  api.loads(40)
  api.metrics.set(P95, 2_000)
  api.cluster.elsewhere(API)
  expect(movedGuards(pinModel.guards(then), then, await api.diagnose())).toEqual([])
})

test('one person of SRE or ML may approve it', () => {
  const recipe: Pick<Recipe, 'stage' | 'approval'> = pinModel
  expect(recipe).toMatchObject({ stage: 'propose', approval: { tier: 'T1', roles: ['sre', 'ml'], people: 1 } })
})
