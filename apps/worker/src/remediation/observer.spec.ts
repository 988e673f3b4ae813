import { noLimits, Scopes, type World } from '@firebreak/flow'
import { FakeLedger } from '@firebreak/flow/testing'
import type { House } from '@firebreak/house'
import { PortFailure, type Readers, type Span } from '@firebreak/kit'
import {
  aHouseOfThings,
  aQueue,
  aService,
  FakeCluster,
  FakeDirectory,
  FakeJobQueues,
  FakeMetrics,
  FakeModelRegistry,
  fakeReaders,
} from '@firebreak/kit/testing'
import { beforeEach, expect, test } from 'vitest'
import { Observer } from './observer.js'

let ledger: FakeLedger
let cluster: FakeCluster
let queues: FakeJobQueues
let metrics: FakeMetrics
let clock: number
let unseen: string[]
let observer: Observer
/** Ends the patience of the looks so far. */
let endPatience: (() => void)[]

beforeEach(() => {
  ledger = new FakeLedger()
  cluster = new FakeCluster()
  queues = new FakeJobQueues()
  metrics = new FakeMetrics()
  clock = Date.UTC(2026, 10, 26, 3)
  unseen = []
  endPatience = []
  cluster.deploy('prod/api', { replicas: 2 })
  observer = observing(new FakeDirectory([aService()], { queues: [aQueue({ canary: 2, per_minute: 120 })] }))
})

function observing(directory: FakeDirectory, more: Partial<Readers> = {}): Observer {
  const world: World = {
    ...{ ledger, now: () => new Date(clock), newId: (prefix) => `${prefix}_1` },
    ...{ scopes: new Scopes([], []), limits: noLimits },
  }
  const readers = fakeReaders({ cluster: cluster.reader, queues: queues.reader, metrics, directory, ...more })
  const house = { observe: { namespaces: ['prod'], interval_s: 2 } } as unknown as House
  const sleep = () => new Promise<void>((end) => endPatience.push(end))
  return new Observer(world, readers, house, { sleep }, (target, why) => unseen.push(`${target}: ${why}`))
}

const row = (id: string) => ledger.read((books) => books.observations.get(id))
const value = async (id: string) => (await row(id))?.value
const figureOf = (target: string, name: string) => ({
  ...{ id: `${target} ${name}`, target },
  value: { name, title: name, unit: '', threshold: null, query: null, step_s: 15, points: [], unavailable: null },
})
const later = (ms: number) => void (clock += ms)

test('a Deployment is written down with what scales it, its namespace with its quotas', async () => {
  cluster.autoscale('prod/api-hpa', 'prod/api', { min: 2, max: 3 })
  cluster.putQuota('prod/pods', [{ resource: 'pods', hard: 10, used: 8 }])
  await observer.look()
  expect(await value('deployment:prod/api')).toMatchObject({
    ...{ namespace: 'prod', replicas: 2, ready: 2, last_change: null, watched_since: '2026-11-26T03:00:00.000Z' },
    autoscaler: { name: 'prod/api-hpa', min: 2, max: 3, current: 2, desired: 2 },
  })
  expect(await value('namespace:prod')).toEqual({
    quotas: [{ ref: 'prod/pods', scoped: false, limits: [{ resource: 'pods', hard: 10, used: 8 }] }],
  })
  expect(await value('service:api')).toMatchObject({ deployment: 'prod/api', max_replicas: 10, p95_ms: null })
  expect(unseen).toEqual([])
})

/** Ten services; what is asked about the slow ones waits until the answer is called. */
function withSlow(...slow: string[]) {
  const named = (name: string) => aService({ name, metrics: { p95_ms: name } })
  const services = [...slow, ...Array.from({ length: 10 }, (_, nth) => `swift-${nth}`)].map(named)
  const answer = new Map<string, (p95: number) => void>()
  let most = 0
  let running = 0
  metrics.value = async (query) => {
    most = Math.max(most, ++running)
    const p95 = await (slow.includes(query) ? new Promise<number>((end) => answer.set(query, end)) : Promise.resolve(7))
    running -= 1
    return p95
  }
  observer = observing(new FakeDirectory(services, { queues: [] }))
  return { answer, running: () => running, most: () => most }
}
const turn = () => new Promise((next) => setImmediate(next))

test('a slow question keeps no other service from its turn, no look from being written, and is not asked twice', async () => {
  const { answer, running, most } = withSlow('slow-0', 'slow-1')
  const first = observer.look()
  await turn()
  later(1_500)
  endPatience.at(-1)!()
  await first
  const at = (await row('service:swift-9'))!.at
  expect(at).toBe('2026-11-26T03:00:00.000Z')
  expect(await row('deployment:prod/api')).toMatchObject({ at })
  expect(await row('service:slow-0')).toBeUndefined()
  expect([running(), most()]).toEqual([2, 4])

  later(500)
  const second = observer.look()
  await turn()
  expect(running()).toBe(2)
  answer.get('slow-0')!(900)
  answer.get('slow-1')!(800)
  await second
  // As old as the question is.
  expect(await row('service:slow-0')).toMatchObject({ at, value: { p95_ms: 900 } })
  expect((await row('service:swift-0'))!.at).toBe('2026-11-26T03:00:02.000Z')

  // Known as slow they have one place of four, and are waited for no more.
  later(2_000)
  await observer.look()
  expect(running()).toBe(1)
  expect((await row('service:swift-0'))!.at).toBe('2026-11-26T03:00:04.000Z')
  expect(unseen).toEqual([])
})

test('services that fail are told of, and the others are written', async () => {
  const services = ['a', 'b', 'c'].map((name) => aService({ name, metrics: { p95_ms: name } }))
  for (const query of ['a', 'b', 'c']) metrics.set(query, 7)
  observer = observing(new FakeDirectory(services, { queues: [] }))
  metrics.failNext('timeout')
  await observer.look()
  expect(unseen).toEqual([expect.stringContaining('service:a: ')])
  expect(await value('service:c')).toMatchObject({ p95_ms: 7 })
  await observer.look()
  expect(await value('service:a')).toMatchObject({ p95_ms: 7 })
})

test('what is as it was at the look before gets its time alone, and what one other worker saw since stays', async () => {
  await observer.look()
  const written: [ids: readonly string[], columns: string[]][] = []
  const write = ledger.write.bind(ledger)
  ledger.write = (work) =>
    write((books) => {
      const { observations } = books
      const [change, changeAll] = [observations.change, observations.changeAll]
      observations.change = (id, columns) => (written.push([[id], Object.keys(columns)]), change(id, columns))
      observations.changeAll = (ids, columns) => (written.push([ids, Object.keys(columns)]), changeAll(ids, columns))
      return work(books)
    })
  later(2_000)
  await observer.look()
  expect(written).toEqual([[['deployment:prod/api', 'namespace:prod', 'queue:batch', 'service:api'], ['at']]])
  expect((await row('service:api'))!.at).toBe('2026-11-26T03:00:02.000Z')

  written.length = 0
  later(2_000)
  cluster.deploy('prod/api', { replicas: 3 })
  const quotas = cluster.reader.quotas.bind(cluster.reader)
  cluster.reader.quotas = async (namespace) => {
    later(1_000)
    await ledger.write((books) => books.observations.change('service:api', { value: { p95_ms: 5 }, at: '2026-11-26T03:00:04.500Z' })) // prettier-ignore
    return quotas(namespace)
  }
  await observer.look()
  expect(written.slice(1)).toEqual([
    [['deployment:prod/api'], ['value', 'at']],
    [['namespace:prod'], ['at']],
    [['queue:batch'], ['at']],
  ])
  expect(await value('service:api')).toEqual({ p95_ms: 5 })
})

test('the last change is told with the two looks between which it happened, and stays', async () => {
  await observer.look()
  later(2_000)
  cluster.deploy('prod/api', { replicas: 5, ready: 2 })
  await observer.look()
  const change = { at: '2026-11-26T03:00:02.000Z', after: '2026-11-26T03:00:00.000Z', says: 'replicas 2 → 5' }
  expect(await value('deployment:prod/api')).toMatchObject({ last_change: change })
  later(2_000)
  cluster.deploy('prod/api', { replicas: 5, ready: 5 })
  await observer.look()
  // Pods that become ready are no change of anybody's.
  expect(await value('deployment:prod/api')).toMatchObject({
    ...{ ready: 5, last_change: change, watched_since: '2026-11-26T03:00:00.000Z' },
  })
})

test('bounds of an autoscaler that move, and one that comes, are changes too', async () => {
  await observer.look()
  cluster.autoscale('prod/api-hpa', 'prod/api', { min: 2, max: 3 })
  await observer.look()
  expect(await value('deployment:prod/api')).toMatchObject({ last_change: { says: 'autoscaler none → prod/api-hpa' } })
  cluster.autoscale('prod/api-hpa', 'prod/api', { min: 2, max: 6 })
  await observer.look()
  expect(await value('deployment:prod/api')).toMatchObject({ last_change: { says: 'max 3 → 6' } })
})

test('what a container runs is a change, and the newest twenty changes are remembered', async () => {
  const runs = (image: string) => [{ name: 'api', image, env: {} }]
  cluster.deploy('prod/api', { replicas: 2, containers: runs('registry.example/team/api:0') })
  await observer.look()
  for (let version = 1; version <= 25; version++) {
    later(2_000)
    cluster.deploy('prod/api', { replicas: 2, containers: runs(`registry.example/team/api:${version}`) })
    await observer.look()
  }
  const { changes, last_change } = (await value('deployment:prod/api')) as { changes: { says: string }[]; last_change: object } // prettier-ignore
  expect(changes.map(({ says }) => says).slice(0, 2)).toEqual(['image api:24 → api:25', 'image api:23 → api:24'])
  expect(changes).toHaveLength(20)
  expect(changes[0]).toEqual({
    ...{ at: '2026-11-26T03:00:50.000Z', after: '2026-11-26T03:00:48.000Z', says: 'image api:24 → api:25' },
    what: [{ what: 'image', from: 'api:24', to: 'api:25' }],
  })
  expect(last_change).toEqual({ at: '2026-11-26T03:00:50.000Z', after: '2026-11-26T03:00:48.000Z', says: 'image api:24 → api:25' }) // prettier-ignore
})

test('an image that is no reference but a long text does not fill the record', async () => {
  await observer.look()
  cluster.deploy('prod/api', { replicas: 2, containers: [{ name: 'api', image: 'x'.repeat(100_000), env: {} }] })
  await observer.look()
  expect(JSON.stringify(await value('deployment:prod/api')).length).toBeLessThan(5_000)
})

test('an autoscaler that has given all that it may has done so since a time, until it may give more', async () => {
  const since = async () => (await value('deployment:prod/api'))!['at_maximum_since']
  cluster.autoscale('prod/api-hpa', 'prod/api', { min: 2, max: 4 })
  await observer.look()
  expect(await since()).toBeNull()
  later(2_000)
  cluster.deploy('prod/api', { replicas: 4 })
  await observer.look()
  later(60_000)
  await observer.look()
  expect(await since()).toBe('2026-11-26T03:00:02.000Z')
  cluster.autoscale('prod/api-hpa', 'prod/api', { min: 2, max: 8 })
  await observer.look()
  expect(await since()).toBeNull()
})

test('which version of a model serves, and which engine reads, are written down with what changed of them', async () => {
  const registry = new FakeModelRegistry()
  for (let version = 1; version <= 3; version++) registry.register('invoice-classifier')
  await registry.hands.setAlias('invoice-classifier', 'production', '2')
  cluster.putConfig('prod/ocr-routing', { engine: 'primary', fallback_percent: '0', password: 'hunter22' })
  observer = observing(new FakeDirectory([], aHouseOfThings({ queues: [] })), { registry: registry.reader })
  await observer.look()
  expect(await value('model:invoice-classifier')).toMatchObject({ version: '2', stable_version: null, last_change: null }) // prettier-ignore
  later(15_000)
  await registry.hands.setAlias('invoice-classifier', 'production', '3')
  cluster.putConfig('prod/ocr-routing', { engine: 'fallback', fallback_percent: '0' })
  await observer.look()
  const change = { at: '2026-11-26T03:00:15.000Z', after: '2026-11-26T03:00:00.000Z' }
  expect(await value('model:invoice-classifier')).toMatchObject({ last_change: { ...change, says: 'version 2 → 3' } })
  expect(await value('ocr:documents')).toMatchObject({ last_change: { ...change, says: 'engine primary → fallback' } })
  expect(JSON.stringify(await row('ocr:documents'))).not.toContain('hunter22')
  // Nothing says any more which engine reads: that, too, somebody did.
  later(15_000)
  cluster.putConfig('prod/ocr-routing', { fallback_percent: '0' })
  await observer.look()
  expect(await value('ocr:documents')).toMatchObject({ last_change: { says: 'engine fallback → none' } })
  expect(await value('model:invoice-classifier')).toMatchObject({ last_change: { says: 'version 2 → 3' } })
  expect(unseen).toEqual([])
})

const figure = (id: string) => ledger.read((books) => books.figures.get(id))
const P95 = 'service:api p95_ms'
const QUERY = aService().metrics.p95_ms

test('figures are the last hour at one step, and go on from where they ended', async () => {
  metrics.set(QUERY, 900).past(QUERY, (second) => second - clock / 1_000)
  await observer.look()
  const { value, at } = (await figure(P95))!
  expect(value).toMatchObject({ title: 'p95 latency', unit: 'ms', threshold: 500, step_s: 15, unavailable: null })
  expect(value.points).toHaveLength(240)
  expect([value.points[0], value.points.at(-1)]).toEqual([[clock / 1_000 - 3_585, -3_585], [clock / 1_000, 0]]) // prettier-ignore
  expect(at).toBe('2026-11-26T03:00:00.000Z')

  later(2_000)
  await observer.look()
  expect((await figure(P95))!.at).toBe(at)
  later(28_000)
  const asked: Span[] = []
  const series = metrics.series.bind(metrics)
  metrics.series = (query, over) => (
    query === QUERY && over.stepSeconds === 15 && asked.push(over),
    series(query, over)
  )
  await observer.look()
  // Not the whole hour again.
  expect(asked.map(({ from, until }) => (until.getTime() - from.getTime()) / 15_000)).toEqual([4])
  expect((await figure(P95))!.value.points).toHaveLength(240)
  expect((await figure(P95))!.value.points.at(-1)).toEqual([clock / 1_000, 0])
})

test('beside the last hour there are the last eight, by a coarser step', async () => {
  metrics.set(QUERY, 900)
  await observer.look()
  later(60_000)
  await observer.look()
  const { value, at } = (await figure(`${P95} 120`))!
  expect(value).toMatchObject({ step_s: 120, threshold: 500 })
  expect(value.points).toHaveLength(240)
  expect(value.points.at(-1)![0] - value.points[0]![0]).toBe(239 * 120)
  // It is read as often as it has a new point.
  expect(at).toBe('2026-11-26T03:00:00.000Z')
  later(60_000)
  await observer.look()
  expect((await figure(`${P95} 120`))!.at).toBe('2026-11-26T03:02:00.000Z')
})

test('a figure that cannot be read keeps its points and its age, and says why; afterwards nothing is missing', async () => {
  metrics.set(QUERY, 900)
  await observer.look()
  const before = (await figure(P95))!
  later(60_000)
  metrics.series = () => Promise.reject(new PortFailure('unreachable', 'ECONNREFUSED 10.0.0.7'))
  await observer.look()
  const why = 'The monitoring system could not be reached.'
  expect(await figure(P95)).toEqual({ ...before, value: { ...before.value, unavailable: why } })
  expect(unseen).toEqual(['figures: ECONNREFUSED 10.0.0.7 (unreachable)'])
  later(60_000)
  metrics.series = FakeMetrics.prototype.series.bind(metrics)
  await observer.look()
  const { value } = (await figure(P95))!
  expect(value.unavailable).toBeNull()
  expect(value.points.filter(([, value]) => value !== 900)).toEqual([])
  expect(value.points).toHaveLength(240)
})

test('a question that is too hard for the monitoring system keeps no other figure from being read, and waits', async () => {
  const asked: string[] = []
  const series = metrics.series.bind(metrics)
  const { requests_per_second: rate = '', downstream_depth: depth = '' } = aService().metrics
  for (const query of [QUERY, rate, depth]) metrics.set(query, 7)
  metrics.series = (query, over) => {
    asked.push(query)
    return query === QUERY ? Promise.reject(new PortFailure('timeout', 'no answer in time')) : series(query, over)
  }
  const unavailable = async () => (await figure(P95))!.value.unavailable
  await observer.look()
  expect(await unavailable()).toBe('The monitoring system did not answer in time.')
  // By one step, and not by the other one as well.
  expect(asked.filter((query) => query === QUERY)).toHaveLength(1)
  for (const id of [
    'service:api requests_per_second',
    'service:api downstream_depth',
    'service:api requests_per_second 120',
  ])
    expect((await figure(id))!.value).toMatchObject({ unavailable: null })
  asked.length = 0
  later(15_000)
  await observer.look()
  expect(asked).toContain(rate)
  expect(asked).not.toContain(QUERY)
  expect(await unavailable()).toBe('The monitoring system did not answer in time.')
  metrics.series = series
  metrics.set(QUERY, 900)
  later(60_000)
  await observer.look()
  expect(await unavailable()).toBeNull()
})

test('of a monitoring system that answers nothing in time one time limit is waited for, and not one for each question', async () => {
  const services = Array.from({ length: 10 }, (_, nth) => aService({ name: `api-${nth}`, metrics: { ...aService().metrics, p95_ms: `p95{n="${nth}"}` } })) // prettier-ignore
  observer = observing(new FakeDirectory(services, { queues: [] }))
  let asked = 0
  metrics.series = () => (asked++, Promise.reject(new PortFailure('timeout', 'no answer in time')))
  await observer.look()
  expect(asked).toBe(4)
  later(15_000)
  await observer.look()
  expect(asked).toBe(8)
})

test('a slow monitoring system keeps the worker from its looks for a while and no longer, and every figure has its turn', async () => {
  const services = Array.from({ length: 5 }, (_, nth) => aService({ name: `api-${nth}` }))
  observer = observing(new FakeDirectory(services, { queues: [] }))
  for (const query of Object.values(aService().metrics)) metrics.set(query!, 7)
  const series = metrics.series.bind(metrics)
  metrics.series = (query, over) => {
    later(2_000)
    return series(query, over)
  }
  const before = clock
  await observer.look()
  expect(clock - before).toBeLessThan(20_000)
  for (let round = 0; round < 3; round++) {
    later(15_000)
    await observer.look()
  }
  for (const { name } of services)
    expect((await figure(`service:${name} downstream_depth`))?.value).toMatchObject({ unavailable: null })
  // What it sees itself has a point of each round.
  const own = (await figure('deployment:prod/api ready'))!.value.points
  expect(own.filter(([, value]) => value !== null)).toHaveLength(4)
})

test('what nobody measures is no zero, and another query is another figure', async () => {
  metrics.set(QUERY, undefined)
  await observer.look()
  expect((await figure(P95))!).toMatchObject({
    ...{ at: null, value: { points: [], unavailable: 'The monitoring system has no such figure.' } },
  })
  expect(unseen).toEqual([])
  await ledger.write((books) =>
    books.figures.add(
      { ...figureOf('service:gone', 'p95_ms'), at: '2026-11-26T01:00:00.000Z' },
      { ...figureOf('service:never', 'p95_ms'), at: null },
    ),
  )
  metrics.set(QUERY, 5)
  await ledger.write(async (books) => {
    const row = (await books.figures.get(P95))!
    await books.figures.change(P95, { value: { ...row.value, query: 'other', points: [[clock / 1_000, 77]] } })
  })
  later(15_000)
  await observer.look()
  expect((await figure(P95))!.value.points.map(([, value]) => value)).not.toContain(77)
  // Of what the house names no more nothing is shown for ever.
  expect(await figure('service:gone p95_ms')).toBeUndefined()
  expect(await figure('service:never p95_ms')).toBeUndefined()
})

test('what the worker sees with its own eyes is a figure too, with a gap where it could not look', async () => {
  queues.fail('batch', { id: '1', reason: 'torn' })
  await observer.look()
  later(15_000)
  queues.failNext('unreachable')
  await observer.look()
  expect((await figure('queue:batch failed'))!).toMatchObject({
    ...{ at: '2026-11-26T03:00:00.000Z', value: { unavailable: 'The worker could not look at it.' } },
  })
  later(15_000)
  await observer.look()
  const { points, unavailable } = (await figure('queue:batch failed'))!.value
  expect(points.map(([, value]) => value)).toEqual([1, null, 1])
  expect(unavailable).toBeNull()
  expect((await figure('deployment:prod/api ready'))!.value.points.map(([, value]) => value)).toEqual([2, 2, 2])
  cluster.deploy('prod/api', { replicas: 2, restarts: 3 })
  later(15_000)
  await observer.look()
  const restarts = (await figure('deployment:prod/api restarts'))!.value.points.map(([, value]) => value)
  expect(restarts.slice(0, 3)).toEqual([0, 0, 0])
  expect(restarts[3]).toBeGreaterThan(0)
})

test('failed jobs are grouped by what they failed of, the largest group first', async () => {
  queues.fail('batch', { id: '1', reason: 'NoSuchKey: incomming/1.png', attempts: 3 })
  queues.fail('batch', { id: '2', reason: 'the document is torn' })
  queues.fail('batch', { id: '3', reason: 'NoSuchKey: incomming/3.png' })
  await observer.look()
  expect(await value('queue:batch')).toMatchObject({
    ...{ service: 'batch', kind: 'bull', canary: 2, per_minute: 120, waiting: 0, active: 0, delayed: 0, failed: 3 },
    failures: {
      at: '2026-11-26T03:00:00.000Z',
      looked_at: 3,
      groups: [
        {
          ...{ cause: 'NoSuchKey: ‹path›', count: 2, example: 'NoSuchKey: incomming/3.png', most_attempts: 3 },
          ...{ first_at: '1970-01-01T00:00:00.001Z', last_at: '1970-01-01T00:00:00.003Z', jobs: ['3', '1'] },
        },
        { cause: 'the document is torn', count: 1 },
      ],
    },
  })
})

test('why jobs failed is read again when their number changes, and after half a minute', async () => {
  const readAt = async () => ((await value('queue:batch'))!['failures'] as { at: string }).at.slice(14, 19)
  queues.fail('batch', { id: '1', reason: 'torn' })
  await observer.look()
  later(2_000)
  await observer.look()
  expect(await readAt()).toBe('00:00')
  later(2_000)
  queues.fail('batch', { id: '2', reason: 'torn' })
  await observer.look()
  expect(await readAt()).toBe('00:04')
  later(30_000)
  await observer.look()
  expect(await readAt()).toBe('00:34')
})

test('an example carries no secret', async () => {
  queues.fail('batch', { id: '1', reason: 'cannot reach redis://user:hunter2@queue:6379' })
  await observer.look()
  expect(JSON.stringify(await value('queue:batch'))).not.toContain('hunter2')
})

test('queues that are down keep their old observation, and nothing else goes unseen', async () => {
  await observer.look()
  const before = await row('queue:batch')
  later(2_000)
  queues.failNext('unreachable')
  cluster.deploy('prod/api', { replicas: 3 })
  await observer.look()
  expect(await row('queue:batch')).toEqual(before)
  expect(await value('deployment:prod/api')).toMatchObject({ replicas: 3 })
  expect(unseen).toEqual([expect.stringContaining('queue:batch: ')])
})

test('quotas that nobody may read hide no Deployment', async () => {
  cluster.reader.quotas = () => Promise.reject(new PortFailure('forbidden', 'no'))
  await observer.look()
  expect(await value('deployment:prod/api')).toMatchObject({ replicas: 2 })
  expect(unseen).toEqual(['namespace:prod: no (forbidden)'])
})
