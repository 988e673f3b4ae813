/** How wide the plans of a recipe, or of all of them, may be in an environment, or everywhere. */
export interface Cap {
  recipe?: string | undefined
  environment?: string | undefined
  /** The most targets of one plan. */
  targets?: number | undefined
  /** The most effects: one a step, and one an item of a step over many. */
  effects?: number | undefined
}

/** So many runs may start by themselves within so many minutes; then it is disarmed until a person re-arms it. */
export interface Budget {
  /** Whose: `recipe:scale-api`, `target:deployment:prod/api`, `service:api`. One each. */
  of: string
  runs: number
  minutes: number
}

/** How far the house lets anything go, whoever asks for it, as `firebreak.yaml` says. */
export interface Limits {
  /** After a run its targets rest for so long: what it changed has to show its effect before anything changes it again. */
  cooldown_minutes: number
  /** All that fit a plan hold. */
  caps: readonly Cap[]
  /** All that a run draws on hold. */
  budgets: readonly Budget[]
}

/** Of a house that has none: for benches and tests that look at something else. */
export const noLimits: Limits = { cooldown_minutes: 0, caps: [], budgets: [] }
