import { expect, test } from 'vitest'
import { diff, isLong, leaves, pieces } from './diff.js'

test('says what changes, from what to what', () => {
  expect(diff({ replicas: 2 }, { replicas: 5 })).toEqual([{ field: 'replicas', from: '2', to: '5', changes: true }])
})

test('what changes stands first; what stays is still there', () => {
  expect(
    diff({ image: 'api:7', min: 2 }, { image: 'api:7', min: 5 }).map(({ field, changes }) => [field, changes]),
  ).toEqual([
    ['min', true],
    ['image', false],
  ])
})

test('nested fields have a path; fields that come or go have one side', () => {
  expect(diff({ limits: { cpu: '1', memory: '1Gi' } }, { limits: { cpu: '2' }, paused: true })).toEqual([
    { field: 'limits.cpu', from: '1', to: '2', changes: true },
    { field: 'limits.memory', from: '1Gi', to: null, changes: true },
    { field: 'paused', from: null, to: 'true', changes: true },
  ])
})

test('a number and the text of that number are shown alike, so they are no change to look at', () => {
  expect(diff({ a: [1, 2] }, { a: [2, 1] })[0]).toMatchObject({ from: '[1,2]', to: '[2,1]', changes: true })
  expect(diff({ a: null }, { a: null })[0]).toMatchObject({ from: 'null', changes: false })
})

test('an empty object is a value of its own', () => {
  expect([...leaves({ a: {}, b: { c: 1 } })]).toEqual([
    ['a', '{}'],
    ['b.c', '1'],
  ])
})

test.each([
  ['registry.prod/team/api:1.24.0', ['registry.', 'prod/', 'team/', 'api:', '1.24.0']],
  ['s3://documents-eu/in,out', ['s3://', 'documents-', 'eu/', 'in,', 'out']],
  ['api@sha256:0a1b', ['api@', 'sha256:', '0a1b']],
  ['-5', ['-5']],
  ['0.75', ['0.75']],
  ['["a","b"]', ['["a",', '"b"]']],
  ['one word: two', ['one word: two']],
  ['', ['']],
])('a line of %s may end behind what separates, and nowhere else', (text, parts) => {
  expect(pieces(text)).toEqual(parts)
  expect(parts.join('')).toBe(text)
})

test('a digest may be broken anywhere, and words never to make a column narrower', () => {
  expect([isLong('9c41'.repeat(16)), isLong('quarantine'), isLong('many short words of one sentence')]).toEqual([
    true,
    false,
    false,
  ])
})

test('what somebody writes to stop the page takes no longer than what they write to be read', () => {
  const many = 20_000
  const took = (text: string) => {
    const begun = performance.now()
    pieces(text)
    return performance.now() - begun
  }
  const path = took('ab/'.repeat(many))
  expect(took(`a${'-'.repeat(many * 3)}b`)).toBeLessThan(10 * path)
})
