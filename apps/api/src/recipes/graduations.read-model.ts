import {
  graduationOf,
  inForce,
  Ledger,
  recipeDigest,
  Refused,
  stages,
  whyNotGraduate,
  whyNotTo,
  type Graduation,
  type Request,
} from '@firebreak/flow'
import type { Recipe } from '@firebreak/kit'
import type { DataSource } from 'typeorm'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'

/** How far a recipe may go by itself: what a person looks at before they decide, and what others decided. */
export class GraduationsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly ledger: Ledger,
    private readonly recipes: ReadonlyMap<string, Recipe>,
  ) {}

  async of(id: string, by: Caller) {
    const recipe = this.recipes.get(id)
    if (!recipe) throw new Refused('not-found', `There is no recipe ${id.slice(0, 100)}.`)
    const rows = await select<Request>(
      this.source,
      `select * from flow.request where kind = 'graduation' and subject = $1 order by id desc limit 200`,
      [id],
    )
    const decided = rows.map(graduationOf)
    const digest = recipeDigest(recipe)
    const stage = inForce({ digest, written: recipe.stage }, decided[0])
    const record = await this.ledger.read((books) => books.recordOf(digest))
    const names = await nameOf(this.source)
    return {
      ...{ recipe: id, version: recipe.version, digest, stage, record },
      to: stages
        .filter((other) => other !== stage)
        .map((other) => {
          const because = whyNotTo(recipe, stage, other, record)
          const no = whyNotGraduate(recipe, by) ?? (because && { code: 'out-of-range' as const, reason: because })
          return { stage: other, may: mayNow('recipe.graduate', by, no || undefined) }
        }),
      items: decided.map((one) => ({ ...one, by: names(one.by) })),
    }
  }

  async shown(decided: Graduation) {
    return { ...decided, by: (await nameOf(this.source))(decided.by) }
  }
}
