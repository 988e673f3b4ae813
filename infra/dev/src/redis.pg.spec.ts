import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isAlive } from './processes.js'
import { redisProgram } from './redis-program.js'
import { startRedis, temporaryRedis, type RunningRedis } from './redis.js'

let dir: string
const started: RunningRedis[] = []
const given = process.env['REDIS_URL']

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'firebreak-spec-'))
  delete process.env['REDIS_URL']
})

afterEach(async () => {
  if (given !== undefined) process.env['REDIS_URL'] = given
  await Promise.all(started.splice(0).map((redis) => redis.stop()))
  rmSync(dir, { recursive: true, force: true })
})

async function ask<T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null })
  await client.connect()
  try {
    return await question(client)
  } finally {
    client.disconnect()
  }
}

test('what was acknowledged is there after a kill -9', async () => {
  const first = await startRedis({ dir, appendOnly: true })
  started.push(first)
  await ask(first.url, (client) => client.set('kept', 'yes'))
  process.kill(first.pid ?? 0, 'SIGKILL')
  const second = await startRedis({ dir, appendOnly: true })
  started.push(second)
  expect(second.pid).not.toBe(first.pid)
  expect(await ask(second.url, (client) => client.get('kept'))).toBe('yes')
})

test('a Redis that a killed launcher left running is taken over; stop ends it', async () => {
  const first = await startRedis({ dir, appendOnly: true })
  const second = await startRedis({ dir, appendOnly: true })
  expect(second).toMatchObject({ pid: first.pid, url: first.url })
  await second.stop()
  expect(isAlive(first.pid ?? 0)).toBe(false)
})

test('the one of REDIS_URL is used as it is, and nothing is started', async () => {
  process.env['REDIS_URL'] = 'redis://127.0.0.1:1'
  const redis = await startRedis({ dir, appendOnly: true })
  expect(redis).toMatchObject({ url: 'redis://127.0.0.1:1', pid: undefined })
})

test('one behind Sentinels is refused: the sandbox could not speak to it', async () => {
  process.env['REDIS_URL'] = 'redis://firebreak?sentinel=127.0.0.1:1'
  await expect(startRedis({ dir, appendOnly: true })).rejects.toThrow(/wants a plain Redis/)
})

test('temporary ones are apart, want a password, and keep nothing', async () => {
  const two = await Promise.all([temporaryRedis(), temporaryRedis()])
  started.push(...two)
  await ask(two[0].url, (client) => client.set('mine', '1'))
  expect(await ask(two[1].url, (client) => client.get('mine'))).toBeNull()
  await expect(ask(two[0].url.replace(/:[^:@]*@/, ''), (client) => client.ping())).rejects.toThrow(/NOAUTH/)
  await two[0].stop()
  expect(isAlive(two[0].pid)).toBe(false)
})

test('a temporary one that was killed comes back behind the same address, and empty', async () => {
  const redis = await temporaryRedis()
  started.push(redis)
  const { pid, url } = redis
  await ask(url, (client) => client.set('mine', '1'))
  redis.kill()
  await redis.startAgain()
  expect([redis.url, redis.pid === pid]).toEqual([url, false])
  expect(await ask(url, (client) => client.get('mine'))).toBeNull()
})

test('of several who ask at once one fetches, and all get a server that runs', async () => {
  const programs = await Promise.all([redisProgram(dir), redisProgram(dir), redisProgram(dir)])
  expect(new Set(programs.map((program) => program.path)).size).toBe(1)
  for (const { path, env } of programs) {
    expect(execFileSync(path, ['--version'], { env: { ...process.env, ...env }, encoding: 'utf8' })).toMatch(/server v/)
  }
}, 240_000)
