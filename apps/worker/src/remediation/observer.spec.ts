import { noLimits, Scopes, type World } from '@firebreak/flow'
import { FakeLedger } from '@firebreak/flow/testing'
import type { House } from '@firebreak/house'
import { PortFailure } from '@firebreak/kit'
import {
  aQueue,
  aService,
  FakeCluster,
  FakeDirectory,
  FakeJobQueues,
  FakeMetrics,
  fakeReaders,
} from '@firebreak/kit/testing'
import { beforeEach, expect, test } from 'vitest'
import { Observer } from './observer.js'

let ledger: FakeLedger
let cluster: FakeCluster
let queues: FakeJobQueues
let clock: number
let unseen: string[]
let observer: Observer

beforeEach(() => {
  ledger = new FakeLedger()
  cluster = new FakeCluster()
  queues = new FakeJobQueues()
  clock = Date.UTC(2026, 10, 26, 3)
  unseen = []
  cluster.deploy('prod/api', { replicas: 2 })
  const world: World = {
    ...{ ledger, now: () => new Date(clock), newId: (prefix) => `${prefix}_1` },
    ...{ scopes: new Scopes([], []), limits: noLimits },
  }
  const directory = new FakeDirectory([aService()], { queues: [aQueue({ canary: 2, per_minute: 120 })] })
  const readers = fakeReaders({ cluster: cluster.reader, queues: queues.reader, metrics: new FakeMetrics(), directory })
  const house = { observe: { namespaces: ['prod'], interval_s: 2 } } as unknown as House
  observer = new Observer(world, readers, house, (target, why) => unseen.push(`${target}: ${why}`))
})

const row = (id: string) => ledger.read((books) => books.observations.get(id))
const value = async (id: string) => (await row(id))?.value
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
