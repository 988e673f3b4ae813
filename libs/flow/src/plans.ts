import { recipeIdentity, type JsonObject, type Recipe } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { digest, entry } from './audit.js'
import type { Doorbell } from './jobs.js'
import type { WriteBooks } from './ledger.js'
import { Refused } from './refused.js'
import type { Request } from './rows.js'
import { time, type World } from './world.js'

/** Asks the worker for a plan, in a transaction whose stream `plan:<id>` is locked. */
export async function requestPlan(
  books: WriteBooks,
  by: Actor,
  wish: {
    id: string
    recipe: string
    params: JsonObject
    trigger: Record<string, string>
    incident: string | null
    reason: string
    at: string
  },
): Promise<Request> {
  const request: Request = {
    id: wish.id,
    kind: 'plan',
    subject: wish.recipe,
    body: { params: wish.params, trigger: wish.trigger },
    incident_id: wish.incident,
    by: by.id,
    reason: wish.reason,
    at: wish.at,
  }
  await books.requests.add(request)
  books.audit.append(
    entry(by, `plan:${wish.id}`, 'plan.requested', `request:${wish.id}`, {
      outcome: 'ok',
      reason: wish.reason,
      detail: { recipe: wish.recipe, incident: wish.incident ?? '', params: wish.params },
    }),
  )
  return request
}

/** The digest that plans and standing approvals name. */
export const recipeDigest = (recipe: Recipe): string => digest(recipeIdentity(recipe))

/** Asking for plans. Making them is the worker's (`Planner`). */
export class Plans {
  constructor(
    private readonly world: World,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly doorbell: Doorbell,
  ) {}

  /**
   * Asks for a plan: parameters are checked here, facts are looked at by the worker. One open plan per recipe and
   * incident. Answers the request, whose id is the plan's.
   */
  async request(
    by: Actor,
    wish: {
      recipe: string
      params: JsonObject
      incident?: string | undefined
      labels?: Record<string, string> | undefined
      reason: string
    },
  ): Promise<Request> {
    const recipe = this.recipes.get(wish.recipe)
    if (!recipe) throw new Refused('not-found', `There is no recipe "${wish.recipe}". GET /v1/recipes lists them.`)
    const params = recipe.params.safeParse(wish.params)
    if (!params.success)
      throw new Refused(
        'out-of-range',
        `These parameters do not fit the recipe ${recipe.id}.`,
        params.error.issues.map(({ path, message }) => ({
          pointer: ['/params', ...path.map(String)].join('/'),
          message,
        })),
      )

    const id = this.world.newId('pln')
    const request = await this.world.ledger.write(async (books) => {
      await books.lock({
        // Triage asks for plans under its incident's stream, too: of two that hurry one is second.
        stream: [`plan:${id}`, ...(wish.incident ? [`incident:${wish.incident}`] : [])],
      })
      const trigger = wish.incident ? await labelsOf(books, wish.incident) : (wish.labels ?? {})
      const open = wish.incident && (await openPlan(books, wish.incident, recipe.id))
      if (open)
        throw new Refused(
          'in-progress',
          `The plan ${open} for ${recipe.id} is still open for this incident: decide about it first.`,
        )
      return requestPlan(books, by, {
        id,
        recipe: recipe.id,
        params: wish.params,
        trigger,
        incident: wish.incident ?? null,
        reason: wish.reason,
        at: time(this.world.now()),
      })
    })
    await this.doorbell.ring('plan', request.id)
    return request
  }
}

/** What the incident's newest alert said: a plan made by hand looks at the same thing as the one that was suggested. */
async function labelsOf(books: WriteBooks, incident: string): Promise<Record<string, string>> {
  const found = await books.incidents.get(incident)
  if (!found) throw new Refused('not-found', `There is no incident ${incident}.`)
  if (found.state === 'resolved' || found.state === 'closed')
    throw new Refused('superseded', `The incident ${incident} is ${found.state}: there is nothing to repair.`)
  return (await books.alerts.where({ incident_id: incident })).at(-1)?.labels ?? {}
}

/** The id of the plan of this recipe that is asked for or proposed for this incident. */
export async function openPlan(books: WriteBooks, incident: string, recipe: string): Promise<string | undefined> {
  const asked = await books.requests.where({ kind: 'plan', incident_id: incident, subject: recipe })
  const made = new Map((await books.plans.where({ id: asked.map(({ id }) => id) })).map((plan) => [plan.id, plan]))
  return asked.find(({ id }) => (made.get(id)?.state ?? 'proposed') === 'proposed')?.id
}
