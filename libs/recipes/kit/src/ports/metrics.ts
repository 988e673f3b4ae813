import { PortFailure } from './failure.js'

/** Moments of whole seconds, a step apart: `from`, and so on up to `until`. */
export interface Span {
  from: Date
  until: Date
  /** A whole number of seconds. */
  stepSeconds: number
}

/** A moment in seconds since 1970, and the value that the query had then; `undefined` is a gap, and never a zero. */
export type Point = readonly [second: number, value: number | undefined]

/** More moments than this are more than anybody draws. */
export const MOST_MOMENTS = 1_000

/** Reads the monitoring system (Prometheus HTTP API). */
export abstract class MetricsReader {
  /**
   * The value of an instant query that selects one series, or `undefined` where there is none.
   * More than one series is `PortFailure('invalid')`: a recipe must not pick one at random.
   */
  abstract value(query: string): Promise<number | undefined>

  /**
   * The value of an instant query at each moment of a span, oldest first; none at all where it selects no series at any of
   * them. Series that follow one another, as those of pods that are made anew, are one. More than one at the same moment
   * is `PortFailure('invalid')`, and so are more than `MOST_MOMENTS`. What is no finite number is a gap.
   */
  abstract series(query: string, over: Span): Promise<Point[]>
}

/** The moments of a span, in seconds since 1970. Throws `PortFailure('invalid')` where there are too many, or no step. */
export function momentsOf({ from, until, stepSeconds }: Span): number[] {
  if (!Number.isInteger(stepSeconds) || stepSeconds < 1)
    throw new PortFailure('invalid', `${stepSeconds} s is no step between two moments`)
  const [first, last] = [Math.floor(from.getTime() / 1_000), Math.floor(until.getTime() / 1_000)]
  const many = Math.max(0, Math.floor((last - first) / stepSeconds) + 1)
  if (!(many <= MOST_MOMENTS)) throw new PortFailure('invalid', `${many} moments are more than ${MOST_MOMENTS}`)
  return Array.from({ length: many }, (_, nth) => first + nth * stepSeconds)
}
