import { expect, test } from 'vitest'
import { behind, hold, idsOf, type Held } from './hold.js'

const thing = (id: string, state = 'open') => ({ id, state })
const rowsOf = <T>({ count, row }: Held<T>) => Array.from({ length: count }, (_, at) => row(at))
const ids = (held: Held<{ id: string }>) => rowsOf(held).map((row) => row.item.id)

test('the first look takes the order of the server', () => {
  expect(ids(hold(null, [thing('b'), thing('a')]))).toEqual(['b', 'a'])
})

test('what arrives later waits, and moves nothing', () => {
  const held = hold([thing('b'), thing('a')], [thing('d'), thing('c'), thing('b'), thing('a')])
  expect(ids(held)).toEqual(['b', 'a'])
  expect(held.arrivals.map(({ id }) => id)).toEqual(['d', 'c'])
})

test('another order of the same rows moves nothing; what is known of them changes in place', () => {
  const rows = rowsOf(hold([thing('b'), thing('a')], [thing('a', 'acknowledged'), thing('b')]))
  expect(rows.map((row) => [row.item.id, row.item.state])).toEqual([
    ['b', 'open'],
    ['a', 'acknowledged'],
  ])
})

test('what has left the list keeps its place, and says so', () => {
  const rows = rowsOf(hold([thing('b'), thing('a')], [thing('a')]))
  expect(rows.map((row) => [row.item.id, row.left])).toEqual([
    ['b', true],
    ['a', false],
  ])
})

test('an empty list has nothing that could move: the first to come is shown at once', () => {
  const held = hold([], [thing('a')])
  expect(ids(held)).toEqual(['a'])
  expect(held.arrivals).toEqual([])
})

test('of a list in pages, what is behind the last row is the next page; what is above a row is not', () => {
  const fresh = [thing('d'), thing('c'), thing('b'), thing('a')]
  expect(behind(fresh, idsOf([thing('c'), thing('b')])).map(({ id }) => id)).toEqual(['a'])
  expect(behind(fresh, idsOf([thing('a')]))).toEqual([])
  expect(behind(fresh, idsOf([thing('gone')]))).toEqual([])
})
