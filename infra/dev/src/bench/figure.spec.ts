import { expect, test } from 'vitest'
import { median, percentile, verdict, type Figure } from './figure.js'

const figure = (change: Partial<Figure>): Figure => ({
  what: 'a step',
  kind: 'ratio',
  unit: '×',
  measured: 1.7,
  reach: 2,
  better: 'less',
  ...change,
})

test('a ratio or a count that misses fails, an absolute figure is short', () => {
  expect(verdict(figure({}))).toBe('reached')
  expect(verdict(figure({ measured: 2.1 }))).toBe('missed')
  expect(verdict(figure({ kind: 'absolute', measured: 2.1 }))).toBe('short')
  expect(verdict(figure({ kind: 'count', better: 'more', measured: 199, reach: 200 }))).toBe('missed')
  expect(verdict(figure({ better: 'more', measured: 2, reach: 2 }))).toBe('reached')
})

test('what could not be measured is not reached, and what was not run here is no verdict', () => {
  expect(verdict(figure({ measured: Number.NaN }))).toBe('missed')
  expect(verdict(figure({ measured: 9, unheld: true }))).toBe('–')
})

test('the median of an odd and of an even number of rounds', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('a percentile is one of the values', () => {
  const took = Array.from({ length: 200 }, (_, at) => at + 1)
  expect([50, 99, 100].map((percent) => percentile(took, percent))).toEqual([100, 198, 200])
  expect(percentile([7], 99)).toBe(7)
})
