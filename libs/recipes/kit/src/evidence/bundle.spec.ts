import { expect, test } from 'vitest'
import type { JsonObject } from '../verb.js'
import { bytesOf, EvidenceBundle } from './bundle.js'
import { IdFinder } from './ids.js'

const linesOf = (content: string) =>
  content
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('a bundle says first what it is, what is in it and what is not, and then all of it, a line each', () => {
  const bundle = new EvidenceBundle()
  bundle.add('log_lines', 'log prod/api-0', ['started', 'ready'])
  bundle.add('events', 'events of prod', [{ reason: 'Killing', count: 2 }])
  bundle.gap('metrics', 'down')
  const { content, contents } = bundle.finish({ service: 'api' })
  expect(contents).toEqual({ log_lines: 2, events: 1, gaps: 1, left_out: 'metrics: down' })
  expect(linesOf(content)).toEqual([
    { v: 1, service: 'api', contents, left_out: ['metrics: down'] },
    { of: 'log prod/api-0', line: 'started' },
    { of: 'log prod/api-0', line: 'ready' },
    { of: 'events of prod', reason: 'Killing', count: 2 },
  ])
  expect(bundle.finish({ service: 'api' }).content).toBe(content)
})

const KEY = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEowIBAAKCAQEA1234', 'abcd', '-----END RSA PRIVATE KEY-----']

test('neither secrets, nor what the house hides, nor what nobody sees gets in', () => {
  const bundle = new EvidenceBundle(['customer', 'e.mail'])
  const lines = [
    'connect postgres://api:hunter22@db failed',
    'customer=Erika, next',
    '{"customer": "Erika Muster", "e.mail":"erika@muster.de"} exmail=kept',
    'Authorization: Bearer abcdefghijkl',
    '\u001b[31mred\u0000\u202e',
    ...KEY,
    'after the key',
  ]
  bundle.add('log_lines', 'log prod/api-0', lines)
  bundle.add('spans', 'trace 1', [
    '{"tags":[{"key":"http.header.authorization","value":"Bearer abcdefghijkl"}]}',
    { customer: 'Erika', nested: [{ password: 'hunter22', label: 'token=zzzzzzzz', fine: 'kept too' }] },
  ])
  bundle.add('spans', 'trace 2', [
    { tags: [{ key: 'db.password', type: 'string', value: 'open sesame' }] },
    {
      attributes: [
        { key: 'customer', value: { stringValue: 'Erika' } },
        { key: 'http.route', value: { stringValue: '/v1' } },
      ],
    },
  ])
  const { content } = bundle.finish({})
  expect(content).toContain('/v1')
  expect(content).not.toMatch(/hunter22|sesame|Erika|erika|abcdefghijkl|MIIE|abcd"|zzzzzzzz|\u001b|\u0000|\u202e/)
  const told = linesOf(content).map(({ line }) => line)
  expect(told).toEqual(expect.arrayContaining(['red', 'after the key', expect.stringContaining('exmail=kept')]))
  expect(content).toContain('kept too')
})

test.each<[string, JsonObject]>([
  ['with white space that is told shorter', { customer: 'Erika  Muster' }],
  ['with a line break behind it', { password: 'Erika\n' }],
  ['that holds other things', { customer: { first: 'Erika', all: ['Erika'] } }],
  ['in a list', { nested: [{ customer: ['Erika', 'Erika'] }] }],
  ['that is a number', { customer: 471147 }],
  ['as Jaeger has a number', { tags: [{ key: 'customer', type: 'int64', value: 471147 }] }],
  ['as OTLP has a number', { attributes: [{ key: 'customer', value: { intValue: '471147' } }] }],
  ['as OTLP has a list', { attributes: [{ key: 'customer', value: { arrayValue: { values: [{ stringValue: 'Erika' }] } } }] }], // prettier-ignore
])('what has a hidden name goes whole: a value %s', (_, seen) => {
  const bundle = new EvidenceBundle(['customer'])
  bundle.add('spans', 'trace 1', [{ ...seen, customers: 3, route: '/v1 ‹kept›' }])
  const { content } = bundle.finish({})
  expect(content).not.toMatch(/Erika|Muster|471147/)
  expect(content).toContain('‹hidden›')
  expect(content).toContain('"customers":3,"route":"/v1 ‹kept›"')
})

test.each([
  '{"customer":{"first":"Erika Muster"}}',
  '{"customer": ["Erika", "Muster"]}',
  String.raw`info {"customer":"\"Erika\" Muster"}`,
  String.raw`{"log":"{\"customer\":\"Erika Muster\"}"}`,
  'customer="Erika Muster, and never closed',
])('what a field that is hidden holds is taken out of a line of a log, too: %s', (line) => {
  const bundle = new EvidenceBundle(['customer'])
  bundle.add('log_lines', 'log prod/api-0', [`kept ${line}`])
  const { content } = bundle.finish({})
  expect(content).toMatch(/kept .*‹hidden›/)
  expect(content).not.toMatch(/Erika|Muster/)
})

test('what lies deeper than anybody reads is cut there', () => {
  let deep: JsonObject = {}
  for (let nth = 0; nth < 1_000; nth++) deep = { deep }
  const bundle = new EvidenceBundle()
  bundle.add('spans', 'trace 1', [deep])
  expect(bundle.finish({}).content.length).toBeLessThan(500)
})

test('a key that never ends hides the rest of its log, and of no other', () => {
  const bundle = new EvidenceBundle()
  bundle.add('log_lines', 'a', [KEY[0]!, 'MIIE', 'more'])
  bundle.add('log_lines', 'b', ['fine'])
  expect(linesOf(bundle.finish({}).content).slice(1).map(({ line }) => line)).toEqual(['‹secret›', '‹secret›', '‹secret›', 'fine']) // prettier-ignore
})

test('a bundle that is full says so, once, and from where on something is missing', () => {
  const bundle = new EvidenceBundle()
  const long = 'ä'.repeat(1_900)
  expect(
    bundle.add(
      'log_lines',
      'log prod/api-0',
      Array.from({ length: 3_000 }, () => long),
    ),
  ).toBeLessThan(2_200)
  bundle.add('log_lines', 'log prod/api-1', [long])
  const { content, contents } = bundle.finish({})
  expect(bytesOf(content)).toBeLessThan(8_010_000)
  expect(contents['gaps']).toBe(1)
  expect(contents['left_out']).toMatch(
    /^log prod\/api-0 from line 2\d\d\d on, and everything behind it: the bundle is full/,
  )
})

test('very many gaps are told as far as anybody reads them', () => {
  const bundle = new EvidenceBundle()
  for (let nth = 0; nth < 500; nth++) bundle.gap(`log ${nth}`, 'x'.repeat(500))
  const { content, contents } = bundle.finish({})
  expect(contents['gaps']).toBe(500)
  expect((contents['left_out'] as string).length).toBeLessThanOrEqual(1_500)
  expect(linesOf(content)[0]!['left_out']).toHaveLength(51)
})

test('the length of a text is that of its UTF-8', () => {
  for (const text of ['', 'abc', 'ä–𝄞', '‹secret›']) expect(bytesOf(text)).toBe(Buffer.byteLength(text))
})

test('ids are found by the names of their fields, however they are written, the most frequent first', () => {
  const finder = new IdFinder({ request: ['request_id', 'x-request-id'], job: ['job'], none: [] })
  for (const line of [
    'request_id=req-1 done',
    '{"request_id":"req-2","job": "j.7"}',
    "X-Request-Id: 'req-2' took 3 ms",
    'my_request_id=no other-x-request-id=no jobs=no job=a',
    `request_id=${'y'.repeat(101)}`,
  ])
    finder.look(line)
  finder.note('job', '42')
  finder.note('nothing', '1')
  expect(finder.found()).toEqual({
    request: [
      { id: 'req-2', times: 2 },
      { id: 'req-1', times: 1 },
    ],
    job: [
      { id: '42', times: 1 },
      { id: 'j.7', times: 1 },
    ],
  })
})

test('a log with an id in each of its hundred thousand lines takes no more than it may, and no longer', () => {
  const finder = new IdFinder({ request: ['request_id'] })
  for (let nth = 0; nth < 100_000; nth++) finder.look(`request_id=${nth + 1_000}`)
  expect(finder.found()['request']).toHaveLength(200)
  const began = performance.now()
  new IdFinder({ request: ['(a+)+$', 'a'.repeat(100)] }).look('a'.repeat(1_000_000))
  expect(performance.now() - began).toBeLessThan(1_000)
})
