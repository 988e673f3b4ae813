import { expect, test } from 'vitest'
import { hittersOf, pausesOf, type Moment } from './moments.js'

const taken = (many: number, moments: Generator<Moment>) =>
  Array.from({ length: many }, () => moments.next().value as Moment)
const first = (many: number, seed: number) => hittersOf(seed).map((moments) => taken(many, moments))

test('the same seed deals the same moments, another seed others, and no two hitters the same', () => {
  expect(first(40, 7)).toEqual(first(40, 7))
  expect(first(40, 7)).not.toEqual(first(40, 8))
  expect(first(40, 7)[0]).not.toEqual(first(40, 7)[1])
})

test('a round meets every victim, and every blow comes before one comes again', () => {
  const all = first(9, 3)
  expect(new Set(all.flat().map(({ victim }) => victim))).toEqual(new Set(['worker', 'Redis', 'Postgres']))
  expect(new Set(all[2]!.map(({ victim, how }) => `${victim} ${how}`)).size).toBe(6)
})

test('the control is only paused, in the middle of a call, and for longer than its tenure', () => {
  for (const { does, seam, lasts } of taken(40, pausesOf(1))) {
    expect(does).toBe('stop')
    expect(seam).toBeDefined()
    expect(lasts).toBeGreaterThan(2_000)
  }
})
