import type { Actor } from '../actor.js'
import { planEntry } from '../audit.js'
import { inTurn } from '../in-turn.js'
import type { Books, WriteBooks } from '../ledger.js'
import { ownDelivered, type OwnAlert } from '../own-alerts.js'
import type { BreakGlassUse, Plan } from '../rows.js'
import { time, type World } from '../world.js'
import { saidOf } from './break-glass.js'
import { passesOf, passState, REVIEW_HOURS, reviewDue, type Granted, type Pass } from './pass.js'

/**
 * A run uses a pass up by starting, in the same transaction, under the stream of its plan: the log says so, and the house
 * tells of it like a monitor does, with an alert that stays until somebody has reviewed it.
 *
 * @param run its id, and when it started
 * @param delivery whose stream is locked
 */
export async function useUp(
  books: WriteBooks,
  me: Actor,
  plan: Plan,
  pass: Granted,
  { id: run, at }: { id: string; at: string },
  delivery: string,
): Promise<void> {
  const { wish } = pass
  const use: BreakGlassUse = { id: wish.id, run_id: run, at, told: delivery, overdue: null, over: null }
  await books.breakGlassUses.add(use)
  const review_by = time(reviewDue(use))
  await ownDelivered(books, me, delivery, alertOf(pass, use, 'BreakGlassUsed', plan), use.at)
  books.audit.append(
    planEntry(me, `plan:${plan.id}`, 'break-glass.used', `break_glass_use:${wish.id}`, plan, {
      outcome: 'ok',
      detail: { ...saidOf(wish, plan), run, review_by },
    }),
  )
}

/** Tells what became of the passes that were used: whose review is overdue, and whose is there. */
export class BreakGlassAlarm {
  constructor(
    private readonly world: World,
    private readonly me: Actor,
  ) {}

  /** Answers how many were told of; of those that failed it throws when all have had their turn. Several workers at once tell it once. */
  async tell(): Promise<number> {
    const open = await this.world.ledger.read((books) => books.breakGlassUses.where({ over: null }))
    return inTurn(
      open,
      ({ id }) => `telling of ${id}`,
      ({ id }) => this.tellOf(id),
    )
  }

  private async tellOf(id: string): Promise<boolean> {
    const { ledger, newId, now } = this.world
    // What a sweep looks at again and again is not locked for nothing.
    const wish = await ledger.read((books) => books.breakGlass.get(id))
    if (!wish || !(await ledger.read((books) => this.due(books, id)))) return false
    const [one, other] = [newId('dlv'), newId('dlv')]
    return ledger.write(async (books) => {
      const stream = `plan:${wish.plan_id}`
      await books.lock({ stream: [stream, `delivery:${one}`, `delivery:${other}`] })
      const due = await this.due(books, id)
      const plan = await books.plans.get(wish.plan_id)
      if (!due || !plan) return false
      const { pass, use } = due
      const at = time(now())
      const detail = { ...saidOf(wish, plan), run: use.run_id }
      if (pass.review) {
        await ownDelivered(books, this.me, one, alertOf(pass, use, 'BreakGlassUsed', plan), at)
        if (use.overdue !== null)
          await ownDelivered(books, this.me, other, alertOf(pass, use, 'BreakGlassReviewOverdue', plan), at)
        await books.breakGlassUses.change(id, { over: one })
        books.audit.append(
          planEntry(this.me, stream, 'break-glass.told', `break_glass_use:${id}`, plan, {
            outcome: 'ok',
            detail,
          }),
        )
        return true
      }
      await ownDelivered(books, this.me, one, alertOf(pass, use, 'BreakGlassReviewOverdue', plan), at)
      await books.breakGlassUses.change(id, { overdue: one })
      books.audit.append(
        planEntry(this.me, stream, 'break-glass.overdue', `break_glass_use:${id}`, plan, {
          outcome: 'failed',
          detail: { ...detail, review_by: time(reviewDue(use)) },
        }),
      )
      return true
    })
  }

  /** A use of which there is something to tell. */
  private async due(books: Books, id: string) {
    const use = await books.breakGlassUses.get(id)
    const wish = await books.breakGlass.get(id)
    const [pass] = wish && use?.over === null ? await passesOf(books, [wish]) : []
    if (!use || !pass) return undefined
    const overdue = use.overdue === null && passState(pass, this.world.now()) === 'overdue'
    return pass.review || overdue ? { pass, use } : undefined
  }
}

type Told = 'BreakGlassUsed' | 'BreakGlassReviewOverdue'

/** How a monitor would tell it: firing until the review is there. */
function alertOf({ decision, review, wish }: Pass, use: BreakGlassUse, alertname: Told, plan: Plan): OwnAlert {
  const over = wish.over === 'freeze' ? `the freeze ${wish.freeze_id}` : 'a missing approval'
  const passed = `${plan.recipe_id} passed ${over}`
  const whose = `Asked for by ${wish.by}, granted by ${decision?.by}${decision?.voice === 'on-call-lead' ? ' as lead of the incident, because Security is too few' : ''}: ${wish.reason}`
  const due = time(reviewDue(use))
  const isUse = alertname === 'BreakGlassUsed'
  return {
    ...{ alertname, status: review ? 'resolved' : 'firing', target: `break-glass:${wish.id}` },
    summary: review
      ? `Break-glass was reviewed: ${passed}`
      : isUse
        ? `Break-glass: ${passed}`
        : `The review of a break-glass is overdue: ${passed}`,
    description: review
      ? `${review.by} found it ${review.verdict === 'justified' ? 'justified' : 'not justified'}: ${review.note}`
      : `${whose} The run is ${use.run_id}. ${isUse ? `Somebody else of Security reviews it before ${due}` : `${REVIEW_HOURS} hours were over at ${due}, and somebody else of Security has still to review it`}: POST /v1/break-glass/${wish.id}/review.`,
    starts_at: isUse ? use.at : due,
    ends_at: review?.at ?? null,
  }
}
