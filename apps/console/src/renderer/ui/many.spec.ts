import { expect, test } from 'vitest'
import { many } from './many.js'

test('one of a thing is not many of them', () => {
  expect([0, 1, 2].map((count) => many(count, 'other cause'))).toEqual([
    '0 other causes',
    '1 other cause',
    '2 other causes',
  ])
})
