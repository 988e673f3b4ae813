import { expect, test } from 'vitest'
import { dice } from '../dice.js'
import { decide, wish } from './autoscaler.js'
import { moves } from './controller.js'
import { approach, drawLatency, load, settledP95, utilisation, WORST_P95_MS } from './latency.js'
import { amountOf, exceeds, takenBy } from './quota.js'
import { BUCKETS, Service } from './service.js'

const p95 = (slow: boolean, ready: number) => settledP95(utilisation(load({ slow }), ready))

test('two replicas carry the normal load, not the heavy one; five do', () => {
  expect(p95(false, 2)).toBeLessThan(200)
  expect(p95(true, 2)).toBe(WORST_P95_MS)
  expect(p95(true, 3)).toBe(WORST_P95_MS)
  expect(p95(true, 5)).toBeLessThan(250)
  expect(p95(false, 0)).toBe(WORST_P95_MS)
})

test('latency moves towards where it settles, in a couple of seconds', () => {
  expect(approach(100, 5_000, 50)).toBeGreaterThan(100)
  expect(approach(100, 5_000, 50)).toBeLessThan(1_000)
  expect(approach(5_000, 150, 2_500)).toBeLessThan(500)
})

test('95 of 100 requests are faster than the p95 that they are drawn from', () => {
  const throwing = dice(7)
  const drawn = Array.from({ length: 20_000 }, () => drawLatency(200, throwing))
  const faster = drawn.filter((ms) => ms <= 200).length / drawn.length
  expect(faster).toBeGreaterThan(0.94)
  expect(faster).toBeLessThan(0.96)
})

test('the generator sends as many requests as the load says, and each is in one bucket', () => {
  const service = new Service({ ready: 2, slow: false, noHelp: false }, dice(1))
  for (let step = 0; step < 200; step++) service.step(50, { ready: 2, slow: false, noHelp: false })
  expect(service.buckets).toHaveLength(BUCKETS.length + 1)
  expect(service.buckets.reduce((sum, count) => sum + count)).toBe(400)
})

test('where nothing helps, latency does not follow replicas', () => {
  const service = new Service({ ready: 2, slow: true, noHelp: true }, dice(1))
  for (let step = 0; step < 100; step++) service.step(50, { ready: 9, slow: true, noHelp: true })
  expect(service.p95Ms).toBeCloseTo(WORST_P95_MS)
})

test('the same seed throws the same dice', () => {
  const [one, same, other] = [dice(1), dice(1), dice(2)]
  const throws = Array.from({ length: 5 }, one)
  expect(Array.from({ length: 5 }, same)).toEqual(throws)
  expect(Array.from({ length: 5 }, other)).not.toEqual(throws)
})

const sight = { ready: ['a', 'b'], pending: [], wanted: 2, sinceLastMoveMs: 0, readyAfterMs: 600 }

test('the controller makes what is missing and takes away the least useful', () => {
  expect(moves(sight)).toEqual({ create: 0, remove: [] })
  expect(moves({ ...sight, wanted: 5 })).toEqual({ create: 3, remove: [] })
  expect(moves({ ...sight, pending: ['c', 'd'], wanted: 1 })).toEqual({ create: 0, remove: ['d', 'c', 'b'] })
})

test('pods become ready one by one, each after its while, or never', () => {
  const waiting = { ...sight, pending: ['c', 'd'], wanted: 4 }
  expect(moves({ ...waiting, sinceLastMoveMs: 599 }).becomesReady).toBeUndefined()
  expect(moves({ ...waiting, sinceLastMoveMs: 600 }).becomesReady).toBe('c')
  expect(moves({ ...waiting, sinceLastMoveMs: 1e9, readyAfterMs: Infinity }).becomesReady).toBeUndefined()
})

test('an autoscaler follows the load at once upwards, and downwards only when the wish has lasted', () => {
  expect(wish(2, 1.6)).toBe(5)
  expect(wish(2, 0.72)).toBe(2)
  const bounds = { min: 2, max: 10 }
  expect(decide([{ at: 0, replicas: 5 }], bounds, 0)).toBe(5)
  expect(
    decide(
      [
        { at: 0, replicas: 5 },
        { at: 20_000, replicas: 2 },
      ],
      bounds,
      20_000,
    ),
  ).toBe(5)
  expect(
    decide(
      [
        { at: 0, replicas: 5 },
        { at: 31_000, replicas: 2 },
      ],
      bounds,
      31_000,
    ),
  ).toBe(2)
  expect(decide([{ at: 0, replicas: 1 }], bounds, 0)).toBe(2)
  expect(decide([{ at: 0, replicas: 50 }], bounds, 0)).toBe(10)
})

test('a quota lets in what fits, and says in the words of Kubernetes what does not', () => {
  const pod = takenBy([{ resources: { requests: { cpu: '250m' }, limits: { memory: '1Gi' } } }, {}])
  expect(pod).toMatchObject({ pods: 1_000, cpu: 250, 'requests.cpu': 250, 'requests.memory': 2 ** 30 * 1_000 })
  expect(exceeds('small', { pods: '3', 'requests.cpu': 1 }, { pods: 2_000, 'requests.cpu': 750 }, pod)).toBeUndefined()
  expect(exceeds('small', { pods: '3', 'requests.cpu': 1 }, { pods: 3_000, 'requests.cpu': 800 }, pod)).toBe(
    'exceeded quota: small, requested: pods=1,requests.cpu=250m, used: pods=3,requests.cpu=800m, limited: pods=3,requests.cpu=1',
  )
  expect(exceeds('small', { 'limits.cpu': '4' }, {}, pod)).toBe('failed quota: small: must specify limits.cpu')
  expect(exceeds('small', { services: '0' }, {}, pod)).toBeUndefined()
  expect(['1', '0.5', '100m', '2Ki', 'x', '-1', ''].map(amountOf)).toEqual([
    ...[1_000, 500, 100, 2_048_000],
    ...[undefined, undefined, undefined],
  ])
})
