import { groupKey, only, payload } from './payload.js'
import type { Alert } from './prometheus.js'
import { deliver, type Receiver } from './receiver.js'
import type { Route } from './route.js'

/** What must outlive a restart: the alerts that are not settled, and of each group what its receiver knows. */
export interface AlertmanagerState {
  alerts: Alert[]
  told: Record<string, Told>
}

/** The last word that came through about a group: fingerprints. */
interface Told {
  firing: string[]
  resolved: string[]
}

/** When a group is looked at next, and what went wrong; the sandbox's time. Forgotten at a restart. */
interface Turn {
  nextAt: number
  failures: number
  toldAt: number
}

const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 60_000
const BACKOFF_FACTOR = 1.5

/**
 * One route of an Alertmanager. As there: alerts with the same labels of `group_by` are told together; a group is told
 * when something in it is new, and again after a while; what was never told as firing is not told as resolved.
 */
export class Alertmanager {
  readonly #turns = new Map<string, Turn>()
  readonly #delivering = new Map<string, AbortController>()
  #printed = ''

  constructor(
    private readonly state: AlertmanagerState,
    private readonly route: Route,
    private readonly receiver: Receiver | undefined,
    /** Of the sandbox, for the links in the alerts. */
    private readonly url: string,
    private readonly changed: () => void,
    private readonly print: (line: string) => void,
  ) {}

  /** Takes news of one alert: it has begun, or it is over. */
  take(alert: Alert): void {
    const { alerts } = this.state
    const at = alerts.findIndex(({ fingerprint }) => fingerprint === alert.fingerprint)
    alerts.splice(at < 0 ? alerts.length : at, at < 0 ? 0 : 1, alert)
    this.changed()
  }

  /** What the receiver was last told of an alert. */
  told({ fingerprint, labels }: Pick<Alert, 'fingerprint' | 'labels'>): 'nothing' | 'firing' | 'resolved' {
    const told = this.state.told[this.#keyOf(labels)]
    if (told?.firing.includes(fingerprint)) return 'firing'
    return told?.resolved.includes(fingerprint) ? 'resolved' : 'nothing'
  }

  /** Delivers what is due at `now`, the sandbox's time. */
  step(now: number): void {
    const groups = Map.groupBy(this.state.alerts, ({ labels }) => this.#keyOf(labels))
    for (const key of this.#turns.keys()) if (!groups.has(key)) this.#turns.delete(key)
    for (const [key, alerts] of groups) {
      const turn = this.#turns.get(key) ?? { nextAt: now + this.route.waitMs, failures: 0, toldAt: -Infinity }
      this.#turns.set(key, turn)
      if (now < turn.nextAt || this.#delivering.has(key)) continue
      turn.nextAt = now + this.route.intervalMs
      if (!this.receiver || !this.#isNews(key, alerts, now - turn.toldAt)) this.#forget(alerts)
      else void this.#deliver(key, turn, this.receiver, alerts, now)
    }
  }

  stop(): void {
    for (const delivering of this.#delivering.values()) delivering.abort()
  }

  /** The question that Alertmanager asks before it tells a group. */
  #isNews(key: string, alerts: readonly Alert[], sinceTold: number): boolean {
    const told = this.state.told[key] ?? { firing: [], resolved: [] }
    const { firing, resolved } = split(alerts)
    if (firing.some((one) => !told.firing.includes(one))) return true
    if (firing.length === 0) return told.firing.length > 0
    return resolved.some((one) => !told.resolved.includes(one)) || sinceTold >= this.route.repeatMs
  }

  async #deliver(key: string, turn: Turn, receiver: Receiver, alerts: readonly Alert[], now: number): Promise<void> {
    const delivering = new AbortController()
    this.#delivering.set(key, delivering)
    const outcome = await deliver(receiver, payload(alerts, this.route, this.url), delivering.signal)
    this.#delivering.delete(key)
    if (outcome.is === 'delivered') {
      // What turned while this was under way is not in it, and is told at the next turn.
      this.state.told[key] = split(alerts)
      this.#forget(alerts)
      this.#printed = ''
      Object.assign(turn, { failures: 0, toldAt: now })
      return this.changed()
    }
    if (delivering.signal.aborted) return
    if (outcome.why !== this.#printed) this.print(outcome.why)
    this.#printed = outcome.why
    if (outcome.is === 'refused') return
    turn.nextAt = now + Math.min(FIRST_BACKOFF_MS * BACKOFF_FACTOR ** turn.failures++, LONGEST_BACKOFF_MS)
  }

  /** What is over, and told where it had to be, is settled. An alert that has begun anew meanwhile is another one. */
  #forget(alerts: readonly Alert[]): void {
    const over = alerts.filter((alert) => alert.endsAt !== undefined && this.state.alerts.includes(alert))
    if (over.length === 0) return
    this.state.alerts = this.state.alerts.filter((alert) => !over.includes(alert))
    this.changed()
  }

  #keyOf(labels: Record<string, string>): string {
    return groupKey(only(labels, this.route.groupBy))
  }
}

function split(alerts: readonly Alert[]): Told {
  const names = (over: boolean) =>
    alerts.filter(({ endsAt }) => (endsAt !== undefined) === over).map(({ fingerprint }) => fingerprint)
  return { firing: names(false), resolved: names(true) }
}
