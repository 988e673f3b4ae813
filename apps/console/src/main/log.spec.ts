import { expect, test } from 'vitest'
import { logLine } from './log.js'

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJoYW5uYWgifQ.c2lnbmF0dXJl'

test.each([
  ['Authorization: Bearer canary-secret'],
  ['"authorization":"canary-secret"'],
  ['cookie: fb_session=canary-secret'],
  ['http://127.0.0.1:1/callback?code=canary-secret&state=canary-secret'],
  ['{"refresh_token":"canary-secret"}'],
  ['access_token=canary-secret, id_token=canary-secret'],
  ['code_verifier=canary-secret'],
  [`failed with ${jwt}`],
  ['key fbk_canary-secret'],
])('SEC-43: %s is written without its secret', (text) => {
  expect(logLine(text)).not.toMatch(/canary-secret|eyJ/)
  expect(logLine(text)).toContain('***')
})

test('a line is a line, and moves no terminal', () => {
  expect(logLine('one\ntwo\u001b[2J\u202Ethree')).toBe('one two [2J three')
  expect(logLine('x'.repeat(5000)).length).toBe(1000)
  expect(logLine('This link is not opened: only https: is opened.')).toBe(
    'This link is not opened: only https: is opened.',
  )
})
