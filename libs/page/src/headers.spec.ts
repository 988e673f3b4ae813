import { expect, test } from 'vitest'
import { headersFor } from './headers.js'
import { withNonce } from './nonce.js'

const policyOf = (what: Parameters<typeof headersFor>[0], nonce?: string) =>
  new Map(
    headersFor(what, nonce)
      ['content-security-policy']!.split('; ')
      .map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1)]),
  )

test('the page loads and calls its own origin alone, and no string becomes a script', () => {
  const policy = policyOf('page', 'bm9uY2U=')
  expect(policy.get('default-src')).toEqual(["'none'"])
  for (const name of ['script-src', 'worker-src', 'connect-src', 'font-src'])
    expect(policy.get(name), name).toEqual(["'self'"])
  expect(policy.get('style-src')).toEqual(["'self'", "'nonce-bm9uY2U='"])
  expect(policy.get('require-trusted-types-for')).toEqual(["'script'"])
  expect(policy.get('trusted-types')).toEqual(['firebreak-checker'])
  expect(JSON.stringify([...policy])).not.toContain('unsafe')
})

test('a nonce stands in the policy of a page, and in no other', () => {
  for (const what of ['script', 'bridge', 'api', 'download'] as const)
    expect(headersFor(what, 'bm9uY2U=')['content-security-policy'], what).not.toContain('nonce')
})

test('a script, and with it a worker, may open no connection', () => {
  expect(policyOf('script').get('default-src')).toEqual(["'none'"])
  expect(policyOf('script').has('connect-src')).toBe(false)
})

test.each(['page', 'script', 'bridge', 'api', 'download'] as const)(
  '%s: nobody frames it, sniffs it or keeps it',
  (what) => {
    expect(policyOf(what).get('frame-ancestors')).toEqual(["'none'"])
    expect(headersFor(what)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    for (const power of ['camera', 'microphone', 'geolocation', 'display-capture', 'hid', 'serial', 'usb'])
      expect(headersFor(what)['permissions-policy']).toContain(`${power}=()`)
  },
)

test('the nonce comes to every place that waits for one', () => {
  expect(withNonce('<meta content="__NONCE__"><meta nonce="__NONCE__">', 'abc')).toBe(
    '<meta content="abc"><meta nonce="abc">',
  )
  expect(withNonce('__NONCE__', '$&')).toBe('$&')
})
