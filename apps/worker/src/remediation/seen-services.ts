import { reasonOf, time } from '@firebreak/flow'
import type { JsonObject, MetricsReader, Service } from '@firebreak/kit'

/*
 * What is written down of a service: what the monitoring system says of it now.
 */

/** Services that are asked about at one time: the monitoring system has other things to do. */
const AT_ONCE = 4
/** Of those, so many that were slow the time before, so that the others have their turn beside them. */
const SLOW_AT_ONCE = 1
/** A look waits so long for answers, for meanwhile nothing is written down; what comes later is in the next. Milliseconds. */
const PATIENCE = 1_000

/** What was seen of a target, and when it was asked for (RFC 3339): it cannot be older than that. */
export interface Seen {
  value: JsonObject
  at: string
}

/** Asks the monitoring system about the services of the house, look by look. */
export class SeenServices {
  /** Those whose turn comes, the longest waiting first. */
  readonly #waiting = new Set<Service>()
  readonly #asked = new Set<Service>()
  /** Those whose last answer took longer than the patience. */
  readonly #slow = new Set<Service>()
  #answers = new Map<string, Seen>()
  /** Told when all that are not slow have answered. */
  #swift: () => void = () => undefined

  constructor(
    private readonly metrics: Pick<MetricsReader, 'value'>,
    private readonly services: readonly Service[],
    private readonly clock: { now(): Date; sleep(ms: number): Promise<void> },
    private readonly unseen: (target: string, why: string) => void,
  ) {}

  /**
   * One look. Asks about each service that is not being asked about already, and waits until all but the slow have answered,
   * for a second at most.
   * @returns what has been answered since the look before, by target (`service:api`)
   */
  async look(): Promise<Map<string, Seen>> {
    for (const service of this.services) if (!this.#asked.has(service)) this.#waiting.add(service)
    const swift = new Promise<void>((answered) => (this.#swift = answered))
    this.#askSome()
    await Promise.race([swift, this.clock.sleep(PATIENCE)])
    const answers = this.#answers
    this.#answers = new Map()
    return answers
  }

  #askSome(): void {
    for (const service of this.#waiting) {
      if (this.#asked.size >= AT_ONCE) break
      const isSlow = (one: Service) => this.#slow.has(one)
      if (isSlow(service) && [...this.#asked].filter(isSlow).length >= SLOW_AT_ONCE) continue
      this.#waiting.delete(service)
      this.#asked.add(service)
      void this.#ask(service).then(() => {
        this.#asked.delete(service)
        this.#askSome()
      })
    }
    if ([...this.#asked, ...this.#waiting].every((service) => this.#slow.has(service))) this.#swift()
  }

  /** What is known of it then is among the answers, or its trouble told. */
  async #ask(service: Service): Promise<void> {
    const { name, deployment, environment, max_replicas, p95_threshold_ms, metrics: of } = service
    const asked = this.clock.now()
    try {
      const p95 = await this.metrics.value(of.p95_ms)
      const rate = of.requests_per_second && (await this.metrics.value(of.requests_per_second))
      const value = {
        ...{ deployment, environment, max_replicas, p95_threshold_ms },
        p95_ms: p95 === undefined ? null : Math.round(p95),
        requests_per_second: typeof rate === 'number' ? Math.round(rate) : null,
      }
      this.#answers.set(`service:${name}`, { value, at: time(asked) })
    } catch (error) {
      this.unseen(`service:${name}`, reasonOf(error))
    }
    const isSlow = this.clock.now().getTime() - asked.getTime() > PATIENCE
    if (isSlow) this.#slow.add(service)
    else this.#slow.delete(service)
  }
}
