import { expect, test } from 'vitest'
import { characterErrorPercent, characterErrors } from './character-errors.js'

test.each([
  ['INVOICE 4711', 'INVOICE 4711', 0],
  ['INVOICE 4711', 'INVO1CE 4711', 1],
  ['INVOICE 4711', 'INVOICE 471', 1],
  ['INVOICE 4711', 'XINVOICE 4711', 1],
  ['INVOICE 4711', '', 12],
  ['', 'noise', 5],
  ['kitten', 'sitting', 3],
  ['two words', 'two \n  words ', 0],
  ['ﬁle', 'file', 0],
  ['café', 'cafe\u0301', 0],
  ['👍🏽', '👎🏽', 1],
])('%j read as %j has %i wrong', (text, read, errors) => {
  expect(characterErrors(text, read)).toBe(errors)
  expect(characterErrors(read, text)).toBe(errors)
})

test('the rate is over all samples, and rounded up', () => {
  const sample = (text: string, read: string) => ({ text, read })
  expect(characterErrorPercent([sample('0123456789', '0123456789'), sample('0123456789', 'x123456789')])).toBe(5)
  expect(characterErrorPercent([sample('abc', 'abd')])).toBe(34)
  expect(characterErrorPercent([sample('a', 'b')])).toBe(100)
  expect(characterErrorPercent([sample('a', 'bcd')])).toBe(300)
  expect(characterErrorPercent([])).toBe(0)
})
