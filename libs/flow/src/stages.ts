import type { Recipe, Stage } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import type { Doorbell } from './jobs.js'
import type { Books, RecipeRecord } from './ledger.js'
import { recipeDigest } from './plans.js'
import { Refused, type RefusalCode } from './refused.js'
import type { Request } from './rows.js'
import { time, type World } from './world.js'

/** How far a recipe may go by itself, from the least to the most. */
export const stages = ['watch', 'propose', 'auto'] as const satisfies readonly Stage[]

/** Whoever starts a run by itself holds this together with others; who graduates the recipe holds it alone. */
export const scopeOfRecipe = (id: string): string => `recipe:${id}`

/** A person's decision about a recipe, with what it had come to by then. */
export interface Graduation {
  id: string
  recipe: string
  version: number
  /** The digest that the person read. */
  digest: string
  from: Stage
  to: Stage
  record: RecipeRecord
  by: string
  reason: string
  at: string
}

/** As the request of kind `graduation` holds it. */
export function graduationOf({ id, subject, body, by, reason, at }: Request): Graduation {
  const said = body as unknown as Pick<Graduation, 'version' | 'digest' | 'from' | 'to' | 'record'>
  return { id, recipe: subject ?? '', ...said, by, reason, at }
}

/**
 * The stage in force. What people decided holds for the digest that they read. Another version begins where its file says,
 * and never above where people left the recipe: what was sent back does not come back with a comma. The trigger of
 * `flow.run` reckons the same (`flow.stage_in_force`).
 */
export function inForce(
  recipe: { digest: string; written: Stage },
  last: Pick<Graduation, 'digest' | 'to'> | undefined,
): Stage {
  if (!last) return recipe.written
  return last.digest === recipe.digest ? last.to : lower(recipe.written, last.to)
}

const lower = (one: Stage, other: Stage): Stage => (stages.indexOf(one) < stages.indexOf(other) ? one : other)

/** The newest decision about this recipe, whichever version it was about. */
export async function lastGraduation(books: Books, recipe: string): Promise<Graduation | undefined> {
  const last = await books.requests.last({ kind: 'graduation', subject: recipe })
  return last && graduationOf(last)
}

export async function stageOf(books: Books, recipe: { id: string; digest: string; written: Stage }): Promise<Stage> {
  return inForce(recipe, await lastGraduation(books, recipe.id))
}

/** Why this person may not move this recipe to another stage now; undefined when they may. Asked by screens, too. */
export function whyNotGraduate(recipe: Recipe, by: Actor): { code: RefusalCode; reason: string } | undefined {
  const { roles } = recipe.approval
  if (by.kind !== 'person')
    return { code: 'service-cannot-approve', reason: 'A recipe is graduated by a person, not by a service.' }
  if (!by.roles.some((role) => roles.includes(role)))
    return {
      code: 'not-your-role',
      reason: `${recipe.id} is graduated by ${roles.join(' or ')}, who approve its plans.`,
    }
  return undefined
}

/**
 * Why a recipe may not go from one stage to another; undefined when it may. Down it may always, at once. Up it goes a stage
 * at a time, by what this very version has come to: it has looked and seen something to do, or it has helped.
 */
export function whyNotTo(recipe: Recipe, from: Stage, to: Stage, record: RecipeRecord): string | undefined {
  const [now, then] = [stages.indexOf(from), stages.indexOf(to)]
  if (then < now) return undefined
  if (then === now) return `${recipe.id} is in the stage ${from}.`
  if (then - now > 1) return `It goes a stage at a time: from ${from} to ${stages[now + 1]}.`
  if (to === 'propose')
    return record.watched > 0
      ? undefined
      : `This version of ${recipe.id} has not seen anything to do yet: nobody can tell whether it would have been right.`
  const { tier, people } = recipe.approval
  if (tier === 'T3' || people > 1)
    return `Plans of ${recipe.id} (${tier}) need ${people} people each time: it never acts by itself.`
  return record.succeeded > 0
    ? undefined
    : `No run of this version of ${recipe.id} has helped yet: approve its plans until one has.`
}

/** Deciding how far a recipe may go by itself. */
export class Graduations {
  constructor(
    private readonly world: World,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly doorbell: Doorbell,
  ) {}

  /** Of exactly the recipe that the person read, named by its digest. Its record is counted here, and stands in the decision. */
  async decide(by: Actor, id: string, wish: { digest: string; to: Stage; reason: string }): Promise<Graduation> {
    const recipe = this.recipes.get(id)
    if (!recipe) throw new Refused('not-found', `There is no recipe "${id.slice(0, 100)}". GET /v1/recipes lists them.`)
    const no = whyNotGraduate(recipe, by)
    if (no) throw new Refused(no.code, no.reason)
    const digest = recipeDigest(recipe)
    if (wish.digest !== digest) throw new Refused('stale', `You read ${id} as ${wish.digest}; it is ${digest} now.`)

    const { request, waiting } = await this.world.ledger.write(async (books) => {
      const stream = `recipe:${id}`
      await books.lock({ scope: [scopeOfRecipe(id)], stream: [stream] })
      const from = await stageOf(books, { id, digest, written: recipe.stage })
      const record = await books.recordOf(digest)
      const because = whyNotTo(recipe, from, wish.to, record)
      if (because) throw new Refused(from === wish.to ? 'already-decided' : 'out-of-range', because)
      const request: Request = {
        id: this.world.newId('req'),
        kind: 'graduation',
        subject: id,
        body: { version: recipe.version, digest, from, to: wish.to, record: record },
        incident_id: null,
        by: by.id,
        reason: wish.reason,
        at: time(this.world.now()),
      }
      await books.requests.add(request)
      books.audit.append(
        entry(by, stream, 'recipe.graduated', `request:${request.id}`, {
          outcome: 'ok',
          reason: wish.reason,
          recipe: { id, version: recipe.version, digest },
          detail: { recipe: id, from, to: wish.to, ...record },
        }),
      )
      return { request, waiting: await books.plans.ids({ state: 'proposed', recipe_digest: digest }, FIRST) }
    })
    // What was approved in advance starts as soon as the recipe may act.
    if (wish.to === 'auto') for (const plan of waiting) await this.doorbell.ring('run', plan)
    return graduationOf(request)
  }
}

const FIRST = { after: '', limit: 1_000 }
