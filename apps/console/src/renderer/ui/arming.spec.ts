import { describe, expect, test } from 'vitest'
import { ONE_PRESS, safe, step, type Arming, type Move } from './arming.js'

const LASTS = 8_000
const arm: Move = { do: 'arm', what: 'sha256:a', now: 1_000, key: 'k1', lasts: LASTS }
const armed = step(safe, arm)
const sent = step(armed, { do: 'confirm', now: 2_000 })

test('arm, then confirm, sends once', () => {
  expect(armed.at).toBe('armed')
  expect(sent).toEqual({ at: 'sent', what: 'sha256:a', key: 'k1' })
  expect(step(sent, { do: 'confirm', now: 2_100 })).toBe(sent)
  expect(step(sent, { do: 'arm', what: 'sha256:a', now: 2_100, key: 'k2', lasts: LASTS })).toBe(sent)
})

test('nothing is confirmed that was not armed', () => {
  expect(step(safe, { do: 'confirm', now: 1_000 })).toBe(safe)
})

test('a double click is one press', () => {
  expect(step(armed, { do: 'confirm', now: 1_000 + ONE_PRESS - 1 })).toBe(armed)
  expect(step(armed, { do: 'confirm', now: 1_000 + ONE_PRESS }).at).toBe('sent')
})

describe('it is safe again', () => {
  test('after its time, also when the clock only told so at the press', () => {
    expect(step(armed, { do: 'tick', now: 1_000 + LASTS - 1 })).toBe(armed)
    expect(step(armed, { do: 'tick', now: 1_000 + LASTS }).at).toBe('safe')
    expect(step(armed, { do: 'confirm', now: 1_000 + LASTS }).at).toBe('safe')
  })
  test('or never by itself, for whoever needs longer', () => {
    const patient = step(safe, { ...arm, lasts: null })
    expect(step(patient, { do: 'tick', now: 86_400_000 })).toBe(patient)
    expect(step(patient, { do: 'confirm', now: 86_400_000 }).at).toBe('sent')
    expect(step(patient, { do: 'look', what: 'sha256:b' }).at).toBe('safe')
  })
  test('when the clock was set back', () => {
    expect(step(armed, { do: 'tick', now: 0 }).at).toBe('safe')
  })
  test('when the plan is another one, or gone', () => {
    expect(step(armed, { do: 'look', what: 'sha256:a' })).toBe(armed)
    expect(step(armed, { do: 'look', what: 'sha256:b' }).at).toBe('safe')
    expect(step(armed, { do: 'look', what: null }).at).toBe('safe')
  })
  test('when somebody says so, with the reason', () => {
    expect(step(armed, { do: 'disarm', because: 'Esc' })).toEqual({ at: 'safe', because: 'Esc' })
  })
})

test('what was sent is not unsent by a change on the screen', () => {
  expect(step(sent, { do: 'look', what: 'sha256:b' })).toBe(sent)
  expect(step(sent, { do: 'tick', now: 999_999 })).toBe(sent)
  expect(step(sent, { do: 'disarm', because: 'Esc' })).toBe(sent)
})

test('a refusal is armed again with another key', () => {
  const refused = step(sent, { do: 'refused' })
  expect(refused.at).toBe('refused')
  const again = step(refused, { do: 'arm', what: 'sha256:a', now: 5_000, key: 'k2', lasts: LASTS })
  expect(again).toMatchObject({ at: 'armed', key: 'k2' })
})

test('however the presses fall, a plan that was not on the screen is never sent, and each arming sends at most once', () => {
  // A small generator of our own (xorshift), so that a failure can be run again.
  let seed = 20_261_123
  const dice = (n: number) => {
    seed ^= seed << 13
    seed ^= seed >>> 17
    seed ^= seed << 5
    return (seed >>> 0) % n
  }
  let sends = 0
  for (let round = 0; round < 1_000; round++) {
    let is: Arming = safe
    let now = 0
    let shown = 'a'
    const keys = new Set<string>()
    for (let press = 0; press < 30; press++) {
      now += dice(3_000)
      const before = is
      const moves: Move[] = [
        { do: 'arm', what: shown, now, key: `${round}-${press}`, lasts: LASTS },
        { do: 'confirm', now },
        { do: 'tick', now },
        { do: 'disarm', because: 'Esc' },
        { do: 'refused' },
      ]
      const at = dice(moves.length + 1)
      if (at === moves.length) shown = 'abc'[dice(3)]!
      is = step(is, moves[at] ?? { do: 'look', what: shown })
      if (is.at === 'sent' && before.at !== 'sent') {
        sends++
        expect(before.at).toBe('armed')
        expect(is.what).toBe(shown)
        expect(keys.has(is.key)).toBe(false)
        keys.add(is.key)
      }
    }
  }
  expect(sends).toBeGreaterThan(100)
})
