import type { Dice } from '@firebreak/dev'

/** Text that has broken something somewhere. */
const texts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00\ud800',
  '\u202egnp.exe',
  '\ufeff',
  '👩‍👩‍👧‍👦'.repeat(20),
  'Z͑ͫ̓a̴l̵g̷o̸'.repeat(10),
  'hannаh',
  'ＨＡＮＮＡＨ',
  'e\u0301',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  "'; drop table flow.plan; --",
  "' or 1=1 --",
  '$1',
  '${7*7}{{7*7}}<%= 7*7 %>#{7*7}',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '%00',
  '%zz',
  '\\',
  '\r\nset-cookie: a=b',
  '1e999',
  '-0',
  'null',
  'undefined',
  'NaN',
  'true',
  '2026-02-30T25:61:61Z',
  '9999-12-31T23:59:59.999Z',
  '-271821-04-20T00:00:00Z',
  '2026-11-23T03:07:00+99:99',
  '(a+)+$',
  'a'.repeat(2_001),
  'é'.repeat(10_000),
  'x'.repeat(120_000),
]

/** Values of every wrong kind. Made anew each time, for whoever gets one may change it. */
const values: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 2 ** 53,
  () => 9_223_372_036_854_775_807n.toString(),
  () => 1.5,
  () => 1e308,
  () => -1e-320,
  () => [],
  () => [[]],
  () => [null, 1, 'a', {}],
  () => Array.from({ length: 3_000 }, (_, at) => at),
  () => ({}),
  () => ({ length: 5 }),
  () => ({ type: 'Buffer', data: [1, 2, 3] }),
  () => ({ $ref: '#/' }),
  () => ({ toJSON: 'x', toString: 1, valueOf: {}, then: 'y' }),
  () => JSON.parse('{"__proto__":{"polluted":true,"roles":["admin"]}}') as unknown,
  () => ({ constructor: { prototype: { polluted: true } } }),
  () => Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, at])),
  () => nested(60),
]

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let at = 0; at < depth; at++) value = at % 2 === 0 ? [value] : { a: value }
  return value
}

export const hostileText = (dice: Dice): string => dice.pick(texts)
export const hostileValue = (dice: Dice): unknown => (dice.chance(0.5) ? hostileText(dice) : dice.pick(values)())

/** Puts something hostile somewhere into a value: in the place of a part, beside one, or instead of everything. */
export function spoil(value: unknown, dice: Dice): unknown {
  if (typeof value !== 'object' || value === null || dice.chance(0.1)) return hostileValue(dice)
  if (Array.isArray(value)) {
    const items = value as unknown[]
    if (items.length === 0 || dice.chance(0.3)) return [...items, hostileValue(dice)]
    const at = dice.between(0, items.length - 1)
    return items.map((item, i) => (i === at ? spoil(item, dice) : item))
  }
  const entries = Object.entries(value)
  const how = dice.between(0, 3)
  if (how === 0 || entries.length === 0) return { ...value, [hostileText(dice)]: hostileValue(dice) }
  const at = dice.between(0, entries.length - 1)
  if (how === 1) return Object.fromEntries(entries.filter((_, i) => i !== at))
  return Object.fromEntries(entries.map(([key, inner], i) => [key, i === at ? spoil(inner, dice) : inner]))
}

/** The bytes of a body, and how they are said to be written. */
export interface Written {
  bytes: Buffer | undefined
  headers: Record<string, string>
}

const kinds = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/json; charset=utf-16',
  'application/json;;;',
  'application/problem+json',
  'application/jsonp',
  'json',
  ',',
] as const

/** A value as a body; one of three in a way in which nobody should write it. */
export function written(value: unknown, dice: Dice): Written {
  const text = JSON.stringify(value) ?? ''
  const json = { 'content-type': 'application/json' }
  if (dice.chance(0.66)) return { bytes: Buffer.from(text), headers: json }
  switch (dice.between(0, 10)) {
    case 0:
      return { bytes: Buffer.from(text, 'utf16le'), headers: json }
    case 1:
      return { bytes: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]), headers: json }
    case 2:
      return { bytes: Buffer.concat([Buffer.from(text), Buffer.from([0xc3, 0x28, 0xff])]), headers: json }
    case 3:
      return { bytes: Buffer.from(text.slice(0, dice.between(0, text.length))), headers: json }
    case 4:
      return { bytes: Buffer.from('['.repeat(dice.between(1, 60_000))), headers: json }
    case 5:
      return { bytes: Buffer.from(text.replace('{', '{"__proto__":{"polluted":1},"a":1,"a":2,')), headers: json }
    case 6:
      return { bytes: Buffer.from(text), headers: { 'content-type': dice.pick(kinds) } }
    case 7:
      return { bytes: Buffer.from(text), headers: {} }
    case 8:
      return { bytes: Buffer.from(text), headers: { ...json, 'content-encoding': dice.pick(['gzip', 'br', 'x']) } }
    case 9:
      return { bytes: Buffer.alloc(dice.pick([0, 1, 1024 * 1024 + 1]), 0x20), headers: json }
    default:
      return { bytes: undefined, headers: json }
  }
}
