import { movedGuards, type JsonObject, type Recipe, type Service } from '@firebreak/kit'
import { aService, FakeCluster, FakeDirectory, FakeMetrics, fakeReaders } from '@firebreak/kit/testing'
import { expect, test, vi } from 'vitest'
import { inspectApiLatency } from './recipe.js'

const API = 'prod/api'
const { p95_ms: P95, requests_per_second: LOAD, utilisation_percent: BUSY } = aService().metrics
const { downstream_depth: QUEUE, downstream_growth_per_minute: GROWTH } = aService().metrics

/** The service `api`, slow, and nothing that explains it but what a test adds. */
class Slow {
  readonly cluster = new FakeCluster()
  readonly metrics = new FakeMetrics().set(P95, 900).set(LOAD!, 120).set(BUSY!, 60).set(QUEUE!, 7).set(GROWTH!, 0)
  readonly readers

  constructor(service: Partial<Service> = {}) {
    const directory = new FakeDirectory([aService(service)])
    this.readers = fakeReaders({ cluster: this.cluster.reader, metrics: this.metrics, directory })
    this.cluster.deploy(API, { replicas: 2 })
  }

  async diagnose(wish: JsonObject = {}, labels: Record<string, string> = { service: 'api' }) {
    return inspectApiLatency.diagnose(this.readers, { labels }, inspectApiLatency.params.parse(wish))
  }

  async found() {
    return inspectApiLatency.findings!(await this.diagnose(), inspectApiLatency.params.parse({}))
  }

  async stopped(): Promise<string | undefined> {
    const facts = await this.diagnose()
    return inspectApiLatency.stopIf.find(({ when }) => when(facts, { minutes: 15 }))?.because
  }
}

const causes: [cause: string, make: (api: Slow) => unknown, says: RegExp, suggests: string | null][] = [
  [
    'a hot reload that never settles',
    ({ cluster }) => {
      for (let load = 0; load < 9; load++) cluster.say('prod/api-0', `hot reload: loading model invoice:${load}`)
    },
    /^It loads its model again and again: 9 loads in the last 15 minutes, in the logs of 2 of 2 pods \(95 %\)$/,
    'pin-model',
  ],
  [
    'pods that die',
    ({ cluster }) => {
      const last_exit = { code: 137, reason: 'OOMKilled', finished_ms: 1 }
      const died = { name: 'api', ready: true, restarts: 4, state: 'running' as const, reason: null, last_exit }
      cluster.deploy(API, { replicas: 2, restarts: 4, pods: { containers: [died] } })
      cluster.say('prod/api-0', 'started\nfatal: out of memory\n', { previous: true })
    },
    /^Its pods die: 8 restarts, 1 of its pods of late, OOMKilled 2; before the last one it said: fatal: out of memory \(93 %\)$/,
    null,
  ],
  [
    'batch work beside it',
    ({ cluster }) => cluster.putJob('prod/nightly-report', { active: 3 }),
    /^Batch work runs on its nodes: 3 pods of prod\/nightly-report, which may take whatever there is \(92 %\)$/,
    'pause-batch',
  ],
  [
    'a queue that grows',
    ({ metrics }) => metrics.set(GROWTH!, 240).set(QUEUE!, 900),
    /^The queue behind it grows: by 240 a minute, 900 wait \(91 %\)$/,
    null,
  ],
  [
    'too few replicas',
    ({ metrics }) => metrics.set(BUSY!, 160),
    /^Its replicas are used to 160 %: 2 ready, 120 requests\/s \(85 %\)$/,
    'scale-api',
  ],
  [
    'a rollout that is stuck',
    ({ cluster }) => cluster.rolls(API, { state: 'stalled', why: 'has timed out progressing' }),
    /^A rollout is stalled: has timed out progressing \(80 %\)$/,
    null,
  ],
]

test.each(causes)('finds %s first, with its values', async (_, make, says, suggests) => {
  const api = new Slow()
  make(api)
  const [first] = await api.found()
  expect(first).toEqual({ says: expect.stringMatching(says) as string, suggests })
})

test.each(causes.filter(([, , , suggests]) => suggests !== 'scale-api'))(
  'a service whose replicas are all used up looks like it under any cause: %s comes before that',
  async (cause, make, says) => {
    const api = new Slow()
    api.metrics.set(BUSY!, 300)
    make(api)
    const found = await api.found()
    const order = cause === 'a rollout that is stuck' ? found.toReversed() : found
    expect(order[0]!.says).toMatch(says)
    expect(found.map(({ suggests }) => suggests)).toContain('scale-api')
  },
)

test.each([
  [{}, 900],
  [{ minutes: 3 }, 180],
])('reads logs as far back as was asked, those of the life before too: %j', async (wish, since_s) => {
  const api = new Slow()
  api.cluster.deploy(API, { replicas: 2, restarts: 1 })
  const logs = vi.spyOn(api.readers.cluster, 'logs')
  await api.diagnose(wish)
  const asked = { tail: 2_000, limit_bytes: 262_144, since_s }
  expect(logs.mock.calls).toEqual(
    [0, 1].flatMap((at) => [
      [`${API}-${at}`, asked],
      [`${API}-${at}`, { ...asked, previous: true }],
    ]),
  )
})

test('several causes are all named, the likeliest first', async () => {
  const api = new Slow()
  for (const [, make] of causes) make(api)
  const percents = (await api.found()).map(({ says }) => Number(/\((\d+) %\)$/.exec(says)?.[1]))
  expect(percents).toHaveLength(6)
  expect(percents).toEqual([...percents].sort((a, b) => b - a))
})

test('without evidence for any cause it says how busy the replicas are, as weakly as it knows it', async () => {
  expect(await new Slow().found()).toEqual([
    { says: 'Its replicas are used to 60 %: 2 ready, 120 requests/s (10 %)', suggests: 'scale-api' },
  ])
  const unmeasured = new Slow({ metrics: { p95_ms: P95 } })
  expect(await unmeasured.found()).toEqual([
    { says: 'Its replicas are used to an unknown part: 2 ready (20 %)', suggests: 'scale-api' },
  ])
  unmeasured.cluster.autoscale('prod/api-hpa', API, { min: 1, max: 2 })
  expect((await unmeasured.found())[0]!.says).toMatch(/; its autoscaler: at its maximum of 2 \(70 %\)$/)
  const blind = { type: 'ScalingActive', holds: false, reason: 'FailedGetResourceMetric', message: '' }
  unmeasured.cluster.autoscale('prod/api-hpa', API, { min: 1, max: 9 }, { conditions: [blind] })
  expect((await unmeasured.found())[0]!.says).toMatch(/cannot tell how many are needed \(Failed.*\) \(70 %\)$/)
})

test('a pod that died once of late comes before replicas that are used up: that is what its death made of them', async () => {
  const api = new Slow()
  const last_exit = { code: 137, reason: 'OOMKilled', finished_ms: 1 }
  const died = { name: 'api', ready: true, restarts: 1, state: 'running' as const, reason: null, last_exit }
  api.cluster.deploy(API, { replicas: 2, restarts: 1, pods: { containers: [died] } })
  api.cluster.say('prod/api-0', 'fatal: out of memory', { previous: true })
  api.metrics.set(BUSY!, 95)
  expect((await api.found())[0]!.says).toMatch(/^Its pods die: 2 restarts, .*OOMKilled.* \(88 %\)$/)
})

test('restarts of long ago are told, and last', async () => {
  const api = new Slow()
  api.cluster.deploy(API, { replicas: 2, restarts: 9 })
  api.metrics.set(BUSY!, 160)
  const says = (await api.found()).map((finding) => finding.says)
  expect(says).toEqual([
    expect.stringMatching(/^Its replicas are used/),
    expect.stringMatching(/^Its pods die: 18 restarts, 0 of its pods of late \(15 %\)$/),
  ])
})

test('what a pod said last comes into the note without its secrets', async () => {
  const api = new Slow()
  api.cluster.deploy(API, { replicas: 2, restarts: 1 })
  api.cluster.say('prod/api-0', 'connect postgres://api:hunter22@db:5432 failed', { previous: true })
  expect(JSON.stringify([await api.diagnose(), await api.found()])).not.toContain('hunter22')
})

test('a pod that waits to be started again has died of late, whatever it said', async () => {
  const api = new Slow()
  api.cluster.deploy(API, { replicas: 2, ready: 1, restarts: 2 })
  expect((await api.found())[1]!.says).toBe('A rollout is progressing (80 %)')
  expect((await api.found())[0]!.says).toMatch(/^Its pods die: 4 restarts, 1 of its pods of late \(93 %\)$/)
})

test('one load of the model for each pod is normal', async () => {
  const api = new Slow()
  for (const pod of ['prod/api-0', 'prod/api-1'] as const) api.cluster.say(pod, 'loading model invoice:6')
  expect((await api.found()).some(({ says }) => says.includes('again and again'))).toBe(false)
})

test('jobs that are suspended, done, on other nodes, or small beside the service, are no competition: as for pause-batch', async () => {
  const api = new Slow()
  const asks = (cpu_millis: number, limit: number | null = null) => ({
    requests: { cpu_millis, memory_bytes: null },
    limits: { cpu_millis: limit, memory_bytes: null },
  })
  api.cluster.deploy(API, { replicas: 2, asks: asks(1_000) })
  api.cluster.putJob('prod/suspended', { suspended: true })
  api.cluster.putJob('prod/done', { state: 'complete', active: 0, succeeded: 1 })
  api.cluster.putJob('prod/on-another-node', { node: 'node-9', active: 50 })
  api.cluster.putJob('prod/small', { asks: asks(100, 150) })
  api.cluster.putJob('elsewhere/far', { active: 50 })
  expect((await api.diagnose()).batch).toEqual({ pods: 0, most_percent: 0, jobs: [], elsewhere: 2 })
  api.cluster.putJob('prod/felt', { active: 2, asks: asks(100, 300) })
  expect((await api.diagnose()).batch).toEqual({ pods: 2, most_percent: 30, jobs: ['prod/felt'], elsewhere: 2 })
  expect((await api.found())[0]!.says).toMatch(/prod\/felt, which may take 30 % of what it asks for \(40 %\)$/)
})

test('a log that cannot be read is a gap that is counted, and no reason to give up', async () => {
  const api = new Slow()
  const read = api.readers.cluster.logs.bind(api.readers.cluster)
  let asked = 0
  api.readers.cluster.logs = (pod, wish) => {
    if (asked++ === 0) api.cluster.failNext('forbidden', { of: 'reader' })
    return read(pod, wish)
  }
  expect((await api.diagnose()).reloads).toEqual({ lines: 0, pods_read: 1, pods: 2, minutes: 15 })
})

test('the logs of a few pods are read, those that died first', async () => {
  const api = new Slow()
  api.cluster.deploy(API, { replicas: 40 })
  expect((await api.diagnose({ minutes: 5 })).reloads).toEqual({ lines: 0, pods_read: 5, pods: 40, minutes: 5 })
})

test.each([
  [/back under the threshold/, ({ metrics }: Slow) => metrics.set(P95, 500)],
  [/scaled to zero/, ({ cluster }: Slow) => cluster.deploy(API, { replicas: 0 })],
] as const)('stops: %s', async (because, make) => {
  const api = new Slow()
  expect(await api.stopped()).toBeUndefined()
  make(api)
  expect(await api.stopped()).toMatch(because)
})

test('looks on where the latency is not measured', async () => {
  const api = new Slow()
  api.metrics.set(P95, undefined)
  expect(await api.stopped()).toBeUndefined()
})

test('believes nothing of an alert but the name of a service of the house', async () => {
  await expect(new Slow().diagnose({}, { service: 'web' })).rejects.toThrow('there is no service "web"')
  await expect(new Slow().diagnose({}, { deployment: 'prod/api' })).rejects.toThrow('no service is named')
})

test('a deployment that was replaced makes it stale', async () => {
  const api = new Slow()
  const then = await api.diagnose()
  api.cluster.deploy(API, { replicas: 2, uid: 'another' })
  const moved = movedGuards(inspectApiLatency.guards(then), then, await api.diagnose())
  expect(moved).toMatchObject([{ fact: 'deployment.uid' }])
})

test('changes nothing, and asks nobody', async () => {
  const api = new Slow()
  const facts = await api.diagnose()
  expect(inspectApiLatency.plan(facts, { minutes: 15 })).toEqual([])
  expect(inspectApiLatency.approval).toMatchObject({ tier: 'T0', people: 0 } satisfies Partial<Recipe['approval']>)
  expect(await inspectApiLatency.verify.holds(api.readers, facts, { minutes: 15 })).toMatchObject({ holds: true })
  expect(api.cluster.effects).toEqual([])
})
