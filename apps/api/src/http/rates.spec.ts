import { beforeEach, expect, test } from 'vitest'
import { networkOf, Rates } from './rates.js'
import type { Right } from './rights.js'

let at: number
let rates: Rates
beforeEach(() => {
  at = Date.parse('2026-11-23T03:07:00Z')
  rates = new Rates(2, () => new Date(at))
})

const hannah = { id: 'hannah' }
const tool = { id: 'hannah', key: { id: 'key_1', scopes: null, expires_at: null } }
/** How many of many requests go through. */
const through = (caller: typeof hannah, right: 'plan.read' | 'alert.send' = 'plan.read') => {
  let passed = 0
  for (let i = 0; i < 100; i++)
    try {
      rates.take(right, caller)
      passed++
    } catch (error) {
      expect(error).toMatchObject({ code: 'rate' })
    }
  return passed
}

test('many at once go through, and then as many as come to be again', () => {
  expect(through(hannah)).toBe(20)
  at += 3_000
  expect(through(hannah)).toBe(6)
  expect(through({ id: 'sam' })).toBe(20)
})

test('a key that runs wild leaves its person half', () => {
  expect(through(tool)).toBe(10)
  expect(through(hannah)).toBe(10)
})

test('alerts are never too many', () => {
  expect(through(hannah, 'alert.send')).toBe(100)
})

test('a clock that goes back gives nobody more, and nobody less', () => {
  expect(through(hannah)).toBe(20)
  at -= 60_000
  expect(through(hannah)).toBe(0)
  at += 1_000
  expect(through(hannah)).toBe(2)
})

test('0 is no limit', () => {
  rates = new Rates(0, () => new Date(at))
  expect(through(hannah)).toBe(100)
})

test('whoever is not signed in has one share a network, apart from those who are', () => {
  const from = (address: string, right: Right = 'session.begin') => {
    let passed = 0
    for (let i = 0; i < 100; i++)
      try {
        rates.takeFrom(right, address)
        passed++
      } catch (error) {
        expect(error).toMatchObject({ code: 'rate' })
      }
    return passed
  }
  // Whoever balances the load looks after us from one address, and behind one proxy everybody is at one: the page has to come.
  for (const free of ['alert.send', 'health.read', 'page.load'] as const) expect(from('203.0.113.7', free)).toBe(100)
  expect(from('203.0.113.7')).toBe(20)
  expect(from('::ffff:203.0.113.7')).toBe(0)
  expect(from('203.0.113.8')).toBe(20)
  expect(from('2001:db8::1')).toBe(20)
  expect(from('2001:db8:0:0:ffff::2')).toBe(0)
  expect(from('2001:db8:0:1::1')).toBe(20)
  expect(through(hannah)).toBe(20)
  at += 1_000
  expect(from('203.0.113.7')).toBe(2)
})

test.each([
  ['::1', '0:0:0:0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:DB8::5:6', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['127.0.0.1', '127.0.0.1'],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('a crowd of strangers is forgotten, at most once a second, and whoever asked just now is not', () => {
  const stranger = (n: number) => `2001:db8:${(n >> 8).toString(16)}:${(n & 255).toString(16)}::1`
  for (let n = 0; n < 10_001; n++) rates.takeFrom('self.read', stranger(n))
  at += 11_000
  expect(through(hannah)).toBe(20)
  rates.takeFrom('self.read', stranger(0))
  expect(through(hannah)).toBe(0)
  expect((rates as unknown as { buckets: Map<string, unknown> }).buckets.size).toBeLessThan(10)
})
