import { Alertmanager, type AlertmanagerState } from './alertmanager.js'
import type { Sample } from './metrics.js'
import { Prometheus } from './prometheus.js'
import type { Receiver } from './receiver.js'
import { readRoute } from './route.js'
import { readRules, RULES } from './rules.js'

export type MonitorsState = AlertmanagerState

/** No alert, and nobody told of any. */
export const quiet = (): MonitorsState => ({ alerts: [], told: {} })

/** One alert as `GET /sandbox` shows it. */
export interface AlertSeen {
  alertname: string
  labels: Record<string, string>
  /** `pending`: it has to last a little longer. */
  is: 'pending' | 'firing'
  /** What the receiver was last told of it. */
  told: 'nothing' | 'firing' | 'resolved'
  /** Since when it fires, wall time. */
  since?: string
}

/** Rules are evaluated this often, in the sandbox's time: finely enough for a rule that says `for: 1s`. */
const EVERY_MS = 250

/**
 * The sandbox's own monitors: they read the files in `infra/sandbox/rules` as Prometheus and Alertmanager would, and
 * send what those would send. They are for machines that have neither, and for worlds whose clock runs fast.
 */
export class Monitors {
  readonly #prometheus: Prometheus
  readonly #alertmanager: Alertmanager
  #nextAt = 0

  /**
   * Throws when a rule is not understood. Without a receiver alerts come and go, and nobody is told. `elsewhere`: others
   * watch this world now; what these ones told of is brought to its end, and nothing new is told.
   */
  constructor(
    state: MonitorsState,
    receiver: Receiver | undefined,
    /** Of the sandbox, for the links in the alerts. */
    url: string,
    changed: () => void,
    private readonly print: (line: string) => void,
    { folder = RULES, elsewhere = false } = {},
  ) {
    const firing = state.alerts.filter(({ endsAt }) => endsAt === undefined)
    const rules = readRules(folder)
    // Whoever was told of an alert here must still be told that it is over: without its rule it is.
    this.#prometheus = new Prometheus(elsewhere ? [] : rules, firing)
    this.#alertmanager = new Alertmanager(state, readRoute(folder), receiver, url, changed, print)
  }

  /** Called at every step of the world; `now` is its time. */
  step(now: number, measure: () => readonly Sample[]): void {
    if (now < this.#nextAt) return
    this.#nextAt = now + EVERY_MS
    for (const alert of this.#prometheus.evaluate(measure(), now, new Date())) {
      const { alertname, service } = alert.labels
      this.print(`alert ${alertname} of ${service} ${alert.endsAt === undefined ? 'fires' : 'is over'}`)
      this.#alertmanager.take(alert)
    }
    this.#alertmanager.step(now)
  }

  seen(): AlertSeen[] {
    return this.#prometheus.active.map(({ fingerprint, labels, is, since }) => ({
      alertname: labels.alertname ?? '',
      labels,
      is,
      told: this.#alertmanager.told({ fingerprint, labels }),
      ...(since === undefined ? {} : { since }),
    }))
  }

  stop(): void {
    this.#alertmanager.stop()
  }
}
