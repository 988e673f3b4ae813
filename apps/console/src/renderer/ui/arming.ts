/*
 * Two presses on one button before production changes: arm, then confirm what the button now says. A pure machine, so
 * that every schedule of presses, clocks and changing plans can be tested. `what` names exactly what was armed (a plan's
 * digest, a loan): anything else on the screen disarms.
 *
 *   safe ──arm──► armed ──confirm──► sent ──answered──► accepted
 *    ▲              │                  └────refused───► refused ──arm──► armed
 *    └── disarm, its time, another plan, stale data
 */

/** Milliseconds within which a second press belongs to the first: a double click is one intention. */
export const ONE_PRESS = 400

export type Arming =
  | { at: 'safe'; because: string | null }
  | { at: 'armed'; what: string; since: number; key: string; lasts: number | null }
  | { at: 'sent'; what: string; key: string }
  | { at: 'accepted'; what: string }
  | { at: 'refused'; what: string }

export type Move =
  /**
   * `key` becomes the Idempotency-Key: one arming is at most one change, however often it is sent. `lasts`: milliseconds
   * after which it is safe again by itself; null never.
   */
  | { do: 'arm'; what: string; now: number; key: string; lasts: number | null }
  | { do: 'confirm'; now: number }
  | { do: 'disarm'; because: string }
  | { do: 'tick'; now: number }
  /** What the screen shows now. */
  | { do: 'look'; what: string | null }
  | { do: 'answered' }
  | { do: 'refused' }

export const safe: Arming = { at: 'safe', because: null }

export function step(is: Arming, move: Move): Arming {
  switch (move.do) {
    case 'arm':
      return is.at === 'safe' || is.at === 'refused'
        ? { at: 'armed', what: move.what, since: move.now, key: move.key, lasts: move.lasts }
        : is
    case 'confirm':
      if (is.at !== 'armed' || move.now - is.since < ONE_PRESS) return is
      return timedOut(is, move.now) ?? { at: 'sent', what: is.what, key: is.key }
    case 'disarm':
      return is.at === 'armed' ? { at: 'safe', because: move.because } : is
    case 'tick':
      return is.at === 'armed' ? (timedOut(is, move.now) ?? is) : is
    case 'look':
      if (is.at === 'safe' || is.what === move.what) return is
      if (is.at === 'armed') return { at: 'safe', because: 'What it would do has changed: read it again.' }
      // What was sent stays sent until it is answered, whatever comes on the screen meanwhile.
      return is.at === 'sent' ? is : safe
    case 'answered':
      return is.at === 'sent' ? { at: 'accepted', what: is.what } : is
    case 'refused':
      return is.at === 'sent' ? { at: 'refused', what: is.what } : is
  }
}

function timedOut({ since, lasts }: Arming & { at: 'armed' }, now: number): Arming | undefined {
  if (lasts === null) return undefined
  // A clock that was set back counts as time passed: better to ask once more.
  const passed = now - since
  return passed >= 0 && passed < lasts
    ? undefined
    : { at: 'safe', because: `Disarmed: ${lasts / 1_000} seconds passed.` }
}
