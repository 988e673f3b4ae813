import { expect, test } from 'vitest'
import { fingerprint } from './fingerprint.js'

test.each([
  ['NoSuchKey: s3://documents/incomming/2026/page-3.png', 'NoSuchKey: ‹path›'],
  [
    'corrupted input: s3://documents/incoming/2026/torn-3.png is no whole PNG',
    'corrupted input: ‹path› is no whole PNG',
  ],
  ['the worker does not know the schema "invoice-v9"', 'the worker does not know the schema ‹name›'],
  ["ENOENT: no such file or directory, open '/var/lib/jobs/17.json'", 'ENOENT: no such file or directory, open ‹name›'],
  ['open /var/lib/jobs/17.json: permission denied', 'open ‹path›: permission denied'],
  ['connect ECONNREFUSED 10.4.17.2:5432', 'connect ECONNREFUSED ‹n›.‹n›:‹n›'],
  ['timeout of 30000ms exceeded', 'timeout of ‹n›ms exceeded'],
  ['order 0190a6b2-7d3e-7c11-9f00-12ab34cd56ef was not found', 'order ‹id› was not found'],
  ['no row for tx_8f3ac91d2e', 'no row for ‹id›'],
  ['at 2026-11-26T03:07:00.123Z: too late', 'at ‹time›: too late'],
  ['TypeError: x is not a function\n    at run (/app/a.js:1:2)', 'TypeError: x is not a function'],
  ['', 'nothing was said'],
])('%s', (error, expected) => expect(fingerprint(error)).toBe(expected))

test('the same trouble with different things is one, and two troubles are two', () => {
  expect(fingerprint('page 3 of /a/b.pdf is torn')).toBe(fingerprint('page 41 of /c.pdf is torn'))
  expect(fingerprint('page 3 is torn')).not.toBe(fingerprint('page 3 is empty'))
})

test('a hostile error costs no time', () => {
  const began = performance.now()
  for (const piece of ['/a', 'a1', '"', 'a://', '-0', '%', 'a.'])
    expect(fingerprint(piece.repeat(500_000)).length).toBeLessThan(200)
  expect(performance.now() - began).toBeLessThan(1_000)
})
