import { expect, test } from 'vitest'
import { degradedSays, parseLoans } from './words.js'

test('what is degraded is one sentence, and says what is late', () => {
  expect(degradedSays([])).toBe('Nothing runs otherwise than usual.')
  expect(degradedSays([{ state: 'out', target: 'a' }])).toBe('1 target runs otherwise than usual, for now.')
  expect(
    degradedSays([
      { state: 'out', target: 'a' },
      { state: 'returning', target: 'a' },
      { state: 'overdue', target: 'b' },
    ]),
  ).toBe('2 targets run otherwise than usual, for now. 1 should have come back already: somebody has to look.')
})

test('a URL asks for what is out, unless it asks for what is back', () => {
  expect(parseLoans({ show: 'returned' })).toEqual({ show: 'returned' })
  expect(parseLoans({ show: 'everything', loan: ['x'] })).toEqual({})
  expect(parseLoans({ loan: 'lon_1' })).toEqual({ loan: 'lon_1' })
})
