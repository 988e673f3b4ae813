import { countingYeses } from '../approvals.js'
import { closedFor, type Closed } from '../gate.js'
import type { Books } from '../ledger.js'
import type {
  Approval,
  BreakGlass,
  BreakGlassDecision,
  BreakGlassReview,
  BreakGlassUse,
  Plan,
  RoleGrant,
  Run,
} from '../rows.js'
import type { Scopes } from '../scopes.js'
import { minutesAfter } from '../world.js'

/** A pass holds for so long at the most, from when it was granted. */
export const LONGEST_MINUTES = 60
/** Whoever is asked answers within so long, or the wish is over. */
export const OPEN_MINUTES = 60
/** Its review is due so long after its use. */
export const REVIEW_HOURS = 24

export type PassState = 'asked' | 'granted' | 'refused' | 'expired' | 'used' | 'reviewed' | 'overdue'

/** A wish to break the glass, and what became of it so far. */
export interface Pass {
  wish: BreakGlass
  decision?: BreakGlassDecision | undefined
  use?: Pick<BreakGlassUse, 'run_id' | 'at'> | undefined
  review?: BreakGlassReview | undefined
}

/** One that two have agreed on. */
export type Granted = Pass & { decision: BreakGlassDecision & { expires_at: string } }

/** A review that is overdue can still be given, and then it was late: nobody is let off it. */
export function passState({ decision, review, use, wish }: Pass, now: Date): PassState {
  if (review) return 'reviewed'
  if (use) return reviewDue(use) <= now ? 'overdue' : 'used'
  if (decision?.decision === 'refused') return 'refused'
  if (decision) return new Date(decision.expires_at!) <= now ? 'expired' : 'granted'
  return new Date(wish.open_until) <= now ? 'expired' : 'asked'
}

/** When the review of a use is due. */
export const reviewDue = ({ at }: Pick<BreakGlassUse, 'at'>): Date => minutesAfter(new Date(at), REVIEW_HOURS * 60)

/** What became of these wishes, in their order. */
export async function passesOf(books: Books, wishes: readonly BreakGlass[]): Promise<Pass[]> {
  if (wishes.length === 0) return []
  const of = { id: wishes.map(({ id }) => id) }
  const [decisions, uses, reviews] = await Promise.all([
    books.breakGlassDecisions.where(of),
    books.breakGlassUses.where(of),
    books.breakGlassReviews.where(of),
  ])
  return wishes.map((wish) => ({
    wish,
    decision: decisions.find(({ id }) => id === wish.id),
    use: uses.find(({ id }) => id === wish.id),
    review: reviews.find(({ id }) => id === wish.id),
  }))
}

/** The pass that holds now for this very plan, and that no run has used. */
export async function heldBy(books: Books, plan: Pick<Plan, 'id' | 'digest'>, now: Date): Promise<Granted | undefined> {
  const wishes = await books.breakGlass.where({ plan_id: plan.id })
  const passes = await passesOf(
    books,
    wishes.filter(({ plan_digest }) => plan_digest === plan.digest),
  )
  return passes.find((pass): pass is Granted => passState(pass, now) === 'granted')
}

/** The pass under which this run started, while its time is not over. Another run has none by it. */
export async function usedBy(books: Books, runId: string, now: Date): Promise<Granted | undefined> {
  const run: Run | undefined = await books.runs.get(runId)
  const wish = run?.break_glass ? await books.breakGlass.get(run.break_glass) : undefined
  if (!wish || wish.plan_digest !== run?.plan_digest) return undefined
  const [pass] = await passesOf(books, [wish])
  const expires_at = pass?.decision?.expires_at
  return expires_at && new Date(expires_at) > now ? (pass as Granted) : undefined
}

/** What is in the way of a change, and the break-glass pass by which a freeze is not. */
export interface Way {
  closed: Closed | undefined
  passed: Granted | undefined
}

/**
 * `closedFor`, where a pass may be there: the one freeze that it names does not hold what it is for. It is looked for only
 * when a freeze is in the way, and what else is in the way holds as ever.
 */
export async function closedBut(
  books: Books,
  scopes: Scopes,
  targets: readonly string[],
  contains: boolean,
  find: () => Promise<Granted | undefined>,
): Promise<Way> {
  let pass: Granted | undefined
  const closed = await closedFor(books, scopes, targets, contains, async () => {
    const found = await find()
    if (found?.wish.over === 'freeze') pass = found
    return pass?.wish.freeze_id ?? undefined
  })
  return { closed, passed: closed ? undefined : pass }
}

/**
 * Whether a plan has its quorum when this pass makes up for one yes. Whoever granted it has had their say by that: their own
 * yes does not count beside it. The trigger of `flow.run` counts the same.
 */
export function isMadeUpFor(
  plan: Plan,
  approvals: readonly Approval[],
  grants: readonly RoleGrant[],
  { decision, wish }: Granted,
): boolean {
  if (wish.over !== 'approval' || wish.plan_digest !== plan.digest || plan.state !== 'proposed') return false
  if (approvals.some((approval) => approval.decision === 'no')) return false
  const others = countingYeses(plan, approvals, grants).filter(({ by }) => by !== decision.by)
  return others.length + 1 >= plan.quorum
}
