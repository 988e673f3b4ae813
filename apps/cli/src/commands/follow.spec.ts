import type { Shape } from '@firebreak/client'
import { expect, test } from 'vitest'
import { EventReader } from '../asking/events.js'
import { Desk, json, problem } from '../testing/desk.js'
import { aRun } from '../testing/plans.js'

/** A stream that says these events and then ends, as when the API is killed. */
const stream = (...events: string[]) =>
  new Response(events.map((event) => `${event}\n\n`).join(''), { headers: { 'content-type': 'text/event-stream' } })
const hello = 'event: hello\nid: 1\ndata: {}'
const about = (id: string, cursor = '2') =>
  `id: ${cursor}\ndata: ${JSON.stringify({ type: 'step.done', id, version: 1, about: id })}`

/** Connections one after the other, and what the run is each time that somebody looks. */
function following(connections: (() => Response)[], looks: Shape<'Run'>[]) {
  let connection = 0
  return new Desk(({ url }) => {
    if (url.endsWith('/v1/stream')) return (connections[connection++] ?? connections.at(-1)!)()
    return json(looks.length > 1 ? looks.shift() : looks[0])
  })
}
const done = aRun({ state: 'succeeded', ended_at: '2026-11-23T03:01:00.000Z' }, 'done')
const lines = ({ stdout }: Desk) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => (({ state, step }) => [step, state])(JSON.parse(line) as { step: number | null; state: string }))

test('tells each change once, across a lost connection, and says where it was', async () => {
  const at = following(
    [
      () => stream(hello, about('run:run_1')),
      () => problem(503, 'overloaded', 'x'),
      () => stream('event: resync\nid: 7\ndata: {}'),
    ],
    [aRun(), aRun(), aRun({}, 'intended'), done],
  )
  expect(await at.run('runs', 'follow', 'run_1', '--json')).toBe(0)
  expect(lines(at)).toEqual([
    [null, 'running'],
    [1, 'intended'],
    [1, 'done'],
    [null, 'succeeded'],
  ])
  const streams = at.asked
    .filter(({ url }) => url.endsWith('/v1/stream'))
    .map(({ headers }) => headers.get('last-event-id'))
  expect(streams).toEqual([null, '2', '2'])
  expect(at.stderr).toBe('the connection to the API is lost; coming back\nconnected again\n')
})

test.each(['failed', 'undone', 'cancelled'] as const)('a run that ends %s is exit 1', async (state) => {
  const at = following(
    [() => stream(hello)],
    [aRun({ state, ended_at: '2026-11-23T03:01:00.000Z', because: 'so\u001b[2J' })],
  )
  expect(await at.run('runs', 'follow', 'run_1')).toBe(1)
  expect(at.stdout).toContain(`${state} Scale the API: so�[2J`)
})

test('one that waits for a person says what to do', async () => {
  const at = following([() => stream(hello)], [aRun({ state: 'needs-a-person' }, 'unknown')])
  expect(await at.run('runs', 'follow', 'run_1')).toBe(1)
  expect(at.stderr).toContain('firebreak runs resolve-unknown run_1')
})

test('what others do is not looked at', async () => {
  const at = following(
    [() => stream(hello, about('run:other', '2'), about('run:other', '3')), () => stream(hello)],
    [aRun(), aRun(), done],
  )
  expect(await at.run('runs', 'follow', 'run_1')).toBe(0)
  expect(at.asked.filter(({ url }) => url.endsWith('/runs/run_1'))).toHaveLength(3)
})

test('a session that is over ends it, and coming back does not help', async () => {
  const at = following([() => stream(hello), () => problem(401, 'not-signed-in', 'Its time is over.')], [aRun()])
  expect(await at.run('runs', 'follow', 'run_1')).toBe(4)
})

test('after --timeout it ends and says that the run goes on', async () => {
  const at = following([() => stream(hello)], [aRun()])
  expect(await at.run('runs', 'follow', 'run_1', '--timeout', '5')).toBe(6)
  expect(at.stderr).toContain('goes on without us')
})

test('--timeout holds also while the API is away', async () => {
  let connections = 0
  const at = new Desk(({ url }) => {
    if (!url.endsWith('/v1/stream')) return json(aRun())
    if (connections++ === 0) return stream(hello)
    // It would be asked for ever.
    if (connections > 100) at.interrupt.abort()
    throw new TypeError('fetch failed')
  })
  expect(await at.run('runs', 'follow', 'run_1', '--timeout', '5')).toBe(6)
  expect(at.stderr).toContain('goes on without us')
  expect(connections).toBeLessThan(10)
})

test.each([1, 2, 3, 7, 1_000])(
  'events are the same in pieces of %i characters, with either kind of line end',
  (size) => {
    const text = ': hi\r\n\r\nevent: hb\r\ndata: 1\r\n\r\nid: 4\ndata: a\ndata: b\n\nid: 5\ndata: half'
    const reader = new EventReader()
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size, (n + 1) * size))
    expect(pieces.flatMap((piece) => reader.read(piece)).filter(({ data }) => data !== '')).toEqual([
      { event: 'hb', id: '', data: '1' },
      { event: '', id: '4', data: 'a\nb' },
    ])
  },
)
