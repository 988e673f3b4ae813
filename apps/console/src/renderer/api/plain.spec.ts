import { expect, test } from 'vitest'
import { plain, shownWhole } from './plain.js'

test('SEC-61: what a text hides is written out, wherever it stands', () => {
  expect(shownWhole('exe.\u202Egnp')).toBe('exe.⟨U+202E⟩gnp')
  expect(plain({ 'na\u200bme': ['a\u0000b', { deep: '\u2066x\u2069' }], n: 7, not: null })).toEqual({
    'na⟨U+200B⟩me': ['a⟨U+0000⟩b', { deep: '⟨U+2066⟩x⟨U+2069⟩' }],
    n: 7,
    not: null,
  })
})

test.each([
  '\u0007',
  '\u001b',
  '\u00ad',
  '\u200b',
  '\u200f',
  '\u202a',
  '\u2060',
  '\ufeff',
  '\u2028',
  '\u3164',
  '\ud800',
  '\u{e0041}',
])(
  // prettier-ignore
  'nothing is hidden by %j',
  (hidden) => expect(shownWhole(`a${hidden}b`)).toMatch(/^a⟨U\+[0-9A-F]{4,5}⟩b$/),
)

test('what people write stays as it is: lines, tabs, letters of every script, and smileys of one character', () => {
  const text = 'Zeile 1\n\tжурнал 日本語 עברית é 👍 50 %'
  expect(shownWhole(text)).toBe(text)
})
