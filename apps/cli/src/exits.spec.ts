import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Desk, json, problem } from './testing/desk.js'
import { aPlan } from './testing/plans.js'

describe('the exit code', () => {
  test.each([
    [3, () => problem(403, 'own-plan', 'It is your own.'), 'firebreak: own-plan: It is your own.\n'],
    [3, () => problem(404, 'not-found', 'There is no plan pln_1.'), 'not-found'],
    [3, () => problem(429, 'cooldown', 'Later.', { 'retry-after': '3600' }), 'cooldown'],
    [4, () => problem(401, 'not-signed-in', 'This key is not known.'), 'This key is not known.'],
    [5, () => problem(500, 'internal', 'It was not foreseen.'), '(request req_1)'],
    [5, () => problem(503, 'overloaded', 'Later.', { 'retry-after': '60' }), 'Later.'],
    [5, () => new Response('<html>502</html>', { status: 502 }), 'answers 502'],
    [5, () => new Response('<html>hello</html>'), 'does not look like the API of Firebreak'],
    [
      5,
      () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })),
      'does not answer (ECONNREFUSED)',
    ],
    [0, () => json(aPlan()), ''],
  ])('is %i', async (exit, answer, says) => {
    const desk = new Desk(answer)
    expect(await desk.run('plans', 'show', 'pln_1')).toBe(exit)
    expect(desk.stderr).toContain(says)
    expect(await desk.run('plans', 'show', 'pln_1', '--json')).toBe(exit)
    if (exit !== 0)
      expect((JSON.parse(desk.stderr.trim().split('\n').at(-1)!) as { error: object }).error).toMatchObject({ exit })
    else expect(JSON.parse(desk.stdout)).toEqual(aPlan())
  })

  test('of a health that is not good is 1, at once', async () => {
    const dependencies = [{ name: 'postgres', ok: false, age_ms: null, says: 'is away' }]
    const desk = new Desk(() => json({ live: true, ready: false, mode: 'production', dependencies }, 503))
    expect(await desk.run('health')).toBe(1)
    expect(desk.stdout).toContain('not ready')
    expect(desk.asked).toHaveLength(1)
  })

  test('of nothing at all is 2, of help 0', async () => {
    const desk = new Desk()
    expect(await desk.run('plans')).toBe(2)
    expect(await desk.run('plans', '--help')).toBe(0)
    expect(desk.stdout).toContain('plans create <recipe>')
    expect(await desk.run()).toBe(0)
    expect(desk.asked).toEqual([])
  })

  test('of an interrupted wait is 130', async () => {
    const desk = new Desk(() => {
      desk.interrupt.abort()
      return Promise.reject(new Error('aborted'))
    })
    expect(await desk.run('plans', 'show', 'pln_1')).toBe(130)
  })
})

test('faults of the input stand below the refusal, by pointer', async () => {
  const desk = new Desk(() => json({ code: 'malformed', detail: 'It is not right.', status: 400, errors: [{ pointer: '/scopes/0', message: 'expected \u001b[2J more' }] }, 400)) // prettier-ignore
  expect(await desk.run('freezes', 'declare', 'x', '--reason', 'y')).toBe(3)
  expect(desk.stderr).toBe('firebreak: malformed: It is not right.\nfirebreak:   /scopes/0: expected �[2J more\n')
})

describe('a write', () => {
  const busy = (times: number) => {
    let left = times
    return () => (left-- > 0 ? problem(503, 'overloaded', 'Later.', { 'retry-after': '3' }) : json({ on: true }, 201))
  }
  test('brings one idempotency key, the same from try to try, and waits as long as it is asked to', async () => {
    const desk = new Desk(busy(2))
    const began = desk.clock
    expect(await desk.run('stop', 'press', '--reason', 'x')).toBe(0)
    const keys = desk.asked.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^cli-[0-9a-f-]{36}$/)
    expect(desk.clock - began).toBe(6_000)
    expect(await desk.asked[2]!.json()).toEqual({ reason: 'x' })
    await desk.run('stop', 'press', '--reason', 'x')
    expect(desk.asked[3]!.headers.get('idempotency-key')).not.toBe(keys[0])
  })
  test('whose answer was lost is sent again with its key', async () => {
    let lost = false
    const desk = new Desk(() =>
      lost ? json({ on: true }, 201) : ((lost = true), Promise.reject(new TypeError('reset'))),
    )
    expect(await desk.run('stop', 'press', '--reason', 'x')).toBe(0)
    expect(new Set(desk.asked.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1)
  })
  test('is given up after half a minute', async () => {
    const desk = new Desk(busy(1_000))
    expect(await desk.run('stop', 'press', '--reason', 'x')).toBe(5)
    expect(desk.asked.length).toBeLessThan(15)
  })
})

describe('the token', () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-cli-'))
  const file = (mode: number, text = 'fbk_secret\n') => {
    const path = join(folder, `token-${mode.toString(8)}`)
    writeFileSync(path, text)
    chmodSync(path, mode)
    return path
  }
  const asker = () => {
    const desk = new Desk(() => json({ id: 'hannah', name: 'Hannah', kind: 'person', roles: ['sre'], mode: 'sandbox' }))
    desk.env = { HOME: folder }
    return desk
  }
  test('of a file of one’s own is sent, and never shown', async () => {
    const desk = asker()
    expect(await desk.run('whoami', '--token-file', file(0o600))).toBe(0)
    expect(desk.asked[0]!.headers.get('authorization')).toBe('Bearer fbk_secret')
    expect(await desk.run('config', '--token-file', file(0o600))).toBe(0)
    expect(desk.stdout + desk.stderr).not.toContain('fbk_secret')
  })
  test.each([0o640, 0o604, 0o660, 0o644])(
    'of a file of mode %o is refused, and the file says how to mend it',
    async (mode) => {
      const desk = asker()
      expect(await desk.run('whoami', '--token-file', file(mode))).toBe(4)
      expect(desk.stderr).toContain('chmod 600')
      expect(desk.stderr).not.toContain('fbk_secret')
      expect(desk.asked).toEqual([])
    },
  )
  test.each([
    [['whoami'], 4, 'you are not signed in'],
    [['whoami', '--token-file', '/nonexistent'], 2, 'there is no file /nonexistent'],
    [['whoami', '--token-file', folder], 2, 'is no file'],
    [['whoami', '--as', 'hannah'], 2, 'npm start'],
    [['whoami', '--url', 'ftp://x'], 2, 'must be an address'],
    [['whoami', '--url', 'http://me:pw@x'], 2, 'without a name and a password'],
    [['whoami', '--timeout', '0'], 2, '--timeout is a number of seconds'],
  ])('%j: %i', async (argv, exit, says) => {
    const desk = asker()
    expect(await desk.run(...argv)).toBe(exit)
    expect(desk.stderr).toContain(says)
    expect(desk.asked).toEqual([])
  })
  test('over a line that others can read is warned of', async () => {
    const desk = asker()
    desk.env['FIREBREAK_TOKEN'] = 'fbk_x'
    await desk.run('whoami', '--url', 'http://firebreak.example')
    expect(desk.stderr).toContain('not https')
    await desk.run('whoami', '--url', 'http://127.0.0.1:1')
    expect(desk.stderr).toBe('')
  })
})

describe('what needs no address and no token', () => {
  const wrong = { HOME: '/nonexistent', FIREBREAK_URL: 'ftp://x', FIREBREAK_TOKEN_FILE: '/nonexistent/token' }
  test('does not fail on one that cannot be used', async () => {
    const desk = new Desk()
    desk.env = wrong
    expect(await desk.run('completion', 'bash')).toBe(0)
    expect(desk.stdout).toContain('complete ')
    expect(await desk.run('audit', 'check', 'bundle.tar', '--policy', 'policy.txt')).toBe(2)
    expect(desk.stderr).toContain('/nonexistent/policy.txt')
    expect(desk.stderr).not.toContain('FIREBREAK_URL')
  })
  test('and what needs them does', async () => {
    const desk = new Desk()
    desk.env = wrong
    expect(await desk.run('config')).toBe(2)
    expect(await desk.run('health')).toBe(2)
    expect(desk.stderr).toContain('FIREBREAK_URL must be an address')
  })
})

test.each([
  ['health', 'http://firebreak.example', 'fbk_test', true],
  ['whoami', 'http://firebreak.example', 'fbk_test', true],
  ['health', 'http://firebreak.example', '', false],
  ['health', 'https://firebreak.example', 'fbk_test', false],
  ['health', 'http://127.0.0.1:4600', 'fbk_test', false],
])('%s at %s with the token "%s": that it can be read on the way is told: %s', async (word, url, token, told) => {
  const desk = new Desk(() => json({ ready: true, mode: 'sandbox', dependencies: [], roles: [] }))
  desk.env = { HOME: '/nonexistent', FIREBREAK_TOKEN: token }
  expect(await desk.run(word, '--url', url)).toBe(0)
  expect(desk.stderr.includes('your token can be read on the way')).toBe(told)
})
