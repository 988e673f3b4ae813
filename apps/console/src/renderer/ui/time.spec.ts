import { afterAll, beforeAll, expect, test } from 'vitest'
import { clock, exact, offset, span, stamp, zoneName } from './time.js'

const before = process.env['TZ']
beforeAll(() => {
  process.env['TZ'] = 'Europe/Kyiv'
})
afterAll(() => {
  if (before === undefined) delete process.env['TZ']
  else process.env['TZ'] = before
})

const night = new Date('2026-11-23T01:07:12.345Z')

test('a time is shown in the zone that stands beside it', () => {
  expect([clock(night, 'local'), offset(night, 'local')]).toEqual(['03:07:12', 'GMT+2'])
  // The name is ICU's, which older versions spell in the old way.
  expect(zoneName('local')).toMatch(/^Europe\/K(yi|ie)v$/)
  expect([clock(night, 'UTC'), zoneName('UTC'), offset(night, 'UTC')]).toEqual(['01:07:12', 'UTC', 'UTC'])
})

test('the offset is that of the moment, on both sides of summer time', () => {
  expect(offset(new Date('2026-10-25T00:59:59Z'), 'local')).toBe('GMT+3')
  expect(offset(new Date('2026-10-25T01:00:00Z'), 'local')).toBe('GMT+2')
})

test('midnight is 00, and another day says which', () => {
  expect(clock(new Date('2026-11-22T22:00:00Z'), 'local')).toBe('00:00:00')
  expect(stamp(night, 'local', night)).toBe('03:07:12')
  expect(stamp(new Date('2026-11-22T21:58:01Z'), 'local', night)).toBe('22 Nov 23:58:01')
  // Yesterday in Kyiv's clock, the same day in UTC's.
  expect(stamp(new Date('2026-11-23T00:30:00Z'), 'UTC', night)).toBe('00:30:00')
})

test('what is copied is always UTC', () => {
  expect(exact(night)).toBe('2026-11-23 01:07:12 UTC')
})

test('how long is one number and one unit', () => {
  expect([0, -5, 12_400, 99_000, 100_000, 240_000, 5_999_000, 6_000_000, 10_800_000, 172_800_000].map(span)).toEqual([
    '0 s',
    '0 s',
    '12 s',
    '99 s',
    '2 min',
    '4 min',
    '100 min',
    '2 h',
    '3 h',
    '2 d',
  ])
})
