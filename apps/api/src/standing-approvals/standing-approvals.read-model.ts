import { recipeDigest, Refused, type StandingApproval } from '@firebreak/flow'
import type { Recipe } from '@firebreak/kit'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'
import type { StandingApprovalQuery } from './standing-approvals.schema.js'

type Row = StandingApproval & { runs: number }

const STANDING = `select s.*, (select count(*)::int from flow.run r where r.standing = s.id) as runs from flow.standing_approval s`

/** Yeses in advance as screens show them. */
export class StandingApprovalsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly now: () => Date,
  ) {}

  async page({ recipe, limit, after }: z.infer<typeof StandingApprovalQuery>, by: Caller) {
    const rows = await select<Row>(
      this.source,
      `${STANDING} where ($1::text is null or s.recipe_id = $1) and ($2::text is null or s.id < $2) order by s.id desc limit $3`,
      [recipe ?? null, after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  async one(id: string, by: Caller) {
    const [view] = await this.views(await select<Row>(this.source, `${STANDING} where s.id = $1`, [id]), by)
    if (!view) throw new Refused('not-found', `There is no standing approval ${id.slice(0, 100)}.`)
    return view
  }

  private async views(rows: Row[], by: Caller) {
    const names = await nameOf(this.source)
    return rows.map(({ id, targets, bounds, reason, at, expires_at, runs, ...row }) => ({
      ...{ id, targets, bounds, reason, at, expires_at, runs },
      state: this.stateOf({ expires_at, ...row }),
      recipe: {
        id: row.recipe_id,
        title: this.recipes.get(row.recipe_id)?.title ?? row.recipe_id,
        version: row.recipe_version,
        digest: row.recipe_digest,
      },
      by: names(row.by),
      revoked: row.revoked_by
        ? { by: names(row.revoked_by), at: row.revoked_at, reason: row.revoked_because ?? '' }
        : null,
      may: {
        revoke: mayNow(
          'standing.revoke',
          by,
          row.state === 'revoked' && { code: 'already-decided', reason: 'It was taken back.' },
        ),
      },
    }))
  }

  private stateOf(row: Pick<StandingApproval, 'state' | 'expires_at' | 'recipe_id' | 'recipe_digest'>) {
    if (row.state === 'revoked') return 'revoked' as const
    if (new Date(row.expires_at) <= this.now()) return 'expired' as const
    const recipe = this.recipes.get(row.recipe_id)
    return recipe && recipeDigest(recipe) === row.recipe_digest ? ('given' as const) : ('outdated' as const)
  }
}
