import type { Rule } from './rules.js'

/** The state of one alert: nothing, waiting whether it lasts, or an alert. Times are the sandbox's, milliseconds. */
export type RuleState = { is: 'inactive' } | { is: 'pending'; since: number } | { is: 'firing'; clearSince?: number }

/** One evaluation: `high` is whether the rule's condition is met now. */
export function evaluate(
  state: RuleState,
  high: boolean,
  now: number,
  { forMs, keepFiringMs }: Pick<Rule, 'forMs' | 'keepFiringMs'>,
): RuleState {
  switch (state.is) {
    case 'inactive':
      if (!high) return state
      return forMs === 0 ? { is: 'firing' } : { is: 'pending', since: now }
    case 'pending':
      if (!high) return { is: 'inactive' }
      return now - state.since >= forMs ? { is: 'firing' } : state
    case 'firing': {
      if (high) return { is: 'firing' }
      const clearSince = state.clearSince ?? now
      return now - clearSince >= keepFiringMs ? { is: 'inactive' } : { is: 'firing', clearSince }
    }
  }
}
