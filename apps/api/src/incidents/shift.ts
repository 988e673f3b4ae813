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
 * Where a line went from one level to another, if it did: the cut that leaves the least unsaid about both sides. Gaps are left
 * out. `undefined` where it wavers as it always does, or there is too little of it.
 */
export function shiftOf(points: FigureValue['points'], span: { from: number; until: number }): Shift | undefined {
  const line = points.filter(
    (point): point is [number, number] => point[1] !== null && point[0] >= span.from && point[0] <= span.until,
  )
  let best: { cut: number; gain: number } | undefined
  const total = sum(line)
  for (let cut = 1, left = 0; cut < line.length; cut++) {
    left += line[cut - 1]![1]
    const difference = left / cut - (total - left) / (line.length - cut)
    const gain = (difference * difference * cut * (line.length - cut)) / line.length
    if (cut >= FEWEST_BEFORE && (!best || gain > best.gain)) best = { cut, gain }
  }
  if (!best) return undefined
  const [before, since] = [line.slice(0, best.cut), line.slice(best.cut)]
  const [from, to] = [median(before), median(since)]
  const wavers = Math.max(spread(before, from), since.length >= FEW ? spread(since, to) : 0)
  const least = before.length < FEW ? LEAST_OF_FEW : LEAST
  if (Math.abs(to - from) < Math.max(least * Math.abs(from), WAVERS * wavers, Number.EPSILON)) return undefined
  return { after: before.at(-1)![0], at: since[0]![0], from, to }
}

const sum = (line: readonly [number, number][]) => line.reduce((all, [, value]) => all + value, 0)
const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const median = (line: readonly [number, number][]) => middle(line.map(([, value]) => value))
/** How far a point is usually from the middle. */
const spread = (line: readonly [number, number][], from: number) =>
  middle(line.map(([, value]) => Math.abs(value - from)))
