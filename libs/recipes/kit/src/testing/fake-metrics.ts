import { MetricsReader, momentsOf, PortFailure, type Point, type PortFailureKind, type Span } from '../ports.js'

/** A monitoring system in memory: it knows the queries that it was told, and nothing else. */
export class FakeMetrics extends MetricsReader {
  /** Every query that was asked, in order. */
  readonly asked: string[] = []
  readonly #series = new Map<string, () => number[]>()
  readonly #pasts = new Map<string, (second: number) => number | undefined>()
  readonly #failures: PortFailureKind[] = []

  /** The query selects one series with this value; `undefined` takes the series away. */
  set(query: string, value: number | undefined): this {
    this.#series.set(query, () => (value === undefined ? [] : [value]))
    return this
  }

  /** The value follows something, such as the replicas of a `FakeCluster`. */
  follow(query: string, value: () => number): this {
    this.#series.set(query, () => [value()])
    return this
  }

  /** What the query's value was at a moment, in seconds since 1970; without this it was always what it is now. */
  past(query: string, value: (second: number) => number | undefined): this {
    this.#pasts.set(query, value)
    return this
  }

  /** The query selects several series, which a recipe must not pick from. */
  several(query: string, values: number[]): this {
    this.#series.set(query, () => values)
    return this
  }

  /** The next question fails, once. */
  failNext(kind: PortFailureKind): void {
    this.#failures.push(kind)
  }

  async value(query: string): Promise<number | undefined> {
    return this.#ask(query)
  }

  async series(query: string, over: Span): Promise<Point[]> {
    const now = this.#ask(query)
    const past = this.#pasts.get(query) ?? (() => now)
    const points = momentsOf(over).map((second): Point => [second, past(second)])
    return points.some(([, value]) => value !== undefined) ? points : []
  }

  #ask(query: string): number | undefined {
    this.asked.push(query)
    const failure = this.#failures.shift()
    if (failure) throw new PortFailure(failure, `the fake was told to answer ${failure}`)
    const values = this.#series.get(query)?.() ?? []
    if (values.length > 1)
      throw new PortFailure('invalid', `the query selects ${values.length} series, expected one: ${query}`)
    return values[0]
  }
}
