import { expect, test } from 'vitest'
import { Backlog } from './backlog.js'

test('a queue that has grown already says so at once, and one that is looked at for the first time has not', () => {
  const backlog = new Backlog()
  expect(backlog.step(1_000, 3, false)).toBe(3)
  expect(backlog.perMinute).toBe(0)
  backlog.hasGrown()
  expect(backlog.perMinute).toBe(3_000)
  expect(backlog.step(1_000, 3, true)).toBe(3_053)
  backlog.forget()
  expect([backlog.step(1_000, 3, false), backlog.perMinute]).toEqual([3, 0])
})

test('jobs that come and go within half a minute are no growth, and what goes on growing is', () => {
  const backlog = new Backlog()
  for (let second = 0; second < 30; second++) {
    backlog.step(1_000, second % 12, false)
    expect(backlog.perMinute).toBe(0)
  }
  for (let second = 0; second < 60; second++) backlog.step(1_000, 3, true)
  expect(backlog.perMinute).toBeGreaterThan(2_000)
})
