import { recipeDigest, Refused } from '@firebreak/flow'
import { paramsSchema, type Recipe } from '@firebreak/kit'
import type { DataSource } from 'typeorm'
import { select } from '../http/select.js'

export interface RecipeRecord {
  recipe_id: string
  plans: number
  runs: number
  succeeded: number
  needed_a_person: number
  last_run_at: string | null
}

/** The catalogue, each recipe with what came of it so far. */
export class RecipesReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly recipes: ReadonlyMap<string, Recipe>,
  ) {}

  async page() {
    return { items: await this.views([...this.recipes.values()]), next: null }
  }

  async one(id: string) {
    const recipe = this.recipes.get(id)
    if (!recipe) throw new Refused('not-found', `There is no recipe ${id.slice(0, 100)}.`)
    return (await this.views([recipe]))[0]
  }

  private async views(recipes: Recipe[]) {
    const records = await select<RecipeRecord>(
      this.source,
      `select p.recipe_id, count(*)::int as plans, count(r.id)::int as runs,
              (count(*) filter (where r.state = 'succeeded'))::int as succeeded,
              (count(*) filter (where r.state = 'needs-a-person'))::int as needed_a_person, max(r.started_at) as last_run_at
       from flow.plan p left join flow.run r on r.plan_id = p.id where p.recipe_id = any($1) group by p.recipe_id`,
      [recipes.map(({ id }) => id)],
    )
    return recipes.map((recipe) => {
      const { id, version, title, page, meaning, impact, stage, approval, stopIf, verify } = recipe
      const record = records.find(({ recipe_id }) => recipe_id === id) ?? none
      return {
        ...{ id, version, title, page, meaning, impact, stage, record },
        digest: recipeDigest(recipe),
        approval: { tier: approval.tier, roles: [...approval.roles], people: approval.people },
        params: paramsSchema(recipe),
        stop_if: stopIf.map(({ because }) => because),
        verify_within_s: verify.within_s,
      }
    })
  }
}

const none = { plans: 0, runs: 0, succeeded: 0, needed_a_person: 0, last_run_at: null }
