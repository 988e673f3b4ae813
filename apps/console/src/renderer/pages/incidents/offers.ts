import type { Incident, Plan, Recipe } from '../../api/view.js'
import { isOpen } from '../plans/inbox.js'
import { either, FROZEN, roleName, type Tier } from '../plans/words.js'

/** What can be chosen: a recipe, with its newest plan for this incident where it has one. */
export interface Offer {
  /** The recipe's id: an offer stays the same when its plan is made again. */
  id: string
  title: string
  tier: Tier | null
  plan: Plan | null
  /** Plans of the same recipe before this one, newest first. */
  earlier: readonly Plan[]
  /** Null while the catalogue is not known. */
  recipe: Recipe | null
}

/**
 * Everything on offer, in an order that nobody's asking changes: as the house suggests for the class, and then what
 * people asked for, the oldest first. A number that was chosen stays that number.
 *
 * @param plans newest first
 */
export function offersOf(
  { suggested }: Pick<Incident, 'suggested'>,
  plans: readonly Plan[],
  recipes: readonly Recipe[] | undefined,
): Offer[] {
  const asked = [...plans].reverse().map(({ recipe }) => recipe.id)
  return [...new Set([...suggested, ...asked])].map((id) => {
    const [plan = null, ...earlier] = plans.filter(({ recipe }) => recipe.id === id)
    const recipe = recipes?.find((one) => one.id === id) ?? null
    return {
      ...{ id, plan, earlier, recipe },
      title: recipe?.title ?? plan?.recipe.title ?? id,
      tier: plan?.body?.approval.tier ?? recipe?.approval.tier ?? null,
    }
  })
}

/**
 * Which of them is shown: what somebody chose; else what was shown, while it can still be decided about or is under way;
 * else the newest that can be decided about.
 *
 * @param mitigating a run is under way
 */
export function shownOf(
  offers: readonly Offer[],
  { chosen, before, mitigating }: { chosen: string | null; before: string | null; mitigating: boolean },
): Offer | undefined {
  const own = offers.find(({ id }) => id === chosen)
  if (own) return own
  const last = offers.find(({ id }) => id === before)
  if (last?.plan && (isOpen(last.plan) || (last.plan.state === 'used' && mitigating))) return last
  return newest(offers.filter(({ plan }) => plan !== null && isOpen(plan))) ?? last ?? newest(offers) ?? offers[0]
}

const newest = (offers: readonly Offer[]): Offer | undefined =>
  offers.reduce<Offer | undefined>((a, b) => ((b.plan?.id ?? '') > (a?.plan?.id ?? '') ? b : a), undefined)

/**
 * How it stands, shortly, and why where it is not what one hoped for. `good`: it can be decided about now.
 * @param over the incident is resolved or closed
 * @param silent nothing answers: what could be decided about cannot be now
 */
export function standing(
  { plan }: Pick<Offer, 'plan'>,
  over = false,
  silent = false,
): { says: string; why: string | null; good: boolean } {
  if (plan === null) return { says: 'not planned yet', why: null, good: false }
  const why = plan.because
  const says = (text: string, because: string | null = why) => ({ says: text, why: because, good: false })
  switch (plan.state) {
    case 'requested':
      return says('being made')
    case 'proposed':
      if (over) return says('proposed', 'The incident is over.')
      return silent && plan.may.approve.ok ? says('proposed', null) : waits(plan)
    case 'approved':
      return says('approved, starts now', null)
    case 'used':
      return says('carried out', null)
    case 'stopped':
      return plan.body?.steps.length === 0 && plan.body.findings ? says('found nothing to do') : says('stopped')
    case 'failed':
      return says('could not be made')
    default:
      return says(plan.state)
  }
}

function waits({ may: { approve }, body, quorum }: Plan) {
  if (approve.ok) return { says: 'ready', why: null, good: true }
  const roles = either((body?.approval.roles ?? []).map(roleName))
  const others = approve.code === 'own-plan' || approve.code === 'not-your-role' || approve.code === 'already-decided'
  if (others) return { says: `waits for ${roles}, ${quorum.given} of ${quorum.needed}`, why: null, good: false }
  return { says: 'held', why: (approve.code === 'frozen' ? FROZEN : approve.reason) ?? null, good: false }
}

/** What came of a recipe so far: `helped 11 of 12 times`. */
export const helpedSays = ({ runs, succeeded }: Recipe['record']): string =>
  runs === 0 ? 'never run' : `helped ${succeeded} of ${runs} ${runs === 1 ? 'time' : 'times'}`

/** Whether it can be asked for a plan without a form: nothing that it has to be told is left out. */
export const needsForm = ({ params }: Pick<Recipe, 'params'>): boolean => {
  const required = params['required']
  return Array.isArray(required) && required.length > 0
}

/**
 * Recipes beside those on offer that are nearest to an incident: those of its class, and those that name its service or
 * what it is called. What only looks stands apart: it can do no harm.
 */
export function closest(
  { class: page, service, title }: Pick<Incident, 'class' | 'service' | 'title'>,
  recipes: readonly Recipe[],
  offers: readonly Offer[],
): { repairs: Recipe[]; looks: Recipe[] } {
  // Short words say nothing of what it is about, but for the name of its service.
  const long = title.toLowerCase().split(/[^a-z0-9]+/).filter((word) => word.length > 4) // prettier-ignore
  const words = new Set([...(service ?? '').toLowerCase().split(/[^a-z0-9]+/), ...long])
  const score = (recipe: Recipe) => {
    const said = new Set(`${recipe.id} ${recipe.title} ${recipe.meaning}`.toLowerCase().split(/[^a-z0-9]+/))
    return (recipe.page === page ? 100 : 0) + [...words].filter((word) => word !== '' && said.has(word)).length
  }
  const rest = recipes
    .filter(({ id }) => offers.every((offer) => offer.id !== id))
    .map((recipe) => ({ recipe, score: score(recipe) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.recipe.id.localeCompare(b.recipe.id))
    .map(({ recipe }) => recipe)
  const isLook = ({ approval: { tier } }: Recipe) => tier === 'T0'
  return { repairs: rest.filter((one) => !isLook(one)).slice(0, 3), looks: rest.filter(isLook).slice(0, 3) }
}
