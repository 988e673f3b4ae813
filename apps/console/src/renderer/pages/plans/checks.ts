import type { BreakGlassCheck, Plan } from '../../api/view.js'

/** One thing that was looked at before anybody decides. `unknown` is neither: nobody has told this person. */
export interface Check {
  is: 'good' | 'bad' | 'unknown'
  says: string
}

/** The "no for now" of the API, each by what it is about: whoever would say yes has to wait. */
const inTheWay: Record<string, string> = {
  frozen: 'Frozen',
  halted: 'Stopped',
  quiet: 'In a quiet window',
  cooldown: 'Too soon after the last change',
  'out-of-range': 'More than the house lets one plan touch',
}

/**
 * What stands for and against a plan that waits, in the order in which it would stop it. The API names the first thing in
 * the way, and only to whoever could say yes: to anybody else it is not known whether there is one.
 *
 * @param now the server's time
 * @param held the freezes that hold it, as far as they are known; they stand named beside the decision
 */
export function checksOf(plan: Plan, now: Date, held?: Pick<BreakGlassCheck, 'freezes'>): Check[] {
  if (plan.state !== 'proposed' || plan.body === null) return []
  return [...standing(plan, held), freshness(plan, now), undo(plan.body), ...raised(plan.body), facts(plan.body)]
}

function standing({ may: { approve, refuse } }: Plan, held: Pick<BreakGlassCheck, 'freezes'> | undefined): Check[] {
  const frozen = held?.freezes.length ?? 0
  // What else is in the way the API names first; a freeze it tells also of whom nothing else is asked.
  if (frozen > 0 && (approve.code === 'frozen' || inTheWay[approve.code ?? ''] === undefined))
    return [{ is: 'bad', says: `Frozen: ${frozen === 1 ? 'the freeze is' : 'the freezes are'} named below` }]
  const why = inTheWay[approve.code ?? '']
  if (!approve.ok && why !== undefined) return [{ is: 'bad', says: `${why}: ${approve.reason ?? 'no'}` }]
  if (approve.ok || (refuse.ok && approve.code === undefined))
    return [{ is: 'good', says: 'Nothing is in its way: no freeze, no quiet window, no rest to keep' }]
  return [{ is: 'unknown', says: 'Whether a freeze or a quiet window is in its way is looked at for who may say yes' }]
}

function freshness({ expires_at }: Plan, now: Date): Check {
  const left = expires_at === null ? Infinity : new Date(expires_at).getTime() - now.getTime()
  if (left <= 0) return { is: 'bad', says: 'Expired: ask for a new one' }
  return { is: 'good', says: 'Not expired' }
}

function undo({ steps }: NonNullable<Plan['body']>): Check {
  const without = steps.filter((step) => 'none' in step.undo).length
  if (steps.length === 0) return { is: 'good', says: 'It changes nothing' }
  if (without === 0) return { is: 'good', says: 'Every step can be undone' }
  const which = without === steps.length ? 'No step can' : `${without} of ${steps.length} steps cannot`
  return { is: 'bad', says: `${which} be undone` }
}

function raised({ approval: { tier, raised_from } }: NonNullable<Plan['body']>): Check[] {
  return raised_from === undefined
    ? []
    : [{ is: 'bad', says: `Raised from ${raised_from} to ${tier}: it was made for an incident in a quiet window` }]
}

function facts({ guards }: NonNullable<Plan['body']>): Check {
  const count = guards.length
  if (count === 0) return { is: 'unknown', says: 'Nothing has to hold when it starts' }
  return { is: 'good', says: `${count === 1 ? 'One fact is' : `${count} facts are`} looked at again when it starts` }
}
