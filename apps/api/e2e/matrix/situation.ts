import { formatCheckpoint, formatNote, sha256, signNote, successionDigest, utf8 } from '@firebreak/audit-log'
import type { TestLog } from '@firebreak/audit-store/testing'
import { recipes } from '@firebreak/catalog'
import { liftDigest, orderToJson, recipeDigest, type PlanBody } from '@firebreak/flow'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { newSecret, sha256 as hashOf } from '../../src/people/callers.js'
import type { Shared, Things } from './lines.js'

const AT = '2026-11-23T03:07:00.000Z'
const NEVER = '2100-01-01T00:00:00.000Z'
const DIGEST = `sha256:${'a'.repeat(64)}`
/** Has signed in, and nobody has given them a role. */
export const ROLELESS = 'rolf'
const FILE = 'one line\n'

/**
 * The situation that every question is asked in: each of these people has one of each thing, and an incident has a run, a
 * run that asks, and a loan. As the superuser, past every trigger.
 */
export async function situation(
  url: string,
  blobs: string,
  people: readonly string[],
  log: TestLog,
): Promise<{ of: (person: string) => Shared; secret: string }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const add = (table: string, row: object) =>
    client.query(`insert into flow.${table} select * from jsonb_populate_record(null::flow.${table}, $1)`, [
      JSON.stringify(row),
    ])
  const request = (id: string, kind: string, by: string, subject: string | null, body: object) =>
    add('request', { id, kind, subject, body, incident_id: null, by, reason: 'because', at: AT })
  const secret = newSecret('fbk_')
  const recipe = recipes.get('scale-api')!
  const recipe_digest = recipeDigest(recipe)
  const things = new Map<string, Things>()
  try {
    await client.query('begin')
    await triggers('disable trigger user')
    await add('person', { id: ROLELESS, kind: 'person', name: 'Rolf' })
    await key(`key_${ROLELESS}_own`, ROLELESS, hashOf(secret))
    await add('incident', {
      ...{
        id: 'inc_1',
        state: 'open',
        class: 'high-api-latency',
        severity: 'SEV2',
        title: 'It is slow',
        service: 'api',
      },
      ...{ environment: 'prod', group_key: 'g', owner: null, opened_at: AT, resolved_at: null, version: 1 },
    })
    // Over something else than plans and runs are about.
    await add('"freeze"', { id: 'frz_1', scopes: ['queue:other'], reason: 'x', by: 'theo', at: AT })
    const dawn = new Date(Date.now() + 86_400_000).toISOString()
    const noon = new Date(Date.now() + 90_000_000).toISOString()
    await add('quiet_window', { id: 'qwi_1', scopes: ['queue:other'], reason: 'x', by: 'sam', at: AT, starts_at: dawn, ends_at: noon }) // prettier-ignore
    for (const [id, state] of [
      ['1', 'running'],
      ['2', 'needs-a-person'],
      ['3', 'succeeded'],
    ] as const) {
      await plan(`pln_run_${id}`, 'used', 'sam')
      await add('run', {
        ...{
          id: `run_${id}`,
          plan_id: `pln_run_${id}`,
          plan_digest: DIGEST,
          incident_id: 'inc_1',
          recipe_id: 'scale-api',
        },
        ended_at: state === 'succeeded' ? AT : null,
        ...{ state, started_at: AT, verifying_at: null, because: null, standing: null, answered: null },
      })
    }
    await add('step', {
      ...{
        id: 'stp_1',
        run_id: 'run_1',
        number: 1,
        verb: 'scale-deployment',
        args: {},
        state: 'done',
        attempt: 1,
        fence: 1,
      },
      ...{ loan_minutes: 60, items_done: 0 },
    })
    await add('step', {
      ...{ id: 'stp_3', run_id: 'run_3', number: 1, verb: 'scale-deployment', args: {}, state: 'done', attempt: 1 },
      ...{ fence: 1, loan_minutes: null, items_done: 0 },
    })
    await add('loan', {
      ...{
        id: 'lon_1',
        state: 'out',
        run_id: 'run_1',
        step_id: 'stp_1',
        target: 'deployment:prod/api',
        out_at: AT,
        until: AT,
      },
      ...{ verb: 'scale-deployment', args: {} },
    })
    const never = { watched: 0, stopped: 0, refused: 0, undone: 0, needed_a_person: 0 }
    const record = { ...never, proposed: 1, runs: 1, succeeded: 1 }
    const to = { version: recipe.version, digest: recipe_digest, from: 'propose', to: 'auto', record }
    await request('req_auto', 'graduation', 'sam', recipe.id, to)
    await add('observation', { id: 'deployment:prod/api', value: { replicas: 2 }, at: AT })
    await mkdir(join(blobs, 'exports'), { recursive: true })
    for (const person of people) things.set(person, await thingsOf(person))
    await triggers('enable always trigger %I')
    await client.query('commit')
    await log.write(client, {
      stream: 'incident:inc_1',
      about: 'incident:inc_1',
      type: 'incident.opened',
      detail: { title: 'It is slow' },
    })
  } finally {
    await client.end()
  }
  const text = formatCheckpoint({ origin: log.key.name, size: 1_000, root: sha256(utf8('lost')) })
  const checkpoint = formatNote({ text, signatures: [signNote(text, log.key)] })
  const shared = {
    incident: 'inc_1',
    run: 'run_1',
    asking: 'run_2',
    over: 'run_3',
    loan: 'lon_1',
    freeze: 'frz_1',
    window: 'qwi_1',
  }
  return { secret, of: (person) => ({ ...shared, recipe_digest, checkpoint, ...things.get(person)! }) }

  async function thingsOf(person: string): Promise<Things> {
    await plan(`pln_${person}`, 'proposed', person)
    const [glass, glass_used] = [await wish(person, 'asked'), await wish(person, 'used')]
    await key(`key_${person}`, person, hashOf(`of ${person}`))
    await add('standing_approval', {
      ...{ id: `sta_${person}`, state: 'given', recipe_id: recipe.id, recipe_version: recipe.version, recipe_digest },
      ...{ targets: ['deployment:prod/api'], bounds: { steps: 1, runs: { most: 1, minutes: 60 }, after: {} } },
      ...{ by: person, reason: 'x', at: AT, expires_at: '2026-12-23T03:07:00.000Z' },
    })
    for (const disclose of [false, true]) {
      const id = `exp_${person}${disclose ? '_disclosed' : ''}`
      await request(id, 'export', person, null, orderToJson({ kind: 'csv', filter: {}, controls: [], disclose }))
      await add('export', {
        ...{
          id,
          state: 'ready',
          by: person,
          kind: 'csv',
          completeness: 'FULL',
          filter: {},
          entries: 1,
          position: 1,
          total: 1,
        },
        ...{ size: FILE.length, sha256: hashOf(FILE), checkpoint_size: 1, started_at: AT, ended_at: AT },
      })
      await writeFile(join(blobs, 'exports', `${id}.csv`), FILE)
    }
    const asked = {
      old_origin: log.key.name,
      old_size: 1_000,
      old_root: 'ab'.repeat(32),
      new_origin: `next of ${person}`,
    }
    const successor = `scr_${person}`
    await request(successor, 'successor', person, asked.new_origin, asked)
    const thawing = `frz_${person}`
    await add('"freeze"', { id: thawing, scopes: [`queue:of-${person}`], reason: 'x', by: 'theo', at: AT })
    const lift = { epoch: 1, reversal: [] as [], expires_at: NEVER }
    await request(`lft_${person}`, 'lift', person, thawing, lift)
    const thawing_digest = liftDigest({ ...lift, freeze: thawing, reason: 'because', request: `lft_${person}` })
    const successor_digest = successionDigest({ ...asked, reason: 'because', request: successor })
    return {
      ...{ person, plan: `pln_${person}`, digest: DIGEST, standing: `sta_${person}`, key: `key_${person}` },
      ...{
        export: `exp_${person}`,
        disclosed: `exp_${person}_disclosed`,
        ...{ thawing, thawing_digest },
        successor,
        successor_digest,
        glass,
        glass_used,
      },
    }
  }

  /** Theirs is the wish, and nobody's of Security what became of it. */
  async function wish(person: string, state: 'asked' | 'used'): Promise<string> {
    const [id, of] = [`bgl_${person}_${state}`, `pln_${person}_${state}`]
    // To the millisecond: a wish is open for an hour and no longer.
    const at = Date.now()
    const [now, later] = [at, at + 3_600_000].map((ms) => new Date(ms).toISOString())
    await plan(of, state === 'used' ? 'used' : 'proposed', 'sam')
    await add('break_glass', {
      ...{ id, plan_id: of, plan_digest: DIGEST, over: 'approval', freeze_id: null, minutes: 60, reason: 'x' },
      ...{ by: person, at: now, open_until: later },
    })
    if (state === 'asked') return id
    await add('break_glass_decision', { id, by: 'sam', decision: 'granted', voice: 'on-call-lead', note: '', at: now, expires_at: later }) // prettier-ignore
    const run = `run_${person}_glass`
    await add('run', {
      ...{ id: run, plan_id: of, plan_digest: DIGEST, incident_id: 'inc_1', recipe_id: 'scale-api', break_glass: id },
      ...{ state: 'succeeded', started_at: now, ended_at: now },
    })
    await add('break_glass_use', { id, run_id: run, at: now, told: 'dlv_1' })
    return id
  }

  async function plan(id: string, state: string, by: string): Promise<void> {
    const version = { id: recipe.id, version: recipe.version, digest: recipe_digest, stage: recipe.stage }
    const body: PlanBody = {
      ...{ v: 1, id, recipe: version, params: {}, trigger: {}, incident: 'inc_1', requested_by: by, reason: 'because' },
      ...{ reads: [], facts: {}, guards: [], blast_radius: { targets: 1, steps: 1 }, contains: false },
      steps: [
        {
          ...{
            verb: 'scale-deployment',
            args: {},
            says: 'Scale',
            targets: ['deployment:prod/api'],
            before: {},
            after: {},
          },
          ...{ reversible: 'yes', undo: { says: 'Scale back' }, loan_minutes: 60 },
        },
      ],
      verify: { within_s: 60, says: 'It is fast.' },
      approval: { tier: 'T2', roles: ['sre', 'ml', 'security'], people: 1 },
      ...{ made_at: AT, expires_at: NEVER },
    }
    await request(id, 'plan', by, recipe.id, {})
    await add('plan', {
      ...{ id, state, recipe_id: recipe.id, recipe_version: recipe.version, recipe_digest, incident_id: 'inc_1' },
      ...{
        requested_by: by,
        body,
        digest: DIGEST,
        tier: 'T2',
        quorum: 1,
        because: null,
        made_at: AT,
        expires_at: NEVER,
      },
    })
  }

  function key(id: string, person_id: string, hash: string) {
    return add('api_key', { id, person_id, hash, name: 'a key', prefix: 'fbk_', created_at: AT })
  }

  /** Ours are ENABLE ALWAYS: only an owner gets past them, by switching them off. */
  function triggers(how: 'disable trigger user' | 'enable always trigger %I') {
    return client.query(`do $$ declare t record; begin
      for t in select tgrelid::regclass as rel, tgname from pg_trigger where not tgisinternal and tgrelid::regclass::text like 'flow.%' loop
        execute format('alter table %s ${how}', t.rel, t.tgname); end loop; end $$`)
  }
}
