import { expect, test } from 'vitest'
import { parseOrder, parseTold, plain } from './messages.js'

const passed = { check: 'note', says: 'it is a note', state: 'passed', found: '' }
const failed = { check: 'leaf', says: '', state: 'failed', sentence: 'entry 3 is another', index: 3, entry: null }
const report = {
  verdict: 'valid',
  first: null,
  advice: null,
  findings: [passed],
  origin: 'log.example/x',
  completeness: 'FULL',
  size: 1,
  entries: 1,
  manifest: 'sha256:00',
}
const told = (change: object = {}, checkpoint: unknown = null) => ({ told: 'report', report: { ...report, ...change }, checkpoint }) // prettier-ignore

test('a report is taken as it is meant', () => {
  expect(parseTold(told())).toEqual(told())
  const red = told({ verdict: 'tampered', first: failed, findings: [failed], advice: 'Ask for another.' })
  expect(parseTold(red)).toEqual(red)
})

test.each([
  ['nothing', undefined],
  ['a word', 'valid'],
  ['another kind', { told: 'verified' }],
  ['a verdict that there is not', told({ verdict: 'fine' })],
  ['green with something that failed first', told({ first: failed })],
  ['red without where', told({ verdict: 'tampered' })],
  ['a first that did not fail', told({ verdict: 'tampered', first: passed })],
  ['a state that there is not', told({ findings: [{ ...passed, state: 'skipped' }] })],
  ['a thousand findings', told({ findings: Array<unknown>(1000).fill(passed) })],
  ['half an entry', told({ size: 0.5 })],
  ['a checkpoint that is no text', told({}, { toString: () => 'x' })],
  ['progress backwards', { told: 'progress', bytes: -1, entries: 0, of: 0 }],
])('the page does not take %s', (_, data) => {
  expect(() => parseTold(data)).toThrow('a message that the page and its worker do not have')
})

test.each([
  ['nothing', null],
  ['a bundle that is an address', { order: 'check', bundle: 'https://evil.example', brought: {}, now: 1 }],
  ['another file', { order: 'check', bundle: new Blob([]), brought: { secrets: new Uint8Array() }, now: 1 }],
  ['a policy that is a text', { order: 'check', bundle: new Blob([]), brought: { policy: 'log' }, now: 1 }],
  ['no time', { order: 'check', bundle: new Blob([]), brought: {} }],
  ['a look at a bundle', { order: 'look', at: 'bundle', bytes: new Uint8Array() }],
])('the worker does not take %s', (_, data) => {
  expect(() => parseOrder(data)).toThrow('a message that the page and its worker do not have')
})

test('words of a bundle neither turn those around them, nor hide, nor flood the page', () => {
  expect(plain('a\u202Eb\u0007c\u200Bd\ud800e')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe')
  expect(plain('<b>7</b> · ü')).toBe('<b>7</b> · ü')
  expect(plain('x'.repeat(100_000)).length).toBe(601)
})
