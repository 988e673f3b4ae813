import { expect, test } from 'vitest'
import { hold } from './hold.js'

const thing = (id: string, state = 'open') => ({ id, state })
const ids = (rows: { item: { id: string } }[]) => rows.map((row) => row.item.id)

test('the first look takes the order of the server', () => {
  expect(ids(hold(null, [thing('b'), thing('a')]).rows)).toEqual(['b', 'a'])
})

test('what arrives later waits, and moves nothing', () => {
  const { rows, arrivals } = hold([thing('b'), thing('a')], [thing('d'), thing('c'), thing('b'), thing('a')])
  expect(ids(rows)).toEqual(['b', 'a'])
  expect(arrivals.map(({ id }) => id)).toEqual(['d', 'c'])
})

test('another order of the same rows moves nothing; what is known of them changes in place', () => {
  const { rows } = hold([thing('b'), thing('a')], [thing('a', 'acknowledged'), thing('b')])
  expect(rows.map((row) => [row.item.id, row.item.state])).toEqual([
    ['b', 'open'],
    ['a', 'acknowledged'],
  ])
})

test('what has left the list keeps its place, and says so', () => {
  const { rows } = hold([thing('b'), thing('a')], [thing('a')])
  expect(rows.map((row) => [row.item.id, row.left])).toEqual([
    ['b', true],
    ['a', false],
  ])
})

test('an empty list has nothing that could move: the first to come is shown at once', () => {
  const { rows, arrivals } = hold([], [thing('a')])
  expect(ids(rows)).toEqual(['a'])
  expect(arrivals).toEqual([])
})
