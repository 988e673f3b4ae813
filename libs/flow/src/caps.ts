import type { Cap } from './limits.js'
import type { FittingCap, PlanBody } from './rows.js'
import type { World } from './world.js'

type Planned = Pick<PlanBody, 'steps'> & { recipe: { id: string } }

/** One cap against what it counts. */
export interface Counted {
  what: 'targets' | 'effects'
  has: number
  most: number
  /** The environment; left out where it counts everywhere. */
  where?: string
}

const effectsOf = ({ steps }: Pick<PlanBody, 'steps'>): { targets: string[] }[] =>
  steps.flatMap(({ items, targets }) => items ?? [{ targets }])

/**
 * The caps of the house that a plan has to fit, with its targets that lie where each holds. What nobody has described lies in
 * every environment (`Scopes`), and counts there.
 */
export function capsOn({ limits, scopes }: Pick<World, 'limits' | 'scopes'>, plan: Planned): FittingCap[] {
  const all = [...new Set(effectsOf(plan).flatMap(({ targets }) => targets))].sort()
  const lies = new Map(all.map((target) => [target, scopes.of([target])]))
  const isIn = ({ environment }: Cap, target: string) =>
    environment === undefined || lies.get(target)?.includes(`environment:${environment}`)
  return limits.caps
    .filter(({ recipe }) => recipe === undefined || recipe === plan.recipe.id)
    .map((cap) => ({
      ...(cap.environment === undefined ? {} : { environment: cap.environment }),
      ...(cap.targets === undefined ? {} : { targets: cap.targets }),
      ...(cap.effects === undefined ? {} : { effects: cap.effects }),
      there: all.filter((target) => isIn(cap, target)),
    }))
}

/** What each cap counts of a plan. Holds both for the caps of today and for those that the plan carries. */
export function countedBy(caps: readonly FittingCap[], plan: Pick<PlanBody, 'steps'>): Counted[] {
  return caps.flatMap(({ effects, environment, targets, there }) => {
    const where = environment === undefined ? {} : { where: environment }
    const inside = effectsOf(plan).filter((effect) => effect.targets.some((target) => there.includes(target))).length
    return [
      ...(targets === undefined ? [] : [{ what: 'targets' as const, has: there.length, most: targets, ...where }]),
      ...(effects === undefined ? [] : [{ what: 'effects' as const, has: inside, most: effects, ...where }]),
    ]
  })
}

/**
 * How a plan is wider than the house lets it be; undefined where it is not. Every cap that fits the plan holds.
 * `flow.why_not_begin` counts the same by the caps that the plan carries, and a spec compares the two.
 *
 * @param caps those that fit it, where the caller has looked for them already
 */
export function whyTooWide(
  world: Pick<World, 'limits' | 'scopes'>,
  plan: Planned,
  caps: readonly FittingCap[] = capsOn(world, plan),
): string | undefined {
  const wide = countedBy(caps, plan).find(({ has, most }) => has > most)
  if (!wide) return undefined
  const { has, most, what, where } = wide
  const counted = `${has} ${has === 1 ? what.slice(0, -1) : what}${where === undefined ? '' : ` in ${where}`}`
  return `It would have ${counted}, and the house lets ${plan.recipe.id} have ${most} at the most (firebreak.yaml, caps).`
}
