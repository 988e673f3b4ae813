import { expect, test } from 'vitest'
import { inTurn } from './in-turn.js'

const named = (n: number) => `item ${n}`

test('one that fails keeps no other from its turn, and is named behind the last', async () => {
  const seen: number[] = []
  const work = async (n: number) => {
    seen.push(n)
    if (n % 2 === 0) throw new Error(`${n} is even`)
    return true
  }
  await expect(inTurn([1, 2, 3, 4, 5], named, work)).rejects.toThrow('item 2: 2 is even; item 4: 4 is even')
  expect(seen).toEqual([1, 2, 3, 4, 5])
  expect(await inTurn([1, 3], named, work)).toBe(2)
})

test('counts those whose answer was true; of very many that fail it names a few', async () => {
  expect(await inTurn([1, 2, 3], named, async (n) => n > 1)).toBe(2)
  const all = Array.from({ length: 13 }, (_, n) => n)
  const failing = inTurn(all, named, () => Promise.reject(new Error('away')))
  await expect(failing).rejects.toThrow(/item 9: away; and 3 more$/)
})
