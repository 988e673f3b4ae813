import { expect, test } from 'vitest'
import { redisAddress } from './redis-address.js'

test('a plain address names one Redis', () => {
  expect(redisAddress('redis://user:p%40ss@10.0.0.1/3')).toMatchObject({
    host: '10.0.0.1', port: 6379, username: 'user', password: 'p@ss', db: 3,
  }) // prettier-ignore
  expect(redisAddress('rediss://10.0.0.1:6380')).toMatchObject({ port: 6380, tls: {} })
})

test('with Sentinels, the host is the name of what they watch', () => {
  const address = redisAddress(
    'rediss://:secret@firebreak/1?sentinel=10.0.0.1&sentinel=[::1]:26380&sentinel_password=theirs',
  )
  expect(address).toMatchObject({
    name: 'firebreak',
    sentinels: [{ host: '10.0.0.1', port: 26379 }, { host: '::1', port: 26380 }],
    password: 'secret', sentinelPassword: 'theirs', db: 1, tls: {}, enableTLSForSentinelMode: true,
  }) // prettier-ignore
  expect(address).not.toHaveProperty('host')
})

test('nobody gives up on a Redis that is away', () => {
  const { retryStrategy, sentinelRetryStrategy } = redisAddress('redis://firebreak?sentinel=10.0.0.1')
  expect([1, 3, 30].map((times) => retryStrategy?.(times))).toEqual([200, 800, 2_000])
  expect(sentinelRetryStrategy?.(30)).toBe(2_000)
})
