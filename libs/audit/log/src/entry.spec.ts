import { describe, expect, test } from 'vitest'
import { text, utf8 } from './bytes.js'
import { decodeEntry, encodeEntry, EntryError, type EntryBody } from './entry.js'
import { testEntries } from './testing/log.js'
import { entryTypes } from './types.js'

const [entry] = testEntries(1) as [EntryBody]
const changed = (change: Record<string, unknown>) => ({ ...entry, ...change }) as EntryBody
const fault = (step: () => unknown) => {
  try {
    step()
  } catch (error) {
    if (error instanceof EntryError) return `${error.code} ${error.pointer}`
    throw error
  }
  return 'none'
}

test('there and back', () => {
  for (const body of testEntries(50)) expect(decodeEntry(encodeEntry(body))).toEqual(body)
})

test('a field that is undefined is absent', () => {
  expect(text(encodeEntry(changed({ reason: undefined })))).not.toContain('reason')
})

describe('refused', () => {
  test.each([
    ['an unknown key', { extra: 1 }, 'malformed '],
    ['another version', { v: 2 }, 'malformed /v'],
    ['an unknown type', { type: 'plan.guessed' }, 'malformed /type'],
    ['a UUID of version 4', { entry_id: '6ba7b810-9dad-41d1-80b4-00c04fd430c8' }, 'malformed /entry_id'],
    ['a negative number in the stream', { stream_seq: -1 }, 'malformed /stream_seq'],
    ['time with an offset', { ts: '2026-11-23T10:00:00.000+00:00' }, 'malformed /ts'],
    ['time without milliseconds', { ts: '2026-11-23T10:00:00Z' }, 'malformed /ts'],
    ['a day that does not exist', { ts: '2026-02-30T10:00:00.000Z' }, 'malformed /ts'],
    ['a fraction', { detail: { number: 1.5 } }, 'malformed /detail/number'],
    ['an unsafe integer', { detail: { number: 2 ** 53 } }, 'malformed /detail/number'],
    ['a detail of another type', { detail: { severity: 'SEV1' } }, 'malformed /detail'],
    ['an actor without an id', { actor: { kind: 'person' } }, 'malformed /actor/id'],
    ['about without a kind', { about: 'x' }, 'malformed /about'],
    ['a digest that is none', { plan_digest: 'sha256:ABC' }, 'malformed /plan_digest'],
    ['a control character', { reason: 'a\u0000b' }, 'malformed /reason'],
    ['half a surrogate pair', { reason: 'a\ud800' }, 'malformed /reason'],
    [
      'half a surrogate pair in a key',
      { after: { digest: entry.plan_digest, summary: { '\ud800': 1 } } },
      'malformed /after/summary/\ud800',
    ],
    [
      'a summary that nests',
      { after: { digest: `sha256:${'0'.repeat(64)}`, summary: { a: { b: 1 } } } },
      'malformed /after/summary/a',
    ],
  ])('%s', (_, change, wanted) => expect(fault(() => encodeEntry(changed(change)))).toContain(wanted))

  test('more than 65,535 bytes', () => {
    const roles = Array.from({ length: 300 }, (_, i) => ['r'.repeat(190), String(i)])
    const summary = Object.fromEntries(roles.map(([r, i]) => [`${r}${i}`, 'x'.repeat(100)]))
    expect(fault(() => encodeEntry(changed({ after: { digest: `sha256:${'0'.repeat(64)}`, summary } })))).toBe(
      'too-large ',
    )
    expect(fault(() => decodeEntry(new Uint8Array(65_536)))).toBe('too-large ')
  })

  test('stored bytes with two readings, or in another spelling', () => {
    const body = text(encodeEntry(entry))
    expect(fault(() => decodeEntry(utf8(body.replace('"v":1}', '"v":1,"v":1}'))))).toBe('unreadable ')
    expect(fault(() => decodeEntry(utf8(`${body} `)))).toBe('unreadable ')
    expect(fault(() => decodeEntry(utf8(body.replace('{"about"', '{ "about"'))))).toBe('unreadable ')
    expect(fault(() => decodeEntry(utf8('[]')))).toBe('malformed ')
  })
})

test('every type takes an empty detail, and none takes a field that it does not know', () => {
  for (const [type, schema] of Object.entries(entryTypes)) {
    expect(schema.safeParse({}).success, type).toBe(true)
    expect(schema.safeParse({ 'no-such-field': 1 }).success, type).toBe(false)
  }
})
