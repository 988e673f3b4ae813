import { factAt, PastRuns, type PastRun } from '@firebreak/kit'
import type { Ledger } from './ledger.js'
import { minutesAfter, time } from './world.js'

/** Runs whose plans are read at once. */
const AT_ONCE = 20

/** What the record knows of earlier runs, for recipes that compare. */
export class RecordedRuns extends PastRuns {
  constructor(
    private readonly ledger: Ledger,
    private readonly now: () => Date,
  ) {
    super()
  }

  async latest(
    recipe: string,
    facts: Readonly<Record<string, string>>,
    within_minutes: number,
  ): Promise<PastRun | undefined> {
    const since = time(minutesAfter(this.now(), -within_minutes))
    const wanted = Object.entries(facts)
    return this.ledger.read(async (books) => {
      for (let before: string | null = null; ;) {
        const runs = await books.endedRunsOf(recipe, { since, before, limit: AT_ONCE })
        const plans = new Map(
          (await books.plans.where({ id: runs.map(({ plan_id }) => plan_id) })).map((one) => [one.id, one]),
        )
        for (const { id, plan_id, state, because } of runs) {
          const body = plans.get(plan_id)?.body
          if (body && wanted.every(([path, value]) => factAt(body.facts, path) === value))
            return { run: id, plan: plan_id, made_at: body.made_at, state, because: because ?? '', facts: body.facts }
        }
        if (runs.length < AT_ONCE) return undefined
        before = runs.at(-1)!.id
      }
    })
  }
}
