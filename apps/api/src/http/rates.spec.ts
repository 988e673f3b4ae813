import { beforeEach, expect, test } from 'vitest'
import { Rates } from './rates.js'

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
