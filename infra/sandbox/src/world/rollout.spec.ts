import { expect, test } from 'vitest'
import { isDue, readSchedule } from './cron.js'
import { jobMoves, type JobSight } from './job.js'
import { bounds, rollOut, type Generation, type Rollout } from './rollout.js'

const generation = (name: string, wanted: number, available = wanted): Generation => ({
  name,
  wanted,
  pods: wanted,
  available,
})

/** Lives a rollout through to its end: what is asked for is there at once, and `ready` says how many of it serve. */
function live(start: Rollout, ready: (wanted: number, current: boolean) => number = (wanted) => wanted) {
  let { current, old } = start
  const path: { total: number; available: number }[] = []
  for (let step = 0; step < 50; step++) {
    const asked = rollOut({ ...start, current, old })
    if (asked.size === 0) break
    const next = (one: Generation, isCurrent: boolean): Generation => {
      const wanted = asked.get(one.name) ?? one.wanted
      return { name: one.name, wanted, pods: wanted, available: ready(wanted, isCurrent) }
    }
    ;[current, old] = [next(current, true), old.map((one) => next(one, false))]
    const all = [current, ...old]
    path.push({
      total: all.reduce((sum, { wanted }) => sum + wanted, 0),
      available: all.reduce((sum, { available }) => sum + available, 0),
    })
  }
  return { current, old, path }
}

const rollout = (given: Partial<Rollout> = {}): Rollout => ({
  replicas: 4,
  surge: 1,
  unavailable: 1,
  recreate: false,
  paused: false,
  current: generation('new', 0),
  old: [generation('old', 4)],
  ...given,
})

test.each([1, 2, 3, 4, 7, 10])('a rollout of %i replicas ends, within surge and availability', (replicas) => {
  const { surge, unavailable } = bounds(replicas)
  const { current, old, path } = live(rollout({ replicas, surge, unavailable, old: [generation('old', replicas)] }))
  expect([current.wanted, old[0]!.wanted]).toEqual([replicas, 0])
  for (const { total, available } of path) {
    expect(total).toBeLessThanOrEqual(replicas + surge)
    expect(available).toBeGreaterThanOrEqual(replicas - unavailable)
  }
})

test('a template that never becomes ready leaves enough of the old one', () => {
  const { current, old } = live(rollout(), (wanted, isCurrent) => (isCurrent ? 0 : wanted))
  expect(old[0]!.available).toBe(3)
  expect(current.wanted).toBe(2)
})

test('what serves nobody goes first', () => {
  const asked = rollOut(
    rollout({ current: generation('new', 2), old: [generation('broken', 2, 0), generation('old', 1)] }),
  )
  expect(asked.get('broken')).toBe(0)
  expect(asked.has('old')).toBe(false)
})

test('recreate waits until every old pod is gone', () => {
  expect([...rollOut(rollout({ recreate: true }))]).toEqual([['old', 0]])
  const gone = { name: 'old', wanted: 0, pods: 0, available: 0 }
  expect([...rollOut(rollout({ recreate: true, old: [gone] }))]).toEqual([['new', 4]])
})

test('paused, nothing is exchanged, and what is asked for in all is kept', () => {
  const half = rollout({ paused: true, current: generation('new', 2), old: [generation('old', 2)] })
  expect([...rollOut(half)]).toEqual([])
  expect([...rollOut({ ...half, replicas: 6 })]).toEqual([['new', 4]])
})

test('shares are rounded as Kubernetes does, and are never both none', () => {
  expect(bounds(10)).toEqual({ surge: 3, unavailable: 2 })
  expect(bounds(2)).toEqual({ surge: 1, unavailable: 0 })
  expect(bounds(4, { maxSurge: 0, maxUnavailable: '10%' })).toEqual({ surge: 0, unavailable: 1 })
})

const sight = (given: Partial<JobSight> = {}): JobSight => ({
  completions: 3,
  parallelism: 2,
  backoffLimit: 1,
  suspended: false,
  active: 0,
  succeeded: 0,
  failed: 0,
  runsForMs: 0,
  deadlineMs: Infinity,
  sinceFailureMs: Infinity,
  ...given,
})

test('a job makes as many pods as may run, and no more than are missing', () => {
  expect(jobMoves(sight())).toEqual({ create: 2, remove: 0 })
  expect(jobMoves(sight({ succeeded: 2 }))).toEqual({ create: 1, remove: 0 })
  expect(jobMoves(sight({ active: 2, parallelism: 1 }))).toEqual({ create: 0, remove: 1 })
})

test('a job ends when it is complete, out of patience, or out of time; suspended, it has no pods', () => {
  expect(jobMoves(sight({ succeeded: 3 })).ends).toBe('Complete')
  expect(jobMoves(sight({ failed: 2, active: 1 }))).toEqual({ create: 0, remove: 1, ends: 'BackoffLimitExceeded' })
  expect(jobMoves(sight({ runsForMs: 10, deadlineMs: 10 })).ends).toBe('DeadlineExceeded')
  expect(jobMoves(sight({ suspended: true, active: 2 }))).toEqual({ create: 0, remove: 2 })
})

test('after a failure a job waits before it tries again', () => {
  expect(jobMoves(sight({ failed: 1, sinceFailureMs: 499 })).create).toBe(0)
  expect(jobMoves(sight({ failed: 1, sinceFailureMs: 500 })).create).toBe(2)
})

const at = (text: string) => Date.parse(text)

test.each([
  ['* * * * *', '2026-03-01T10:17:30Z', true],
  ['*/15 * * * *', '2026-03-01T10:30:00Z', true],
  ['*/15 * * * *', '2026-03-01T10:31:00Z', false],
  ['0 2-4 * * *', '2026-03-01T04:00:00Z', true],
  ['0 2-4 * * *', '2026-03-01T05:00:00Z', false],
  ['30 6 1,15 * *', '2026-03-15T06:30:00Z', true],
  ['0 0 13 * 5', '2026-03-13T00:00:00Z', true],
  ['0 0 13 * 5', '2026-03-20T00:00:00Z', true],
  ['0 0 * * 7', '2026-03-01T00:00:00Z', true],
  ['@daily', '2026-03-01T00:00:00Z', true],
])('the schedule %s at %s: %s', (text, time, due) => {
  expect(isDue(readSchedule(text)!, at(time))).toBe(due)
})

test.each(['', 'whenever', '* * * *', '60 * * * *', '* 24 * * *', '*/0 * * * *', '5-1 * * * *', '* * 0 * *', 5])(
  '%j is no schedule',
  (text) => expect(readSchedule(text)).toBeUndefined(),
)
