import { describe, expect, test } from 'vitest'
import { TEST_START, told, watched, type Told } from '../testing/index.js'
import { guards } from './guards.js'

const at = (minutes: number) => new Date(TEST_START + minutes * 60_000).toISOString()
const recipe = { id: 'scale-api', version: 1, digest: `sha256:${'c3'.repeat(32)}` }
const [api, everything] = ['deployment:prod/api', 'house:everything']
const scopes = [api, 'environment:prod', everything, 'service:api']

const planned = (id = 'p1', detail: object = {}): Told => ({
  stream: `plan:${id}`,
  type: 'plan.proposed',
  recipe,
  detail: { targets: [api], stage: 'propose', contains: false, cooldown_minutes: 30, caps: [], ...detail },
})
const asked = (detail: object = {}): Told => ({ stream: 'plan:p1', type: 'plan.requested', detail })
const sentBack: Told = { stream: 'recipe:scale-api', type: 'recipe.graduated', recipe, detail: { to: 'watch' } }
const started = (id = 'r1', rest: object = {}, detail: object = {}): Told => ({
  stream: `run:${id}`,
  type: 'run.started',
  freeze: { scopes, decision: 'allowed' },
  detail: { plan: id.replace('r', 'p'), ...detail },
  ...rest,
})
const claimed = (id = 'r1', rest: object = {}): Told => ({
  stream: `run:${id}`,
  type: 'step.intended',
  about: `step:${id}`,
  freeze: { scopes, decision: 'allowed' },
  detail: { run: id, number: 1, attempt: 1 },
  ...rest,
})
const ended = (id = 'r1', ts = at(10)): Told[] => [
  { stream: `run:${id}`, type: 'run.succeeded', ts, detail: {} },
  { stream: `run:${id}`, type: 'target.freed', about: `target_lock:${api}`, target: api, ts, detail: { run: id } },
]
const frozen = (...over: string[]): Told => ({ stream: 'freeze:f1', type: 'freeze.declared', detail: { scopes: over } })
const quiet = (from: number, to: number, ...over: string[]): Told => ({
  stream: 'quiet:q1',
  type: 'quiet.declared',
  detail: { scopes: over, starts_at: at(from), ends_at: at(to) },
})
const broke = (detail: object): Told => ({
  stream: 'break-glass:b1',
  type: 'break-glass.granted',
  detail: { break_glass: 'b1', plan: 'p1', over: 'freeze', freeze: 'f1', expires_at: at(60), ...detail },
})
const look = (...all: Told[]) => watched(guards, told(all))
const byItself = { standing: 's1', standing_by: 'hannah' }
const pressed: Told = { stream: 'stop:house', type: 'stop.pressed' }

test('a run that nothing holds is right, and its steps are counted', async () => {
  expect(await look(planned(), started(), claimed(), ...ended())).toEqual({ state: 'passed', found: '1 run, 1 step' })
})

test.each<[string, Told[], string]>([
  ['a freeze', [planned(), frozen('service:api'), started()], 'the run r1 was started in scope of the freeze f1 (entry 1)'], // prettier-ignore
  ['a freeze, after its start', [planned(), started(), frozen(api), claimed()], 'a step of the run r1 was claimed in scope of the freeze f1 (entry 2)'], // prettier-ignore
  [
    'a freeze, where the claim does not say its scopes',
    [planned(), started(), frozen(api), claimed('r1', { freeze: undefined })],
    'a step of the run r1 was claimed in scope of the freeze f1 (entry 2)',
  ],
  ['a freeze, on the way back', [planned(), started(), frozen(api), claimed('r1', { type: 'step.undoing' })], 'a step of the run r1 was claimed in scope'], // prettier-ignore
  [
    'a freeze, by a pass over another',
    [planned(), frozen(api), broke({ freeze: 'f2' }), started()],
    'the run r1 was started in scope of the freeze f1',
  ],
  [
    'a freeze, by the pass of another plan',
    [planned(), frozen(api), broke({ plan: 'p2' }), started()],
    'the run r1 was started in scope of the freeze f1',
  ],
  [
    'a freeze, after the time of its pass',
    [planned(), frozen(api), broke({}), started('r1', { ts: at(59) }), claimed('r1', { ts: at(66) })],
    'a step of the run r1 was claimed in scope of the freeze f1',
  ],
  ['the stop switch', [planned('p1', { contains: true }), pressed, started()], 'the run r1 was started while the stop switch was on (entry 1)'], // prettier-ignore
  ['a quiet window', [planned(), quiet(-60, 60, everything), started('r1', { ts: at(10) })], 'the run r1 was started in the quiet window q1 (entry 1), and it is planned work'], // prettier-ignore
  [
    'a target that rests',
    [planned(), started(), claimed(), ...ended(), planned('p2'), started('r2', { ts: at(34) })],
    `the run r2 was started on ${api}, which rested until ${at(40)} after the run r1`,
  ],
  ['a cap', [planned('p1', { caps: [{ what: 'effects', has: 3, most: 2, where: 'prod' }] }), started()], 'the run r1 was started with 3 effects in prod, and the house lets it have 2'], // prettier-ignore
  ['a cap, by what the plan names', [planned('p1', { caps: [{ what: 'targets', has: 0, most: 2 }] }), started()], 'the run r1 was started on a plan that counts 0 targets and names 1'], // prettier-ignore
  [
    'a spent budget',
    [
      planned('p1', { stage: 'auto' }),
      { stream: 'budget:service:api', type: 'budget.disarmed', detail: { budget: 'service:api' } },
      started('r1', {}, byItself),
    ],
    'the run r1 was started by itself, and the budget of service:api was spent (entry 1)',
  ],
  ['its stage', [planned(), started('r1', {}, byItself)], 'the run r1 was started by itself, and scale-api is in the stage propose'], // prettier-ignore
  [
    'people, who sent it back',
    [sentBack, planned('p1', { stage: 'auto' }), started()],
    'the run r1 was started by a recipe that only watches: scale-api (entry 0)',
  ],
  [
    'people, who sent it back, by a worker that says it takes a run back',
    [sentBack, asked(), planned('p1', { reverts: 'r0' }), started()],
    'the run r1 was started by a recipe that only watches: scale-api (entry 0)',
  ],
])('a run that began although held by %s', async (_, entries, sentence) => {
  expect(await look(...entries)).toMatchObject({ state: 'failed', sentence: expect.stringContaining(sentence) as string }) // prettier-ignore
})

test.each<[string, Told[]]>([
  ['what only contains, under a freeze', [planned('p1', { contains: true }), frozen(api), started(), claimed()]],
  ['a plan that broke the glass over it', [planned(), frozen(api), broke({}), started(), claimed()]],
  ['what takes a run of a recipe back that was sent back', [sentBack, asked({ reverts: 'r0' }), planned('p1', { reverts: 'r0' }), started()]], // prettier-ignore
  ['what lies elsewhere', [planned(), frozen('pipeline:ingest'), started()]],
  ['a run of which the plan is not here, under a freeze', [frozen(api), started()]],
  ['a step that a person’s answer made intended again', [planned(), started(), frozen(api), claimed('r1', { freeze: undefined, detail: { run: 'r1' } })]], // prettier-ignore
  ['after the stop switch was let go', [planned(), pressed, { stream: 'stop:house', type: 'stop.released' }, started()]], // prettier-ignore
  ['before a quiet window, by a clock that may be behind', [planned(), quiet(0, 60, api), started('r1', { ts: at(4) })]], // prettier-ignore
  ['at its end, by a clock that may be ahead', [planned(), quiet(-60, 60, api), started('r1', { ts: at(56) })]],
  ['a plan for an incident that was raised', [planned('p1', { incident: 'i1', raised_from: 'T1' }), quiet(-60, 60, api), started('r1', { ts: at(9) })]], // prettier-ignore
  ['after the rest', [planned(), started(), claimed(), ...ended(), planned('p2'), started('r2', { ts: at(40) })]],
  ['after a run that touched nothing', [planned(), started(), ...ended(), planned('p2'), started('r2', { ts: at(11) })]], // prettier-ignore
  ['where people approved, on a spent budget', [planned(), { stream: 'budget:service:api', type: 'budget.disarmed' }, started()]], // prettier-ignore
  ['a plan of before, which says nothing of all this', [{ stream: 'plan:p1', type: 'plan.proposed' }, started('r1', { freeze: undefined }, byItself)]], // prettier-ignore
])('%s is right', async (_, entries) => {
  expect(await look(...entries)).toMatchObject({ state: 'passed' })
})

test('of selected entries nothing is said', async () => {
  expect(await watched(guards, told([planned()]), {}, { manifest: { completeness: 'SELECTED' } })).toMatchObject({
    state: 'not made',
  })
})

describe('lifting a freeze', () => {
  const lifter = (id: string): Told => ({
    ...{
      stream: `person:${id}`,
      type: 'role.granted',
      detail: { person_id: id, role: 'security', since: at(-3 * 24 * 60) },
    },
  })
  const by = (id: string) => ({ kind: 'person' as const, id, roles: ['security'] })
  const digest = `sha256:${'d4'.repeat(32)}`
  const asked = (request: string): Told => ({
    ...{
      stream: 'freeze:f1',
      type: 'freeze.lift-asked',
      actor: by('theo'),
      detail: { request, digest, expires_at: at(60) },
    },
  })
  const yes = (id: string): Told => ({
    ...{ stream: 'freeze:f1', type: 'freeze.lift-approved', actor: by(id), detail: { request: 'lft_1', digest } },
  })
  const says = (type: 'freeze.lifting' | 'freeze.lifted', request = 'lft_1'): Told => ({
    ...{ stream: 'freeze:f1', type, detail: { request, digest } },
  })
  const gone: Told = { stream: 'person:ines', type: 'role.revoked', detail: { person_id: 'ines', role: 'security' } }
  const voted = [lifter('ines'), lifter('vera'), frozen(api), asked('lft_1'), yes('ines'), yes('vera')]

  test('is judged as it begins: a role that ends before it ends takes nothing back', async () => {
    expect(await look(...voted, says('freeze.lifting'), gone, says('freeze.lifted'))).toMatchObject({ state: 'passed' })
    expect(await look(...voted, gone, says('freeze.lifting'))).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining('the log grants ines no role of security') as string,
    })
  })

  test.each<[string, Told[], string]>([
    ['never began', [says('freeze.lifted')], 'nothing said before that it was being lifted'],
    ['began for another lift', [says('freeze.lifting'), says('freeze.lifted', 'lft_2')], 'it names lft_2, and lft_1 was asked for last'], // prettier-ignore
    ['was asked for again since', [says('freeze.lifting'), asked('lft_2'), says('freeze.lifted', 'lft_2')], 'nothing said before that it was being lifted'], // prettier-ignore
  ])('does not end when it %s', async (_, then, sentence) => {
    expect(await look(...voted, ...then)).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining(sentence) as string,
    })
  })
})
