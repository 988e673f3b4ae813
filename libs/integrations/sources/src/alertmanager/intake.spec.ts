import { readFileSync } from 'node:fs'
import type { Fault } from '@firebreak/flow'
import { expect, test } from 'vitest'
import { alertmanager } from './intake.js'

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'))

function read(body: unknown) {
  const parsed = alertmanager.parse(body)
  if ('faults' in parsed) throw new Error(`refused: ${JSON.stringify(parsed.faults)}`)
  return parsed
}

function refused(body: unknown): Fault[] {
  const parsed = alertmanager.parse(body)
  if ('alerts' in parsed) throw new Error('it was read')
  return parsed.faults
}

/** The firing payload with one thing in its only alert different. */
function firing(different: Record<string, unknown>): unknown {
  const body = fixture('firing') as { alerts: object[] }
  return { ...body, alerts: [{ ...body.alerts[0], ...different }] }
}

const startsAt = (given: string) => read(firing({ startsAt: given })).alerts[0]!.starts_at
const link = (generatorURL: unknown) => read(firing({ generatorURL })).alerts[0]!.generator_url

test('reads a firing alert', () => {
  expect(read(fixture('firing'))).toEqual({
    alerts: [
      {
        fingerprint: '9a7c1b4f2e6d8035',
        status: 'firing',
        labels: {
          alertname: 'HighApiLatency',
          environment: 'prod',
          instance: 'api-7c9d5f6b8-x2x7k:8080',
          job: 'api',
          service: 'api',
          severity: 'critical',
        },
        annotations: {
          description: 'p95 of api is 912 ms for 5 minutes (threshold 500 ms).',
          runbook_url: 'https://github.com/example/runbook/blob/main/high-api-latency.md',
          summary: 'API latency is high',
        },
        starts_at: '2026-11-23T10:02:11.737Z',
        ends_at: null,
        generator_url:
          'http://prometheus.example:9090/graph?g0.expr=api_request_duration_p95_milliseconds+%3E+500&g0.tab=1',
      },
    ],
    truncated: 0,
  })
})

test('the payload in the comment is the one that the spec reads', () => {
  const source = readFileSync(new URL('./intake.ts', import.meta.url), 'utf8')
  const comment = source.slice(source.indexOf(' * {\n'), source.indexOf(' * }\n') + 4).replace(/^ \* ?/gm, '')
  expect(JSON.parse(comment)).toEqual(fixture('firing'))
})

test('a resolved alert is the same episode, whichever time zone the sender writes', () => {
  expect(read(fixture('resolved')).alerts).toMatchObject([
    {
      fingerprint: '9a7c1b4f2e6d8035',
      status: 'resolved',
      starts_at: '2026-11-23T10:02:11.737Z',
      ends_at: '2026-11-23T10:14:41.737Z',
    },
  ])
})

test('each alert of a group has its own status, not that of the group', () => {
  expect(read(fixture('group-of-two')).alerts).toMatchObject([
    { fingerprint: '9a7c1b4f2e6d8035', status: 'firing', labels: { service: 'api' }, ends_at: null },
    {
      fingerprint: '1f0c77ab3de04412',
      status: 'resolved',
      labels: { service: 'ingest' },
      annotations: {},
      ends_at: '2026-11-23T10:09:26.737Z',
      generator_url: null,
    },
  ])
})

test('says how many alerts the sender left out', () => {
  expect(read(fixture('truncated'))).toMatchObject({ alerts: [{ status: 'firing' }], truncated: 17 })
})

test('fields that a newer Alertmanager sends besides do no harm', () => {
  expect(read(fixture('unknown-fields'))).toEqual(read(fixture('firing')))
})

test('an older one that does not count what it left out is read', () => {
  const body = fixture('firing') as Record<string, unknown>
  delete body['truncatedAlerts']
  expect(read(body).truncated).toBe(0)
})

test('names each field that is missing', () => {
  expect(refused(fixture('missing-fields'))).toEqual([
    { pointer: '/version', message: 'expected "4", the version of the webhook that is read here' },
    { pointer: '/alerts/0/labels', message: 'expected an object, found nothing' },
    { pointer: '/alerts/0/startsAt', message: 'expected a time as RFC 3339 has it' },
    { pointer: '/alerts/0/fingerprint', message: 'expected text, found nothing' },
  ])
})

test('names each field of another type', () => {
  expect(refused(fixture('wrong-types'))).toEqual([
    { pointer: '/truncatedAlerts', message: 'expected a number, found text' },
    { pointer: '/alerts/0/status', message: 'expected firing or resolved' },
    { pointer: '/alerts/0/labels/severity', message: 'expected text, found a number' },
    { pointer: '/alerts/0/annotations', message: 'expected an object, found a list' },
    { pointer: '/alerts/0/startsAt', message: 'expected a time as RFC 3339 has it' },
    { pointer: '/alerts/0/endsAt', message: 'expected a time as RFC 3339 has it' },
    { pointer: '/alerts/1', message: 'expected an object, found text' },
  ])
})

test.each([
  ['nothing', undefined, 'nothing'],
  ['null', null, 'null'],
  ['text', '{"version":"4","al', 'text'],
  ['a list', [], 'a list'],
])('refuses %s in place of a payload', (_, body, found) => {
  expect(refused(body)).toEqual([{ pointer: '', message: `expected an object, found ${found}` }])
})

test('refuses another version of the webhook', () => {
  const body = { ...(fixture('firing') as object), version: '3' }
  expect(refused(body)).toMatchObject([{ pointer: '/version' }])
})

test('labels named like what every object has are labels', () => {
  const { labels } = read(fixture('inherited-names')).alerts[0]!
  expect(Object.entries(labels)).toEqual(
    expect.arrayContaining([
      ['constructor', 'a'],
      ['toString', 'b'],
      ['hasOwnProperty', 'c'],
    ]),
  )
})

test('a label that would change its own object is refused, not left out', () => {
  expect(refused(fixture('proto-label'))).toEqual([
    { pointer: '/alerts/0/labels', message: 'the name __proto__ cannot be used' },
  ])
})

test('__proto__ anywhere else changes nothing', () => {
  expect(read(fixture('proto-elsewhere'))).toEqual(read(fixture('firing')))
  expect(({} as Record<string, unknown>)['status']).toBeUndefined()
})

test('names labels that are too long or too many, and repeats none of them', () => {
  const faults = refused(fixture('huge-labels'))
  expect(faults).toEqual([
    { pointer: '/alerts/0/labels/pod', message: 'expected at most 4096 characters' },
    { pointer: '/alerts/0/annotations', message: 'expected names of 1 to 256 printable characters' },
    { pointer: '/alerts/1/labels', message: 'expected at most 128 names' },
  ])
})

test('a pointer escapes what a pointer is written with', () => {
  expect(refused(firing({ labels: { 'a/b~c': 1 } }))).toMatchObject([{ pointer: '/alerts/0/labels/a~1b~0c' }])
})

test('refuses more alerts than it can take, and says which setting helps', () => {
  const one = (fixture('firing') as { alerts: unknown[] }).alerts[0]
  const body = (count: number) => ({ version: '4', alerts: Array.from({ length: count }, () => one) })
  expect(read(body(10_000)).alerts).toHaveLength(10_000)
  expect(refused(body(10_001))).toEqual([
    { pointer: '/alerts', message: 'expected at most 10000 alerts; set max_alerts in the receiver' },
  ])
})

test('a payload that is wrong everywhere gets a short answer', () => {
  const faults = refused({ version: '4', alerts: Array.from({ length: 500 }, () => 1) })
  expect(faults).toHaveLength(21)
  expect(faults.at(-1)).toEqual({ pointer: '', message: 'and 480 more' })
})

test('texts that Postgres or canonical JSON cannot hold are mended, and the alert is kept', () => {
  expect(read(fixture('odd-texts')).alerts[0]!.annotations).toMatchObject({
    description: 'panic: \uFFFD in frame',
    summary: 'half a pair \uFFFD and a whole one 🚀',
  })
})

test.each(['', 'a\0b', 'line\nfeed', '\ud83d'])('refuses %j as a name', (name) => {
  expect(refused(firing({ labels: { [name]: 'x' } }))).toEqual([
    { pointer: '/alerts/0/labels', message: 'expected names of 1 to 256 printable characters' },
  ])
})

test.each(['', 'a b', 'é', 'x'.repeat(129), 'a\0'])('refuses %j as a fingerprint', (fingerprint) => {
  expect(refused(firing({ fingerprint }))).toEqual([
    { pointer: '/alerts/0/fingerprint', message: 'expected 1 to 128 printable characters' },
  ])
})

test('times are told in UTC to the millisecond', () => {
  expect(startsAt('2026-11-23T10:02:11Z')).toBe('2026-11-23T10:02:11.000Z')
  expect(startsAt('2026-11-23T10:02:11.123456789Z')).toBe('2026-11-23T10:02:11.123Z')
  expect(startsAt('2026-11-23T00:02:11+05:30')).toBe('2026-11-22T18:32:11.000Z')
})

test.each([
  '2026-02-30T00:00:00Z',
  '2026-11-23 10:00:00Z',
  '2026-11-23T10:00:00',
  '0001-01-01T00:00:00Z',
  '0000-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59-23:59',
  'Mon Nov 23 2026',
])('refuses %s as the time at which it began', (startsAt) => {
  expect(refused(firing({ startsAt }))).toMatchObject([{ pointer: '/alerts/0/startsAt' }])
})

test('an end that a firing alert names is only a time-out', () => {
  const read_ = (different: object) => read(firing({ endsAt: '2026-11-23T10:20:00Z', ...different })).alerts[0]!.ends_at
  expect(read_({})).toBeNull()
  expect(read_({ status: 'resolved' })).toBe('2026-11-23T10:20:00.000Z')
  expect(read_({ status: 'resolved', endsAt: '0001-01-01T00:00:00Z' })).toBeNull()
})

test('keeps a link only where a browser may follow it', () => {
  expect(link('https://prometheus.example/graph?g0.expr=up')).toBe('https://prometheus.example/graph?g0.expr=up')
  expect(link('http://prometheus:9090')).toBe('http://prometheus:9090')
  const dropped = [
    'javascript:alert(1)',
    ' https://x.example',
    'https://x.example/a\nb',
    'data:text/html,x',
    '//x.example',
    'https://user:secret@x.example/',
    'https:\\\\x.example',
    'https://',
    `https://x.example/${'a'.repeat(9_000)}`,
    7,
    undefined,
  ]
  expect(dropped.map(link)).toEqual(dropped.map(() => null))
})
