import { PastRuns, type PastRun } from '../ports.js'
import { factAt } from '../recipe.js'

/** Runs of before, as a test remembers them. */
export class FakePastRuns extends PastRuns {
  readonly #runs: (PastRun & { recipe: string; ended_minutes_ago: number })[] = []

  /** A run that began after those before it. */
  remember(recipe: string, run: PastRun, ended_minutes_ago = 1): this {
    this.#runs.push({ ...run, recipe, ended_minutes_ago })
    return this
  }

  async latest(recipe: string, facts: Readonly<Record<string, string>>, within: number): Promise<PastRun | undefined> {
    const wanted = Object.entries(facts)
    const found = this.#runs.findLast(
      (one) =>
        one.recipe === recipe &&
        one.ended_minutes_ago < within &&
        wanted.every(([path, value]) => factAt(one.facts, path) === value),
    )
    if (!found) return undefined
    const { run, plan, made_at, state, because } = found
    return { run, plan, made_at, state, because, facts: structuredClone(found.facts) }
  }
}
