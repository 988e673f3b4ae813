import type { Dice } from '../dice.js'
import { approach, drawLatency, load, RELOAD_P95_MS, settledP95, utilisation, WORST_P95_MS } from './latency.js'

/** Upper bounds of the histogram, in seconds: the defaults of the Prometheus clients. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** What the service meets at one moment. */
export interface Surroundings {
  ready: number
  slow: boolean
  /** Replicas make no difference: it behaves as if there were two. */
  noHelp: boolean
  /** It loads its model again and again, which no replica makes faster. */
  reloading?: boolean
  /** Share of the capacity that it has to itself; 1 where nothing is said. */
  capacityLeft?: number
}

/** The watched API: a generator sends it requests, and its latency follows load and ready replicas. */
export class Service {
  p95Ms: number
  requestsPerSecond: number
  utilisation: number
  /** What waits downstream; the batch system says it. */
  queueDepth = 8
  /** Requests by bucket of `BUCKETS`, not cumulative; the last counts those above every bound. */
  readonly buckets: number[] = Array.from({ length: BUCKETS.length + 1 }, () => 0)
  sumSeconds = 0
  #owed = 0
  readonly #dice: Dice

  constructor(surroundings: Surroundings, dice: Dice) {
    this.#dice = dice
    this.requestsPerSecond = load(surroundings)
    this.utilisation = utilisation(this.requestsPerSecond, servingOf(surroundings))
    this.p95Ms = settledP95(this.utilisation)
  }

  /** Time passes. */
  step(elapsedMs: number, surroundings: Surroundings): void {
    this.requestsPerSecond = load(surroundings)
    this.utilisation = utilisation(this.requestsPerSecond, servingOf(surroundings))
    const settled = settledP95(this.utilisation) + (surroundings.reloading ? RELOAD_P95_MS : 0)
    this.p95Ms = approach(this.p95Ms, Math.min(settled, WORST_P95_MS), elapsedMs)
    this.#owed += (this.requestsPerSecond * elapsedMs) / 1_000
    for (; this.#owed >= 1; this.#owed--) this.serve()
  }

  /** Serves one request. Answers how long it takes, in milliseconds of the sandbox. */
  serve(): number {
    const ms = drawLatency(this.p95Ms, this.#dice)
    const at = BUCKETS.findIndex((bound) => ms / 1_000 <= bound)
    this.buckets[at < 0 ? BUCKETS.length : at]! += 1
    this.sumSeconds += ms / 1_000
    return ms
  }
}

/** In ready replicas, of which a part may be taken by others. */
const servingOf = ({ ready, noHelp, capacityLeft = 1 }: Surroundings) =>
  (noHelp ? Math.min(ready, 2) : ready) * capacityLeft
