import { movedGuards, type Asks, type Hands, type JsonObject, type Readers, type Recipe } from '@firebreak/kit'
import { carryOut, everyStepCanDie, everyStepCanFail, everyStepTwice, type Stage } from '@firebreak/flow/testing'
import { aService, FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { suspendCronJob, suspendJob } from '@firebreak/kit/verbs'
import { describe, expect, test } from 'vitest'
import { pauseBatch } from './recipe.js'

const API = 'prod/api'
const HEAVY = 'prod/nightly-report'
const { p95_ms: P95 } = aService().metrics

const asks = (cpu: { request?: number; limit?: number }): Asks => ({
  requests: { cpu_millis: cpu.request ?? null, memory_bytes: null },
  limits: { cpu_millis: cpu.limit ?? null, memory_bytes: null },
})

/** The service `api`, slow beside a Job of three pods that says nothing of what it takes. */
class Crowded {
  readonly cluster = new FakeCluster()
  readonly metrics = new FakeMetrics().set(P95, 5_000)
  readonly readers: Readers = fakeReaders({
    cluster: this.cluster.reader,
    metrics: this.metrics,
    directory: new FakeDirectory(),
  })
  readonly hands: Hands = fakeHands({ cluster: this.cluster.hands })

  constructor() {
    this.cluster.deploy(API, { replicas: 2, uid: 'u1', asks: asks({ request: 250 }) })
    this.cluster.putJob(HEAVY, { active: 3 })
  }

  /** A second one, which a schedule has started and will start again. */
  scheduled(): this {
    this.cluster.putCronJob('prod/import')
    this.cluster.putJob('prod/import-29', { active: 1, owner: 'prod/import', asks: asks({ request: 100 }) })
    return this
  }

  async diagnose(wish: JsonObject, labels: Record<string, string> = { service: 'api' }) {
    return pauseBatch.diagnose(this.readers, { labels }, pauseBatch.params.parse(wish))
  }

  async stopped(wish: JsonObject): Promise<string | undefined> {
    const facts = await this.diagnose(wish)
    return pauseBatch.stopIf.find(({ when }) => when(facts, pauseBatch.params.parse(wish)))?.because
  }

  async plan(wish: JsonObject) {
    expect(await this.stopped(wish)).toBeUndefined()
    return pauseBatch.plan(await this.diagnose(wish), pauseBatch.params.parse(wish))
  }

  verdict(facts: Awaited<ReturnType<typeof pauseBatch.diagnose>>) {
    return pauseBatch.verify.holds(this.readers, facts, pauseBatch.params.parse(NAMED))
  }

  job = () => this.cluster.reader.job(HEAVY)
}

const NAMED = { jobs: ['nightly-report'] }

/** On the engine's stage: fast once nothing runs beside it. */
function stage(): Stage {
  const api = new Crowded().scheduled()
  api.metrics.follow(P95, () => (api.cluster.effects.length > 0 ? 120 : 5_000))
  const { readers, hands, cluster } = api
  const recipe = pauseBatch as unknown as Recipe
  const params = { jobs: ['nightly-report', 'import-29'] }
  return { recipe, readers, hands, effects: () => cluster.effects, labels: { service: 'api' }, params }
}

describe('carried out', () => {
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})

test('looks at what runs beside the service, those that may take most first', async () => {
  const api = new Crowded().scheduled()
  api.cluster.putJob('prod/far', { node: 'node-2', asks: asks({ request: 8_000 }) })
  api.cluster.putJob('prod/small', { asks: asks({ request: 10, limit: 40 }) })
  api.cluster.putJob('prod/done', { state: 'complete', active: 0, succeeded: 1 })
  api.cluster.putJob('other/one')
  const evidence = { memory_request_bytes: null, cpu_limit_millis: null, cpu_request_millis: null, most_percent: null }
  expect(await api.diagnose(NAMED)).toEqual({
    service: { name: 'api', environment: 'prod', p95_threshold_ms: 500, p95_query: P95 },
    deployment: { ref: API, uid: 'u1', replicas: 2, updated: 2, observed: true, cpu_millis: 500, nodes: 1 },
    p95_ms: 5_000,
    beside: [
      { ...evidence, name: 'nightly-report', pods: 3, on_its_nodes: 3, competes: true },
      { ...evidence, name: 'far', pods: 1, on_its_nodes: 0, cpu_request_millis: 8_000, competes: false },
      { ...evidence, name: 'import-29', pods: 1, on_its_nodes: 1, cpu_request_millis: 100, competes: true },
      {
        ...{ ...evidence, name: 'small', pods: 1, on_its_nodes: 1 },
        ...{ cpu_request_millis: 10, cpu_limit_millis: 40, most_percent: 8, competes: false },
      },
    ],
    not_looked_at: 0,
    competing: 2,
    not_running: [],
    not_competing: [],
    pause: [{ ref: HEAVY, uid: `uid-of-${HEAVY}`, schedule: null }],
  })
})

test('a tenth of what the service asks for is felt; where nobody says what it asks for, anything is', async () => {
  const api = new Crowded()
  api.cluster.putJob(HEAVY, { asks: asks({ limit: 49 }) })
  expect((await api.diagnose(NAMED)).competing).toBe(0)
  api.cluster.putJob(HEAVY, { asks: asks({ limit: 50 }) })
  expect((await api.diagnose(NAMED)).competing).toBe(1)
  api.cluster.deploy(API, { replicas: 2 })
  api.cluster.putJob(HEAVY, { asks: asks({ limit: 1 }) })
  expect((await api.diagnose(NAMED)).competing).toBe(1)
})

test.each([
  [{ service: 'web' }, 'there is no service "web"; the house knows api (firebreak.yaml, services)'],
  [{ job: 'nightly-report' }, 'no service is named; the house knows api (firebreak.yaml, services)'],
])('believes nothing of an alert but the name of a service of the house: %j', async (labels, message) => {
  await expect(new Crowded().diagnose(NAMED, labels as unknown as Record<string, string>)).rejects.toThrow(message)
})

test('a job that is not there is named, with those that could have been meant', async () => {
  const api = new Crowded()
  await expect(api.diagnose({ jobs: ['nightly-report', 'nightly-raport'] })).rejects.toThrow(
    'there is no job nightly-raport in prod; those that compete with api are nightly-report',
  )
})

test('does not guess when something cannot be read', async () => {
  const api = new Crowded()
  api.cluster.failNext('forbidden', { of: 'reader' })
  await expect(api.diagnose(NAMED)).rejects.toThrow('forbidden')
  api.cluster.remove(API)
  await expect(api.diagnose(NAMED)).rejects.toThrow('deployment prod/api is not there')
})

const ALL = { all: true, count: 1 }
const stops: [because: RegExp, make: (api: Crowded) => unknown, wish: JsonObject][] = [
  [/not being measured/, ({ metrics }) => metrics.set(P95, undefined), NAMED],
  [/not being measured/, ({ metrics }) => metrics.set(P95, NaN), NAMED],
  [/back under the threshold/, ({ metrics }) => metrics.set(P95, 500), NAMED],
  [/rollout is in progress/, ({ cluster }) => cluster.deploy(API, { replicas: 3, ready: 2 }), NAMED],
  [/rollout is in progress/, ({ cluster }) => cluster.elsewhere(API, { observed: false }), NAMED],
  [/No batch job/, ({ cluster }) => cluster.putJob(HEAVY, { state: 'complete', active: 0 }), ALL],
  [/No batch job/, ({ cluster }) => cluster.putJob(HEAVY, { node: 'node-2' }), NAMED],
  [
    /does not run any more/,
    (api) => api.scheduled().cluster.putJob(HEAVY, { suspended: true }),
    { jobs: ['nightly-report', 'import-29'] },
  ],
  [/on other nodes/, (api) => api.scheduled().cluster.putJob(HEAVY, { node: 'node-2' }), NAMED],
  [/may take little/, (api) => api.scheduled().cluster.putJob(HEAVY, { asks: asks({ limit: 1 }) }), NAMED],
  [
    /More jobs run than one plan looks at/,
    ({ cluster }) => Array.from({ length: 50 }, (_, at) => cluster.putJob(`prod/more-${at}`)),
    { all: true, count: 10 },
  ],
  [/Count-mismatch/, (api) => api.scheduled(), ALL],
]

test.each(stops)('stops: %s', async (because, make, wish) => {
  const api = new Crowded()
  expect(await api.stopped(wish === ALL ? ALL : NAMED)).toBeUndefined()
  make(api)
  expect(await api.stopped(wish)).toMatch(because)
})

test('every reason to stop is tried above', () => {
  for (const { because } of pauseBatch.stopIf)
    expect(
      stops.some(([reason]) => reason.test(because)),
      because,
    ).toBe(true)
})

test.each([
  [{}, /empty-selection: name the Jobs, or say all/],
  [{ jobs: [] }, /empty-selection: name at least one Job/],
  [{ jobs: ['a'], all: true, count: 1 }, /not both/],
  [{ all: true }, /count-missing/],
  [{ jobs: ['prod/nightly-report'] }, /expected the name of a Job/],
  [{ jobs: Array.from({ length: 11 }, (_, at) => `job-${at}`) }, /./],
  [{ ...NAMED, minutes: 4 }, /./],
  [{ ...NAMED, minutes: 721 }, /./],
  [{ ...NAMED, namespace: 'kube-system' }, /./],
])('refuses the parameters %j', (wish, message) => {
  const read = pauseBatch.params.safeParse(wish)
  expect(read.error?.issues.map((issue) => issue.message).join('; ')).toMatch(message)
})

test('suspends those that were named, as a loan, and their schedules before them', async () => {
  const api = new Crowded().scheduled()
  const [job, import_29] = [HEAVY, 'prod/import-29'].map((ref) => ({ job: ref, uid: `uid-of-${ref}` }))
  const import_ = { cron_job: 'prod/import', uid: 'uid-of-prod/import' }
  expect(await api.plan(NAMED)).toEqual([suspendJob(job!, { loan_minutes: 60 })])
  const both = [suspendCronJob(import_, { loan_minutes: 15 }), suspendJob(import_29!, { loan_minutes: 15 })]
  expect(await api.plan({ jobs: ['import-29'], minutes: 15 })).toEqual(both)
  expect(await api.plan({ all: true, count: 2, minutes: 15 })).toEqual([
    ...both,
    suspendJob(job!, { loan_minutes: 15 }),
  ])
  // One that somebody has suspended already is theirs to resume; two Jobs of one schedule are one schedule.
  api.cluster.putCronJob('prod/import', { suspended: true })
  expect(await api.plan({ jobs: ['import-29'], minutes: 15 })).toEqual([both[1]])
  api.cluster.putCronJob('prod/import')
  api.cluster.putJob('prod/import-30', { owner: 'prod/import' })
  expect(await api.plan({ jobs: ['import-29', 'import-30'] })).toHaveLength(3)
})

test('repairs, says how, and can be taken back', async () => {
  const api = new Crowded().scheduled()
  const wish = { jobs: ['nightly-report', 'import-29'] }
  const facts = await api.diagnose(wish)
  const steps = await api.plan(wish)
  expect(await api.verdict(facts)).toEqual({
    holds: false,
    says: 'p95 of api is 5000 ms (threshold 500 ms), and 0 of 2 jobs have no pods.',
  })
  await carryOut(api, steps)
  expect(await api.verdict(facts)).toMatchObject({ holds: false })
  api.metrics.set(P95, 120)
  expect(await api.verdict(facts)).toEqual({
    holds: true,
    says: 'p95 of api is 120 ms (threshold 500 ms), and 2 of 2 jobs have no pods.',
  })
  await carryOut(api, steps, 'undo')
  expect(await api.job()).toMatchObject({ state: 'running' })
  expect(await api.cluster.reader.cronJob('prod/import')).toMatchObject({ suspended: false })
})

test.each<[says: RegExp, make: (api: Crowded) => unknown]>([
  [/is 501 ms/, ({ metrics }) => metrics.set(P95, 501)],
  [/not being measured/, ({ metrics }) => metrics.set(P95, undefined)],
  [/0 of 1 jobs have no pods/, ({ cluster }) => cluster.putJob(HEAVY, { suspended: true, active: 2 })],
  [/not the one that was suspended any more/, ({ cluster }) => cluster.putJob(HEAVY, { uid: 'another' })],
])('has not helped while: %s', async (says, make) => {
  const api = new Crowded()
  const facts = await api.diagnose(NAMED)
  await carryOut(api, await api.plan(NAMED))
  api.metrics.set(P95, 120)
  expect(await api.verdict(facts)).toMatchObject({ holds: true })
  make(api)
  const verdict = await api.verdict(facts)
  expect(verdict.holds).toBe(false)
  expect(verdict.says).toMatch(says)
})

test.each<[fact: string, make: (api: Crowded) => unknown]>([
  ['deployment.uid', ({ cluster }) => cluster.deploy(API, { replicas: 2, uid: 'another' })],
  ['p95_ms', ({ metrics }) => metrics.set(P95, 500)],
  ['pause', ({ cluster }) => cluster.putJob(HEAVY, { uid: 'another' })],
  ['pause', ({ cluster }) => cluster.putJob(HEAVY, { state: 'complete', active: 0, succeeded: 3 })],
])('the plan is stale when %s moves', async (fact, make) => {
  const api = new Crowded()
  const then = await api.diagnose(NAMED)
  make(api)
  expect(movedGuards(pauseBatch.guards(then), then, await api.diagnose(NAMED))).toMatchObject([{ fact }])
})

test('the plan stands while pods come and go, and other jobs too', async () => {
  const api = new Crowded().scheduled()
  const wish = { jobs: ['nightly-report', 'import-29'] }
  const then = await api.diagnose(wish)
  api.cluster.putJob('prod/import-29', { active: 9, owner: 'prod/import' })
  api.cluster.putJob('prod/another')
  api.metrics.set(P95, 900)
  expect(movedGuards(pauseBatch.guards(then), then, await api.diagnose(wish))).toEqual([])
})

test('one person of SRE may approve it', () => {
  const recipe: Pick<Recipe, 'stage' | 'approval'> = pauseBatch
  expect(recipe).toMatchObject({ stage: 'propose', approval: { tier: 'T1', roles: ['sre'], people: 1 } })
})
