import { expect, test } from 'vitest'
import { KEPT, withFact, type Fact } from './activity.js'

const fact = (id: number, kind: Fact['kind']): Fact => ({ id, kind, says: `${id}`, at: '2026-11-23T03:00:00Z' })

test('what failed stays however much else happens, and the newest stands first', () => {
  let facts: readonly Fact[] = [fact(0, 'failed')]
  for (let id = 1; id <= KEPT + 50; id++) facts = withFact(facts, fact(id, id % 2 ? 'news' : 'done'))
  expect(facts).toHaveLength(KEPT + 1)
  expect(facts[0]?.id).toBe(KEPT + 50)
  expect(facts.at(-1)).toEqual(fact(0, 'failed'))
})
