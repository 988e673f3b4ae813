import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PortFailure, type MetricsReader } from '../ports.js'

/** One world to hold a metrics reader to its contract in. */
export interface MetricsWorld {
  metrics: MetricsReader
  /** Selects one series. */
  one: string
  /** Its value now, where the world knows it. */
  value?: number
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

    test('no series is undefined, not zero', async () => {
      expect(await world.metrics.value(world.none)).toBeUndefined()
    })

    test('several series are invalid: nobody picks one at random', async () => {
      await expect(world.metrics.value(world.several)).rejects.toSatisfy(is('invalid'))
    })

    test('a query that cannot be read is invalid', async (it) => {
      if (world.nonsense === undefined) return it.skip('nothing parses queries here')
      await expect(world.metrics.value(world.nonsense)).rejects.toSatisfy(is('invalid'))
    })

    test('a system that is down is unreachable', async (it) => {
      if (!world.takeDown) return it.skip('it cannot be taken down here')
      await world.takeDown()
      await expect(world.metrics.value(world.one)).rejects.toSatisfy(is('unreachable'))
    })
  })
}

const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind
