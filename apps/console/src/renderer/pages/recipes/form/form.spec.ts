import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { begin, faultsOf, paramsOf, write } from './draft.js'
import { fieldsOf, written, type Field } from './fields.js'
import { read } from './read.js'

/** One of each kind that the profile has, and one that it has not. */
const schema = {
  type: 'object',
  properties: {
    replicas: { title: 'Replicas', description: 'How many.', type: 'integer', minimum: 1, maximum: 10 },
    minutes: { type: 'integer', minimum: 5, maximum: 720, default: 60 },
    share: { type: 'number', minimum: 0, maximum: 1 },
    queue: { title: 'Queue', type: 'string', minLength: 2, maxLength: 12 },
    name: { type: 'string', pattern: '^[a-z0-9-]+$', maxLength: 20 },
    speed: { type: 'string', enum: ['slow', 'fast'] },
    all: { type: 'boolean', default: false },
    jobs: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', minLength: 1, maxLength: 5 } },
    where: { type: 'object', properties: { zone: { type: 'string' } } },
  },
  required: ['queue'],
  additionalProperties: false,
}
const fields = fieldsOf(schema)
const field = (name: string) => fields.find((one) => one.name === name)!

test('a schema becomes fields in its own order, each with what it is', () => {
  expect(fields.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    'replicas number',
    'minutes number',
    'share number',
    'queue text',
    'name text',
    'speed choice',
    'all switch',
    'jobs list',
    'where json',
  ])
  expect(field('replicas')).toMatchObject({ title: 'Replicas', help: 'How many.', required: false, standard: null })
  expect(field('minutes')).toMatchObject({ title: 'minutes', standard: '60' })
  expect(field('queue').required).toBe(true)
})

test.each([
  ['a reference', { $ref: '#/x', type: 'string' }],
  ['a list of numbers', { type: 'array', items: { type: 'integer' } }],
  ['a choice among numbers', { enum: [1, 2] }],
  ['either of two', { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
  ['a bound that is not included', { type: 'integer', exclusiveMinimum: 1 }],
  ['nothing at all', {}],
  ['not even a schema', null],
])('what is beyond the profile, %s, is still a field', (_, property) => {
  expect(fieldsOf({ properties: { x: property } })).toMatchObject([{ name: 'x', kind: 'json' }])
})

test('a choice may give its values names', () => {
  const [speed] = fieldsOf({ properties: { speed: { oneOf: [{ const: 'a', title: 'All at once' }, { const: 'b' }] } } })
  expect(speed).toMatchObject({ kind: 'choice', options: [{ value: 'a', title: 'All at once' }, { value: 'b', title: 'b' }] }) // prettier-ignore
})

describe('what somebody writes', () => {
  test.each([
    ['replicas', ' 7 ', 7],
    ['replicas', '+7', 7],
    ['share', '0.5', 0.5],
    ['queue', 'ocr', 'ocr'],
    ['speed', 'fast', 'fast'],
    ['all', 'true', true],
    ['jobs', 'a\n\n b \n', ['a', 'b']],
    ['where', '{"zone":"a"}', { zone: 'a' }],
  ])('%s: %j is %j', (name, text, value) => {
    expect(read(field(name), text)).toEqual({ value })
  })

  test.each([
    ['replicas', '11', '1 to 10.'],
    ['replicas', '7.5', 'A whole number.'],
    ['replicas', 'seven', 'A whole number, in digits.'],
    ['replicas', '0x7', 'A whole number, in digits.'],
    ['replicas', '1e999', 'A whole number, in digits.'],
    ['queue', '   ', 'It is needed.'],
    ['queue', 'x', 'At least 2 characters.'],
    ['queue', 'much too long for it', 'At most 12 characters; these are 20.'],
    ['name', 'UPPER', 'It has to fit ^[a-z0-9-]+$.'],
    ['speed', 'medium', 'It is none of these.'],
    ['all', 'perhaps', 'Yes or no.'],
    ['jobs', 'a\nb\nc\nd', '1 to 3 of them, one to a line; these are 4.'],
    ['jobs', 'a\ntoo long', 'Line 2: At most 5 characters; these are 8.'],
    ['where', 'zone a', 'This form does not know how to draw it: write its value as JSON.'],
  ])('%s: %j is refused: %s', (name, text, wrong) => {
    expect(read(field(name), text)).toEqual({ wrong })
  })

  test('an empty field is left out, whatever it is', () => {
    for (const one of fields.filter(({ required }) => !required)) expect(read(one, '')).toBe('left out')
  })

  test('a pattern that no browser can read is left to the API', () => {
    const [odd] = fieldsOf({ properties: { x: { type: 'string', pattern: '(?<' } } })
    expect(read(odd!, 'anything')).toEqual({ value: 'anything' })
  })
})

describe('the form and the API', () => {
  const judge = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
  const dice = seeded(20_261_126)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(dice() * from.length)]!
  const anything = ['', ' ', '0', '1', '5', '7', '10', '11', '60', '720', '721', '-3', '0.5', '2.5', 'x', 'ocr', 'slow', 'fast', 'true', 'false', 'a\nb', 'a\nb\nc\nd', 'abcdef', 'a-b', 'A', '{"zone":"a"}', '{"zone":1}', 'a'.repeat(13), '😀'.repeat(7)] // prettier-ignore

  test('say the same of the same, whatever is written', () => {
    const verdicts = { good: 0, bad: 0 }
    for (let round = 0; round < 4_000; round++) {
      // Mostly what fits, so that whole forms are good often enough to tell.
      const fitting: Record<string, string> = { replicas: '7', minutes: '60', share: '0.5', queue: 'ocr', name: 'a-b', speed: 'fast', all: 'true', jobs: 'a\nb', where: '{"zone":"a"}' } // prettier-ignore
      const draft = Object.fromEntries(
        fields.map(({ name }) => [
          name,
          { written: dice() < 0.85 ? fitting[name]! : pick(anything), origin: 'you' as const },
        ]),
      )
      const { params, wrong } = paramsOf(fields, draft)
      // Of a field beyond the profile the form knows only whether it is JSON.
      const answer = judge.safeParse(params)
      const api = answer.success ? [] : answer.error.issues.map(({ path }) => String(path[0]))
      const here = Object.keys(wrong)
      const unseen = api.filter((name) => !here.includes(name) && name !== 'where')
      expect({ draft, unseen }).toEqual({ draft, unseen: [] })
      if (here.length === 0) verdicts.good++
      else verdicts.bad++
      // And what the form refuses, the API would have refused as well.
      for (const name of here) {
        const value = coarse(field(name), draft[name]!.written)
        if (value !== undefined)
          expect({ name, value, ok: judge.safeParse({ queue: 'ocr', [name]: value }).success }).toMatchObject({ ok: false }) // prettier-ignore
      }
    }
    expect(verdicts.good).toBeGreaterThan(500)
    expect(verdicts.bad).toBeGreaterThan(500)
  })

  test('a fault of the API stands beside its field, and one about no field above them', () => {
    const faults = [
      { pointer: '/params/replicas', message: 'Too big: expected number to be <=8' },
      { pointer: '/params/jobs/2', message: 'Too small' },
      { pointer: '/params/jobs/3', message: 'Too small, too' },
      { pointer: '/params', message: 'Unrecognized key: "speed"' },
      { pointer: '/reason', message: 'Too long' },
    ]
    expect(faultsOf(faults, fields)).toEqual({
      by: { replicas: 'Too big: expected number to be <=8', jobs: 'Line 3: Too small' },
      rest: [faults[3], faults[4]],
    })
    expect(faultsOf(undefined, fields)).toEqual({ by: {}, rest: [] })
  })
})

describe('a link', () => {
  test('fills in what it names, and says what it names in vain', () => {
    const { draft, unknown } = begin(fields, { replicas: 8, jobs: ['a', 'b'], nope: 1, incident: 'inc_1', reason: 'x' })
    expect(draft['replicas']).toEqual({ written: '8', origin: 'link' })
    expect(draft['jobs']).toEqual({ written: 'a\nb', origin: 'link' })
    expect(draft['minutes']).toEqual({ written: '60', origin: 'recipe' })
    expect(draft['queue']).toEqual({ written: '', origin: 'nobody' })
    expect(unknown).toEqual(['nope'])
  })

  test('is judged like anybody’s writing', () => {
    const { draft } = begin(fields, { replicas: { toString: 'x' }, speed: '<img src=x onerror=1>', queue: 'ocr' })
    expect(Object.keys(paramsOf(fields, draft).wrong)).toEqual(['replicas', 'speed'])
  })

  test('names no field by what every object has', () => {
    expect(begin(fields, JSON.parse('{"__proto__":1,"constructor":2}') as Record<string, unknown>).unknown).toEqual([
      '__proto__',
      'constructor',
    ])
  })
})

test('what is emptied is left out, and the recipe decides', () => {
  const begun = begin(fields, { queue: 'ocr' }).draft
  const emptied = write(write(begun, 'replicas', '9'), 'minutes', '')
  expect(emptied['minutes']).toEqual({ written: '', origin: 'nobody' })
  expect(emptied['replicas']).toEqual({ written: '9', origin: 'you' })
  expect(paramsOf(fields, emptied).params).toEqual({ replicas: 9, queue: 'ocr', all: false })
})

test('values are written so that they can be read again', () => {
  expect(['x', 7, true, ['a', 'b'], { a: 1 }, [1, 2]].map(written)).toEqual([
    'x',
    '7',
    'true',
    'a\nb',
    '{"a":1}',
    '[1,2]',
  ])
})

/** The value that a field's text would have been, were nothing asked of it. */
function coarse(one: Field, text: string): unknown {
  if (text.trim() === '') return undefined
  if (one.kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : text
  if (one.kind === 'list') return text.split('\n').map((line) => line.trim())
  return text
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
