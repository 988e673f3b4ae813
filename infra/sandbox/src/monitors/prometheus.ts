import type { Sample } from './metrics.js'
import { fingerprint } from './payload.js'
import { evaluate, type RuleState } from './rule.js'
import { annotated, type Rule } from './rules.js'

/** One alert, from when it began to when it ended (wall time, RFC 3339). */
export interface Alert {
  fingerprint: string
  labels: Record<string, string>
  annotations: Record<string, string>
  expr: string
  startsAt: string
  endsAt?: string
}

interface Watched {
  lasts: Pick<Rule, 'forMs' | 'keepFiringMs'>
  labels: Record<string, string>
  state: RuleState
  alert?: Alert
}

/**
 * The half of Prometheus that evaluates rules: each series that a rule selects is an alert of its own, with the series'
 * labels and the rule's.
 */
export class Prometheus {
  readonly #watched = new Map<string, Watched>()

  /** `firing`: what fired when the process before this one ended. */
  constructor(
    private readonly rules: readonly Rule[],
    firing: readonly Alert[],
  ) {
    for (const alert of firing) {
      // Of a rule that is there no more: it is over as soon as somebody looks.
      const lasts = rules.find(({ alert: name }) => name === alert.labels.alertname) ?? { forMs: 0, keepFiringMs: 0 }
      this.#watched.set(alert.fingerprint, { lasts, labels: alert.labels, state: { is: 'firing' }, alert })
    }
  }

  /** The labels of every alert that waits or fires, and since when it fires. */
  get active(): { fingerprint: string; labels: Record<string, string>; is: 'pending' | 'firing'; since?: string }[] {
    return [...this.#watched].map(([fingerprint, { labels, state, alert }]) => ({
      fingerprint,
      labels,
      is: state.is === 'firing' ? 'firing' : 'pending',
      ...(alert ? { since: alert.startsAt } : {}),
    }))
  }

  /** One evaluation at `now` (the sandbox's time) and `wall`: the alerts that have just begun, and those that are over. */
  evaluate(samples: readonly Sample[], now: number, wall: Date): Alert[] {
    const met = this.#met(samples)
    for (const [id, { rule, labels }] of met)
      if (!this.#watched.has(id)) this.#watched.set(id, { lasts: rule, labels, state: { is: 'inactive' } })
    const turned: Alert[] = []
    for (const [id, watched] of this.#watched) {
      const found = met.get(id)
      const before = watched.state.is
      watched.state = evaluate(watched.state, found !== undefined, now, watched.lasts)
      const is = watched.state.is
      if (found && before !== 'firing' && is === 'firing') {
        const { rule, labels, value } = found
        const annotations = annotated(rule, labels, value)
        watched.alert = { fingerprint: id, labels, annotations, expr: rule.expr, startsAt: wall.toISOString() }
        turned.push(watched.alert)
      }
      if (before === 'firing' && is !== 'firing') turned.push({ ...watched.alert!, endsAt: wall.toISOString() })
      if (is === 'inactive') this.#watched.delete(id)
    }
    return turned
  }

  /** The series whose condition is met now, by the fingerprint of the alert that each is. */
  #met(samples: readonly Sample[]) {
    const met = new Map<string, { rule: Rule; labels: Record<string, string>; value: number }>()
    for (const rule of this.rules)
      for (const sample of samples)
        if (rule.beyond(sample.value) && rule.selector(sample)) {
          const labels = { ...sample.labels, ...rule.labels, alertname: rule.alert }
          met.set(fingerprint(labels), { rule, labels, value: sample.value })
        }
    return met
  }
}
