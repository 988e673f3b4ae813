import type { Sample } from './metrics.js'

/** It is kept how it was every so many milliseconds of the wall, and so often: a little more than an hour. */
const EVERY_MS = 2_000
const MOMENTS = 1_900
/** A value counts for so long after it was measured, as Prometheus' does for five minutes: behind that is a gap. */
const LASTS_MS = 10_000
/** Labels come with versions and engines: more series than this are of no sandbox. */
const MOST_SERIES = 1_000

interface Kept {
  name: string
  labels: Record<string, string>
  /** By place in the ring; NaN: it was not there. */
  values: Float64Array
}

/** What was measured in the last hour: a ring in memory, which a restart empties. Times are wall time in milliseconds. */
export class History {
  readonly #series = new Map<string, Kept>()
  readonly #times = new Float64Array(MOMENTS).fill(-Infinity)
  #newest = -1

  /** Keeps how it is at `now`, unless it has just been kept. */
  keep(now: number, measure: () => readonly Sample[]): void {
    if (this.#newest >= 0 && now - this.#times[this.#newest]! < EVERY_MS) return
    const place = (this.#newest + 1) % MOMENTS
    for (const { values } of this.#series.values()) values[place] = NaN
    for (const { name, labels, value } of measure()) this.#of(name, labels).values[place] = value
    this.#times[place] = now
    this.#newest = place
  }

  /** The series that are meant, each with its value at these moments, `undefined` where it had none; without those that never had. */
  over(selects: (sample: Omit<Sample, 'value'>) => boolean, moments: readonly number[]) {
    const places = this.#placesOf(moments)
    return [...this.#series.values()]
      .filter(selects)
      .map(({ name, labels, values }) => ({
        ...{ name, labels },
        values: places.map((place) => (place === undefined || Number.isNaN(values[place]) ? undefined : values[place])),
      }))
      .filter(({ values }) => values.some((value) => value !== undefined))
  }

  /** Where in the ring it stands how it was at each of these moments, which are in order. */
  #placesOf(moments: readonly number[]): (number | undefined)[] {
    let [nth, place] = [0, this.#newest + 1]
    return moments.map((moment) => {
      // On from the oldest, as long as the next one is not yet behind the moment.
      for (; nth < MOMENTS && this.#times[(this.#newest + 1 + nth) % MOMENTS]! <= moment; nth++)
        place = (this.#newest + 1 + nth) % MOMENTS
      return nth > 0 && this.#times[place]! > moment - LASTS_MS ? place : undefined
    })
  }

  #of(name: string, labels: Record<string, string>): Kept {
    const key = JSON.stringify([name, labels])
    const known = this.#series.get(key)
    if (known) return known
    const fresh = { name, labels, values: new Float64Array(MOMENTS).fill(NaN) }
    if (this.#series.size < MOST_SERIES) this.#series.set(key, fresh)
    return fresh
  }
}
