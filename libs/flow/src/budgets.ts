import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { inTurn } from './in-turn.js'
import type { Books, WriteBooks } from './ledger.js'
import type { Budget } from './limits.js'
import { ownDelivered } from './own-alerts.js'
import { Refused, type RefusalCode } from './refused.js'
import type { Request, SpentBudget } from './rows.js'
import { minutesAfter, time, type World } from './world.js'

export const streamOfBudget = (of: string): string => `budget:${of}`

/** A budget as it stands. */
export interface BudgetState {
  budget: Budget
  /** Runs that started by themselves within its minutes, and since somebody last re-armed it. */
  used: number
  /** It was spent, and nobody has re-armed it: nothing of it starts by itself. */
  disarmed: SpentBudget | undefined
  /** The last time that somebody re-armed it. */
  rearmed: Request | undefined
}

/** The budgets that a plan of this recipe draws on. */
export function budgetsOf({ limits, scopes }: World, recipe: string, targets: readonly string[]): Budget[] {
  const inside = new Set([`recipe:${recipe}`, ...targets.map((target) => `target:${target}`), ...scopes.of(targets)])
  return limits.budgets.filter(({ of }) => inside.has(of))
}

/** How a budget stands. Whoever starts something by itself asks under its lock, which re-arming it takes, too. */
export async function stateOfBudget(books: Books, world: World, budget: Budget): Promise<BudgetState> {
  const last = await books.spentBudgets.last({ budget: budget.of })
  const [rearmed] = last ? await books.requests.where({ kind: 'rearm', subject: last.id }) : []
  if (last && !rearmed) return { budget, used: last.runs, disarmed: last, rearmed: undefined }
  const since = time(minutesAfter(world.now(), -budget.minutes))
  const from = rearmed && rearmed.at > since ? rearmed.at : since
  const started = await books.startedByThemselves(from)
  const used = started.filter(({ recipe, targets }) => budgetsOf(world, recipe, targets).includes(budget)).length
  return { budget, used, disarmed: undefined, rearmed }
}

/** Why nothing of this recipe starts by itself on these targets now; undefined when it may. */
export async function disarmedFor(
  books: Books,
  world: World,
  recipe: string,
  targets: readonly string[],
): Promise<string | undefined> {
  for (const budget of budgetsOf(world, recipe, targets)) {
    const { disarmed } = await stateOfBudget(books, world, budget)
    if (disarmed)
      return `The budget of ${budget.of} is disarmed since ${disarmed.at}: ${disarmed.because} It is armed again by POST /v1/budgets/{id}/rearm.`
  }
  return undefined
}

/**
 * Draws on the budgets of a run that is about to start by itself. Answers whether it may; where one is spent, it is disarmed
 * here and now, and the house tells of it like a monitor does. Under the locks `locksToSpend`.
 */
export async function mayStartByItself(
  books: WriteBooks,
  world: World,
  me: Actor,
  plan: { id: string; recipe_id: string },
  targets: readonly string[],
  delivery: string,
): Promise<boolean> {
  for (const budget of budgetsOf(world, plan.recipe_id, targets)) {
    const { disarmed, used } = await stateOfBudget(books, world, budget)
    if (disarmed) return false
    if (used < budget.runs) continue
    const { minutes, of, runs } = budget
    const spent: SpentBudget = {
      ...{ id: world.newId('bdg'), budget: of, runs, minutes, plan_id: plan.id, at: time(world.now()) },
      because: `${used} ${used === 1 ? 'run' : 'runs'} started by themselves in ${minutes} minutes, and ${runs} may.`,
      ...{ told: delivery, over: null },
    }
    await ownDelivered(
      books,
      me,
      delivery,
      {
        ...{ status: 'firing', alertname: 'BudgetSpent', target: of, starts_at: spent.at, ends_at: null },
        summary: `The budget of ${of} is spent: nothing of it starts by itself any more`,
        description: `${spent.because} The plan ${plan.id} waits for people, as every other does until somebody re-arms the budget.`,
      },
      spent.at,
    )
    await books.spentBudgets.add(spent)
    books.audit.append(
      entry(me, streamOfBudget(of), 'budget.disarmed', `budget:${spent.id}`, {
        outcome: 'refused',
        detail: { budget: of, runs, minutes, plan: plan.id, because: spent.because },
      }),
    )
    return false
  }
  return true
}

/** Why nobody can re-arm this budget now, or undefined when somebody can. Asked by screens, too. */
export function whyNotRearm({ disarmed }: BudgetState): { code: RefusalCode; reason: string } | undefined {
  return disarmed ? undefined : { code: 'already-decided', reason: 'It is armed: there is nothing to re-arm.' }
}

/** Re-arming, and telling that it was. */
export class Budgets {
  constructor(private readonly world: World) {}

  /** A person lets it start by itself again. What was used before does not count any more. */
  async rearm(by: Actor, of: string, reason: string): Promise<void> {
    const budget = this.world.limits.budgets.find((one) => one.of === of)
    if (!budget) {
      const known = this.world.limits.budgets.map((one) => one.of).join(', ') || 'none'
      throw new Refused('not-found', `There is no budget of ${of.slice(0, 200)}; the house has ${known}.`)
    }
    await this.world.ledger.write(async (books) => {
      await books.lock({ stream: [streamOfBudget(of)], budget: [of] })
      const state = await stateOfBudget(books, this.world, budget)
      const no = whyNotRearm(state)
      if (no) throw new Refused(no.code, no.reason)
      const request: Request = {
        ...{ id: this.world.newId('req'), kind: 'rearm', subject: state.disarmed!.id, body: {}, incident_id: null },
        ...{ by: by.id, reason, at: time(this.world.now()) },
      }
      await books.requests.add(request)
      books.audit.append(
        entry(by, streamOfBudget(of), 'budget.rearmed', `request:${request.id}`, {
          outcome: 'ok',
          reason,
          detail: { budget: of },
        }),
      )
    })
  }

  /**
   * Tells that budgets were re-armed, as it was told that they were spent: their alert is over. Answers of how many it told
   * here; of those that failed it throws when all have had their turn.
   */
  async tellOver(me: Actor): Promise<number> {
    const open = await this.world.ledger.read(async (books) => {
      const told = await books.spentBudgets.where({ over: null })
      const rearmed = await books.requests.where({ kind: 'rearm', subject: told.map(({ id }) => id) })
      return told.flatMap((spent) => {
        const request = rearmed.find(({ subject }) => subject === spent.id)
        return request ? [{ spent, request }] : []
      })
    })
    return inTurn(
      open,
      ({ spent }) => `telling of ${spent.id}`,
      ({ request, spent }) => this.tellOverOf(me, spent, request),
    )
  }

  /** Whether it was told here. */
  private tellOverOf(me: Actor, spent: SpentBudget, request: Request): Promise<boolean> {
    const delivery = this.world.newId('dlv')
    return this.world.ledger.write(async (books) => {
      await books.lock({ stream: [streamOfBudget(spent.budget), `delivery:${delivery}`], budget: [spent.budget] })
      if ((await books.spentBudgets.get(spent.id))?.over !== null) return false
      await ownDelivered(
        books,
        me,
        delivery,
        {
          ...{ status: 'resolved', alertname: 'BudgetSpent', target: spent.budget, starts_at: spent.at },
          ends_at: request.at,
          summary: `The budget of ${spent.budget} is armed again`,
          description: `${request.by} re-armed it: ${request.reason}`,
        },
        time(this.world.now()),
      )
      await books.spentBudgets.change(spent.id, { over: delivery })
      books.audit.append(
        entry(me, streamOfBudget(spent.budget), 'budget.told', `budget:${spent.id}`, {
          outcome: 'ok',
          detail: { budget: spent.budget },
        }),
      )
      return true
    })
  }
}
