import { describe, expect, test } from 'vitest'
import {
  amount,
  captionOf,
  domainOf,
  dotsOf,
  gapsOf,
  linesOf,
  sparkPath,
  standingOf,
  timeTicks,
  valueTicks,
  windowOf,
  withGaps,
  type Measured,
  type Point,
} from './figure.js'

const p95 = (points: readonly Point[], more: Partial<Measured> = {}): Measured => ({
  ...{ title: 'p95 of api', unit: 'ms', threshold: 500, step: 10, points },
  ...more,
})
const every10 = (values: readonly (number | null)[]): Point[] => values.map((value, at) => [at * 10, value])
const time = (at: number) => `t${at}`
/** As it is read: title, and then whatever there is to say. */
const says = (measured: Measured, until?: number) => {
  const { value, standing, when } = captionOf(measured, time, until)
  return `${measured.title}: ${[value, standing, when].filter((part) => part !== '').join(', ')}.`
}

test('a number has as many digits as are read at a glance', () => {
  expect([812.4, 14_022, 4.219, 12.34, 0.7129, 3].map((value) => amount(value, ''))).toEqual([
    '812',
    '14,022',
    '4.22',
    '12.3',
    '0.713',
    '3',
  ])
  expect([amount(500, 'ms'), amount(143, '/s')]).toEqual(['500 ms', '143/s'])
})

describe('a caption', () => {
  test('says since when it is too much', () => {
    expect(says(p95(every10([400, 600, 700, 812])))).toBe(
      'p95 of api: 812 ms, above its threshold of 500 ms since t10, measured t30.',
    )
  })

  test('does not say that it began where only what is shown begins, or behind a gap', () => {
    expect(says(p95(every10([600, 700])))).toContain('above its threshold of 500 ms at least since t0,')
    expect(says(p95(every10([400, null, 600, 700])))).toContain('at least since t20,')
    expect(says(p95([[0, 600], [60, 700]]))).toContain('at least since t60,') // prettier-ignore
  })

  test('of what is well, and of what nobody has set a threshold for', () => {
    expect(says(p95(every10([600, 500])))).toBe('p95 of api: 500 ms, within its threshold of 500 ms, measured t10.')
    expect(says(p95(every10([7]), { threshold: null, unit: '' }))).toBe('p95 of api: 7, measured t0.')
  })

  test('of what was measured no more says until when, and calls nothing a zero', () => {
    expect(says(p95(every10([400, 600, null, null, null])))).toBe(
      'p95 of api: 600 ms, was above its threshold of 500 ms since t10, nothing measured since t10.',
    )
    expect(says(p95(every10([400])), 100)).toContain('nothing measured since t0')
    expect(says(p95(every10([null, null])))).toBe('p95 of api: threshold 500 ms, nothing was measured.')
    expect(standingOf(p95([]))).toBeNull()
  })
})

describe('a gap', () => {
  test('is where a point is null, and where there is none', () => {
    expect(gapsOf({ step: 10, points: every10([1, null, null, 2, 3]) })).toEqual([{ from: 0, to: 30 }])
    const points: Point[] = [[0, 1], [10, 2], [60, 3]] // prettier-ignore
    expect(withGaps({ step: 10, points })).toEqual([[0, 1], [10, 2], [20, null], [60, 3]]) // prettier-ignore
    expect(gapsOf({ step: 10, points })).toEqual([{ from: 10, to: 60 }])
  })

  test('is also at the beginning, and at the end of what is shown; a look that is a little late is none', () => {
    expect(gapsOf({ step: 10, points: every10([null, 1, 2, null, null, null]) })).toEqual([{ from: 0, to: 10 }, { from: 20, to: 50 }]) // prettier-ignore
    expect(gapsOf({ step: 10, points: every10([1, 2, null, null]) })).toEqual([])
    expect(gapsOf({ step: 10, points: every10([1, 2]) }, 100)).toEqual([{ from: 10, to: 100 }])
    expect(gapsOf({ step: 10, points: [[0, 1], [14, 2]] }, 30)).toEqual([]) // prettier-ignore
    expect(gapsOf({ step: 10, points: [] }, 100)).toEqual([])
  })

  test('is one line of the table, the newest first, and says which value is too much', () => {
    expect(linesOf(p95(every10([400, null, null, 600])))).toEqual({
      lines: [
        { from: 30, to: 30, value: 600, above: true },
        { from: 10, to: 20, value: null, above: false },
        { from: 0, to: 0, value: 400, above: false },
      ],
      every: null,
    })
  })
})

test('a long table has a line for more than one point, with the highest of them', () => {
  const long = every10(Array.from({ length: 361 }, (_, at) => (at >= 12 && at < 24 ? null : at === 8 ? 900 : at)))
  const { lines, every } = linesOf(p95(long))
  expect(every).toBe(120)
  expect(lines.length).toBeLessThanOrEqual(60)
  expect(lines.at(-1)).toEqual({ from: 0, to: 0, value: 900, above: true })
  expect(lines.at(-2)).toEqual({ from: 120, to: 120, value: null, above: false })
})

describe('the axes', () => {
  test('begin at zero, and have the threshold on them', () => {
    expect(domainOf(p95(every10([100, 200])))).toEqual([0, 600])
    expect(domainOf(p95(every10([1_000]), { threshold: null }))).toEqual([0, 1_200])
    expect(domainOf({ points: every10([-10, 10]), threshold: null })).toEqual([-14, 14])
    expect(domainOf({ points: every10([0, null]), threshold: null })).toEqual([0, 1])
    expect(domainOf({ points: [], threshold: null })).toEqual([0, 1])
  })

  test('are marked with round numbers', () => {
    expect(valueTicks(0, 974, 4)).toEqual([0, 500])
    expect(valueTicks(0, 0.7, 4)).toEqual([0, 0.2, 0.4, 0.6])
    expect(valueTicks(-14, 14, 4)).toEqual([-10, 0, 10])
    expect(valueTicks(0, 0, 4)).toEqual([])
  })

  test('are marked with the full minutes and hours of the zone', () => {
    const at = Date.UTC(2026, 10, 23, 1, 7, 12) / 1_000
    const clock = (ticks: number[]) => ticks.map((tick) => new Date(tick * 1_000).toISOString().slice(11, 19))
    expect(clock(timeTicks(at, at + 600, 5, 0))).toEqual(['01:08:00', '01:10:00', '01:12:00', '01:14:00', '01:16:00'])
    expect(clock(timeTicks(at, at + 600, 4, 0))).toEqual(['01:10:00', '01:15:00'])
    // In Kathmandu the hour is a quarter before ours.
    expect(clock(timeTicks(at, at + 4 * 3_600, 4, 5.75 * 3_600))).toEqual(['01:15:00', '02:15:00', '03:15:00', '04:15:00']) // prettier-ignore
    expect(timeTicks(5, 5, 4, 0)).toEqual([])
  })

  test('are of one length for all that share them; one point has room on both sides', () => {
    const one = { step: 10, points: every10([1, 2]) }
    expect(windowOf([one, { step: 10, points: [[50, 1]] }, { step: 10, points: [] }])).toEqual([0, 50])
    expect(windowOf([{ step: 10, points: [[100, 1]] }])).toEqual([50, 110])
    expect(windowOf([])).toEqual([0, 0])
  })
})

test('dots are the newest that is known, and what no line is drawn through', () => {
  expect(dotsOf(every10([1, null, 2, 3, null, 4, null]))).toEqual([0, 5])
  expect(dotsOf(every10([1, 2, 3]))).toEqual([2])
  expect(dotsOf([])).toEqual([])
})

test('a spark breaks at a gap, and a point alone is a dot', () => {
  const { line, threshold } = sparkPath({ step: 10, threshold: 1, points: every10([1, 1, null, 1]) }, 32, 14)
  expect(line).toBe('M1 1L11 1M31 1h0')
  expect(threshold).toBe(1)
  expect(sparkPath({ step: 10, threshold: null, points: [] }, 32, 14)).toEqual({ line: '', threshold: null })
})
