import type { Dice } from '../dice.js'

/** Requests a second that one ready replica can serve. */
export const CAPACITY_PER_REPLICA = 50
/** p95 of a service with nothing to do, and the p95 at which it stops getting worse: clients give up. Milliseconds. */
export const UNLOADED_P95_MS = 60
export const WORST_P95_MS = 5_000
/** What loading a model again and again adds to the p95. */
export const RELOAD_P95_MS = 1_200

/** Requests a second that arrive. */
export const load = ({ slow }: { slow: boolean }): number => (slow ? 160 : 40)

/** Share of the capacity that is in use; above 1 the queue grows without end. */
export const utilisation = (requestsPerSecond: number, ready: number): number =>
  ready === 0 ? Infinity : requestsPerSecond / (ready * CAPACITY_PER_REPLICA)

/** The p95 that this utilisation leads to, as of a single queue: the response time grows with 1/(1 - utilisation). */
export const settledP95 = (utilisation: number): number =>
  utilisation >= 1 ? WORST_P95_MS : Math.min(UNLOADED_P95_MS / (1 - utilisation), WORST_P95_MS)

/** Queues fill and drain in a couple of seconds: the p95 moves towards where it settles. */
const SETTLING_MS = 700
export const approach = (p95: number, settled: number, elapsedMs: number): number =>
  settled + (p95 - settled) * Math.exp(-elapsedMs / SETTLING_MS)

/** One request's latency, exponentially distributed so that 95 of 100 are under `p95`. Milliseconds. */
export const drawLatency = (p95: number, dice: Dice): number =>
  Math.min((-Math.log(1 - dice()) * p95) / Math.log(20), WORST_P95_MS)
