import type { DataSource } from 'typeorm'
import { expect, test } from 'vitest'
import { HealthCheck } from './health.js'

test('however many ask at once, the record is asked once, and anew by whoever comes later', async () => {
  let asked = 0
  const source = { query: () => Promise.resolve(asked++ && []) } as unknown as DataSource
  const redis = { ping: () => Promise.resolve('PONG'), waiting: () => Promise.resolve({}) }
  const check = new HealthCheck(source, redis, () => new Date('2026-11-23T03:07:00Z'))
  const all = await Promise.all(Array.from({ length: 50 }, () => check.dependencies()))
  expect(asked).toBe(1)
  expect(new Set(all).size).toBe(1)
  await check.dependencies()
  expect(asked).toBe(2)
})
