import {
  graduationOf,
  grantsOf,
  inForce,
  recipeDigest,
  Refused,
  whyNotGive,
  type Request,
  type World,
} from '@firebreak/flow'
import { paramsSchema, type Recipe } from '@firebreak/kit'
import type { DataSource } from 'typeorm'
import { mayBy, mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'

export interface RecipeRecord {
  recipe_id: string
  plans: number
  runs: number
  succeeded: number
  needed_a_person: number
  last_run_at: string | null
}

/** So long a count is good: counting a million runs takes a third of a second, and nobody decides by the last of them. */
const KEPT_MS = 5_000

/**
 * What came of each of these recipes (`$1`). A run that took another back says nothing of the recipe. Both tables are counted in an
 * index alone, and what takes runs back, which is little and has an index of its own, is subtracted: asked of every row
 * whether it does, 200,000 took a minute, and take a tenth of a second. Each of those is looked up by itself, for Postgres takes them for half of all.
 */
export const COUNTED = `
  with back as materialized (
    select (select p.recipe_id from flow.plan p where p.id = q.id) as recipe_id, (select r.state from flow.run r where r.plan_id = q.id) as state
    from flow.request q where q.kind = 'plan' and q.body ->> 'reverts' is not null
  ), less as materialized (
    select recipe_id, count(*) as plans, count(state) as runs, count(*) filter (where state = 'succeeded') as succeeded,
      count(*) filter (where state = 'needs-a-person') as needed_a_person
    from back group by recipe_id
  )
  select recipe.id as recipe_id, (planned.plans - coalesce(less.plans, 0))::int as plans, (ran.runs - coalesce(less.runs, 0))::int as runs,
    (ran.succeeded - coalesce(less.succeeded, 0))::int as succeeded,
    (ran.needed_a_person - coalesce(less.needed_a_person, 0))::int as needed_a_person,
    (select r.started_at from flow.run r
      where r.recipe_id = recipe.id and (select q.body ->> 'reverts' from flow.request q where q.id = r.plan_id) is null
      order by r.id desc limit 1) as last_run_at
  from unnest($1::text[]) as recipe (id) left join less on less.recipe_id = recipe.id,
    lateral (select count(*) as plans from flow.plan where recipe_id = recipe.id) as planned,
    lateral (select count(*) as runs, count(*) filter (where state = 'succeeded') as succeeded,
               count(*) filter (where state = 'needs-a-person') as needed_a_person
             from flow.run where recipe_id = recipe.id) as ran`

/** The catalogue, each recipe with what came of it until a few seconds ago. */
export class RecipesReadModel {
  private counted: { at: number; records: Promise<RecipeRecord[]> } | undefined
  /** What a recipe says of itself does not change while a process runs, and its schema and digest take a while. */
  private readonly pages: ReadonlyMap<string, ReturnType<typeof pageOf>>

  constructor(
    private readonly source: DataSource,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly world: World,
  ) {
    this.pages = new Map([...recipes].map(([id, recipe]) => [id, pageOf(recipe)]))
  }

  async page(by: Caller) {
    return { items: await this.withRecords([...this.pages.values()], by), next: null }
  }

  async one(id: string, by: Caller) {
    const page = this.pages.get(id)
    if (!page) throw new Refused('not-found', `There is no recipe ${id.slice(0, 100)}.`)
    return (await this.withRecords([page], by))[0]
  }

  /** Of all recipes, counted once for whoever asks meanwhile. A count that failed is nobody's but who waited for it. */
  private records(): Promise<RecipeRecord[]> {
    const at = this.world.now().getTime()
    if (this.counted && Math.abs(at - this.counted.at) < KEPT_MS) return this.counted.records
    const records = this.count()
    this.counted = { at, records }
    records.catch(() => {
      // A younger count may stand there by now, which has not failed.
      if (this.counted?.records === records) this.counted = undefined
    })
    return records
  }

  private count(): Promise<RecipeRecord[]> {
    return select<RecipeRecord>(this.source, COUNTED, [[...this.pages.keys()]])
  }

  private async withRecords(pages: ReturnType<typeof pageOf>[], by: Caller) {
    const records = await this.records()
    const decided = await select<Request>(
      this.source,
      `select r.* from unnest($1::text[]) as recipe (id), lateral (
         select * from flow.request where kind = 'graduation' and subject = recipe.id order by id desc limit 1) as r`,
      [pages.map(({ id }) => id)],
    )
    return this.world.ledger.read(async (books) => {
      const grants = await grantsOf(books, by.id)
      return Promise.all(
        pages.map(async (page) => {
          const last = decided.find(({ subject }) => subject === page.id)
          const stage = inForce({ digest: page.digest, written: page.written_stage }, last && graduationOf(last))
          const no = await whyNotGive(books, this.world, this.recipes.get(page.id)!, by, grants, stage)
          return {
            ...page,
            stage,
            record: records.find(({ recipe_id }) => recipe_id === page.id),
            may: { plan: mayBy('plan.request', by), approve_in_advance: mayNow('standing.give', by, no) },
          }
        }),
      )
    })
  }
}

const pageOf = (recipe: Recipe) => {
  const { id, version, title, page, meaning, impact, stage, approval, stopIf, verify } = recipe
  return {
    ...{ id, version, title, page, meaning, impact },
    written_stage: stage,
    digest: recipeDigest(recipe),
    approval: { tier: approval.tier, roles: [...approval.roles], people: approval.people },
    params: paramsSchema(recipe),
    stop_if: stopIf.map(({ because }) => because),
    verify_within_s: verify.within_s,
  }
}
