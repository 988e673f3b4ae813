import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { freshness, Stream } from './stream.js'
import { touchedBy } from './touches.js'
import { transport } from './transport.js'

/** An EventSource that a test speaks through. */
class Line extends EventTarget {
  readyState = 1
  closed = false
  close() {
    this.closed = true
  }
  say(event: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(event, { data: typeof data === 'string' ? data : JSON.stringify(data) }))
  }
}

let lines: Line[]
let asked: unknown[]
let time: number
const heard: string[] = []
const stream = () =>
  new Stream(
    {
      invalidateQueries: async (filter) => {
        asked.push(filter?.queryKey?.join(' '))
      },
    },
    (at) => heard.push(at),
    undefined,
    () => time,
  )

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', { CLOSED: 2 })
  lines = []
  asked = []
  time = 0
  transport.openStream = () => {
    lines.push(new Line())
    return lines.at(-1) as unknown as EventSource
  }
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('silence has three names', () => {
  expect([0, 9_999, 10_000, 29_999, 30_000].map(freshness)).toEqual([
    'live',
    'live',
    'catching up',
    'catching up',
    'stale',
  ])
})

test('what happens to a run may change its incident, plan and loans; what no page shows changes nothing', () => {
  expect(touchedBy({ type: 'step.done', id: 'run:run_1' })).toContainEqual(['loan'])
  expect(touchedBy({ type: 'freeze.declared', id: 'freeze:frz_1' })).toEqual([['plan']])
  expect(touchedBy({ type: 'export.ready', id: 'export:exp_1' })).toEqual([])
})

test('a burst of events is one round of questions', () => {
  const live = stream()
  live.open()
  for (let version = 0; version < 50; version++)
    lines[0]!.say('message', { type: 'alert.fired', id: 'incident:inc_1', version })
  expect(asked).toEqual([])
  vi.advanceTimersByTime(100)
  expect(asked.sort()).toEqual(['incident inc_1', 'incident list', 'incident open', 'timeline inc_1'])
})

test('a heartbeat is a sign of life, and tells the server’s time', () => {
  const live = stream()
  live.open()
  time = 12_000
  expect(live.silence()).toBe(12_000)
  lines[0]!.say('hb', { time: '2026-11-23T01:00:00.000Z' })
  expect(live.silence()).toBe(0)
  expect(heard).toContain('2026-11-23T01:00:00.000Z')
  vi.advanceTimersByTime(100)
  expect(asked).toEqual([])
})

test.each([
  ['a resync', () => lines[0]!.say('resync', { time: '2026-11-23T01:00:00.000Z' })],
  ['something that cannot be read', () => lines[0]!.say('message', '<html>')],
])('after %s everything is asked again', (_, happens) => {
  stream().open()
  happens()
  vi.advanceTimersByTime(100)
  expect(asked.sort()).toEqual([
    'change',
    'evidence',
    'incident',
    'loan',
    'person',
    'plan',
    'recipe',
    'run',
    'timeline',
  ])
})

test('what was asked for before the line was there is asked again when it is, once', () => {
  stream().open()
  lines[0]!.say('hello', { time: '2026-11-23T01:00:00.000Z' })
  vi.advanceTimersByTime(100)
  expect(asked).toContain('incident')
  asked = []
  lines[0]!.say('hello', { time: '2026-11-23T01:00:03.000Z' })
  vi.advanceTimersByTime(1_000)
  expect(asked).toEqual([])
})

test('waking from a long silence asks everything again', () => {
  const live = stream()
  live.open()
  time = 60_000
  lines[0]!.say('hb', {})
  vi.advanceTimersByTime(100)
  expect(asked).toContain('plan')
})

test('a line that the browser gave up is opened again, after asking who we are', () => {
  stream().open()
  lines[0]!.readyState = 2
  lines[0]!.dispatchEvent(new Event('error'))
  expect(asked).toEqual(['me'])
  expect(lines).toHaveLength(1)
  vi.advanceTimersByTime(3_000)
  expect(lines).toHaveLength(2)
  expect(lines[0]!.closed).toBe(true)
})

test('a line that broke asks once whether the API is there, until it speaks again', () => {
  stream().open()
  const breaks = () => {
    lines[0]!.readyState = 0
    lines[0]!.dispatchEvent(new Event('error'))
  }
  breaks()
  breaks()
  expect(asked).toEqual(['me'])
  lines[0]!.say('hb', {})
  breaks()
  expect(asked).toEqual(['me', 'me'])
  expect(lines).toHaveLength(1)
})
