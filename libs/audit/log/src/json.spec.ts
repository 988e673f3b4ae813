import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { base64, hex, same, text, unbase64, unhex, utf8 } from './bytes.js'
import { canonical, digestOf, parseCanonical, parseStrict, Unreadable, type JsonValue } from './json.js'
import { seeded, type Random } from './testing/random.js'

const folder = join(import.meta.dirname, 'fixtures/jcs')

describe('RFC 8785', () => {
  test.each(readdirSync(join(folder, 'input')))('%s', (name) => {
    const input = JSON.parse(readFileSync(join(folder, 'input', name), 'utf8')) as JsonValue
    const output = readFileSync(join(folder, 'output', name))
    expect(text(canonical(input))).toBe(text(output))
    expect(parseStrict(output)).toEqual(input)
    expect(parseCanonical(output)).toEqual(input)
  })

  test('a member that is undefined is left out; what JSON has no form for throws', () => {
    expect(text(canonical({ b: 1, a: undefined as never }))).toBe('{"b":1}')
    for (const value of [NaN, Infinity, 1n, () => 1, new Date(0), new Map(), [undefined], '\ud800', { '\udc00': 1 }]) {
      expect(() => canonical(value as JsonValue)).toThrow(TypeError)
    }
  })

  test('a digest does not depend on the order of keys', () => {
    expect(digestOf({ a: 1, b: [2] })).toBe(digestOf({ b: [2], a: 1 }))
    expect(digestOf({})).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  })
})

describe('strict parse refuses, and says where', () => {
  test.each([
    ['duplicate keys', '{"a":1,"b":{"c":1,"c":2}}', 'duplicate-key', 18],
    ['duplicate keys, one of them escaped', '{"a":1,"\\u0061":2}', 'duplicate-key', 7],
    ['a lone high surrogate', '["\\ud800"]', 'lone-surrogate', 1],
    ['a lone low surrogate in a key', '{"\\udc00x":1}', 'lone-surrogate', 1],
    ['2^53 + 1', '[9007199254740993]', 'number', 1],
    ['2^53', '[9007199254740992]', 'number', 1],
    ['a number with a needless zero', '{"n":1.0}', 'number', 5],
    ['an exponent that is not the shortest', '[1e2]', 'number', 1],
    ['minus zero', '[-0]', 'number', 1],
    ['infinity', '[1e999]', 'number', 1],
    ['a leading zero', '[01]', 'syntax', 2],
    ['a byte order mark', '\ufeff{}', 'bom', 0],
    ['something after the value', '{} {}', 'trailing', 2],
    ['a newline after the value', '{}\n', 'trailing', 2],
    ['a string without end', '["ab', 'syntax', 4],
    ['a control character', '["a\tb"]', 'syntax', 3],
    ['an unknown escape', '["\\x"]', 'syntax', 2],
    ['a short escape', '["\\u12"]', 'syntax', 2],
    ['a key without quotes', '{a:1}', 'syntax', 1],
    ['a comma too many', '[1,]', 'syntax', 3],
    ['a comma too many in an object', '{"a":1,}', 'syntax', 7],
    ['nothing', '', 'syntax', 0],
    ['a word', 'nil', 'syntax', 0],
    ['NaN', 'NaN', 'syntax', 0],
    ['an offset counted in bytes', '{"ü😂":1,"ü😂":2}', 'duplicate-key', 12],
  ] as const)('%s', (_, source, code, offset) => {
    const error = thrown(() => parseStrict(utf8(source)))
    expect(error).toMatchObject({ code, offset })
    expect(thrown(() => parseCanonical(utf8(source)))).toMatchObject({ code, offset })
  })

  test('more than 32 levels', () => {
    const nested = (n: number) => utf8('['.repeat(n) + ']'.repeat(n))
    expect(parseStrict(nested(32))).toBeDefined()
    expect(parseCanonical(nested(32))).toBeDefined()
    expect(thrown(() => parseStrict(nested(33)))).toMatchObject({ code: 'depth', offset: 32 })
    expect(thrown(() => parseCanonical(nested(1_000_000)))).toMatchObject({ code: 'depth', offset: 32 })
    expect(() => canonical(JSON.parse(text(nested(33))) as JsonValue)).toThrow('nested deeper')
  })

  test('bytes that are not UTF-8', () => {
    const bytes = utf8('{"ä":"€"}')
    bytes[4] = 0xff
    expect(thrown(() => parseStrict(bytes))).toMatchObject({ code: 'utf8', offset: 4 })
    expect(thrown(() => parseStrict(Uint8Array.of(0x22, 0xc3)))).toMatchObject({ code: 'utf8' })
  })

  test('text that is not canonical, where it must be', () => {
    expect(parseStrict(utf8('{ "b":1, "a":2}'))).toEqual({ a: 2, b: 1 })
    expect(thrown(() => parseCanonical(utf8('{"a":1, "b":2}')))).toMatchObject({ code: 'not-canonical', offset: 7 })
    expect(thrown(() => parseCanonical(utf8('{"b":1,"a":2}')))).toMatchObject({ code: 'not-canonical', offset: 2 })
    expect(thrown(() => parseCanonical(utf8('"\\u0041"')))).toMatchObject({ code: 'not-canonical', offset: 1 })
  })
})

test('what is not there to be confused stays itself', () => {
  expect(Object.keys(parseStrict(utf8('{"__proto__":{"x":1}}')) as object)).toEqual(['__proto__'])
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  expect(text(canonical(parseStrict(utf8('{"__proto__":1}'))))).toBe('{"__proto__":1}')
})

test('any value comes back from its canonical form, by either way', () => {
  const random = seeded(3)
  for (let i = 0; i < 500; i++) {
    const value = anyValue(random, 4)
    const bytes = canonical(value)
    expect(parseStrict(bytes)).toEqual(value)
    expect(parseCanonical(bytes)).toEqual(value)
  }
})

test('any flipped bit gives other bytes a meaning of their own, or none: never the same value', () => {
  const random = seeded(4)
  for (let i = 0; i < 2000; i++) {
    const value = anyValue(random, 3)
    const bytes = canonical(value)
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
    try {
      expect(same(canonical(parseCanonical(bytes)), bytes)).toBe(true)
      expect(parseCanonical(bytes)).not.toEqual(value)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
    }
  }
})

describe('base64 and hexadecimal', () => {
  test('there and back', () => {
    const random = seeded(5)
    for (let length = 0; length < 70; length++) {
      const bytes = random.bytes(length)
      expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(unbase64(base64(bytes))).toEqual(bytes)
      expect(unhex(hex(bytes))).toEqual(bytes)
    }
  })

  test.each(['A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA=A', 'A===', '====', 'AA==AAAA', 'AA\n=', 'A-__', ' AAA'])(
    '%j',
    (chars) => expect(() => unbase64(chars)).toThrow(SyntaxError),
  )

  test.each(['0', 'AB', '0x', 'zz'])('%j', (digits) => expect(() => unhex(digits)).toThrow(SyntaxError))
})

function anyValue(random: Random, depth: number): JsonValue {
  const strings = ['', 'a', 'Z', '"\\', '\u0000\u001f', '\u2028', 'ö', '😂', '€\ufb33', '</script>', '__proto__']
  switch (random.below(depth === 0 ? 5 : 7)) {
    case 0:
      return null
    case 1:
      return random.below(2) === 0
    case 2:
      return random.below(1e9) - 5e8
    case 3:
      return (random.below(1e9) + 1) / 2 ** random.below(60)
    case 4:
      return random.pick(strings) + random.pick(strings)
    case 5:
      return Array.from({ length: random.below(4) }, () => anyValue(random, depth - 1))
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, () => [random.pick(strings), anyValue(random, depth - 1)]),
      )
  }
}

function thrown(step: () => unknown): unknown {
  try {
    step()
  } catch (error) {
    expect(error).toBeInstanceOf(Unreadable)
    return error
  }
  throw new Error('nothing was thrown')
}
