/**
 * The sandbox's own time, in milliseconds since its start; it may run faster than the wall clock.
 * Every delay of the simulation is counted in it. What leaves the sandbox as a date is wall time.
 */
export class Clock {
  readonly #start = performance.now()

  constructor(readonly speed: number) {}

  now(): number {
    return (performance.now() - this.#start) * this.speed
  }

  /** How long `ms` of the sandbox's time take on the wall. */
  wall(ms: number): number {
    return ms / this.speed
  }
}
