import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MOST_MOMENTS, PortFailure, type MetricsReader, type Span } from '../ports.js'

/** One world to hold a metrics reader to its contract in. */
export interface MetricsWorld {
  metrics: MetricsReader
  /** Selects one series. */
  one: string
  /** Its value now, where the world knows it. */
  value?: number
  /** Selects one series that has values at some of the moments of this span, and at others none. */
  gaps: { query: string; over: Span }
  /** Selects no series. */
  none: string
  /** Selects two or more. */
  several: string
  /** Cannot be parsed, where something parses. */
  nonsense?: string
  /** The monitoring system cannot be reached. */
  takeDown?(): Promise<void>
  close?(): Promise<void>
}

/** What every MetricsReader keeps. */
export function metricsContract(name: string, open: () => Promise<MetricsWorld>): void {
  describe(`${name} keeps the metrics contract`, () => {
    let world: MetricsWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())

    test('one series is its value', async () => {
      const value = await world.metrics.value(world.one)
      expect(value).toSatisfy(Number.isFinite)
      if (world.value !== undefined) expect(value).toBe(world.value)
    })

    test('one series over time has each moment that was asked for, the oldest first', async () => {
      const last = Math.floor(Date.now() / 1_000) + 1
      const over = { from: new Date((last - 60) * 1_000), until: new Date(last * 1_000 + 900), stepSeconds: 15 }
      const points = await world.metrics.series(world.one, over)
      expect(points.map(([second]) => last - second)).toEqual([60, 45, 30, 15, 0])
      const value = points.at(-1)![1]
      expect(value).toSatisfy(Number.isFinite)
      if (world.value !== undefined) expect(value).toBe(world.value)
    })

    test('a moment at which there was nothing is a gap, and not zero', async () => {
      const { query, over } = world.gaps
      const values = (await world.metrics.series(query, over)).map(([, value]) => value)
      expect(values).toContain(undefined)
      expect(values.some(Number.isFinite)).toBe(true)
      expect(values).not.toContain(0)
    })

    test('no series has no moments', async () => {
      expect(await world.metrics.series(world.none, lately())).toEqual([])
    })

    test('several series at one moment are invalid', async () => {
      await expect(world.metrics.series(world.several, lately())).rejects.toSatisfy(is('invalid'))
    })

    test('more moments than anybody draws are invalid, and so is a step that is none', async () => {
      const from = new Date(Date.now() - MOST_MOMENTS * 1_000)
      for (const stepSeconds of [1, 0, -1, 0.5, NaN])
        await expect(world.metrics.series(world.one, { ...lately(), from, stepSeconds })).rejects.toSatisfy(
          is('invalid'),
        )
    })

    test('no series is undefined, not zero', async () => {
      expect(await world.metrics.value(world.none)).toBeUndefined()
    })

    test('several series are invalid: nobody picks one at random', async () => {
      await expect(world.metrics.value(world.several)).rejects.toSatisfy(is('invalid'))
    })

    test('a query that cannot be read is invalid', async (it) => {
      if (world.nonsense === undefined) return it.skip('nothing parses queries here')
      await expect(world.metrics.value(world.nonsense)).rejects.toSatisfy(is('invalid'))
      await expect(world.metrics.series(world.nonsense, lately())).rejects.toSatisfy(is('invalid'))
    })

    test('a system that is down is unreachable', async (it) => {
      if (!world.takeDown) return it.skip('it cannot be taken down here')
      await world.takeDown()
      await expect(world.metrics.value(world.one)).rejects.toSatisfy(is('unreachable'))
      await expect(world.metrics.series(world.one, lately())).rejects.toSatisfy(is('unreachable'))
    })
  })
}

const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind

/** The last minute, up to the second that is beginning: what was measured just now is in it. */
const lately = (): Span => ({
  from: new Date(Date.now() - 59_000),
  until: new Date(Date.now() + 1_000),
  stepSeconds: 15,
})
