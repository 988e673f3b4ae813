import type { Plan } from '../../../api/view.js'

/** What a form asks for: exactly this is planned. */
export interface Wish {
  recipe: string
  params: Record<string, unknown>
  incident?: string
  /** Which service it is about, where no incident says it. */
  service?: string
  reason: string
}

/**
 * Why a plan is not the one that the form would ask for now, or null when it is. What it was asked with stands in its
 * body; a plan that is still being made, or that a recipe stopped, has none to compare.
 */
export function whyNotThis(plan: Pick<Plan, 'body' | 'incident' | 'reason' | 'recipe'>, wish: Wish): string | null {
  if (plan.recipe.id !== wish.recipe) return 'It is a plan of another recipe.'
  if (plan.incident !== (wish.incident ?? null)) return 'The form names another incident now: ask for a plan again.'
  if (plan.body !== null && wish.incident === undefined && plan.body.trigger['service'] !== wish.service)
    return 'The form names another service now: ask for a plan again.'
  if (plan.body !== null && !isSame(plan.body.params, wish.params))
    return 'The form says something else now: ask for a plan again.'
  return null
}

/** The same value, whatever the order in which its names stand. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return Object.is(a, b)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [one, other] = [Object.entries(a), b as Record<string, unknown>]
  return (
    one.length === Object.keys(other).length &&
    one.every(([name, value]) => Object.hasOwn(other, name) && isSame(value, other[name]))
  )
}
