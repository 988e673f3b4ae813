import { expect, test } from 'vitest'
import { quantity, unitOf } from './quantity.js'

test.each<[string | number, 'millis' | 'pieces', number]>([
  ['250m', 'millis', 250],
  ['1', 'millis', 1_000],
  ['0.29', 'millis', 290],
  ['100n', 'millis', 1],
  [2, 'millis', 2_000],
  ['1.5Gi', 'pieces', 1_610_612_736],
  ['128974848', 'pieces', 128_974_848],
  ['129e6', 'pieces', 129_000_000],
  ['129M', 'pieces', 129_000_000],
  ['1k', 'pieces', 1_000],
  ['500m', 'pieces', 1],
  ['0', 'pieces', 0],
])('%s in %s is %i', (text, unit, whole) => {
  expect(quantity(text, unit)).toBe(whole)
})

test.each(['', 'many', '1KiB', '1 Gi', '0x10', '1e999', 'Infinity', 'NaN', '9Ei', '__proto__', '1constructor'])(
  '%j is no quantity that a plan can hold',
  (text) => {
    expect(() => quantity(text, 'pieces')).toThrow('is no quantity that can be used')
  },
)

test('CPU is counted in thousandths, all else in pieces', () => {
  expect(['cpu', 'requests.cpu', 'limits.cpu'].map(unitOf)).toEqual(['millis', 'millis', 'millis'])
  expect(['pods', 'requests.memory', 'requests.nvidia.com/gpu', 'cpus'].map(unitOf)).not.toContain('millis')
})
