import type { Family } from '../monitors/metrics.js'

type Labelled = readonly (readonly [labels: Record<string, string>, value: number])[]

const family =
  (type: 'gauge' | 'counter') =>
  (name: string, help: string, samples: Labelled): Family => ({
    name,
    type,
    help,
    samples: samples.map(([labels, value]) => ({ name, labels, value })),
  })

/** A family of figures that go up and down. */
export const gauge = family('gauge')
/** A family of figures that only go up. */
export const counter = family('counter')

/** A figure moves towards where it settles, in a couple of seconds: nothing that is measured jumps. */
export const settle = (value: number, settled: number, elapsedMs: number): number =>
  settled + (value - settled) * Math.exp(-elapsedMs / 700)
