import { expect, test } from 'vitest'
import { parseApprovalRules } from '../approval-rules.js'
import { utf8 } from '../bytes.js'
import { TEST_START, told, watched, type Told } from '../testing/index.js'
import { approvalRules } from './approval-rules.js'

const text = `{
  "v": 1,
  "youngest_role_hours": 24,
  "tiers": {
    "T1": { "people": 1, "roles": ["sre", "ml"], "asker_may": true },
    "T2": { "people": 1, "roles": ["security"], "asker_may": false },
    "T3": { "people": 2, "roles": ["security"], "asker_may": false }
  }
}
`
const rules = parseApprovalRules(utf8(text))
const digest = `sha256:${'a1'.repeat(32)}`
const hours = (n: number) => new Date(TEST_START + n * 3_600_000).toISOString()

const grant = (id: string, role: string, since: string): Told => ({
  stream: `person:${id}`,
  type: 'role.granted',
  detail: { person_id: id, role, since },
})
const yes = (id: string, by: string, role: string): Told => ({
  stream: 'plan:p1',
  type: 'approval.given',
  about: `approval:${id}`,
  actor: { kind: 'person', id: by, roles: [role] },
  plan_digest: digest,
})
/** A plan that asks for one yes of anybody, with these yeses, and its run. */
const run = (tier: 'T0' | 'T1' | 'T2' | 'T3', ...votes: Told[]): Told[] => [
  { stream: 'plan:p1', type: 'plan.requested', about: 'request:p1', actor: { kind: 'person', id: 'hannah' } },
  { stream: 'plan:p1', type: 'plan.proposed', plan_digest: digest, detail: { tier, quorum: 1, steps: [] } },
  ...votes,
  {
    stream: 'run:r1',
    type: 'run.started',
    plan_digest: digest,
    approvals: votes.map(({ about, actor }) => ({ id: about!.slice(9), by: actor!.id, over: digest })),
    detail: { plan: 'p1' },
  },
]
const people = [
  grant('hannah', 'sre', hours(-48)),
  grant('ines', 'security', hours(-48)),
  grant('theo', 'security', hours(-48)),
  grant('viktor', 'security', hours(-2)),
]
const look = (...all: Told[]) => watched(approvalRules, told([...people, ...all]), { approvalRules: rules })

test('without rules it is not made', async () => {
  expect(await watched(approvalRules, told(run('T1')))).toEqual({
    state: 'not made',
    reason: 'there is no approval-rules.json beside the policy',
    open: false,
  })
})

test('runs as the rules have them', async () => {
  for (const all of [
    run('T0'),
    run('T1', yes('a1', 'hannah', 'sre')),
    run('T2', yes('a1', 'ines', 'security')),
    run('T3', yes('a1', 'ines', 'security'), yes('a2', 'theo', 'security')),
  ])
    expect(await look(...all)).toEqual({ state: 'passed', found: '1 run' })
})

test.each<[string, Told[], string]>([
  [
    'too few, though the plan asked for no more',
    run('T3', yes('a1', 'ines', 'security')),
    'the run r1 (T3) was started with 1 of the 2 approvals that your rules ask for: ines approved (entry 6)',
  ],
  [
    'another role than the rules name',
    run('T2', yes('a1', 'hannah', 'sre')),
    'the run r1 (T2) was started with 0 of the 1 approvals that your rules ask for: hannah approved (entry 6), which does not count: who asked for the plan may not be one of them in T2',
  ],
  [
    'a role that was too young',
    run('T2', yes('a1', 'viktor', 'security')),
    'the run r1 (T2) was started with 0 of the 1 approvals that your rules ask for: viktor approved (entry 6), which does not count: viktor held the role only since 2026-11-23T08:00:00.000Z, and your rules ask for 24 h',
  ],
  [
    'a role that the log never granted',
    run('T1', yes('a1', 'sam', 'sre')),
    'the run r1 (T1) was started with 0 of the 1 approvals that your rules ask for: sam approved (entry 6), which does not count: the log grants sam no role of sre',
  ],
])('found: %s', async (_, all, sentence) => {
  expect(await look(...all)).toMatchObject({ state: 'failed', sentence })
})

test.each([
  ['{', 'approval-rules.json: a key was expected at byte 1'],
  [text.replace('"v": 1,', '"v": 1, "v": 1,'), 'approval-rules.json: the key "v" stands twice'],
  [text.replace('"v": 1', '"v": 2'), 'approval-rules.json: /v: '],
  [text.replace('24', '1.5'), 'approval-rules.json: /youngest_role_hours: '],
  [text.replace('"T2"', '"T9"'), 'approval-rules.json: /tiers'],
  [text.replace('["security"]', '[]'), 'approval-rules.json: /tiers/T2/roles: '],
  ['x'.repeat(70_000), 'approval-rules.json: longer than 65536 bytes'],
])('rules that cannot be used say so: %#', (broken, sentence) => {
  expect(() => parseApprovalRules(utf8(broken))).toThrow(sentence)
})

test('a run by itself counts as one yes where the rules take a yes in advance, and else as none', async () => {
  const recipe = { id: 'scale-api', version: 1, digest }
  const story: Told[] = [
    {
      stream: 'standing:s1',
      type: 'standing.given',
      about: 'standing_approval:s1',
      actor: { kind: 'person', id: 'hannah', roles: ['sre'] },
      recipe,
      detail: {
        targets: ['deployment:prod/api'],
        steps: 1,
        bounds: {},
        expires_at: hours(24),
        most_runs: 1,
        minutes: 60,
      },
    },
    { stream: 'plan:p1', type: 'plan.requested', about: 'request:p1', actor: { kind: 'service', id: 'alertmanager' } },
    {
      stream: 'plan:p1',
      type: 'plan.proposed',
      plan_digest: digest,
      recipe,
      detail: { tier: 'T1', quorum: 1, steps: ['Scale it'], targets: ['deployment:prod/api'], reach: {} },
    },
    {
      stream: 'run:r1',
      type: 'run.started',
      plan_digest: digest,
      approvals: [],
      detail: { plan: 'p1', standing: 's1', standing_by: 'hannah' },
    },
  ]
  expect(await look(...story)).toMatchObject({
    state: 'failed',
    sentence: expect.stringContaining('your rules take no approval in advance in T1') as string,
  })
  const tiers = { ...rules.tiers, T1: { ...rules.tiers.T1, in_advance: true } }
  const taken = await watched(approvalRules, told([...people, ...story]), { approvalRules: { ...rules, tiers } })
  expect(taken).toEqual({ state: 'passed', found: '1 run' })
})
