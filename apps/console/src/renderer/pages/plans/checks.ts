import type { Plan } from '../../api/view.js'

/** One thing that was looked at before anybody decides. `unknown` is neither: nobody has told this person. */
export interface Check {
  is: 'good' | 'bad' | 'unknown'
  says: string
}

/** The "no for now" of the API, each by what it is about: whoever would say yes has to wait. */
const inTheWay: Record<string, string> = {
  frozen: 'Not frozen',
  halted: 'Not halted',
  quiet: 'No quiet window',
  cooldown: 'Rested since the last change',
  'out-of-range': 'Within what the house lets one plan touch',
}

/**
 * What stands for and against a plan that waits, in the order in which it would stop it. The API names the first thing in
 * the way, and only to whoever could say yes: to anybody else it is not known whether there is one.
 *
 * @param now the server's time
 */
export function checksOf(plan: Plan, now: Date): Check[] {
  if (plan.state !== 'proposed' || plan.body === null) return []
  return [...standing(plan), freshness(plan, now), undo(plan.body), ...raised(plan.body), facts(plan.body)]
}

function standing({ may: { approve, refuse } }: Plan): Check[] {
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
