import { describe, expect, test } from 'vitest'
import type { Report } from '../../../checker/messages.js'
import { empty, fraction, orderFor, ready, SMALL, step, unseen, type Desk, type Move, type Thing } from './desk.js'

const thing = (name: string, content: Blob | Uint8Array = Uint8Array.of(1)): Thing => ({
  name,
  size: content instanceof Blob ? content.size : content.length,
  content,
})
const bundle = thing('bundle.tar', new Blob(['bundle']))
const policy = thing('policy')
const report = { verdict: 'valid' } as Report
const after = (...moves: Move[]): Desk => moves.reduce(step, empty)

const both: Move[] = [
  { do: 'give', at: 'bundle', thing: bundle },
  { do: 'give', at: 'policy', thing: policy },
  { do: 'looked', thing: policy, looked: { state: 'fine', says: 'a log' } },
]
const start: Move = { do: 'start', now: 1_000 }
const done: Move = { do: 'told', told: { told: 'report', report, checkpoint: null }, now: 3_500, when: new Date(0) }

describe('a check', () => {
  test('begins with a bundle and a policy that was looked at, and says what is missing', () => {
    const because = (desk: Desk) => ready(desk)
    expect(because(empty)).toEqual({ ok: false, because: 'Give a bundle and a log policy.' })
    expect(because(after(both[0]!))).toEqual({ ok: false, because: 'Give a log policy.' })
    expect(because(after(both[1]!))).toEqual({ ok: false, because: 'Give a bundle.' })
    expect(because(after(both[0]!, both[1]!))).toEqual({ ok: false, because: 'Looking at what you gave…' })
    expect(because(after(...both))).toEqual({ ok: true })
    expect(because(after(...both, start))).toEqual({ ok: false, because: 'The check is running.' })
  })

  test('does not begin with something that cannot be used', () => {
    const bad: Move = { do: 'looked', thing: policy, looked: { state: 'bad', sentence: 'no' } }
    const desk = after(...both, bad, start)
    expect(desk.checking).toEqual({ at: 'idle' })
    expect(ready(desk)).toEqual({ ok: false, because: 'One of them cannot be used.' })
  })

  test('runs, tells how far it is, and ends', () => {
    const progress: Move = { ...done, told: { told: 'progress', bytes: 5, entries: 2, of: 4 } }
    expect(after(...both, start, progress).checking).toEqual({
      at: 'running',
      since: 1_000,
      progress: { bytes: 5, entries: 2, of: 4 },
    })
    expect(after(...both, start, progress, done).checking).toMatchObject({ at: 'told', report, took: 2_500 })
  })

  test('that was cancelled hears nothing more', () => {
    expect(after(...both, start, { do: 'cancel' }, done).checking).toEqual({ at: 'cancelled' })
  })

  test('that broke off is no verdict', () => {
    const broke: Move = { do: 'broke', sentence: 'out of memory' }
    expect(after(...both, start, broke, done).checking).toEqual({ at: 'broken', sentence: 'out of memory' })
    expect(after(...both, broke).checking).toEqual({ at: 'idle' })
  })
})

describe('a verdict is of what lies on the desk', () => {
  const told = [...both, start, done]
  test.each<[string, Move]>([
    ['another bundle', { do: 'give', at: 'bundle', thing: thing('other.tar', new Blob(['other'])) }],
    ['another policy', { do: 'give', at: 'policy', thing: thing('other') }],
    ['a checkpoint besides', { do: 'give', at: 'checkpoint', thing: thing('kept') }],
    ['no policy any more', { do: 'take', at: 'policy' }],
  ])('%s: there is none', (_, move) => {
    expect(after(...told).checking.at).toBe('told')
    expect(after(...told, move).checking).toEqual({ at: 'idle' })
    // And while it runs, too: its answer would be about something else.
    expect(after(...both, start, move, done).checking).toEqual({ at: 'idle' })
  })
})

describe('what is given', () => {
  test('is looked at, the bundle excepted', () => {
    const desk = after(both[0]!, both[1]!)
    expect(unseen(desk)).toEqual([{ at: 'policy', thing: policy }])
    expect(desk.given.policy?.looked).toEqual({ state: 'looking' })
  })
  test('an answer about what is not there any more says nothing', () => {
    const other = thing('other')
    const desk = after(...both, { do: 'give', at: 'policy', thing: other }, both[2]!)
    expect(desk.given.policy).toEqual({ thing: other, looked: { state: 'looking' } })
  })
  test('that is empty, or too large for what it should be, is not even read', () => {
    const looked = (one: Thing) => after({ do: 'give', at: 'policy', thing: one }).given.policy?.looked
    expect(looked(thing('p', new Uint8Array()))).toEqual({ state: 'bad', sentence: 'it is empty' })
    expect(looked({ ...policy, size: SMALL + 1 })).toMatchObject({ sentence: expect.stringContaining('1,048,577 bytes') as string }) // prettier-ignore
  })
  test('goes to the worker, and nothing else', () => {
    expect(orderFor(after(...both), 7)).toEqual({ order: 'check', bundle: bundle.content, brought: { policy: policy.content }, now: 7 }) // prettier-ignore
    expect(orderFor(empty, 7)).toBeUndefined()
  })
})

test('progress only grows, from the files to the last entry', () => {
  const all = [
    fraction({ bytes: 0, entries: 0, of: 0 }, 100),
    fraction({ bytes: 50, entries: 0, of: 0 }, 100),
    fraction({ bytes: 170, entries: 0, of: 0 }, 100),
    fraction({ bytes: 190, entries: 5, of: 10 }, 100),
    fraction({ bytes: 200, entries: 10, of: 10 }, 100),
  ]
  expect(all).toEqual([...all].sort((a, b) => a - b))
  expect(all.at(-1)).toBe(1)
})
