/*
 * What is decided about a chart before anything is drawn: what its caption says, where it has gaps, how far its axes go.
 * A moment is in seconds since 1970, as the figures of the API have it.
 */

/** A point: when, and how much; null where nothing was measured, which is never a zero. */
export type Point = readonly [at: number, value: number | null]

/** One thing that was measured over time. */
export interface Measured {
  /** As a sentence begins: `p95 of api`. */
  title: string
  /** Behind the number: `ms`, `%`, `per second`. Empty for a count. */
  unit: string
  /** More than this is too much; null where nobody has said. */
  threshold: number | null
  /** Seconds from one point to the next. */
  step: number
  /** The oldest first. */
  points: readonly Point[]
}

/** `812 ms`, `4.2 %`, `143/s`, `14,022`: with as many digits as somebody reads at a glance. */
export function amount(value: number, unit: string): string {
  const size = Math.abs(value)
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  const number = value.toLocaleString('en-GB', { maximumFractionDigits: digits })
  return unit === '' || unit.startsWith('/') ? `${number}${unit}` : `${number} ${unit}`
}

/** From one known point to the next, with nothing between them for longer than the points are apart. */
export interface Gap {
  from: number
  to: number
}

/** Every point, with a null wherever one is missing altogether: a line that is drawn through them breaks there. */
export function withGaps({ points, step }: Pick<Measured, 'points' | 'step'>): Point[] {
  const filled: Point[] = []
  for (const point of points) {
    const last = filled.at(-1)
    if (last && point[0] - last[0] > step * 1.5) filled.push([last[0] + step, null])
    filled.push(point)
  }
  return filled
}

/**
 * Where nothing was measured, the oldest first.
 * @param until the end of what is shown: a silence that lasts until then is a gap, too
 */
export function gapsOf(measured: Pick<Measured, 'points' | 'step'>, until = -Infinity): Gap[] {
  const filled = withGaps(measured)
  const gaps: Gap[] = []
  let known: number | null = filled[0]?.[0] ?? null
  let open = false
  for (const [at, value] of filled) {
    if (value === null) open = true
    else {
      if (open && known !== null) gaps.push({ from: known, to: at })
      ;[known, open] = [at, false]
    }
  }
  const end = Math.max(until, filled.at(-1)?.[0] ?? -Infinity)
  // The newest value may be on its way still.
  if (known !== null && end - known > measured.step * 2) gaps.push({ from: known, to: end })
  return gaps
}

/** How the newest value stands to its threshold. */
export interface Standing {
  /** The newest that was measured. */
  at: number
  value: number
  /** Since when it is too much, if it is; `atLeast`: what is shown does not go back to when it began. */
  above: { since: number; atLeast: boolean } | null
  /** It is not of now: nothing was measured since. */
  silent: boolean
}

/** Null where nothing was measured at all. */
export function standingOf({ points, threshold, step }: Measured, until = points.at(-1)?.[0] ?? 0): Standing | null {
  const newest = points.findLastIndex(([, value]) => value !== null)
  if (newest < 0) return null
  const [at, value] = points[newest] as [number, number]
  const silent = until - at > step * 2
  if (threshold === null || value <= threshold) return { at, value, above: null, silent }
  let first = newest
  while (first > 0 && (points[first - 1]![1] ?? -Infinity) > threshold && near(first)) first--
  const since = points[first]![0]
  const before = points[first - 1]
  return { at, value, silent, above: { since, atLeast: before === undefined || before[1] === null || !near(first) } }

  function near(index: number): boolean {
    return points[index]![0] - points[index - 1]![0] <= step * 1.5
  }
}

/** What a caption says besides the title, in the order in which it is read. */
export interface Caption {
  /** `812 ms`; empty where nothing was measured. */
  value: string
  /** How it stands to its threshold; empty where there is none. */
  standing: string
  /** From when it is. */
  when: string
  /** It is above its threshold. */
  bad: boolean
}

/** @param time how a moment is written, in the zone of whoever reads it */
export function captionOf(measured: Measured, time: (at: number) => string, until?: number): Caption {
  const { threshold, unit } = measured
  const found = standingOf(measured, until)
  const limit = threshold === null ? '' : amount(threshold, unit)
  if (found === null)
    return { value: '', standing: limit && `threshold ${limit}`, when: 'nothing was measured', bad: false }
  const { at, value, above, silent } = found
  const bad = above !== null
  const was = silent ? 'was ' : ''
  const standing = bad
    ? `${was}above its threshold of ${limit} ${above.atLeast ? 'at least ' : ''}since ${time(above.since)}`
    : limit && `${was}within its threshold of ${limit}`
  const when = silent ? `nothing measured since ${time(at)}` : `measured ${time(at)}`
  return { value: amount(value, unit), standing, when, bad }
}

/** Points with nothing known on either side, which no line is drawn through, and the newest that is known. */
export function dotsOf(points: readonly Point[]): number[] {
  const known = (at: number) => (points[at]?.[1] ?? null) !== null
  const newest = points.findLastIndex(([, value]) => value !== null)
  return points.flatMap((_, at) => (known(at) && (at === newest || !(known(at - 1) || known(at + 1))) ? [at] : []))
}

/** A line of the table that says what the chart shows. */
export interface Line {
  from: number
  /** The last of several that were not measured; for a value the same as `from`. */
  to: number
  /** Null: nothing was measured from the one to the other. */
  value: number | null
  above: boolean
}

/** Lines that somebody reads, or has read to them. */
const MOST_LINES = 60

/**
 * The table of a chart, the newest first. What was not measured in a row is one line.
 * @returns `every`: seconds that a line stands for, of which it says the highest value; null where each point has its own
 */
export function linesOf(measured: Measured, most = MOST_LINES): { lines: Line[]; every: number | null } {
  const { step, threshold } = measured
  const filled = withGaps(measured)
  const span = (filled.at(-1)?.[0] ?? 0) - (filled[0]?.[0] ?? 0)
  const every = span / step < most ? null : (STEPS.find((one) => one > step && span / one < most) ?? STEPS.at(-1)!)
  const lines: Line[] = []
  for (const [at, value] of every === null ? filled : highest(filled, every)) {
    const last = lines.at(-1)
    if (value === null && last?.value === null) last.to = at
    else lines.push({ from: at, to: at, value, above: value !== null && threshold !== null && value > threshold })
  }
  return { lines: lines.reverse(), every }
}

/** The highest value of every so many seconds; null where none is known. */
function highest(points: readonly Point[], every: number): Point[] {
  const found = new Map<number, number | null>()
  for (const [at, value] of points) {
    const begin = Math.floor(at / every) * every
    const before = found.get(begin) ?? null
    found.set(begin, value === null || before === null ? (before ?? value) : Math.max(before, value))
  }
  return [...found]
}

/** Of the height above the highest value, kept free for the words in the chart. */
const HEADROOM = 0.2

/**
 * From where to where the upright axis goes. It begins at zero, so that a line shows how much and not only that it moves;
 * the threshold is always on it.
 */
export function domainOf(
  { points, threshold }: Pick<Measured, 'points' | 'threshold'>,
  headroom = HEADROOM,
): [min: number, max: number] {
  const values = points.flatMap(([, value]) => value ?? [])
  if (threshold !== null) values.push(threshold)
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  if (low === high) return [0, 1]
  const room = (high - low) * headroom
  return [low < 0 ? low - room : 0, high + room]
}

/** Round numbers between two, `most` at the most. */
export function valueTicks(min: number, max: number, most: number): number[] {
  if (!(max > min)) return []
  const raw = (max - min) / most
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].map((nice) => nice * power).find((nice) => (max - min) / nice <= most) ?? 10 * power
  const first = Math.ceil(min / step)
  const count = Math.floor(max / step + 1e-9) - first + 1
  // Counted, not added up: 0.1 + 0.2 is no 0.3.
  return Array.from({ length: Math.max(0, count) }, (_, at) => Number(((first + at) * step).toPrecision(12)))
}

const MINUTE = 60
const HOUR = 3_600
/** Seconds between two marks of the time axis that somebody counts by. */
const STEPS = [
  ...[1, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((hours) => hours * HOUR),
]

/**
 * Full minutes and hours between two moments, as the clock on the wall shows them.
 * @param offset seconds that the zone is ahead of UTC
 */
export function timeTicks(from: number, until: number, most: number, offset: number): number[] {
  if (!(until > from)) return []
  const step = STEPS.find((one) => (until - from) / one <= most) ?? STEPS.at(-1)!
  const ticks: number[] = []
  for (let at = Math.ceil((from + offset) / step) * step - offset; at <= until; at += step) ticks.push(at)
  return ticks
}

/** What is shown of several that share a time axis. One moment alone is given some room on both sides. */
export function windowOf(all: readonly Pick<Measured, 'points' | 'step'>[]): [from: number, until: number] {
  const ends = all.flatMap(({ points }) => (points.length === 0 ? [] : [points[0]![0], points.at(-1)![0]]))
  if (ends.length === 0) return [0, 0]
  const [from, until] = [Math.min(...ends), Math.max(...ends)]
  const step = Math.max(1, ...all.map((one) => one.step))
  return from === until ? [from - step * 5, until + step] : [from, until]
}

/** Decimals of a spark's path: tenths of a pixel. */
const tenth = (value: number) => Math.round(value * 10) / 10

/** The path of a spark in a box so wide and so high, with a pixel of room. A gap begins it anew; a point alone is a dot. */
export function sparkPath(measured: Pick<Measured, 'points' | 'step' | 'threshold'>, wide: number, high: number) {
  const filled = withGaps(measured)
  const [from, until] = [filled[0]?.[0] ?? 0, filled.at(-1)?.[0] ?? 0]
  const [min, max] = domainOf(measured, 0)
  const x = (at: number) => tenth(until === from ? wide / 2 : 1 + ((at - from) / (until - from)) * (wide - 2))
  const y = (value: number) => tenth(high - 1 - ((value - min) / (max - min)) * (high - 2))
  const known = (at: number) => (filled[at]?.[1] ?? null) !== null
  const line = filled
    .flatMap(([at, value], index) => {
      if (value === null) return []
      if (known(index - 1)) return [`L${x(at)} ${y(value)}`]
      // Nothing on either side: a line of no length, which a round end makes a dot.
      return [`M${x(at)} ${y(value)}${known(index + 1) ? '' : 'h0'}`]
    })
    .join('')
  return { line, threshold: measured.threshold === null ? null : y(measured.threshold) }
}
