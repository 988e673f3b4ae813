import type { FigureValue } from '@firebreak/flow'

/** A figure that went from one level to another. */
export interface Shift {
  /** The last moment of the old level, and the first of the new one. Seconds since 1970. */
  after: number
  at: number
  from: number
  to: number
}

/** Fewer points are no level, and so few are a level only beside one that is far away. */
const [FEWEST_BEFORE, FEW] = [2, 4]
/** What changes by less than this share of its level has not changed; where there are few points, by less than that one. */
const [LEAST, LEAST_OF_FEW] = [0.2, 0.5]
/** And by less than so many times what it wavers by anyway. */
const WAVERS = 4

/**
 * Where a line went from one level to another, if it did: the last time that it did, for what has passed again is no news, and
 * the whole way where it went on in one direction. Gaps are left out. `undefined` where it wavers as it always does, or there
 * is too little of it.
 */
export function shiftOf(points: FigureValue['points'], span: { from: number; until: number }): Shift | undefined {
  const line = points.filter(
    (point): point is [number, number] => point[1] !== null && point[0] >= span.from && point[0] <= span.until,
  )
  // From one point to the next: a line that steps seldom does not waver by its steps.
  const wavers = middle(line.slice(1).map(([, value], nth) => Math.abs(value - line[nth]![1])))
  return lastOf(line, WAVERS * wavers)
}

function lastOf(line: readonly [number, number][], wavers: number): Shift | undefined {
  const cut = cutOf(line)
  if (cut === undefined) return undefined
  const [before, since] = [line.slice(0, cut), line.slice(cut)]
  const share = before.length < FEW ? LEAST_OF_FEW : LEAST
  const differ = (from: number, to: number) =>
    Math.abs(to - from) >= Math.max(share * Math.abs(from), wavers, Number.EPSILON)
  // By their means, for what comes behind the cut may be several levels; by what is usual in each, for what is told.
  if (!differ(sum(before) / before.length, sum(since) / since.length)) return undefined
  const [from, to] = [median(before), median(since)]
  const first = { after: before.at(-1)![0], at: since[0]![0], from, to }
  const then = lastOf(since, wavers)
  if (!then) return differ(from, to) ? first : undefined
  const onwards = Math.sign(then.to - then.from) === Math.sign(then.from - from)
  return onwards ? { ...first, to: then.to } : then
}

/** The cut that leaves the least unsaid about both sides: how many points are before it. */
function cutOf(line: readonly [number, number][]): number | undefined {
  let best: { cut: number; gain: number } | undefined
  const total = sum(line)
  for (let cut = 1, left = 0; cut < line.length; cut++) {
    left += line[cut - 1]![1]
    const difference = left / cut - (total - left) / (line.length - cut)
    const gain = (difference * difference * cut * (line.length - cut)) / line.length
    if (cut >= FEWEST_BEFORE && (!best || gain > best.gain)) best = { cut, gain }
  }
  return best?.cut
}

const sum = (line: readonly [number, number][]) => line.reduce((all, [, value]) => all + value, 0)
const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
const median = (line: readonly [number, number][]) => middle(line.map(([, value]) => value))
