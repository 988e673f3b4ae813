import type { Shape } from '@firebreak/client'

export const DIGEST = `sha256:${'ab12'.repeat(16)}`

/** A plan that scales the API from two to five. */
export function aPlan(change: Partial<Shape<'Plan'>> = {}): Shape<'Plan'> {
  return {
    id: 'pln_1',
    state: 'proposed',
    recipe: { id: 'scale-api', title: 'Scale the API', version: 1, meaning: 'It is slow.', impact: 'People wait.' },
    incident: 'inc_1',
    requested_by: { id: 'hannah', name: 'Hannah' },
    requested_at: '2026-11-23T03:00:00.000Z',
    reason: '',
    reverts: null,
    digest: DIGEST,
    body: {
      v: 1,
      id: 'pln_1',
      recipe: { id: 'scale-api', version: 1, digest: DIGEST },
      params: {},
      trigger: {},
      incident: 'inc_1',
      requested_by: 'hannah',
      reason: '',
      reads: [],
      facts: { p95_ms: 2_400 },
      guards: [],
      steps: [
        {
          verb: 'scale',
          args: {},
          says: 'Scale deployment prod/api from 2 to 5',
          targets: ['deployment:prod/api'],
          before: { replicas: 2, paused: false },
          after: { replicas: 5, paused: false },
          reversible: 'yes',
          undo: { says: 'Scale it back to 2' },
          loan_minutes: 60,
        },
      ],
      blast_radius: { targets: 1, steps: 1 },
      verify: { within_s: 300, says: 'p95 is below 500 ms' },
      approval: { tier: 'T1', roles: ['sre'], people: 1 },
      made_at: '2026-11-23T03:00:01.000Z',
      expires_at: '2026-11-23T03:30:00.000Z',
    },
    because: null,
    expires_at: '2026-11-23T03:30:00.000Z',
    approvals: [],
    quorum: { needed: 1, given: 0 },
    to_type: null,
    run: null,
    // The API tells of more rights as it grows; what is asked about here is named.
    may: { approve: { ok: true }, refuse: { ok: true }, cancel: { ok: true } } as Shape<'Plan'>['may'],
    ...change,
  }
}

/** A run of that plan. */
export function aRun(change: Partial<Shape<'Run'>> = {}, step: Shape<'RunStep'>['state'] = 'pending'): Shape<'Run'> {
  return {
    id: 'run_1',
    plan: 'pln_1',
    plan_digest: DIGEST,
    standing: null,
    incident: 'inc_1',
    recipe: { id: 'scale-api', title: 'Scale the API' },
    state: 'running',
    because: null,
    verify: { within_s: 300, says: 'p95 is below 500 ms' },
    started_at: '2026-11-23T03:00:02.000Z',
    verifying_at: null,
    goes_on_at: null,
    ended_at: null,
    steps: [
      {
        id: 'stp_1',
        number: 1,
        verb: 'scale',
        says: 'Scale deployment prod/api from 2 to 5',
        undo_says: null,
        targets: ['deployment:prod/api'],
        state: step,
        attempt: 1,
        intended_at: null,
        ended_at: null,
        before: { replicas: 2 },
        after: { replicas: 5 },
        because: null,
        items: null,
      },
    ],
    loans: [],
    reverts: null,
    reverted_by: [],
    may: { cancel: { ok: true }, resolve: { ok: false }, revert: { ok: false } },
    ...change,
  }
}
