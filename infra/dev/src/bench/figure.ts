/**
 * One figure of the design. A `ratio` or a `count` is ours to keep on any machine: missing it is a failure. An `absolute`
 * one speaks of the machine as well: missing it is `short`, and the baseline beside it, taken in the same run, says how
 * fast the machine is at the least that has to be done.
 */
export interface Figure {
  what: string
  kind: 'ratio' | 'count' | 'absolute'
  unit: string
  measured: number
  reach: number
  /** `more`: as much as `reach` or more. */
  better: 'less' | 'more'
  /** What it stands beside. */
  beside?: { what: string; value: number; unit: string }
  /** What a reader should know: sizes, rounds, what was not as it should be. */
  note?: string
  /** Not a verdict of this run: the suite was not run here, or was run short. */
  unheld?: boolean
}

export type Verdict = 'reached' | 'short' | 'missed' | '–'

export function verdict({ better, kind, measured, reach, unheld }: Figure): Verdict {
  if (unheld) return '–'
  // What could not be measured is not reached.
  if (better === 'less' ? measured <= reach : measured >= reach) return 'reached'
  return kind === 'absolute' ? 'short' : 'missed'
}

export interface Options {
  /** A twentieth of the sizes: for a quick look. */
  small: boolean
  say: (line: string) => void
}

/** Figures that are taken together, and the name by which they are chosen: `npm run bench -- audit` takes all of `audit-…`. */
export interface Subject {
  name: string
  measure: (options: Options) => Promise<Figure[]>
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** One of the values: so many percent of them are no larger. NaN of none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN
}
