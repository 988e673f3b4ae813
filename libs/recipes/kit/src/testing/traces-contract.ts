import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PortFailure, type TracesReader } from '../ports.js'

/** One world to hold a reader of traces to its contract in. */
export interface TracesWorld {
  traces: TracesReader
  /** A trace that is there, and how many spans it has. */
  there: { id: string; spans: number }
  takeDown(): Promise<void>
  close?(): Promise<void>
}

/** What every reader of traces keeps. */
export function tracesContract(name: string, open: () => Promise<TracesWorld>): void {
  describe(`${name} keeps the contract of traces`, () => {
    let world: TracesWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())

    test('a trace is its spans, each of them JSON', async () => {
      const spans = await world.traces.trace(world.there.id)
      expect(spans).toHaveLength(world.there.spans)
      for (const span of spans!) expect(JSON.parse(span)).toBeTypeOf('object')
    })

    test('one that is not there is not there', async () => {
      expect(await world.traces.trace('0'.repeat(31) + '7')).toBeUndefined()
    })

    test.each(['', '../../admin', 'xyz', `${'a'.repeat(33)}`])('%j is no id, and nobody is asked', async (id) => {
      await expect(world.traces.trace(id)).rejects.toSatisfy(is('invalid'))
    })

    test('traces that are down are unreachable', async () => {
      await world.takeDown()
      await expect(world.traces.trace(world.there.id)).rejects.toSatisfy(is('unreachable'))
    })
  })
}

const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind
