import { expect, test } from 'vitest'
import { encodeEntry } from '../entry.js'
import { hex, sha256 } from '../bytes.js'
import { longLog } from './long.js'

test('the same seed gives the same log, a longer one begins with the shorter, and every entry may stand in it', () => {
  const lines = (n: number, seed?: number) => [...longLog(n, seed)].map((entry) => hex(sha256(encodeEntry(entry))))
  const [short, long] = [lines(200), lines(3000)]
  expect(long).toHaveLength(3000)
  expect(long.slice(0, 200)).toEqual(short)
  expect(new Set(long).size).toBe(3000)
  expect(lines(200, 2)).not.toEqual(short)
})
