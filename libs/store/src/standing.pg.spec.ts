import { inForce, whyNotUnder, type Plan, type PlanBody, type StandingApproval } from '@firebreak/flow'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Breath } from './breath.js'
import { RunBook } from './postgres-book.js'
import { tables } from './tables.js'
import { freshDatabase, type TestDatabase } from './testing/database.js'

/*
 * What a standing approval covers is said twice: by the domain, and by the database, which believes no worker. Here both
 * are asked about the same plans.
 */

let database: TestDatabase
let client: pg.Client
const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const at = '2026-11-23T03:07:00.000Z'
const later = '2026-11-23T04:07:00.000Z'

beforeAll(async () => {
  database = await freshDatabase()
  client = new pg.Client({ connectionString: database.superuserUrl })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.stop()
})

const standing: StandingApproval = {
  ...{ id: 'sta_1', state: 'given', recipe_id: 'scale-api', recipe_version: 1, recipe_digest: digest('a') },
  ...{ targets: ['deployment:prod/api'], by: 'hannah', reason: '', at, expires_at: later },
  bounds: { steps: 2, runs: { most: 2, minutes: 60 }, after: { replicas: { at_least: 2, at_most: 6 }, max: {} } },
  ...{ revoked_by: null, revoked_at: null, revoked_because: null },
}
const step = (after: object, target = 'deployment:prod/api') => ({ targets: [target], after })
const body = (steps: object[], over: object = {}) =>
  ({ recipe: { digest: digest('a') }, approval: { roles: ['sre'] }, steps, ...over }) as unknown as PlanBody
const plan: Plan = {
  ...{ id: 'pln_1', state: 'proposed', recipe_id: 'scale-api', recipe_version: 1, recipe_digest: digest('a') },
  ...{ incident_id: null, requested_by: 'alertmanager', digest: digest('d'), tier: 'T1', quorum: 1, because: null },
  ...{ made_at: at, expires_at: later, body: body([step({ replicas: 5 })]) },
}

test.each<[string, Partial<StandingApproval>, Partial<Plan>, string | undefined, string[]?]>([
  ['within', {}, {}, undefined],
  ['at both ends', {}, { body: body([step({ replicas: 2 }), step({ replicas: 6, mode: 'fast' })]) }, undefined],
  ['named without an end', {}, { body: body([step({ max: 99 })]) }, undefined],
  ['the second within the hour', {}, {}, undefined, ['2026-11-23T02:30:00.001Z']],
  ['the third, but not within the hour', {}, {}, undefined, ['2026-11-23T02:30:00.000Z', '2026-11-23T03:00:00.000Z']],
  ['the third within the hour', {}, {}, 'budget spent', ['2026-11-23T02:30:00.001Z', '2026-11-23T03:00:00.000Z']],
  ['of T2', {}, { tier: 'T2' }, undefined],
  ['of T3', {}, { tier: 'T3', quorum: 2 }, 'needs more people'],
  ['of two people', {}, { quorum: 2 }, 'needs more people'],
  ['taken back', { state: 'revoked' }, {}, 'revoked'],
  ['over', { expires_at: '2026-11-23T03:10:00.000Z' }, {}, 'expired'],
  ['another recipe', { recipe_digest: digest('b') }, {}, 'another recipe'],
  ['another recipe in the body', {}, { body: body([], { recipe: { digest: digest('b') } }) }, 'another recipe'],
  ['of a person', {}, { id: 'pln_2', requested_by: 'sam' }, 'asked by a person'],
  ['by a service', { by: 'alertmanager' }, {}, 'not their role'],
  ['by another role', { by: 'mira' }, {}, 'not their role'],
  ['by nobody', { by: 'nobody' }, {}, 'not their role'],
  ['of three steps', {}, { body: body([step({}), step({}), step({})]) }, 'too many steps'],
  ['elsewhere', {}, { body: body([step({}), step({}, 'deployment:prod/ocr')]) }, 'another target'],
  ['too far', {}, { body: body([step({ replicas: 5 }), step({ replicas: 7 })]) }, 'out of bounds'],
  ['too little', {}, { body: body([step({ replicas: 0 })]) }, 'out of bounds'],
  ['something else', {}, { body: body([step({ cpu_millis: 1 })]) }, 'out of bounds'],
])('a plan that is %s: database and domain agree', async (_, change, planned, because, starts = []) => {
  const people = { hannah: 'sre', sam: 'sre', mira: 'ml', alertmanager: 'service' }
  const [s, p] = [
    { ...standing, ...change },
    { ...plan, ...planned },
  ]
  const now = new Date('2026-11-23T03:30:00.000Z')
  const kind = (id: string) => (id === 'alertmanager' ? 'service' : 'person')
  const role = (people as Record<string, string>)[s.by]
  const giver = role ? ({ kind: kind(s.by), roles: [role] } as const) : undefined
  const asked_by_person = kind(p.requested_by) === 'person'
  expect(whyNotUnder(s, p, { giver, asked_by_person, starts }, now)).toBe(because)

  // Rolled back, so that no entries are asked for.
  await client.query('begin')
  try {
    for (const [id, role] of Object.entries(people)) {
      await client.query('insert into flow.person values ($1, $2, $1)', [id, kind(id)])
      await client.query(`insert into flow.role_grant values ($1, $2, $3, '2026-01-01')`, [`rol_${id}`, id, role])
    }
    await client.query(
      `insert into flow.request (id, kind, body, "by", reason, at) values ($1, 'plan', '{}', $2, '', now())`,
      [p.id, p.requested_by],
    )
    await client.query(
      `insert into flow.standing_approval select * from jsonb_populate_record(null::flow.standing_approval, $1)`,
      [JSON.stringify(standing)],
    )
    // The trigger that they went through once is not what is asked here.
    await client.query('alter table flow.run disable trigger user')
    for (const [nth, start] of starts.entries()) {
      await client.query(
        `insert into flow.request (id, kind, body, "by", reason, at) values ($1, 'plan', '{}', 'alertmanager', '', $2)`,
        [`pln_before_${nth}`, start],
      )
      await client.query(
        `insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, requested_by, tier, quorum, made_at, expires_at)
           values ($1, 'stopped', 'scale-api', 1, '', 'alertmanager', 'T1', 1, $2, $2)`,
        [`pln_before_${nth}`, start],
      )
      await client.query(
        `insert into flow.run (id, plan_id, plan_digest, recipe_id, state, started_at, standing) values ($1, $2, '', 'scale-api', 'running', $3, 'sta_1')`,
        [`run_${nth}`, `pln_before_${nth}`, start],
      )
    }
    const { rows } = await client.query<{ because: string | null }>(
      `select flow.why_not_standing(jsonb_populate_record(null::flow.standing_approval, $1),
         jsonb_populate_record(null::flow.plan, $2), $3) as because`,
      [JSON.stringify(s), JSON.stringify(p), now],
    )
    expect(rows[0]!.because ?? undefined).toBe(because)
    const runs = new RunBook(new Breath(client), tables.runs, () => undefined)
    const since = '2026-11-23T02:30:00.000Z'
    expect(await runs.startsUnder('sta_1', since)).toEqual(starts.filter((start) => start > since))
    expect(await runs.startsUnder('sta_2', since)).toEqual([])
  } finally {
    await client.query('rollback')
  }
})

const [a, b] = [digest('a'), digest('b')]
test.each<[string, 'watch' | 'propose' | 'auto', [digest: string, to: 'watch' | 'propose' | 'auto'][]]>([
  ['nobody decided about', 'propose', []],
  ['graduated', 'propose', [[a, 'auto']]],
  [
    'graduated, and was sent back',
    'auto',
    [
      [a, 'auto'],
      [a, 'watch'],
    ],
  ],
  ['graduated as another version', 'propose', [[b, 'auto']]],
  [
    'was sent back as another version',
    'auto',
    [
      [a, 'auto'],
      [b, 'watch'],
    ],
  ],
] as const)('the stage of a recipe that %s: database and domain agree', async (_, written, decided) => {
  const last = decided.at(-1)
  await client.query('begin')
  try {
    for (const [nth, [digest, to]] of decided.entries())
      await client.query(
        `insert into flow.request (id, kind, subject, body, "by", reason, at) values ($1, 'graduation', 'scale-api', $2, 'x', '', now())`,
        [`req_${nth}`, JSON.stringify({ digest, to })],
      )
    const { rows } = await client.query<{ stage: string }>(`select flow.stage_in_force('scale-api', $1, $2) as stage`, [
      a,
      written,
    ])
    expect(rows[0]!.stage).toBe(inForce({ digest: a, written }, last && { digest: last[0], to: last[1] }))
  } finally {
    await client.query('rollback')
  }
})

test.each([
  ['only watches, whoever approved', 'watch', false, {}, 'stage'],
  ['only watches, whatever the worker says of the plan', 'watch', false, { made: 'run_0' }, 'stage'],
  ['only watches, where the plan takes another run back than was asked for', 'watch', false, { asked: 'run_1', made: 'run_0' }, 'stage'], // prettier-ignore
  ['only watches, but where its run is taken back', 'watch', false, { asked: 'run_0', made: 'run_0' }, undefined],
  ['proposes, by itself', 'propose', true, {}, 'stage'],
] as const)('a recipe that %s starts nothing, also not by direct SQL', async (_, to, byItself, back, constraint) => {
  const { asked, made } = { asked: undefined, made: undefined, ...back }
  await client.query('begin')
  try {
    await client.query(`insert into flow.person values ('hannah', 'person', 'Hannah')`)
    await client.query(`insert into flow.role_grant values ('rol_1', 'hannah', 'sre', '2026-01-01')`)
    await client.query(
      `insert into flow.request (id, kind, subject, body, "by", reason, at)
       values ('req_1', 'graduation', 'scale-api', $1, 'hannah', '', now()), ('pln_1', 'plan', 'scale-api', $2, 'alertmanager', '', now())`,
      [JSON.stringify({ digest: a, to }), JSON.stringify({ reverts: asked })],
    )
    await client.query(`insert into flow.plan select * from jsonb_populate_record(null::flow.plan, $1)`, [
      JSON.stringify({ ...plan, body: { ...plan.body, reverts: made } }),
    ])
    if (byItself)
      await client.query(
        `insert into flow.standing_approval select * from jsonb_populate_record(null::flow.standing_approval, $1)`,
        [JSON.stringify(standing)],
      )
    else
      await client.query(
        `insert into flow.approval (id, plan_id, "by", decision, digest, note, at) values ('apr_1', 'pln_1', 'hannah', 'yes', $1, '', now())`,
        [plan.digest],
      )
    const run = client.query(
      `insert into flow.run (id, plan_id, plan_digest, recipe_id, state, started_at, standing, scopes) values ('run_1', 'pln_1', $1, 'scale-api', 'running', $3, $2, '["deployment:prod/api", "house:everything"]')`,
      [plan.digest, byItself ? 'sta_1' : null, '2026-11-23T03:30:00.000Z'],
    )
    if (constraint) await expect(run).rejects.toMatchObject({ constraint })
    else await expect(run).resolves.toMatchObject({ rowCount: 1 })
  } finally {
    await client.query('rollback')
  }
})
