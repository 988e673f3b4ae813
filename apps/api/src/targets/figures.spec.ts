import { expect, test } from 'vitest'
import { figureView, thinned } from './figures.js'

const now = new Date('2026-11-26T03:00:00.000Z')
const figure = (points: [number, number | null][], at: string | null = '2026-11-26T02:59:50.000Z') =>
  figureView(
    {
      ...{ id: 'service:api p95_ms', target: 'service:api', at },
      value: {
        ...{ name: 'p95_ms', title: 'p95 latency', unit: 'ms', threshold: 500, step_s: 15, unavailable: null },
        ...{ query: 'a query of the house', points },
      },
    },
    now,
  )

test('a figure is told with its age, and its query stays in the house', () => {
  expect(figure([[0, 1]])).toMatchObject({ target: 'service:api', name: 'p95_ms', age_ms: 10_000, points: [[0, 1]] })
  expect(figure([[0, 1]])).not.toHaveProperty('query')
  expect(figure([], null).age_ms).toBeNull()
})

test('fewer points keep the peaks, and a gap is no zero', () => {
  const points: [number, number | null][] = [[0, 3], [15, null], [30, 9], [60, null], [75, null], [120, -4], [135, -2]] // prettier-ignore
  expect(thinned(figure(points), 60)).toMatchObject({ step_s: 60, points: [[0, 9], [60, null], [120, -2]] }) // prettier-ignore
  expect(thinned(figure(points), 15).points).toEqual(points)
})
