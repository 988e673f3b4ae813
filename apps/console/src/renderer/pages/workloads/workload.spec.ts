import { expect, test } from 'vitest'
import type { Observation } from '../../api/view.js'
import { lastLook } from '../../api/targets.js'
import { healthOf, quotasOf, roomSays, scalerSays, workloadsOf } from './workload.js'

const at = '2026-11-26T03:00:10.000Z'
const seen = (target: string, value: Record<string, unknown>, when = at): Observation => ({
  ...{ target, value, at: when, age_ms: 0 },
})

test('a Deployment is what was written of it, with the service that it runs', () => {
  const change = { at, after: at, says: 'replicas 2 → 5' }
  const autoscaler = { name: 'prod/api', min: 2, max: 6, current: 5, desired: 5 }
  const value = { replicas: 5, ready: 4, autoscaler, last_change: change, watched_since: at }
  const service = seen('service:api', { deployment: 'prod/api' })
  expect(workloadsOf([seen('deployment:prod/api', value)], [service], at)).toEqual([
    {
      ...{ id: 'deployment:prod/api', ref: 'prod/api', namespace: 'prod', replicas: 5, ready: 4, autoscaler },
      ...{ lastChange: { at, says: 'replicas 2 → 5' }, watchedSince: at, service: 'api', at, missed: false },
    },
  ])
})

test('what an older worker did not write is not known, and is no zero', () => {
  const [old] = workloadsOf([seen('deployment:prod/api', { replicas: '5' })], [], at)
  expect(old).toMatchObject({ replicas: null, ready: null, autoscaler: undefined, lastChange: null, service: null })
  expect(healthOf(old!)).toBe('unknown')
})

test('what the last look did not see is gone, or cannot be seen: it is not said to be well', () => {
  const items = [
    seen('deployment:a/b', { replicas: 1, ready: 1 }, '2026-11-26T03:00:08.000Z'),
    seen('deployment:a/c', {}),
  ]
  expect(lastLook(items)).toBe(at)
  expect(lastLook([])).toBeNull()
  expect(workloadsOf(items, [], lastLook(items)).map(({ missed }) => missed)).toEqual([true, false])
  expect(healthOf({ missed: true, replicas: 1, ready: 1 })).toBe('gone')
})

test.each([
  [{ replicas: 3, ready: 3 }, 'full'],
  [{ replicas: 3, ready: 2 }, 'short'],
  [{ replicas: 3, ready: 0 }, 'down'],
  [{ replicas: 0, ready: 0 }, 'off'],
] as const)('%j is %s', (counts, health) => expect(healthOf({ missed: false, ...counts })).toBe(health))

test('an autoscaler matters at its maximum, and when it wants more', () => {
  const scaler = { name: 'x', min: 2, max: 3 }
  expect(scalerSays({ autoscaler: { ...scaler, current: 3, desired: 3 } })).toBe('at its maximum')
  expect(scalerSays({ autoscaler: { ...scaler, current: 2, desired: 3 } })).toBe('wants 3')
  expect(scalerSays({ autoscaler: { ...scaler, current: 2, desired: 2 } })).toBe('')
  expect(scalerSays({ autoscaler: null })).toBe('')
})

test('quotas say what they leave: the tightest first, of two the one that leaves less', () => {
  const limits = (...rest: [string, number, number][]) =>
    rest.map(([resource, hard, used]) => ({ resource, hard, used }))
  const quotas = [
    { ref: 'prod/a', scoped: false, limits: limits(['pods', 10, 4], ['requests.cpu', 4_000, 3_500]) },
    { ref: 'prod/b', scoped: false, limits: limits(['pods', 8, 7]) },
    { ref: 'prod/c', scoped: true, limits: limits(['pods', 1, 1]) },
    { ref: 'prod/d', scoped: false, limits: 'nonsense' },
  ]
  const found = quotasOf([seen('namespace:prod', { quotas })]).get('prod')!
  expect(found.room.map(roomSays)).toEqual(['pods 1 of 8 left', 'requests.cpu 0.5 of 4 left'])
  expect(found.scoped).toBe(1)
})

test('room is said in the unit of its resource', () => {
  expect(roomSays({ resource: 'limits.memory', hard: 8 * 2 ** 30, used: 0, left: 512 * 2 ** 20 })).toBe(
    'limits.memory 512 MiB of 8 GiB left',
  )
  expect(roomSays({ resource: 'pods', hard: 4, used: 5, left: -1 })).toBe('pods 1 over its 4')
})
