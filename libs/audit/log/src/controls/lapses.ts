import type { EntryType } from '../types.js'
import { lasting, type Finder } from './finder.js'

const MINUTE = 60_000
/** As far as two honest clocks may be apart, like everywhere in the checker. */
const SKEW = 5 * MINUTE
/** A heartbeat is due after a minute of nothing; five are no hiccup. */
const SILENCE = 5 * MINUTE
/** Once a night, and half a day of patience. */
const UNCHECKED = 36 * 60 * MINUTE
const UNREVIEWED = 31 * 24 * 60 * MINUTE

/** A stretch in which something that is due did not happen. Told by the first entry after it was overdue. */
const lapse = (says: string, due: readonly EntryType[] | 'every', longest: number, sentence: string): Finder => ({
  says,
  whole: true,
  types: 'every',
  start(find) {
    /** The time of the last one; before the first, of the first entry. */
    let last = Number.NaN
    let told = false
    return {
      see({ type }, index, now) {
        const isDue = due === 'every' || due.includes(type)
        if (now - last > longest && !told) {
          find(index, `${sentence} for ${lasting(now - last)} before this entry.`)
          told = true
        }
        if (isDue || Number.isNaN(last)) {
          // Entries that lie side by side may be a little out of order; time does not go back for it.
          last = Number.isNaN(last) ? now : Math.max(last, now)
          told = false
        }
      },
    }
  },
})

export const silence = lapse(
  'silences longer than 5 minutes, though a heartbeat is due every minute',
  'every',
  SILENCE,
  'The log holds nothing',
)
export const unchecked = lapse(
  'stretches of more than 36 hours without a check of the whole log',
  ['check.passed', 'check.failed'],
  UNCHECKED,
  'The log was not checked',
)
export const unreviewed = lapse(
  'stretches of more than 31 days in which nobody read, exported or downloaded the log',
  ['log.read', 'export.requested', 'export.downloaded'],
  UNREVIEWED,
  'Nobody looked at the log',
)

/** A clock that was turned back, or one of several that is wrong. */
export const clocks: Finder = {
  says: 'entries that are dated more than 5 minutes before an earlier one',
  whole: false,
  types: 'every',
  start(find) {
    let latest = { ts: '', at: -Infinity, index: 0 }
    return {
      see({ ts }, index, at) {
        if (at >= latest.at) latest = { ts, at, index }
        else if (latest.at - at > SKEW)
          find(index, `This entry says ${ts}; entry ${latest.index}, which stands before it, says ${latest.ts}.`)
      },
    }
  },
}
