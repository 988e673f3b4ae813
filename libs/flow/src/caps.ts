import type { Cap } from './limits.js'
import type { PlanBody } from './rows.js'
import type { World } from './world.js'

/**
 * How a plan is wider than the house lets it be; undefined where it is not. Every cap that fits the plan holds, the
 * narrowest decides. What nobody has described lies in every environment (`Scopes`), and counts there.
 */
export function whyTooWide(
  { limits, scopes }: Pick<World, 'limits' | 'scopes'>,
  { recipe, steps }: Pick<PlanBody, 'steps'> & { recipe: { id: string } },
): string | undefined {
  const effects = steps.flatMap(({ items, targets }) => items ?? [{ targets }])
  const isIn = ({ environment }: Cap, target: string) =>
    environment === undefined || scopes.of([target]).includes(`environment:${environment}`)
  for (const cap of limits.caps) {
    if (cap.recipe !== undefined && cap.recipe !== recipe.id) continue
    const there = effects.filter(({ targets }) => targets.some((target) => isIn(cap, target)))
    const targets = new Set(there.flatMap((effect) => effect.targets.filter((target) => isIn(cap, target)))).size
    if (targets > (cap.targets ?? Infinity)) return tooWide(cap, targets, 'target', cap.targets!)
    if (there.length > (cap.effects ?? Infinity)) return tooWide(cap, there.length, 'effect', cap.effects!)
  }
  return undefined
}

function tooWide({ environment, recipe }: Cap, has: number, what: 'target' | 'effect', most: number): string {
  const whose = recipe === undefined ? 'any recipe' : recipe
  const where = environment === undefined ? '' : ` in ${environment}`
  const counted = (count: number) => `${count} ${what}${count === 1 ? '' : 's'}`
  return `It would have ${counted(has)}${where}, and the house lets ${whose} have ${most} at the most (firebreak.yaml, caps).`
}
