import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import type { Fault } from '../faults.js'
import { startSandbox, type Sandbox } from '../sandbox.js'

/*
 * What may go wrong with one change at the very moment at which it is made: as plain HTTP, with the hands' own token.
 */
let dir: string
let sandbox: Sandbox
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'firebreak-moments-'))
  sandbox = await startSandbox({ dir, speed: 20 })
})
afterEach(async () => {
  await sandbox.stop()
  await rm(dir, { recursive: true })
})

type Answer = { code: number; retryAfter: string | undefined } | 'broken'

function ask(method: 'GET' | 'PATCH', user: 'hands' | 'reader', replicas = 3): Promise<Answer> {
  const { users } = parse(readFileSync(sandbox.kubeconfigs[user], 'utf8')) as { users: { user: { token: string } }[] }
  const path = '/apis/apps/v1/namespaces/prod/deployments/api/scale'
  const headers = { authorization: `Bearer ${users[0]!.user.token}`, 'content-type': 'application/merge-patch+json' }
  const at = { host: '127.0.0.1', port: sandbox.port, path: method === 'GET' ? path.replace('/scale', '') : path }
  return new Promise((resolve) => {
    const sent = request({ ...at, method, headers, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume()
      resolve({ code: response.statusCode!, retryAfter: response.headers['retry-after'] })
    })
    sent.once('error', () => resolve('broken'))
    sent.end(method === 'GET' ? undefined : JSON.stringify({ spec: { replicas } }))
  })
}
const made = () => sandbox.effects().filter(({ effect }) => effect).length
const replicas = () => sandbox.state().deployments['api']!.replicas

describe.each<[Fault, Answer, effect: number]>([
  ['conflict-once', { code: 409, retryAfter: undefined }, 0],
  ['throttled-once', { code: 429, retryAfter: '2' }, 0],
  ['dropped-before', 'broken', 0],
  ['dropped-after', 'broken', 1],
])('%s', (fault, answer, effect) => {
  test('strikes the next change of the hands once, and nobody who looks', async () => {
    sandbox.break(fault)
    expect(await ask('GET', 'hands')).toMatchObject({ code: 200 })
    expect(await ask('PATCH', 'hands')).toEqual(answer)
    expect([made(), replicas()]).toEqual([effect, effect === 1 ? 3 : 2])
    expect(sandbox.state().faults).toEqual([])
    expect(await ask('PATCH', 'hands', 4)).toMatchObject({ code: 200 })
  })
})

test('a conflict that stays is there for each change, until it is mended', async () => {
  sandbox.break('conflict')
  for (let time = 0; time < 3; time++) expect(await ask('PATCH', 'hands')).toMatchObject({ code: 409 })
  sandbox.mend('conflict')
  expect(await ask('PATCH', 'hands')).toMatchObject({ code: 200 })
})

describe.each<[Fault, effect: number]>([
  ['away-before', 0],
  ['away-after', 1],
])('%s', (fault, effect) => {
  test('takes the answer and the API with it, for as long as was said; then both are as they were', async () => {
    sandbox.break(fault, 8)
    expect(await ask('PATCH', 'hands')).toBe('broken')
    expect(await ask('GET', 'reader')).toBe('broken')
    expect([made(), replicas()]).toEqual([effect, effect === 1 ? 3 : 2])
    await vi.waitFor(async () => expect(await ask('GET', 'reader')).toMatchObject({ code: 200 }), { timeout: 40_000 })
  })
})

test('an API that is away is back when that is mended, or all of it begins anew', async () => {
  for (const back of [() => sandbox.mend('away-before'), () => sandbox.reset()]) {
    sandbox.break('away-before', 900)
    expect(await ask('PATCH', 'hands')).toBe('broken')
    expect(await ask('GET', 'reader')).toBe('broken')
    back()
    expect(await ask('GET', 'reader')).toMatchObject({ code: 200 })
  }
})

test('how long it is away is a whole number of seconds, and nothing else', async () => {
  const post = (path: string) => fetch(sandbox.url + path, { method: 'POST' }).then(({ status }) => status)
  expect(await post('/break/away-after?seconds=x')).toBe(400)
  expect(await post('/break/away-after?seconds=0')).toBe(400)
  // Of a fault that lasts until it is mended nobody can say how long.
  expect(await post('/break/hang?seconds=9')).toBe(400)
  expect(sandbox.state().faults).toEqual([])
  expect(await post('/break/away-after?seconds=9')).toBe(200)
})
