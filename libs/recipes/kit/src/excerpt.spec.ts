import { expect, test } from 'vitest'
import { excerpt } from './excerpt.js'

test.each([
  ['connect redis://:hunter22@queue:6379 failed', 'connect redis://‹secret›@queue:6379 failed'],
  ['postgres://app:hunter22@db/x: refused', 'postgres://‹secret›@db/x: refused'],
  ['Authorization: Bearer abcdefgh12345', 'Authorization: ‹secret› ‹secret›'],
  ['password=hunter22, user=a', 'password=‹secret›, user=a'],
  ['{"api_key": "hunter22", "page": 3}', '{"api_key": ‹secret›, "page": 3}'],
  [String.raw`{"password": "a\" hunter22", "page": 3}`, '{"password": ‹secret›, "page": 3}'],
  [
    String.raw`said {"log":"{\"token\": \"a hunter22\", \"page\": 3}"}`,
    String.raw`said {"log":"{\"token\": ‹secret›, \"page\": 3}"}`,
  ],
  ['password="a hunter22, cut off', 'password=‹secret›'],
  ['X-Amz-Signature=hunter22&x=1', 'X-Amz-Signature=‹secret›&x=1'],
  ['the key AKIAIOSFODNN7EXAMPLE has expired', 'the key ‹secret› has expired'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc expired', '‹secret› expired'],
  ['cannot clone https://glpat-hunter22@git.example/x.git', 'cannot clone https://‹secret›@git.example/x.git'],
  ['npm_hunter22hunter22 and fbk_hunter22', '‹secret› and ‹secret›'],
  ['Cookie: a=hunter22; b=1', 'Cookie: ‹secret›'],
  ['pass\u200bword=hunter22 was refused', 'password=‹secret› was refused'],
  ['api\u202e_key: hunter22', 'api_key: ‹secret›'],
  ['to\ufeffken=\u001b[31mhunter22\u001b[0m', 'token=‹secret›'],
  ['npm_hunter\u200b22\u2060hunter22', '‹secret›'],
  ['-----BEGIN EC PRIVATE KEY-----\nhunter22\n-----END EC PRIVATE KEY----- refused', '‹secret› refused'],
])('%s', (text, expected) => {
  expect(excerpt(text)).toBe(expected)
  expect(excerpt(text)).not.toMatch(/hunter22|abcdefgh12345|AKIA/)
})

test('an error that says which object is not there says it still', () => {
  const said = 'NoSuchKey: s3://documents/incomming/2026/page-3.png'
  expect(excerpt(said)).toBe(said)
})

test('what turns the direction of a text, or hides in it, is not told', () => {
  expect(excerpt('invoice\u202egnp.exe \u200b is\u200d not \u2066there\u2069')).toBe('invoicegnp.exe is not there')
  expect(excerpt('\u001b[31mfailed\u001b[0m\u2028again')).toBe('failed again')
})

test('no letter is cut in half', () => {
  expect(excerpt('xxx😀'.repeat(10), 5)).toBe('xxx…')
})

test('it is one line, and short', () => {
  expect(excerpt('a\n\tb\u0000c')).toBe('a b c')
  expect(excerpt('x'.repeat(1_000), 10)).toBe('xxxxxxxxx…')
})
