import { expect, test } from 'vitest'
import { nextSinceIn, type RawRedis } from './raw.js'

/** A queue in which one job waits that was given at this time, as its giver wrote it. */
const givenAt = (timestamp: string | null) =>
  nextSinceIn(
    {
      lindex: (key) => Promise.resolve(key === 'bull:wait' ? '7' : null),
      zrange: () => Promise.resolve([]),
      hget: (key, field) => Promise.resolve(key === 'bull:7' && field === 'timestamp' ? timestamp : null),
    } as Partial<RawRedis> as RawRedis,
    (suffix) => `bull:${suffix}`,
  )

test('what its giver wrote for a time and no calendar has is no time of the next job', async () => {
  expect(await givenAt('1795651200000')).toBe(1_795_651_200_000)
  for (const nonsense of ['1e30', 'Infinity', '-5', '0', 'now', '', null])
    expect(await givenAt(nonsense)).toBeUndefined()
})
