import { expect, test } from 'vitest'
import { Crashes } from './crashes.js'

const minute = 60_000

test('SEC-06: the third crash within five minutes shows the safe page, and the count begins anew', () => {
  const crashes = new Crashes()
  expect([0, 1, 4.9, 5, 6].map((at) => crashes.happened(at * minute))).toEqual([
    'offer to reload',
    'offer to reload',
    'show the safe page',
    'offer to reload',
    'offer to reload',
  ])
})

test('crashes further apart are each their own', () => {
  const crashes = new Crashes()
  for (let at = 0; at < 60; at += 3) expect(crashes.happened(at * minute)).toBe('offer to reload')
})
