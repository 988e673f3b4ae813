/** An alerting rule's state: nothing, waiting whether it lasts, or an alert. Times are the sandbox's, milliseconds. */
export type RuleState = { is: 'inactive' } | { is: 'pending'; since: number } | { is: 'firing'; clearSince?: number }

/** The rule `HighApiLatency`: p95 above this, for that long; and over when it is back for as long. */
export const THRESHOLD_MS = 500
export const FOR_MS = 2_000

/** One evaluation. */
export function evaluate(state: RuleState, p95Ms: number, now: number): RuleState {
  const high = p95Ms > THRESHOLD_MS
  switch (state.is) {
    case 'inactive':
      return high ? { is: 'pending', since: now } : state
    case 'pending':
      if (!high) return { is: 'inactive' }
      return now - state.since >= FOR_MS ? { is: 'firing' } : state
    case 'firing': {
      if (high) return { is: 'firing' }
      const clearSince = state.clearSince ?? now
      return now - clearSince >= FOR_MS ? { is: 'inactive' } : { is: 'firing', clearSince }
    }
  }
}
