import type { RecipeRecord } from '@firebreak/flow'

/** What can be asked a question. */
interface Asked {
  query(sql: string, params: unknown[]): Promise<unknown>
}

/** What the recipe with this digest has come to, counted from its plans and their runs. */
export const RECORD = /* sql */ `
  select count(*) filter (where p.state = 'stopped' and p.digest is not null)::int as watched,
         count(*) filter (where p.digest is null)::int as stopped,
         count(*) filter (where p.state <> 'stopped' and p.digest is not null)::int as proposed,
         count(*) filter (where p.state = 'refused')::int as refused,
         count(r.id)::int as runs,
         count(*) filter (where r.state = 'succeeded')::int as succeeded,
         count(*) filter (where r.state = 'undone')::int as undone,
         count(*) filter (where r.state = 'needs-a-person' or r.answered is not null)::int as needed_a_person
  from flow.plan p left join flow.run r on r.plan_id = p.id
  where p.recipe_digest = $1`

export async function recordOf(db: Asked, recipeDigest: string): Promise<RecipeRecord> {
  const { rows } = (await db.query(RECORD, [recipeDigest])) as { rows: RecipeRecord[] }
  return rows[0]!
}
