import { expect, test } from 'vitest'
import type { IncidentSummary } from '../../api/view.js'
import { hold } from './hold.js'

const incident = (id: string, state: IncidentSummary['state'] = 'open'): IncidentSummary => ({
  id,
  state,
  phase: 'none',
  class: 'high-api-latency',
  severity: 'SEV2',
  title: id,
  service: null,
  environment: null,
  owner: null,
  opened_at: '2026-11-23T01:00:00.000Z',
  resolved_at: null,
  alerts_firing: 1,
  version: 1,
})
const ids = (rows: { incident: IncidentSummary }[]) => rows.map((row) => row.incident.id)

test('the first look takes the order of the server', () => {
  expect(ids(hold(null, [incident('b'), incident('a')]).rows)).toEqual(['b', 'a'])
})

test('what arrives later waits, and moves nothing', () => {
  const { rows, arrivals } = hold(
    [incident('b'), incident('a')],
    [incident('d'), incident('c'), incident('b'), incident('a')],
  )
  expect(ids(rows)).toEqual(['b', 'a'])
  expect(arrivals.map(({ id }) => id)).toEqual(['d', 'c'])
})

test('another order of the same rows moves nothing; what is known of them changes in place', () => {
  const { rows } = hold([incident('b'), incident('a')], [incident('a', 'acknowledged'), incident('b')])
  expect(rows.map((row) => [row.incident.id, row.incident.state])).toEqual([
    ['b', 'open'],
    ['a', 'acknowledged'],
  ])
})

test('what has left the list keeps its place, and says so', () => {
  const { rows } = hold([incident('b'), incident('a')], [incident('a')])
  expect(rows.map((row) => [row.incident.id, row.left])).toEqual([
    ['b', true],
    ['a', false],
  ])
})

test('an empty list has nothing that could move: the first to come is shown at once', () => {
  const { rows, arrivals } = hold([], [incident('a')])
  expect(ids(rows)).toEqual(['a'])
  expect(arrivals).toEqual([])
})
