import type { Recipe } from '../../api/view.js'

export const tiers = ['T0', 'T1', 'T2', 'T3'] as const
export const approvers = ['sre', 'ml', 'security'] as const

/** What is asked of the catalogue. It is in the address. */
export interface Look {
  q?: string
  tier?: (typeof tiers)[number]
  role?: (typeof approvers)[number]
  /** For which incident one of them is to be asked: their forms begin with it. */
  incident?: string
}

/** The question in a URL; whatever else stands there is somebody's typing. */
export function parseLook(search: Record<string, unknown>): Look {
  const q = typeof search['q'] === 'string' ? search['q'].slice(0, 100) : ''
  const tier = tiers.find((one) => one === search['tier'])
  const role = approvers.find((one) => one === search['role'])
  const incident = typeof search['incident'] === 'string' ? search['incident'].slice(0, 100) : ''
  return {
    ...(q === '' ? {} : { q }),
    ...(tier ? { tier } : {}),
    ...(role ? { role } : {}),
    ...(incident === '' ? {} : { incident }),
  }
}

/** Whether a recipe is among what was asked for: every word of the question stands in what it says of itself. */
export function isWanted(recipe: Recipe, { q = '', tier, role }: Look): boolean {
  const said = `${recipe.id} ${recipe.title} ${recipe.page} ${recipe.meaning} ${recipe.impact}`.toLowerCase()
  return (
    (tier === undefined || recipe.approval.tier === tier) &&
    (role === undefined || recipe.approval.roles.includes(role)) &&
    q.toLowerCase().split(/\s+/).every((word) => said.includes(word)) // prettier-ignore
  )
}

/** By what it is for, and among those by its name: an order that no run changes. */
export const byPage = (a: Recipe, b: Recipe): number => a.page.localeCompare(b.page) || a.title.localeCompare(b.title)

/** The one reason why this person may ask no recipe for a plan, where there is one: it is said once, not in every row. */
export function whyNobody(recipes: readonly Recipe[]): string | undefined {
  const reasons = new Set(recipes.map(({ may: { plan } }) => (plan.ok ? undefined : plan.reason)))
  const [only] = reasons
  return reasons.size === 1 ? only : undefined
}
