import { describe, expect, test } from 'vitest'
import { same, text, utf8 } from './bytes.js'
import { canonical, parseCanonical, parseStrict, Unreadable, type JsonValue } from './json.js'
import { isPlainlyCanonical } from './plain.js'
import { longLog, seeded, type Random } from './testing/index.js'

/** The slow way, which has the last word: one reading, and its own canonical form. */
function isCanonical(bytes: Uint8Array): boolean {
  try {
    return same(canonical(parseStrict(bytes)), bytes)
  } catch (error) {
    if (error instanceof Unreadable) return false
    throw error
  }
}

const isUtf8 = (bytes: Uint8Array) => {
  try {
    return text(bytes) !== ''
  } catch {
    return false
  }
}

test.each([
  '{}', '[]', '0', '-1', '""', 'true', 'false', 'null', '999999999999999', '{"":0}', '{" ":0,"!":[1,"a"]}', '{"a":{},"aa":[],"b":[{},[]]}',
  '"\\b\\t\\n\\f\\r\\"\\\\\\u0000\\u001f"', '"é€\u{1f600}\u007f/"', `${'['.repeat(32)}${']'.repeat(32)}`,
])('plainly canonical: %s', (source) => {
  expect(isPlainlyCanonical(utf8(source))).toBe(true)
  expect(isCanonical(utf8(source))).toBe(true)
}) // prettier-ignore

test.each([
  '', ' ', '{} ', ' {}', '{}{}', '{"a":1,}', '[1,]', '[,1]', '[1 ,2]', '{"b":1,"a":2}', '{"a":1,"a":1}', '{"aa":1,"a":1}', '{"a" :1}', '{a:1}', '{1:1}',
  '{"a"}', '{"a":}', '[', '{', '"', '"\\', '"\\u00', '01', '-0', '00', '-', '+1', '1.0', '1e3', '1000000000000000', 'tru', 'truE', 'nul', '"\\/"', '"\\u0041"',
  '"\\u000a"', '"\\u001F"', '"\\u007f"', '"\\ud800"', '"\u0001"', '"\n"', '\ufeff{}', `${'['.repeat(33)}${']'.repeat(33)}`, '[1}', '{"a":1]', '{"é":1}', '{"\\n":1}',
])('not plainly canonical: %j', (source) => expect(isPlainlyCanonical(utf8(source))).toBe(false)) // prettier-ignore

describe('what it says yes to, the strict way says yes to, and JSON.parse reads the same', () => {
  /** How often it said yes; throws where the slow way says no. */
  const held = (bytes: Uint8Array): number => {
    if (!isPlainlyCanonical(bytes) || !isUtf8(bytes)) return 0
    expect(isCanonical(bytes), text(bytes)).toBe(true)
    expect(parseCanonical(bytes)).toEqual(parseStrict(bytes))
    return 1
  }

  test('values of every kind, and those with a few bytes changed', () => {
    const random = seeded(41)
    let [yes, changed] = [0, 0]
    for (let i = 0; i < 3000; i++) {
      const bytes = canonical(anyValue(random, 0))
      yes += held(bytes)
      for (let j = 0; j < 4; j++) changed += held(mutated(random, bytes))
    }
    expect(yes).toBeGreaterThan(1500)
    expect(changed).toBeGreaterThan(300)
  })

  test('short strings of the characters that matter', () => {
    const random = seeded(42)
    const chars = ['{', '}', '[', ']', ',', ':', '"', '"', '\\', '0', '1', '-', '.', 'e', 'u', 'n', ' ', '\u0001', 'a', 'b', 'é', '"a":', 'true', 'null'] // prettier-ignore
    let yes = 0
    for (let i = 0; i < 200_000; i++) {
      yes += held(utf8(Array.from({ length: 1 + random.below(7) }, () => random.pick(chars)).join('')))
    }
    expect(yes).toBeGreaterThan(1000)
  })

  test('nearly every entry of a log goes the fast way', () => {
    const lines = [...longLog(2000, 3)].map((entry) => canonical(entry as unknown as JsonValue))
    expect(lines.filter(isPlainlyCanonical)).toHaveLength(2000)
  })
})

function anyValue(random: Random, depth: number): JsonValue {
  switch (random.below(depth < 4 ? 8 : 6)) {
    case 0:
      return random.pick([true, false, null])
    case 1:
      return random.pick([0, -1, 7, 2 ** 53 - 1, -(2 ** 53 - 1), 1.5, 1e21, 123456789012345, 1234567890123456])
    case 6:
      return Array.from({ length: random.below(4) }, () => anyValue(random, depth + 1))
    case 7:
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, () => [anyText(random), anyValue(random, depth + 1)]),
      )
    default:
      return anyText(random)
  }
}

const PIECES = ['a', 'b', 'Z', '0', ' ', '!', '"', '\\', '/', '\n', '\t', '\u0000', '\u001f', '\u007f', 'é', '€', '\u{1f600}', '\ue000', '__proto__'] // prettier-ignore
const anyText = (random: Random) =>
  Array.from({ length: random.below(4) }, () => PIECES[random.below(random.below(3) === 0 ? PIECES.length : 6)]).join(
    '',
  )

function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length)
  const byte = random.pick([...utf8('{}[],:"\\0123456789-.eutn a'), random.below(256)])
  switch (random.below(4)) {
    case 0:
      return bytes.with(at, byte)
    case 1:
      return Uint8Array.from([...bytes].toSpliced(at, 1))
    case 2:
      return Uint8Array.from([...bytes].toSpliced(at, 0, byte))
    default:
      return Uint8Array.from([...bytes].toSpliced(at, random.below(6), ...bytes.subarray(0, random.below(6))))
  }
}
