import { describe, expect, test } from 'vitest'
import { TEST_START, told, watched, type Told } from '../testing/index.js'
import { approvals } from './approvals.js'

const digest = `sha256:${'a1'.repeat(32)}`
const other = `sha256:${'b2'.repeat(32)}`
const at = (minutes: number) => new Date(TEST_START + minutes * 60_000).toISOString()

const person = (id: string, role: string, kind = 'person'): Told[] => [
  { stream: `person:${id}`, type: 'person.added', detail: { person_id: id, kind, name: id } },
  { stream: `person:${id}`, type: 'role.granted', detail: { person_id: id, role, since: at(-60) } },
]
const taken = (id: string): Told => ({
  stream: `person:${id}`,
  type: 'role.revoked',
  detail: { person_id: id, role: 'sre' },
})
const asked = (by: string): Told => ({
  stream: 'plan:p1',
  type: 'plan.requested',
  about: 'request:p1',
  actor: { kind: 'person', id: by, roles: ['sre'] },
})
const proposed = (tier: 'T0' | 'T1' | 'T2' | 'T3', quorum: number, detail: object = {}): Told => ({
  stream: 'plan:p1',
  type: 'plan.proposed',
  plan_digest: digest,
  detail: { tier, quorum, roles: ['sre', 'security'], expires_at: at(30), steps: ['Scale it'], ...detail },
})
const said = (id: string, by: string, role: string, rest: object = {}): Told => ({
  stream: 'plan:p1',
  type: 'approval.given',
  about: `approval:${id}`,
  actor: { kind: 'person', id: by, auth: 'session', roles: [role] },
  plan_digest: digest,
  detail: { plan: 'p1', decision: 'yes', quorum: 1 },
  ...rest,
})
const started = (ids: [string, string][], rest: object = {}): Told => ({
  stream: 'run:r1',
  type: 'run.started',
  plan_digest: digest,
  approvals: ids.map(([id, by]) => ({ id, by, over: digest })),
  detail: { plan: 'p1', steps: 1 },
  ...rest,
})
const used: Told = { stream: 'plan:p1', type: 'plan.used', plan_digest: digest, detail: { run: 'r1' } }
const cast = [...person('hannah', 'sre'), ...person('sam', 'sre'), ...person('ines', 'security')]
const look = (...all: Told[]) => watched(approvals, told([...cast, ...all]))

test('a run with the approvals that its plan asked for is right, whatever was said before it was proposed again', async () => {
  expect(
    await look(asked('hannah'), proposed('T1', 1), said('a1', 'hannah', 'sre'), started([['a1', 'hannah']]), used),
  ).toEqual({ state: 'passed', found: '1 run' })
  expect(
    await look(
      asked('hannah'),
      proposed('T3', 2),
      said('a1', 'sam', 'sre'),
      said('a2', 'ines', 'security'),
      started([['a1', 'sam'], ['a2', 'ines']]), // prettier-ignore
    ),
  ).toEqual({ state: 'passed', found: '1 run' })
})

test('a plan that changes nothing needs nobody', async () => {
  expect(await look(asked('hannah'), proposed('T0', 0, { steps: [] }), started([]))).toMatchObject({ state: 'passed' })
  expect(await look(asked('hannah'), proposed('T0', 0), started([]))).toMatchObject({ state: 'failed' })
})

test('what a plan does not say of how old a role must be is not held against it; a log of before the rule passes', async () => {
  const young: Told = {
    stream: 'person:kim',
    type: 'role.granted',
    detail: { person_id: 'kim', role: 'sre', since: at(5) },
  }
  const story = [young, asked('hannah'), proposed('T2', 1), said('a1', 'kim', 'sre'), started([['a1', 'kim']])]
  expect(await look(...story)).toMatchObject({ state: 'passed' })
})

test('a role that is taken back after the run leaves it right', async () => {
  const story = [asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'sre'), started([['a1', 'sam']])]
  expect(await look(...story, taken('sam'))).toMatchObject({ state: 'passed' })
})

test.each<[string, Told[], string]>([
  [
    'a role that is younger than the plan asks for',
    [asked('hannah'), proposed('T2', 1, { role_hours: 24 }), said('a1', 'sam', 'sre'), started([['a1', 'sam']])],
    `the run r1 (T2) was started with 0 of the 1 approvals that its plan p1 needs: sam approved (entry 8), which does not count: sam held the role since ${at(-60)} only, and the plan asks for 24 h`,
  ],
  [
    'a role that was taken back before the run',
    [asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'sre'), taken('sam'), started([['a1', 'sam']])],
    'the run r1 (T1) was started with 0 of the 1 approvals that its plan p1 needs: sam approved (entry 8), which does not count: the log grants sam no role of sre',
  ],
  [
    'a role that was taken back and given again after the yes',
    [
      asked('hannah'),
      proposed('T1', 1, { role_hours: 0 }),
      said('a1', 'sam', 'sre'),
      taken('sam'),
      { stream: 'person:sam', type: 'role.granted', detail: { person_id: 'sam', role: 'sre', since: at(10) } },
      started([['a1', 'sam']]),
    ],
    `the run r1 (T1) was started with 0 of the 1 approvals that its plan p1 needs: sam approved (entry 8), which does not count: sam held the role since ${at(10)} only, and the plan asks for 0 h`,
  ],
  [
    'nobody approved',
    [asked('hannah'), proposed('T1', 1), started([])],
    'the run r1 (T1) was started with 0 of the 1 approvals that its plan p1 needs: nobody approved it',
  ],
  [
    'who asked approves a T2 plan',
    [asked('hannah'), proposed('T2', 1), said('a1', 'hannah', 'sre'), started([['a1', 'hannah']])],
    'the run r1 (T2) was started with 0 of the 1 approvals that its plan p1 needs: hannah approved (entry 8), which does not count: who asked for a T2 plan may not approve it',
  ],
  [
    'one person twice',
    [
      asked('hannah'),
      proposed('T2', 2),
      said('a1', 'sam', 'sre'),
      said('a2', 'sam', 'sre'),
      started([['a1', 'sam'], ['a2', 'sam']]), // prettier-ignore
    ],
    'the run r1 (T2) was started with 1 of the 2 approvals that its plan p1 needs: sam approved (entry 8); sam approved (entry 9)',
  ],
  [
    'a T3 plan that asks for one',
    [asked('hannah'), proposed('T3', 1), said('a1', 'sam', 'sre'), started([['a1', 'sam']])],
    'the run r1 (T3) was started with 1 of the 2 approvals that its plan p1 needs: sam approved (entry 8)',
  ],
  [
    'a yes for another plan',
    [asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'sre', { plan_digest: other }), started([])],
    'the run r1 (T1) was started with 0 of the 1 approvals that its plan p1 needs: sam approved (entry 8), which does not count: it is for another plan (b2b2b2b2b2b2)',
  ],
  [
    'a run that carries out another plan',
    [asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'sre'), started([['a1', 'sam']], { plan_digest: other })],
    'the run r1 carries out b2b2b2b2b2b2; the plan p1 that was proposed is a1a1a1a1a1a1',
  ],
  [
    'a service',
    [
      asked('hannah'),
      proposed('T1', 1),
      said('a1', 'robot', 'sre', { actor: { kind: 'service', id: 'robot', roles: ['sre'] } }),
      started([['a1', 'robot']]),
    ],
    'the run r1 (T1) was started with 0 of the 1 approvals that its plan p1 needs: robot approved (entry 8), which does not count: a service cannot approve',
  ],
  [
    'a service that says it is a person',
    [
      ...person('robot', 'sre', 'service'),
      asked('hannah'),
      proposed('T1', 1),
      said('a1', 'robot', 'sre'),
      started([['a1', 'robot']]),
    ],
    'the run r1 (T1) was started with 0 of the 1 approvals that its plan p1 needs: robot approved (entry 10), which does not count: robot is a service, and only people approve',
  ],
  [
    'a role that may not',
    [asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'auditor'), started([['a1', 'sam']])],
    'the run r1 (T1) was started with 0 of the 1 approvals that its plan p1 needs: sam approved (entry 8), which does not count: it was given as auditor, and sre or security may',
  ],
  [
    'a role that nobody granted',
    [asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'security'), started([['a1', 'sam']])],
    'the run r1 (T1) was started with 0 of the 1 approvals that its plan p1 needs: sam approved (entry 8), which does not count: the log grants sam no role of security',
  ],
  [
    'a yes after the plan expired',
    [
      asked('hannah'),
      proposed('T1', 1, { expires_at: at(7) }),
      said('a1', 'sam', 'sre', { ts: at(13) }),
      started([['a1', 'sam']]),
    ],
    'the run r1 (T1) was started with 0 of the 1 approvals that its plan p1 needs: sam approved (entry 8), which does not count: it came at 2026-11-23T10:13:00.000Z, after 2026-11-23T10:07:00.000Z',
  ],
  [
    'a start after the plan expired',
    [asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'sre'), started([['a1', 'sam']], { ts: at(36) })],
    'the run r1 was started at 2026-11-23T10:36:00.000Z; its plan p1 expired at 2026-11-23T10:30:00.000Z',
  ],
  [
    'somebody said no',
    [
      asked('hannah'),
      proposed('T1', 1),
      said('a1', 'sam', 'sre'),
      said('a2', 'ines', 'security', { type: 'approval.refused', detail: { plan: 'p1', decision: 'no' } }),
      started([['a1', 'sam'], ['a2', 'ines']]), // prettier-ignore
    ],
    'the run r1 was started although ines said no to its plan p1 (entry 9)',
  ],
  [
    'an approval that is not in the log',
    [asked('hannah'), proposed('T1', 1), started([['a1', 'sam']])],
    'the run r1 names the approval a1 by sam; no such approval stands in the log before it',
  ],
  [
    'an approval that came after the start',
    [asked('hannah'), proposed('T1', 1), started([['a1', 'sam']]), said('a1', 'sam', 'sre')],
    'the run r1 names the approval a1 by sam; no such approval stands in the log before it',
  ],
  [
    'an approval by somebody else than the run says',
    [asked('hannah'), proposed('T1', 1), said('a1', 'ines', 'security'), started([['a1', 'sam']])],
    'the run r1 names the approval a1 by sam of a1a1a1a1a1a1; the log has it by ines of a1a1a1a1a1a1',
  ],
  [
    'a plan that has ended',
    [
      asked('hannah'),
      proposed('T1', 1),
      said('a1', 'sam', 'sre'),
      { stream: 'plan:p1', type: 'plan.cancelled' },
      started([['a1', 'sam']]),
    ],
    'the run r1 was started on the plan p1, which was not open then: it was never proposed, or had ended',
  ],
  [
    'a second run of one plan',
    [
      asked('hannah'),
      proposed('T1', 1),
      said('a1', 'sam', 'sre'),
      started([['a1', 'sam']]),
      used,
      { ...started([['a1', 'sam']]), stream: 'run:r2' },
    ],
    'the run r2 was started on the plan p1, which was not open then: it was never proposed, or had ended',
  ],
  [
    'a plan that does not say whose approval it needs',
    [asked('hannah'), proposed('T1', 1, { roles: undefined }), started([])],
    'the run r1 was started on the plan p1, which does not say who had to approve it, and until when',
  ],
  [
    'a run that was left out as a whole',
    [asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'sre'), used],
    'the plan p1 became the run r1, of whose start there is no entry',
  ],
  ['a run of no plan', [started([], { detail: {} })], 'the run r1 names no plan'],
])('found: %s', async (_, all, sentence) => {
  expect(await look(...all)).toMatchObject({ state: 'failed', sentence })
})

test('the clocks of two processes may be a little apart', async () => {
  const late = started([['a1', 'sam']], { ts: at(34) })
  expect(await look(asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'sre'), late)).toMatchObject({
    state: 'passed',
  })
})

test('the fault names the entry of the start', async () => {
  expect(await look(asked('hannah'), proposed('T1', 1), started([]))).toMatchObject({ index: 8 })
})

const stream = (...streams: string[]) => ({
  manifest: { completeness: 'STREAM' as const, streams: streams.map((stream) => ({ stream, count: 1 })) },
})
const story = [asked('hannah'), proposed('T1', 1), said('a1', 'sam', 'sre'), started([['a1', 'sam']])]

test('whole streams: a run is held against its plan where that is here, and else nothing is said of it', async () => {
  const look = (all: Told[], ...streams: string[]) => watched(approvals, told(all), {}, stream(...streams))
  expect(await look(story, 'plan:p1', 'run:r1')).toEqual({ state: 'passed', found: '1 run' })
  expect(await look([asked('hannah'), proposed('T1', 1), started([])], 'plan:p1', 'run:r1')).toMatchObject({
    state: 'failed',
  })
  expect(await look(story.slice(-1), 'run:r1')).toEqual({
    state: 'not made',
    reason: 'no plan of the runs here (1) is in the bundle',
    open: false,
  })
  // Who holds which role is only known where all of that person is here.
  expect(await look(story, 'plan:p1', 'run:r1', 'person:sam')).toMatchObject({ state: 'failed' })
})

test('a selection is not held against anything', async () => {
  const manifest = { completeness: 'SELECTED' as const }
  expect(await watched(approvals, told(story), {}, { manifest })).toMatchObject({ state: 'not made' })
})

const alertAsked: Told = {
  ...asked('alertmanager'),
  actor: { kind: 'service', id: 'alertmanager', roles: ['service'] },
}
const recipe = { id: 'scale-api', version: 1, digest: other }
const reaching = (detail: object = {}): Told => ({
  ...proposed('T1', 1, { targets: ['deployment:prod/api'], reach: { replicas: [5, 5] }, ...detail }),
  recipe,
})
const inAdvance = (detail: object = {}, rest: object = {}): Told => ({
  stream: 'standing:s1',
  type: 'standing.given',
  about: 'standing_approval:s1',
  actor: { kind: 'person', id: 'sam', auth: 'session', roles: ['sre'] },
  recipe,
  detail: {
    targets: ['deployment:prod/api'],
    steps: 1,
    bounds: { replicas: [2, 6] },
    most_runs: 1,
    minutes: 60,
    expires_at: at(60),
    ...detail,
  },
  ...rest,
})
const byItself = started([], { detail: { plan: 'p1', steps: 1, standing: 's1', standing_by: 'sam' } })

test('a run that started by itself is held against the standing approval that it names', async () => {
  expect(await look(inAdvance(), alertAsked, reaching(), byItself, used)).toEqual({ state: 'passed', found: '1 run' })
  const unbound = inAdvance({ bounds: { replicas: [null, null] } })
  expect(await look(unbound, alertAsked, reaching(), byItself, used)).toMatchObject({ state: 'passed' })
})

test.each<[string, Told[], string]>([
  ['one that nobody gave', [alertAsked, reaching(), byItself], 'no such approval stands in the log before it'],
  [
    'one that came later',
    [alertAsked, reaching(), byItself, inAdvance()],
    'no such approval stands in the log before it',
  ],
  [
    'one that was taken back',
    [inAdvance(), { stream: 'standing:s1', type: 'standing.revoked' }, alertAsked, reaching(), byItself],
    'it had been taken back',
  ],
  [
    'one that had ended',
    [inAdvance({ expires_at: at(20) }), alertAsked, reaching(), { ...byItself, ts: at(26) }],
    'it ended at 2026-11-23T10:20:00.000Z',
  ],
  [
    'one of another recipe',
    [inAdvance({}, { recipe: { ...recipe, digest } }), alertAsked, reaching(), byItself],
    'it is for another recipe (a1a1a1a1a1a1)',
  ],
  [
    'one of a service',
    [inAdvance({}, { actor: { kind: 'service', id: 'sam', roles: ['sre'] } }), alertAsked, reaching(), byItself],
    'a service cannot approve',
  ],
  [
    'one of another role',
    [inAdvance({}, { actor: { kind: 'person', id: 'sam', roles: ['ml'] } }), alertAsked, reaching(), byItself],
    'it was given as ml, and sre or security may',
  ],
  [
    'a plan that a person asked for',
    [inAdvance(), asked('hannah'), reaching(), byItself],
    'the plan was asked for by a person, or nobody can tell by whom',
  ],
  [
    'a plan on another target',
    [inAdvance(), alertAsked, reaching({ targets: ['deployment:prod/ocr'] }), byItself],
    'it is not for deployment:prod/ocr',
  ],
  [
    'a plan that goes further',
    [inAdvance(), alertAsked, reaching({ reach: { replicas: [5, 9] } }), byItself],
    'it is for replicas from 2 to 6, and the plan sets 5 to 9',
  ],
  [
    'a plan that sets something else',
    [inAdvance(), alertAsked, reaching({ reach: { cpu_millis: [5, 9] } }), byItself],
    'it says nothing of cpu_millis',
  ],
  [
    'a plan of more steps',
    [inAdvance(), alertAsked, reaching({ steps: ['a', 'b'] }), byItself],
    'it is for 1 step, and the plan has 2',
  ],
  [
    'a plan that does not say how far it goes',
    [inAdvance(), alertAsked, reaching({ reach: undefined }), byItself],
    'the plan does not say what it would touch, and how far',
  ],
  [
    'a plan that needs two',
    [inAdvance(), alertAsked, reaching({ quorum: 2 }), byItself],
    'the plan needs more than one yes',
  ],
  [
    'one without a budget',
    [inAdvance({ most_runs: undefined }), alertAsked, reaching(), byItself],
    'it is for 0 runs in 60 minutes, and as many had started before',
  ],
])('found: a run by itself under %s', async (_, all, because) => {
  expect(await look(...all)).toMatchObject({
    state: 'failed',
    sentence: `the run r1 (T1) was started by itself under the standing approval s1, which does not cover it: ${because}`,
  })
})

test('a budget is of the runs within its minutes, and an honest clock may be a little apart', async () => {
  const again = (minutes: number): Told[] => [
    inAdvance({ expires_at: at(600) }),
    ...[alertAsked, reaching(), byItself, used],
    ...[alertAsked, reaching({ expires_at: at(600) })].map((entry) => ({ ...entry, stream: 'plan:p2' })),
    { ...byItself, stream: 'run:r2', detail: { ...byItself.detail, plan: 'p2' }, ts: at(minutes) } as Told,
  ]
  expect(await look(...again(30))).toMatchObject({
    state: 'failed',
    sentence:
      'the run r2 (T1) was started by itself under the standing approval s1, which does not cover it: it is for 1 run in 60 minutes, and as many had started before',
  })
  expect(await look(...again(90))).toEqual({ state: 'passed', found: '2 runs' })
})

test('whole streams: a standing approval that is not here says nothing', async () => {
  const all = [inAdvance(), alertAsked, reaching(), byItself]
  const within = (...streams: string[]) => watched(approvals, told(all), {}, stream(...streams))
  expect(await within('plan:p1', 'run:r1')).toMatchObject({ state: 'not made' })
  expect(await within('plan:p1', 'run:r1', 'standing:s1')).toMatchObject({ state: 'passed' })
})

test('a run of a plan that somebody had cancelled is found, though everybody it needs had said yes', async () => {
  const cancelled: Told = {
    stream: 'plan:p1',
    type: 'cancel.requested',
    about: 'request:c1',
    actor: { kind: 'person', id: 'sam', roles: ['sre'] },
    detail: { plan: 'p1' },
  }
  const yes = [asked('hannah'), proposed('T1', 1), said('a1', 'hannah', 'sre')]
  expect(await look(...yes, cancelled, started([['a1', 'hannah']]))).toMatchObject({
    state: 'failed',
    sentence: expect.stringMatching(
      /^the run r1 was started although sam had cancelled its plan p1 \(entry \d+\)$/,
    ) as string,
  })
  // Whoever cancels the run that it became is told so elsewhere.
  expect(
    await look(...yes, started([['a1', 'hannah']]), used, {
      ...cancelled,
      stream: 'run:r1',
      detail: { run: 'r1', undo: false },
    }),
  ).toMatchObject({ state: 'passed' })
})

describe('a plan that a process asked for anew', () => {
  const anew = (asker: { id: string; kind?: string }): Told => ({
    ...{ stream: 'plan:p1', type: 'plan.requested', about: 'request:p1' },
    ...{ actor: { kind: 'process', id: 'api' }, detail: { asker } },
  })

  test('is not approved by who asked for it first', async () => {
    const then = [proposed('T2', 1), said('a1', 'hannah', 'sre'), started([['a1', 'hannah']])]
    expect(await look(anew({ id: 'sam', kind: 'person' }), ...then)).toMatchObject({ state: 'passed' })
    expect(await look(anew({ id: 'hannah', kind: 'person' }), ...then)).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining('who asked for a T2 plan may not approve it') as string,
    })
  })

  test.each([
    ['a service', { id: 'alertmanager', kind: 'service' }, true],
    ['a person', { id: 'hannah', kind: 'person' }, false],
    ['a person, whatever the entry says', { id: 'hannah', kind: 'service' }, false],
    ['somebody of whom nobody says what they are', { id: 'nobody' }, false],
  ])('starts by itself when a service had asked: %s', async (_, asker, may) => {
    const recipe = { id: 'scale-api', version: 1, digest: other }
    const given: Told = {
      ...{ stream: 'standing:s1', type: 'standing.given', about: 'standing_approval:s1', recipe },
      actor: { kind: 'person', id: 'hannah', auth: 'session', roles: ['sre'] },
      detail: { targets: ['deployment:prod/api'], steps: 1, bounds: {}, expires_at: at(60), most_runs: 1, minutes: 60 },
    }
    const plan = { ...proposed('T1', 1, { targets: ['deployment:prod/api'], reach: {} }), recipe }
    const start = started([], { detail: { plan: 'p1', steps: 1, standing: 's1', standing_by: 'hannah' } })
    expect(await look(given, anew(asker), plan, start)).toMatchObject({ state: may ? 'passed' : 'failed' })
  })
})
