import {
  capsOn,
  closedFor,
  disarmedFor,
  noLimits,
  quietOver,
  restingOf,
  Scopes,
  whyTooWide,
  type Freeze,
  type Limits,
  type Plan,
  type PlanBody,
  type QuietWindow,
  type Request,
  type Run,
  type RunStep,
  type SpentBudget,
  type World,
} from '@firebreak/flow'
import { FakeLedger } from '@firebreak/flow/testing'
import { aService } from '@firebreak/kit/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from './testing/database.js'

/*
 * What holds a start is said twice: by the domain under its locks, and by the database, which believes no worker. Here both
 * are asked about the same rows.
 */

let database: TestDatabase
let client: pg.Client
const digest = `sha256:${'a'.repeat(64)}`
const at = (minutes: number) => new Date(Date.parse('2026-11-23T03:00:00.000Z') + minutes * 60_000).toISOString()
const NOW = at(0)
const [api, ocr] = ['deployment:prod/api', 'deployment:prod/ocr']

beforeAll(async () => {
  database = await freshDatabase()
  client = new pg.Client({ connectionString: database.superuserUrl })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.stop()
})

const scopes = new Scopes(
  [aService({ name: 'api', deployment: 'prod/api' }), aService({ name: 'ocr', deployment: 'prod/ocr' })],
  [{ name: 'ingest', targets: [ocr] }],
)

/** What is there besides the plan. */
interface There {
  limits?: Partial<Limits>
  body?: Partial<PlanBody>
  incident?: true
  stops?: boolean[]
  freeze?: string
  lifted?: true
  window?: Partial<QuietWindow>
  /** The run before: when it ended, on what, and whether it touched it. */
  before?: { ended_at: string; target?: string; touched?: false }
  spent?: string
  rearmed?: true
  byItself?: true
}
type Said = 'frozen' | 'halted' | 'quiet' | 'cooldown' | 'out-of-range' | 'disarmed' | undefined

const step = (target: string) => ({ targets: [target], args: {}, verb: 'x', after: {} })
const many = (...targets: string[]) => ({ ...step(targets[0]!), targets, items: targets.map(step) })

const cases: [string, There, Said][] = [
  ['nothing is in the way', {}, undefined],
  ['the stop switch is on', { stops: [true] }, 'halted'],
  ['the stop switch was let go', { stops: [true, false] }, undefined],
  ['the stop switch is on, and it only contains', { stops: [true], body: { contains: true } }, 'halted'],
  ['its service is frozen', { freeze: 'service:api' }, 'frozen'],
  ['its target is frozen', { freeze: api }, 'frozen'],
  ['everything is frozen', { freeze: 'house:everything' }, 'frozen'],
  ['another pipeline is frozen', { freeze: 'pipeline:ingest' }, undefined],
  ['it is frozen, and it only contains', { freeze: api, body: { contains: true } }, undefined],
  ['the freeze was lifted', { freeze: api, lifted: true }, undefined],
  ['a quiet window is open', { window: {} }, 'quiet'],
  ['a quiet window is open elsewhere', { window: { scopes: ['pipeline:ingest'] } }, undefined],
  ['a quiet window is planned', { window: { starts_at: at(1), ends_at: at(2) } }, undefined],
  ['a quiet window is over', { window: { starts_at: at(-9), ends_at: at(-1) } }, undefined],
  ['a quiet window ends this moment', { window: { ends_at: NOW } }, undefined],
  ['a quiet window begins this moment', { window: { starts_at: NOW } }, 'quiet'],
  ['a quiet window was cancelled', { window: { cancelled_at: at(-9), cancelled_by: 'x', cancelled_because: '' } }, undefined], // prettier-ignore
  ['a quiet window is open, and it only contains', { window: {}, body: { contains: true } }, undefined],
  ['a quiet window is open, and it is for an incident', { window: {}, incident: true }, 'quiet'],
  [
    'a quiet window is open, and it is for an incident, one tier higher',
    { window: {}, incident: true, body: { approval: { tier: 'T2', roles: ['sre'], people: 1, raised_from: 'T1' } } },
    undefined,
  ],
  [
    'a quiet window is open, and it says that it was raised for no incident',
    { window: {}, body: { approval: { tier: 'T2', roles: ['sre'], people: 1, raised_from: 'T1' } } },
    'quiet',
  ],
  ['its target rests', { limits: { cooldown_minutes: 10 }, before: { ended_at: at(-9) } }, 'cooldown'],
  ['its target has rested', { limits: { cooldown_minutes: 10 }, before: { ended_at: at(-10) } }, undefined],
  ['another target rests', { limits: { cooldown_minutes: 10 }, before: { ended_at: at(-9), target: ocr } }, undefined],
  ['the run before touched nothing', { limits: { cooldown_minutes: 10 }, before: { ended_at: at(-9), touched: false } }, undefined], // prettier-ignore
  ['its target rests, and it only contains', { limits: { cooldown_minutes: 10 }, before: { ended_at: at(-9) }, body: { contains: true } }, undefined], // prettier-ignore
  ['the house has no cooldown', { before: { ended_at: at(-1) } }, undefined],
  ['it has a target too many', { limits: { caps: [{ targets: 0 }] } }, 'out-of-range'],
  ['it has as many targets as it may', { limits: { caps: [{ targets: 1 }] } }, undefined],
  ['it has too many effects', { limits: { caps: [{ effects: 2 }] }, body: { steps: [many(api, api), step(api)] as never } }, 'out-of-range'], // prettier-ignore
  ['it has as many effects as it may', { limits: { caps: [{ effects: 3 }] }, body: { steps: [many(api, api), step(api)] as never } }, undefined], // prettier-ignore
  ['it is wide in another environment', { limits: { caps: [{ environment: 'staging', targets: 0 }] } }, undefined],
  ['it is wide in its environment', { limits: { caps: [{ environment: 'prod', targets: 1 }] }, body: { steps: [many(api, ocr)] as never } }, 'out-of-range'], // prettier-ignore
  ['the budget of its service is spent', { limits: { budgets: [{ of: 'service:api', runs: 1, minutes: 9 }] }, spent: 'service:api', byItself: true }, 'disarmed'], // prettier-ignore
  ['the budget of its recipe is spent', { limits: { budgets: [{ of: 'recipe:scale-api', runs: 1, minutes: 9 }] }, spent: 'recipe:scale-api', byItself: true }, 'disarmed'], // prettier-ignore
  ['the budget of its target is spent', { limits: { budgets: [{ of: `target:${api}`, runs: 1, minutes: 9 }] }, spent: `target:${api}`, byItself: true }, 'disarmed'], // prettier-ignore
  ['the budget of another service is spent', { limits: { budgets: [{ of: 'service:ocr', runs: 1, minutes: 9 }] }, spent: 'service:ocr', byItself: true }, undefined], // prettier-ignore
  ['its budget was re-armed', { limits: { budgets: [{ of: 'service:api', runs: 1, minutes: 9 }] }, spent: 'service:api', rearmed: true, byItself: true }, undefined], // prettier-ignore
  ['its budget is spent, and people approved it', { limits: { budgets: [{ of: 'service:api', runs: 1, minutes: 9 }] }, spent: 'service:api' }, undefined], // prettier-ignore
]

test.each(cases)('%s: database and domain agree', async (_, there, said) => {
  const rows = rowsOf(there)
  expect(await domainSays(rows, there)).toBe(said)
  // Rolled back, so that no entries are asked for; the triggers of the rows themselves are not what is asked here.
  await client.query('begin')
  try {
    await client.query('set local session_replication_role = replica')
    await untriggered()
    for (const [table, row] of rows.all) await add(table, row)
    const { rows: answers } = await client.query<{ because: string | null }>(
      `select flow.why_not_begin(jsonb_populate_record(null::flow.run, $1), jsonb_populate_record(null::flow.plan, $2)) as because`,
      [JSON.stringify(rows.run), JSON.stringify(rows.plan)],
    )
    expect(answers[0]!.because ?? undefined).toBe(said)
  } finally {
    await client.query('rollback')
  }
})

test.each<[string, unknown]>([
  ['none', null],
  ['not the house', [api]],
  ['not its target', ['house:everything', 'service:api']],
])('a run that says in which scopes it is and names %s is not begun', async (_, named) => {
  const rows = rowsOf({})
  const run = { ...rows.run, scopes: named }
  const { rows: answers } = await client.query<{ because: string | null }>(
    `select flow.why_not_begin(jsonb_populate_record(null::flow.run, $1), jsonb_populate_record(null::flow.plan, $2)) as because`,
    [JSON.stringify(run), JSON.stringify(rows.plan)],
  )
  expect(answers[0]!.because).toBe('scopes')
})

test.each<[string, object, object, string | null]>([
  ['names this freeze', {}, {}, null],
  ['names another', { freeze_id: 'frz_2' }, {}, 'frozen'],
  ['is over', {}, { expires_at: NOW }, 'frozen'],
  ['is of another plan', { plan_id: 'pln_2' }, {}, 'frozen'],
])('a run whose pass %s, under a freeze', async (_, wish, decision, said) => {
  const rows = rowsOf({ freeze: api })
  await client.query('begin')
  try {
    await client.query('set local session_replication_role = replica')
    await untriggered()
    for (const [table, row] of rows.all) await add(table, row)
    const asked = {
      id: 'brk_1',
      plan_id: 'pln_1',
      plan_digest: digest,
      over: 'freeze',
      freeze_id: 'frz_1',
      minutes: 30,
    }
    await add('break_glass', { ...asked, reason: 'x', by: 'x', at: at(-9), open_until: at(9), ...wish })
    const granted = { id: 'brk_1', by: 'y', decision: 'granted', voice: 'security', note: '', at: at(-8) }
    await add('break_glass_decision', { ...granted, expires_at: at(9), ...decision })
    const { rows: answers } = await client.query<{ because: string | null }>(
      `select flow.why_not_begin(jsonb_populate_record(null::flow.run, $1), jsonb_populate_record(null::flow.plan, $2)) as because`,
      [JSON.stringify({ ...rows.run, break_glass: 'brk_1' }), JSON.stringify(rows.plan)],
    )
    expect(answers[0]!.because).toBe(said)
  } finally {
    await client.query('rollback')
  }
})

test('the row is refused, whoever writes it', async () => {
  const rows = rowsOf({ freeze: api })
  await client.query('begin')
  try {
    await untriggered()
    await client.query('alter table flow.run enable trigger within')
    for (const [table, row] of rows.all) await add(table, row)
    await expect(add('run', rows.run)).rejects.toMatchObject({ constraint: 'within', code: '23514' })
  } finally {
    await client.query('rollback')
  }
})

/** Ours are ENABLE ALWAYS: only an owner gets past them, by switching them off. */
async function untriggered() {
  for (const table of [
    'request',
    'plan',
    'run',
    'step',
    '"freeze"',
    'enforcement',
    'quiet_window',
    'budget',
    'break_glass',
    'break_glass_decision',
  ])
    await client.query(`alter table flow.${table} disable trigger user`)
}

const add = (table: string, row: object) =>
  client.query(`insert into flow.${table} select * from jsonb_populate_record(null::flow.${table}, $1)`, [
    JSON.stringify({ items_done: 0, ...row }),
  ])

function planOf(id: string, body: Partial<PlanBody>, world: Pick<World, 'limits' | 'scopes'>): Plan {
  const steps = body.steps ?? ([step(api)] as unknown as PlanBody['steps'])
  const recipe = { id: 'scale-api', version: 1, digest, stage: 'propose' as const }
  const limits = { cooldown_minutes: world.limits.cooldown_minutes, caps: capsOn(world, { recipe, steps }) }
  const approval: PlanBody['approval'] = { tier: 'T1', roles: ['sre'], people: 1 }
  return {
    ...{ id, state: 'proposed', recipe_id: 'scale-api', recipe_version: 1, recipe_digest: digest, incident_id: null },
    ...{ requested_by: 'x', digest, tier: 'T1', quorum: 1, because: null, made_at: at(-60), expires_at: at(60) },
    body: { recipe, steps, limits, contains: false, approval, ...body } as PlanBody,
  }
}

function rowsOf(there: There) {
  const limits: Limits = { ...noLimits, ...there.limits, caps: there.limits?.caps ?? [] }
  const world = { limits, scopes }
  const plan = planOf('pln_1', there.body ?? {}, world)
  if (there.incident) plan.body!.incident = 'inc_1'
  else plan.body!.incident = null
  const request = (id: string, kind: Request['kind'], more: Partial<Request> = {}): Request => ({
    ...{ id, kind, subject: null, body: {}, incident_id: null, by: 'x', reason: '', at: at(-60), ...more },
  })
  const run = (id: string, plan_id: string, more: Partial<Run>): Run => ({
    ...{ id, plan_id, plan_digest: digest, incident_id: null, recipe_id: 'scale-api', state: 'succeeded' },
    ...{ started_at: NOW, verifying_at: null, ended_at: null, because: null, standing: null, goes_on_at: null },
    ...{ answered: null, break_glass: null, scopes: null, frozen_by: null, ...more },
  })
  const targets = plan.body!.steps.flatMap((one) => one.targets)
  const requests = [
    request('pln_1', 'plan', { incident_id: there.incident ? 'inc_1' : null }),
    ...(there.stops ?? []).map((on, nth) => request(`req_${nth}`, 'stop', { body: { on } })),
    ...(there.rearmed ? [request('req_r', 'rearm', { subject: 'bdg_1' })] : []),
  ]
  const freezes: Freeze[] = there.freeze
    ? [{ id: 'frz_1', scopes: [there.freeze], reason: '', by: 'x', at: at(-60), review_by: null, incident_id: null }]
    : []
  const enforcements = there.lifted
    ? [{ id: 'frz_1', state: 'lifted' as const, because: null, at: at(-50), lift: null }]
    : []
  const windows: QuietWindow[] = there.window
    ? [
        {
          ...{ id: 'qwi_1', scopes: ['service:api'], reason: '', by: 'x', at: at(-60), starts_at: at(-5), ends_at: at(5) }, // prettier-ignore
          ...{ cancelled_by: null, cancelled_at: null, cancelled_because: null, ...there.window },
        },
      ]
    : []
  const { before, spent } = there
  const earlier = before
    ? {
        plan: planOf('pln_0', { steps: [step(before.target ?? api)] as never }, world),
        run: run('run_0', 'pln_0', { started_at: at(-60), ended_at: before.ended_at }),
        step: {
          ...{ id: 'stp_0', run_id: 'run_0', number: 1, verb: 'x', args: {}, state: 'done', attempt: 1, fence: 1 },
          ...{ intended_at: before.touched === false ? null : at(-60), items_done: 0, items: null, pace: null },
        } as unknown as RunStep,
      }
    : undefined
  const budgets: SpentBudget[] = spent
    ? [{ id: 'bdg_1', budget: spent, runs: 1, minutes: 9, plan_id: 'pln_1', at: at(-1), because: '', told: 'dlv', over: null }] // prettier-ignore
    : []
  const all: [string, object][] = [
    ...requests.map((row): [string, object] => ['request', row]),
    ['plan', plan],
    ...(earlier
      ? [
          ['request', request('pln_0', 'plan')] as [string, object],
          ['plan', earlier.plan] as [string, object],
          ['run', earlier.run] as [string, object],
          ['step', earlier.step] as [string, object],
        ]
      : []),
    ...freezes.map((row): [string, object] => ['"freeze"', row]),
    ...enforcements.map((row): [string, object] => ['enforcement', row]),
    ...windows.map((row): [string, object] => ['quiet_window', row]),
    ...budgets.map((row): [string, object] => ['budget', row]),
  ]
  return {
    ...{ world, plan, targets, requests, freezes, enforcements, windows, earlier, budgets, all },
    run: run('run_1', 'pln_1', {
      state: 'running',
      scopes: scopes.of(targets),
      standing: there.byItself ? 'sta_1' : null,
    }),
  }
}

async function domainSays(rows: ReturnType<typeof rowsOf>, there: There): Promise<Said> {
  const ledger = new FakeLedger()
  for (const row of rows.requests) ledger.put('requests', row)
  for (const row of rows.freezes) ledger.put('freezes', row)
  for (const row of rows.enforcements) ledger.put('enforcements', row)
  for (const row of rows.windows) ledger.put('quietWindows', row)
  for (const row of rows.budgets) ledger.put('spentBudgets', row)
  if (rows.earlier) {
    ledger.put('plans', rows.earlier.plan)
    ledger.put('runs', rows.earlier.run)
    ledger.put('steps', rows.earlier.step)
  }
  const world: World = { ...rows.world, ledger, now: () => new Date(NOW), newId: (prefix) => prefix }
  const { plan, targets } = rows
  const body = plan.body!
  return ledger.read(async (books) => {
    const closed = await closedFor(books, scopes, targets, body.contains)
    if (closed) return closed.code
    if (await quietOver(books, world, targets, body)) return 'quiet'
    if (await restingOf(books, world, targets, body)) return 'cooldown'
    if (whyTooWide(world, body)) return 'out-of-range'
    return there.byItself && (await disarmedFor(books, world, plan.recipe_id, targets)) ? 'disarmed' : undefined
  })
}
