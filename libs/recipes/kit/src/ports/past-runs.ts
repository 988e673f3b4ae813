import type { JsonObject } from '../verb.js'

/** A run that is over, with the facts of its plan. */
export interface PastRun {
  run: string
  plan: string
  /** When its plan was made, and its facts were looked at. RFC 3339, UTC. */
  made_at: string
  /** How it ended: `succeeded`, `failed`, and so on. */
  state: string
  /** The sentence that it ended with. */
  because: string
  facts: JsonObject
}

/** Looks at what Firebreak itself has done: a recipe may compare what it finds with what an earlier run of it found. */
export abstract class PastRuns {
  /**
   * The run of this recipe that began last, of those that ended within the last `within_minutes` and whose facts have
   * these texts at these paths (`suite.name`); `undefined` where there is none.
   */
  abstract latest(
    recipe: string,
    facts: Readonly<Record<string, string>>,
    within_minutes: number,
  ): Promise<PastRun | undefined>
}
