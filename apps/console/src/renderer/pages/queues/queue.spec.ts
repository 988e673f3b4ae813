import { expect, test } from 'vitest'
import type { Observation } from '../../api/view.js'
import { canarySays, goesSays, minutesFor, queuesOf, stillFails, windowSays } from './queue.js'

const at = '2026-11-26T03:00:10.000Z'
const seen = (value: Record<string, unknown>, when = at): Observation => ({
  target: 'queue:batch',
  value,
  at: when,
  age_ms: 0,
})
const group = {
  cause: 'torn',
  count: 2,
  example: 'it is torn',
  first_at: at,
  last_at: at,
  most_attempts: 3,
  jobs: ['1', '2'],
}

test('a queue is what was written of it, with its groups', () => {
  const failures = { at, looked_at: 2, groups: [group] }
  const value = { service: 'batch', environment: 'prod', kind: 'bull', canary: 2, per_minute: 120 }
  const counts = { waiting: 1, active: 2, delayed: 3, failed: 2 }
  const [queue] = queuesOf([seen({ ...value, ...counts, failures })], at)
  expect(queue).toMatchObject({ name: 'batch', canary: 2, perMinute: 120, ...counts, missed: false })
  expect(queue!.failures).toEqual({
    ...{ at, lookedAt: 2 },
    groups: [
      { cause: 'torn', count: 2, example: 'it is torn', firstAt: at, lastAt: at, mostAttempts: 3, jobs: ['1', '2'] },
    ],
  })
})

test('what was not written, or is nonsense, is not known, and is no zero', () => {
  const [queue] = queuesOf(
    [seen({ failed: '7', failures: { at, looked_at: 1, groups: [{ cause: 7 }, 'x', group] } })],
    at,
  )
  expect(queue).toMatchObject({ failed: null, waiting: null, service: null })
  expect(queue!.failures!.groups).toHaveLength(1)
  expect(queuesOf([seen({ failures: 'x' })], at)[0]!.failures).toBeNull()
  expect(queuesOf([seen({}, '2026-11-26T03:00:00.000Z')], at)[0]!.missed).toBe(true)
})

test('what has failed in the last two minutes fails still', () => {
  const now = new Date('2026-11-26T03:02:09.000Z')
  expect(stillFails({ lastAt: at }, now)).toBe('yes')
  expect(stillFails({ lastAt: at }, new Date('2026-11-26T03:02:10.000Z'))).toBe('no')
  expect(stillFails({ lastAt: null }, now)).toBe('not known')
})

test('groups say how much of the failed jobs they speak of', () => {
  const failures = { at, lookedAt: 200, groups: [] }
  expect(windowSays({ failed: 14_022, failures })).toBe('the newest 200 of 14,022')
  expect(windowSays({ failed: 200, failures })).toBe('all 200')
  expect(windowSays({ failed: 3, failures: null })).toBe('why they failed is not known')
})

test('a group takes as long as its queue lets it', () => {
  expect(minutesFor(240, { perMinute: 120 })).toBe(2)
  expect(minutesFor(1, { perMinute: 120 })).toBe(1)
  expect(minutesFor(1, { perMinute: null })).toBeNull()
})

test('a group goes behind its canary, and a small one at once', () => {
  expect(canarySays(169, { canary: 2 })).toBe('2 go ahead; the rest follows when these have come through')
  expect(canarySays(9, { canary: 1 })).toBe('1 goes ahead; the rest follows when it has come through')
  expect(canarySays(2, { canary: 2 })).toBe('they go at once')
  expect(canarySays(1, { canary: 2 })).toBe('it goes by itself')
  expect(canarySays(5, { canary: null })).toBe('')
})

test('how a group goes is said as far as it is known', () => {
  expect(goesSays(2, { canary: 2, perMinute: 120 })).toBe('they go at once, 1 min at least')
  expect(goesSays(2, { canary: null, perMinute: 120 })).toBe('1 min at least')
  expect(goesSays(2, { canary: 2, perMinute: null })).toBe('they go at once')
})
