import { expect, test } from 'vitest'
import { validate, version } from 'uuid'
import { newUuid } from './new-id.js'

test('ids are UUIDv7, no two alike, and in the order in which they were made', () => {
  const ids = Array.from({ length: 5_000 }, newUuid)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toEqual(ids)
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true)
})

test('each has randomness of its own, also behind a refill', () => {
  const tails = Array.from({ length: 1_000 }, () => newUuid().slice(-12))
  expect(new Set(tails).size).toBe(tails.length)
})
