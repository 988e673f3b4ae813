import { expect, test } from 'vitest'
import { shiftOf } from './shift.js'

const line = (...values: (number | null)[]) => values.map((value, nth): [number, number | null] => [nth * 15, value])
const all = { from: 0, until: 100_000 }
const times = (many: number, value: number | null) => Array.from({ length: many }, () => value)

test('a level that changes is told with both levels, and the two moments between which it did', () => {
  const found = shiftOf(line(...times(8, 40), ...times(3, 160)), all)
  expect(found).toEqual({ from: 40, to: 160, after: 7 * 15, at: 8 * 15 })
  expect(shiftOf(line(...times(8, 160), ...times(3, 40)), all)).toMatchObject({ from: 160, to: 40 })
  // One point is enough behind it: an alert fires before there are more.
  expect(shiftOf(line(...times(8, 40), 160), all)).toMatchObject({ at: 8 * 15 })
})

test('of several the last one is told, and of a rise in steps all of it', () => {
  const passed = shiftOf(line(...times(8, 40), ...times(8, 160), ...times(8, 40)), all)
  expect(passed).toEqual({ from: 160, to: 40, after: 15 * 15, at: 16 * 15 })
  const steps = shiftOf(line(...times(8, 40), ...times(8, 100), ...times(8, 160)), all)
  expect(steps).toMatchObject({ from: 40, to: 160, at: 8 * 15 })
})

test('what wavers, what is too short, and what stands still is no change', () => {
  expect(shiftOf(line(40, 62, 45, 58, 41, 60, 44, 63, 47, 70), all)).toBeUndefined()
  expect(shiftOf(line(40, 160), all)).toBeUndefined()
  expect(shiftOf(line(...times(20, 0)), all)).toBeUndefined()
  expect(shiftOf([], all)).toBeUndefined()
})

test('beside few points a level has to be far away', () => {
  expect(shiftOf(line(40, 40, 55), all)).toBeUndefined()
  expect(shiftOf(line(40, 40, 160), all)).toMatchObject({ from: 40, to: 160 })
  expect(shiftOf(line(...times(8, 40), 55), all)).toMatchObject({ from: 40, to: 55 })
})

test('gaps are left out, also where it changes, and so is what is beyond the span', () => {
  const found = shiftOf(line(...times(6, 10), null, null, ...times(4, 30)), all)
  expect(found).toEqual({ from: 10, to: 30, after: 5 * 15, at: 8 * 15 })
  expect(shiftOf(line(...times(8, 40), ...times(3, 160)), { from: 0, until: 7 * 15 })).toBeUndefined()
})
