import { Refused, stateOfBudget, whyNotRearm, type World } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import { mayNow } from '../http/rights.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'

/** The budgets of the house as screens show them: all of them, for there are as many as somebody wrote down. */
export class BudgetsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly world: World,
  ) {}

  async all(by: Caller) {
    const { ledger, limits } = this.world
    const states = await ledger.read((books) =>
      Promise.all(limits.budgets.map((budget) => stateOfBudget(books, this.world, budget))),
    )
    const names = await nameOf(this.source)
    return states.map((state) => {
      const { budget, disarmed, rearmed, used } = state
      return {
        ...{ id: budget.of, runs: budget.runs, minutes: budget.minutes, used },
        state: disarmed ? ('disarmed' as const) : ('armed' as const),
        disarmed: disarmed ? { at: disarmed.at, plan: disarmed.plan_id, because: disarmed.because } : null,
        rearmed: rearmed ? { by: names(rearmed.by), at: rearmed.at, reason: rearmed.reason } : null,
        may: { rearm: mayNow('budget.rearm', by, whyNotRearm(state)) },
      }
    })
  }

  async one(id: string, by: Caller) {
    const found = (await this.all(by)).find((budget) => budget.id === id)
    if (!found) throw new Refused('not-found', `There is no budget of ${id.slice(0, 200)}.`)
    return found
  }
}
