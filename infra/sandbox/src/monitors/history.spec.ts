import { expect, test } from 'vitest'
import { History } from './history.js'
import { queryRange } from './query.js'

const ask = (history: History, asked: Record<string, string>) => {
  const answer = queryRange(new URLSearchParams(asked), history)
  return answer.code === 200 ? answer.body.data.result : answer.body.error
}
const depth = (value: number, queue = 'batch') => ({ name: 'depth', labels: { queue }, value })

test('each moment has what was measured last before it, and a gap where that is long ago', () => {
  const history = new History()
  history.keep(10_000, () => [depth(1)])
  history.keep(11_000, () => [depth(99)])
  history.keep(12_000, () => [depth(2)])
  history.keep(40_000, () => [depth(3), depth(9, 'scans')])
  expect(ask(history, { query: 'depth{queue="batch"}', start: '5', end: '45', step: '5' })).toEqual([
    {
      metric: { __name__: 'depth', queue: 'batch' },
      values: [[10, '1'], [15, '2'], [20, '2'], [40, '3'], [45, '3']], // prettier-ignore
    },
  ])
  expect(ask(history, { query: 'depth', start: '40', end: '40', step: '1' })).toHaveLength(2)
  expect(ask(history, { query: 'other', start: '40', end: '40', step: '1' })).toEqual([])
})

test('it holds an hour and no more, however long it is kept', () => {
  const history = new History()
  for (let second = 0; second <= 10_000; second += 2) history.keep(second * 1_000, () => [depth(second)])
  const [series] = ask(history, { query: 'depth', start: '0', end: '10000', step: '10' }) as { values: [number, string][] }[] // prettier-ignore
  expect(series!.values.at(-1)).toEqual([10_000, '10000'])
  expect(series!.values.at(-361)).toEqual([6_400, '6400'])
  expect(series!.values[0]![0]).toBeGreaterThan(6_000)
})

test.each([
  [{ query: 'rate(depth[5m])', start: '0', end: '1', step: '1' }, 'simulator'],
  [{ query: 'depth', end: '1', step: '1' }, 'start'],
  [{ query: 'depth', start: '2', end: '1', step: '1' }, 'start'],
  [{ query: 'depth', start: '0', end: '1', step: '0' }, 'step'],
  [{ query: 'depth', start: '0', end: '11000', step: '1' }, '11000'],
])('%j is refused', (asked, why) => {
  expect(ask(new History(), asked as Record<string, string>)).toContain(why)
})
