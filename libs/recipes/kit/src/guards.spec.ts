import { expect, test } from 'vitest'
import { movedGuards } from './recipe.js'
import type { Json } from './verb.js'

const moved = (was: Json, is: Json) => movedGuards([{ fact: 'it', same: true }], { it: was }, { it: is }).length > 0

test.each<[Json, Json]>([
  ['a', 'a'],
  [0, 0],
  [false, false],
  [
    { uid: 'u', from: null },
    { from: null, uid: 'u' },
  ],
  [[{ ref: 'a', of: { x: 1, y: 2 } }], [{ of: { y: 2, x: 1 }, ref: 'a' }]],
  [[], []],
  [{}, {}],
])('%j is the same as %j, in whatever order the record gives it back', (was, is) => {
  expect(moved(was, is)).toBe(false)
})

test.each<[Json, Json]>([
  ['a', 'b'],
  [1, '1'],
  [0, false],
  [
    [1, 2],
    [2, 1],
  ],
  [[1], [1, 2]],
  [[1, 2], [1]],
  [{ a: 1 }, { a: 1, b: 2 }],
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ a: null }, { b: null }],
  [[], {}],
  [{ 0: 'a' }, ['a']],
  [{ a: 1 }, null],
  // What is not known has moved, or could have.
  [null, null],
])('%j is not the same as %j', (was, is) => {
  expect(moved(was, is)).toBe(true)
})
