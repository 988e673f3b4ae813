/**
 * What may be told of a piece of work: ids, names that the house or the catalogue gave, numbers. No text that a person or a
 * monitor wrote, and no argument of a step: whoever follows may keep it where the log's rules do not hold.
 */
export interface Followed {
  incident?: string
  plan?: string
  run?: string
  delivery?: string
  source?: string
  class?: string
  recipe?: string
  step?: number
  verb?: string
  target?: string
  direction?: string
  attempt?: number
  decision?: string
  tier?: string
  outcome?: string
}

/** The pieces of work that are told of, from an alert to a repair that was verified. */
export type Work = 'intake' | 'incident' | 'plan' | 'approval' | 'run' | 'step' | 'verify'

/**
 * Whoever follows the work from outside and decides nothing: traces are made of what it is told. Without one everything is
 * done just the same.
 */
export interface Follower {
  /** Does the work, and knows how long it took and how it ended. Throws what the work throws. */
  during<T>(what: Work, facts: Readonly<Followed>, work: (learn: (more: Readonly<Followed>) => void) => Promise<T>): Promise<T> // prettier-ignore
  /** On whose account things are being done now: for work that is done later, or for several at once. */
  bind(): Account
}

/** Does something on an account. */
export type Account = <T>(work: () => T) => T

/** Nobody follows. */
export const nobody: Follower = {
  during: (_what, _facts, work) => work(() => undefined),
  bind: () => (work) => work(),
}
