import type { Judged } from '../crash/verdict.js'

/** What came of many freezes. */
export interface Frozen {
  /** Milliseconds of each, from the call to its answer. */
  took: readonly number[]
  /** Claims that claimers were told of, and those that were refused. */
  claimed: number
  denied: number
  /** Claims in the log that name a scope which was frozen, and those of them that committed after its freeze had. */
  inLog: number
  late: number
  /** By how many milliseconds the last one was late. Below zero: it was not. */
  latest: number
}

export const NONE_LATE = 'no step was claimed after a freeze of its scope had committed'

export function judgeFreezes(frozen: Frozen, wanted = frozen.took.length): Judged[] {
  const { took, claimed, denied, inLog, late, latest } = frozen
  const count = (value: number) => value.toLocaleString('en')
  return [
    {
      what: NONE_LATE,
      ok: late === 0 && took.length >= wanted,
      says: `${late} late of ${count(claimed)} claims under ${count(took.length)} freezes${late > 0 ? `, by up to ${latest} ms` : ''}`,
    },
    {
      what: 'claimers were at work all the time, and every claim is in the log',
      // Many a freeze stood in somebody's way, else there was nobody who could have been late.
      ok: denied * 10 >= took.length && claimed >= took.length && inLog >= claimed,
      says: `${count(denied)} were refused; ${count(inLog)} claims are in the log`,
    },
  ]
}
