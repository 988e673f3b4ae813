import { expect, test } from 'vitest'
import type { Figure, Incident } from '../../api/view.js'
import { queuesOf } from '../queues/queue.js'
import { atOnce, groupsSay, kindSays, likelihood, measuredOf, queuesAround } from './around.js'

const at = '2026-11-26T03:00:10.000Z'
const figure: Figure = {
  ...{ target: 'service:api', name: 'p95_ms', title: 'p95 latency', unit: 'ms', threshold: 500 },
  ...{ at, age_ms: 0, step_s: 15, unavailable: null },
  points: [[15, 171], [30, null], [45], [null, 3], [60, 0]], // prettier-ignore
}

test('a point of a figure that says no value is a gap, and one that says no time is none', () => {
  expect(measuredOf(figure)).toEqual({
    ...{ title: 'p95 latency', unit: 'ms', threshold: 500, step: 15 },
    points: [[15, 171], [30, null], [45, null], [60, 0]], // prettier-ignore
  })
})

test('the weight of a change has a word, and what a newer API calls it is shown as it is', () => {
  expect([1, 0.6, 0.59, 0.3, 0.29, 0].map(likelihood)).toEqual(
    ['likely', 'likely', 'possible', 'possible', 'unlikely', 'unlikely'], // prettier-ignore
  )
  expect([kindSays('at-maximum'), kindSays('certificate'), kindSays('toString')]).toEqual(
    ['at its maximum', 'certificate', 'toString'], // prettier-ignore
  )
})

test('when something changed is one moment only where that is known', () => {
  expect(atOnce({ at, after: '2026-11-26T03:00:08.000Z' })).toBe(true)
  expect(atOnce({ at, after: '2026-11-26T02:59:10.000Z' })).toBe(false)
  expect(atOnce({ at, after: null })).toBe(false)
})

const queues = (...seen: [string, Record<string, unknown>][]) =>
  queuesOf(
    seen.map(([name, value]) => ({ target: `queue:${name}`, value, at, age_ms: 0 })),
    at,
  )

test('an incident is about the queues of its service, and those that its alerts name', () => {
  const all = queues(['batch', { service: 'batch' }], ['mail', { service: 'mailer' }], ['other', {}])
  const about = (service: string | null, queue?: string) =>
    queuesAround(all, { service, alerts: [{ labels: queue === undefined ? {} : { queue } }] } as unknown as Incident)
  expect(about('batch', 'mail').map(({ name }) => name)).toEqual(['batch', 'mail'])
  expect(about(null)).toEqual([])
})

test('why jobs failed is one line, which says of how many it speaks', () => {
  const group = (cause: string, count: number) => ({ cause, count, example: cause, jobs: [] })
  const says = (value: Record<string, unknown>) => groupsSay(queues(['batch', value])[0]!)
  expect(
    says({ failed: 1_302, failures: { at, looked_at: 1_200, groups: [group('torn', 1_169), group('late', 30), group('x', 1)] } }), // prettier-ignore
  ).toBe('1,169 torn, 30 late, and 1 other cause (the newest 1200 of 1,302)')
  expect(says({ failed: 2, failures: { at, looked_at: 2, groups: [group('torn', 2)] } })).toBe('2 torn (all 2)')
  expect(says({ failed: 0, failures: { at, looked_at: 0, groups: [] } })).toBe('')
  expect(says({ failed: 3, failures: { at, looked_at: 0, groups: [] } })).toBe('none of them could be read')
  expect(says({ failed: 3 })).toBe('why they failed is not known')
})
