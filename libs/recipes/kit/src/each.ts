import { referencesIn } from './references.js'
import type { JsonObject, Pace, Step, VerbWord } from './verb.js'

/** More is more than a person can approve in one piece: make several steps of it, or several plans. */
export const MOST_ITEMS = 1_000
/** Each is a loan of its own, and what a freeze keeps out is written down in one transaction. */
export const MOST_LENT = 200

/** How `each` goes about it. */
export interface EachTerms {
  /** `first` items (1), then twice as many, and so on up to `most` at a time. Without it all of them are one wave. */
  ramp?: { first?: number; most: number; pause_s?: number }
  /** How much may fail before the step stops. Without it one failure is enough. */
  stop_above_percent?: number
  /** The time that all of it may take, pauses too. */
  within_s?: number
  /** Each item is on loan: it is given back so many minutes after it was changed, by itself. */
  loan_minutes?: number
}

/**
 * One step over many items: one word, spoken once for each of these arguments. The journal has a line for each, and
 * between any two of them the run can be frozen, stopped, cancelled or taken over.
 */
export function each<Args>(word: VerbWord<Args>, items: readonly Args[], terms: EachTerms = {}): Step {
  const { id } = word.definition
  if (items.length === 0) throw new Error(`each ${id}: nothing was selected`)
  if (items.length > MOST_ITEMS)
    throw new Error(`each ${id}: ${items.length} items, and a step has at most ${MOST_ITEMS}`)
  if (terms.loan_minutes !== undefined && items.length > MOST_LENT)
    throw new Error(`each ${id}: ${items.length} items on loan, and a step lends at most ${MOST_LENT}`)
  const spoken = items.map((item) => word(item).args)
  const seen = new Set<string>()
  for (const [at, args] of spoken.entries()) {
    if (referencesIn(args).length > 0)
      throw new Error(`each ${id}: item ${at + 1} refers to a step; items are known beforehand`)
    const text = JSON.stringify(args)
    if (seen.has(text)) throw new Error(`each ${id}: item ${at + 1} stands there twice`)
    seen.add(text)
  }
  return {
    verb: id,
    args: {},
    items: spoken satisfies JsonObject[],
    pace: paceOf(spoken.length, terms),
    ...(terms.loan_minutes === undefined ? {} : { loan_minutes: terms.loan_minutes }),
  }
}

function paceOf(items: number, { ramp, stop_above_percent = 0, within_s = 3_600 }: EachTerms): Pace {
  const most = Math.min(ramp?.most ?? items, items)
  const first = Math.min(ramp ? (ramp.first ?? 1) : items, most)
  const pace = { first, most, pause_s: ramp?.pause_s ?? 0, stop_above_percent, within_s }
  for (const [name, value] of Object.entries(pace))
    if (!Number.isInteger(value) || value < 0) throw new Error(`each: ${name} is ${value}, and not a whole number`)
  if (first < 1) throw new Error('each: a wave has at least one item')
  if (stop_above_percent > 99) throw new Error('each: a step all of whose items failed has failed; at most 99 percent')
  const pauses = (wavesOf(pace, items) - 1) * pace.pause_s
  if (pauses >= within_s)
    throw new Error(`each: ${pauses} s of pauses do not fit into the ${within_s} s that the step may take`)
  return pace
}

/** How many items there have been at the end of the wave in which item number `nth` (from 1) lies. */
export function waveEnd({ first, most }: Pace, items: number, nth: number): number {
  let end = 0
  for (let size = Math.max(first, 1); end < nth; size = Math.min(size * 2, most)) end += size
  return Math.min(end, items)
}

/** How many waves it takes to go through that many items. */
export function wavesOf(pace: Pace, items: number): number {
  let waves = 0
  for (let end = 0; end < items; waves++) end = waveEnd(pace, items, end + 1)
  return waves
}
