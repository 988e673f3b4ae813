import { describe, expect, test } from 'vitest'
import { isWellFormed, same } from './bytes.js'
import { decodeEntry, EntryError, schemaFault, type EntryBody } from './entry.js'
import { canonical, parseStrict, Unreadable, type JsonValue } from './json.js'
import { quickly } from './quick.js'
import { count, detail, facts, id, int, reference, said, time, uuidV7, word, z } from './schema.js'
import { longLog, seeded, testEntries, type Random } from './testing/index.js'
import { entryTypes } from './types.js'

/** Values at the edges of every schema of the log, and far from it. */
const VALUES: unknown[] = [
  undefined, null, true, false, 0, -0, 1, -1, 1.5, NaN, Infinity, 2 ** 53 - 1, 2 ** 53, '0', '', ' ', 'a', 'a b', 'sre', 'A', 'a-b.c', 'a--b', 'ä', 'x'.repeat(100),
  'x'.repeat(101), 'x'.repeat(200), 'x'.repeat(201), 'x'.repeat(8000), 'x'.repeat(8001), '\u{1f600}'.repeat(8000), '\u{1f600}'.repeat(8001), '\ud800', '\u0000', 'tab\tnew\nline', '\r', '\u007f',
  'a:b', 'incident:inc_1', 'log', `sha256:${'0'.repeat(64)}`, `sha256:${'A'.repeat(64)}`, '0'.repeat(64), '01a207d9-2100-7bfd-8b30-000000000000', '01a207d9-2100-4bfd-8b30-000000000000',
  '2026-11-23T10:00:00.000Z', '2026-02-29T10:00:00.000Z', '2024-02-29T23:59:59.999Z', '2026-11-23T24:00:00.000Z', '2026-11-23T10:00:00Z', 'SEV1', 'T0', 'yes', [], {}, [1], ['a'], ['a', 1], [[]],
  new Array(3), new Array(501).fill('a'), { a: 1 }, { a: { b: 1 } }, { 'a b': 1 }, { constructor: 1 }, { __proto__: null, a: 1 }, JSON.parse('{"__proto__":1}'), Object.create({ a: 1 }),
  { sha256: '0'.repeat(64), size: 1, media_type: 'text/plain' }, { pointer: '', message: 'x' }, new Date(0), Symbol('x'), () => 1, 1n,
] // prettier-ignore

const schemas: Record<string, z.core.$ZodType> = {
  count, facts, id, int, reference, said, time, uuidV7, word, ...entryTypes,
  strict: z.strictObject({ a: z.string().optional(), b: z.int().nullable(), c: z.array(z.boolean()).max(2).optional(), __proto: z.null().optional() }),
  loose: z.object({ a: z.int() }),
  tuple: z.tuple([z.int()]),
  refined: detail({ a: count }).refine(({ a }) => a !== 3),
  trimmed: z.string().trim().max(3),
  defaulted: z.strictObject({ a: z.int().default(1) }),
  either: z.union([z.literal(1), z.literal('b'), z.strictObject({ c: z.enum(['d', 'e']) })]),
} // prettier-ignore

describe('a quick yes is a yes of the schema', () => {
  test.each(Object.keys(schemas))('%s', (name) => {
    const [schema, random] = [schemas[name]!, seeded(name.length)]
    const quick = quickly(schema)
    const members = [...Object.keys((schema as z.ZodObject).shape ?? {}), 'a', 'b', 'c', 'extra', '__proto__']
    let yes = 0
    const hold = (value: unknown) => {
      if (!quick(value)) return
      yes++
      expect(z.core.safeParse(schema, value).success, told(value)).toBe(true)
    }
    for (const value of VALUES) hold(value)
    for (let i = 0; i < 5000; i++) {
      const given = Array.from({ length: random.below(4) }, () => [random.pick(members), random.pick(VALUES)] as const)
      hold(Object.fromEntries(given))
    }
    expect(yes).toBeGreaterThan(0)
  })
})

test('and of what is in a log it says yes to all', () => {
  const [quick, ofDetail] = [quickly(reference), new Map(Object.entries(entryTypes).map(([type, s]) => [type, quickly(s)]))]
  for (const entry of [...testEntries(300), ...longLog(2000, 5)]) {
    expect(quick(entry.about)).toBe(true)
    if (entry.detail !== undefined) expect(ofDetail.get(entry.type)!(entry.detail), JSON.stringify(entry)).toBe(true)
  }
}) // prettier-ignore

test('entries with something changed: read is exactly what the strict parser and the schemas let through', () => {
  const random = seeded(77)
  const entries = [...longLog(400, 9)]
  let [read, refused] = [0, 0]
  for (let i = 0; i < 3000; i++) {
    const changed = canonical(changedSomewhere(random, random.pick(entries)))
    const bytes = random.below(3) === 0 ? changed.with(random.below(changed.length), random.below(256)) : changed
    const slow = readSlowly(bytes)
    if (slow) read++
    else refused++
    expect(reads(bytes), told(text(bytes))).toBe(slow)
  }
  expect(Math.min(read, refused)).toBeGreaterThan(200)
})

function reads(bytes: Uint8Array): boolean {
  try {
    return decodeEntry(bytes) !== undefined
  } catch (error) {
    if (error instanceof EntryError) return false
    throw error
  }
}

function readSlowly(bytes: Uint8Array): boolean {
  try {
    const value = parseStrict(bytes)
    return same(canonical(value), bytes) && schemaFault(value) === undefined
  } catch (error) {
    if (error instanceof Unreadable) return false
    throw error
  }
}

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes)
const told = (value: unknown) =>
  String(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one))).slice(0, 300)

const SCALARS = VALUES.filter(
  (one): one is JsonValue =>
    one === null || typeof one === 'boolean' || Number.isFinite(one) || (typeof one === 'string' && isWellFormed(one)),
)

/** One member somewhere set to something else, taken away, or added. */
function changedSomewhere(random: Random, entry: EntryBody): JsonValue {
  const copy = JSON.parse(JSON.stringify(entry)) as JsonValue
  let at = copy as Record<string, JsonValue>
  for (;;) {
    const key = random.pick([...Object.keys(at), 'extra'])
    const inner = at[key]
    if (inner !== null && typeof inner === 'object' && random.below(2) === 0) {
      at = inner as Record<string, JsonValue>
      continue
    }
    if (random.below(4) === 0 && !Array.isArray(at)) delete at[key]
    else at[key] = random.pick(SCALARS)
    return copy
  }
} // prettier-ignore

test('a time is one that Date knows too', () => {
  const random = seeded(3)
  const two = (n: number) => String(n).padStart(2, '0')
  for (let i = 0; i < 20_000; i++) {
    const day = `${random.pick(['0000', '1900', '1970', '1999', '2000', '2023', '2024', '2100', '9999', String(1000 + random.below(9000))])}-${two(random.below(14))}-${two(random.below(33))}`
    const stamp = `${day}T${two(random.below(26))}:${two(random.below(62))}:${two(random.below(62))}.${String(random.below(1000)).padStart(3, '0')}Z`
    const known = !Number.isNaN(Date.parse(stamp)) && new Date(stamp).toISOString() === stamp
    expect(time.safeParse(stamp).success, stamp).toBe(known)
  }
}) // prettier-ignore
