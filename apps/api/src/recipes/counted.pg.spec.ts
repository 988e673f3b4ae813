import { freshDatabase, type TestDatabase } from '@firebreak/store/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COUNTED } from './recipes.read-model.js'

let database: TestDatabase
let superuser: pg.Client
let api: pg.Client

const MANY = 4_000
/** Every so many-th plan takes the run of the one before it back. */
const EVERY = 100
const recipes = ['a', 'b', 'never-ran']

beforeAll(async () => {
  database = await freshDatabase()
  superuser = new pg.Client({ connectionString: database.superuserUrl })
  api = new pg.Client({ connectionString: database.url('fb_api') })
  await Promise.all([superuser.connect(), api.connect()])
  // Past the triggers: these have no entries, and are only read.
  for (const table of ['request', 'plan', 'run']) await superuser.query(`alter table flow.${table} disable trigger all`)
  const row = `lpad(n::text, 6, '0') as nr, case when n % 2 = 0 then 'a' else 'b' end as recipe, n % ${EVERY} = 0 as back, n,
    'sha256:' || repeat('d', 64) as digest from generate_series(1, ${MANY}) n`
  await superuser.query(
    `insert into flow.request (id, kind, subject, body, "by", reason, at)
     select 'pln_' || nr, 'plan', recipe, case when back then jsonb_build_object('reverts', 'run_' || n - 1) else '{}' end, 'hannah', '', now()
     from (select ${row}) x`,
  )
  await superuser.query(
    `insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, requested_by, body, digest, tier, quorum, made_at, expires_at)
     select 'pln_' || nr, 'used', recipe, 1, digest, 'hannah', '{}', digest, 'T1', 1, now(), now() from (select ${row}) x`,
  )
  await superuser.query(
    `insert into flow.run (id, plan_id, plan_digest, recipe_id, state, started_at, ended_at, scopes)
     select 'run_' || nr, 'pln_' || nr, digest, recipe, case when n % 8 = 0 then 'needs-a-person' else 'succeeded' end,
       '2026-11-23T00:00:00Z'::timestamptz + make_interval(secs => n), now(), '[]' from (select ${row}) x`,
  )
  await superuser.query('vacuum analyze flow.request, flow.plan, flow.run')
  // What the planner takes the few ways back for does not fit in there, as it would not of a million runs.
  await api.query(`set work_mem = '64kB'`)
})
afterAll(async () => {
  await Promise.all([superuser.end(), api.end()])
  await database.stop()
})

test('a recipe is known by its own plans and runs, and not by what took those back', async () => {
  const { rows } = await api.query(`${COUNTED} order by 1`, [recipes])
  const [half, backs] = [MANY / 2, MANY / EVERY]
  const asked = MANY / 8 - MANY / (2 * EVERY)
  const last = (second: number) => new Date(Date.parse('2026-11-23T00:00:00Z') + second * 1_000)
  expect(rows).toEqual([
    { recipe_id: 'a', plans: half - backs, runs: half - backs, succeeded: half - backs - asked, needed_a_person: asked, last_run_at: last(MANY - 2) }, // prettier-ignore
    { recipe_id: 'b', plans: half, runs: half, succeeded: half, needed_a_person: 0, last_run_at: last(MANY - 1) },
    { recipe_id: 'never-ran', plans: 0, runs: 0, succeeded: 0, needed_a_person: 0, last_run_at: null },
  ])
})

interface Node {
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Node[]
}

test('each plan and each run is counted once, however many runs were taken back', async () => {
  const { rows } = await api.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`explain (analyze, format json) ${COUNTED}`, [
    recipes,
  ])
  const nodes = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodes)]
  const looked = nodes(rows[0]!['QUERY PLAN'][0].Plan).reduce(
    (sum, node) => sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
    0,
  )
  expect(looked).toBeLessThan(4 * MANY)
})
