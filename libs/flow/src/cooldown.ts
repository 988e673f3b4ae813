import type { Books } from './ledger.js'
import type { PlanBody } from './rows.js'
import { minutesAfter, time, type World } from './world.js'

/** A target that rests after a run. */
export interface Resting {
  until: string
  /** A sentence: which target, after what, until when. */
  because: string
}

/**
 * Whether one of these targets still rests after a run that touched it. Whoever starts a run asks under the targets' locks,
 * which a run gives up when it ends. What only contains or captures evidence does not wait,
 * and neither does what takes a run back.
 */
export async function restingOf(
  books: Books,
  { limits, now }: Pick<World, 'limits' | 'now'>,
  targets: readonly string[],
  { contains, limits: planned, reverts }: Pick<PlanBody, 'contains' | 'limits' | 'reverts'>,
): Promise<Resting | undefined> {
  // As the house has it now, and never shorter than people read it in the plan.
  const minutes = Math.max(limits.cooldown_minutes, planned?.cooldown_minutes ?? 0)
  if (minutes === 0 || contains || reverts !== undefined || targets.length === 0) return undefined
  const last = await books.lastRunOn(targets, time(minutesAfter(now(), -minutes)))
  if (!last) return undefined
  const until = time(minutesAfter(new Date(last.ended_at), minutes))
  return {
    until,
    because: `${last.target} rests until ${until}: the run ${last.run} ended at ${last.ended_at}, and what it changed shows its effect first.`,
  }
}
