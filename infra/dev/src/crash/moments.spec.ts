import { expect, test } from 'vitest'
import { momentsOf } from './moments.js'

test('the same seed deals the same moments, another seed others', () => {
  expect(momentsOf(7, 220)).toEqual(momentsOf(7, 220))
  expect(momentsOf(7, 220)).not.toEqual(momentsOf(8, 220))
})

test('a short play meets every victim, a long one every blow', () => {
  expect(new Set(momentsOf(3, 11).map(({ victim }) => victim))).toEqual(
    new Set(['sequencer', 'Postgres', 'notary', 'worker', 'writer']),
  )
  expect(new Set(momentsOf(3, 220).map(({ victim, how }) => `${victim} ${how}`)).size).toBe(18)
})
