import type { RefusalCode } from '@firebreak/flow'
import { roles, type Role } from '@firebreak/kit'

/** What comes back: it was done, or why not. */
export type Outcome = 'done' | RefusalCode
/** Whose thing somebody asks for: their own, or another person's. */
export type Whose = 'own' | 'other'

/** The things of one person in the situation that every question is asked in (`situation.ts`), by their ids. */
export interface Things {
  person: string
  plan: string
  digest: string
  standing: string
  key: string
  export: string
  /** One with personal values. */
  disclosed: string
  successor: string
  successor_digest: string
  /** A freeze of which they asked for the lift. */
  thawing: string
  thawing_digest: string
  /** A wish to break the glass, and one that a run has used. */
  glass: string
  glass_used: string
}
/** And what is nobody's own. */
export interface Shared extends Things {
  incident: string
  run: string
  asking: string
  over: string
  loan: string
  freeze: string
  window: string
  recipe_digest: string
  checkpoint: string
}

export interface Question {
  /** What stands in the place of `{id}` and its like; `other` where the route has several. */
  path?: Record<string, string>
  query?: Record<string, string>
  body?: object
}

/** One route: who passes its door, what is asked, and what comes back when it is one's own thing, and when it is not. */
export interface Line {
  may: readonly Role[] | 'anyone' | 'signed-in'
  ask: (its: Shared) => Question
  /** The same for both: it makes no difference whose it is. */
  own: Outcome
  other: Outcome
  /** Somebody of these roles is told something else. */
  but?: Partial<Record<Role, { own: Outcome; other: Outcome }>>
}

const line = (may: Line['may'], ask: Line['ask'] = () => ({}), then: Outcome = 'done'): Line => ({
  ...{ may, ask },
  ...{ own: then, other: then },
})
const owned = (
  may: Line['may'],
  ask: Line['ask'],
  { own, other }: { own: Outcome; other: Outcome },
  but?: Line['but'],
): Line => ({ may, ask, own, other, ...(but ? { but } : {}) })

const people: readonly Role[] = ['sre', 'ml', 'security', 'auditor', 'admin']
const responders: readonly Role[] = ['sre', 'ml', 'security']
const everybody: readonly Role[] = roles

const because = { reason: 'because' }
const id = (of: (its: Shared) => string, more: Omit<Question, 'path'> = {}) => {
  return (its: Shared): Question => ({ path: { id: of(its) }, ...more })
}

const never = { own: 'not-your-role', other: 'not-your-role' } as const
/** Those of the responders whom the recipe itself names: of scale-api, SRE. */
const byRecipe = (ask: Line['ask']): Line =>
  owned(responders, ask, { own: 'done', other: 'done' }, { ml: never, security: never })

/**
 * Every route, who may, and what must come back. Written by hand and not made of `rights.ts`: it is what that table is held
 * against. A route without a line fails `matrix.spec.ts`; where one path answers several questions, `#` tells them apart.
 */
export const lines: Record<string, Line> = {
  'GET /v1/health': line('anyone'),
  'GET /metrics': line(everybody),
  'POST /v1/alerts/{source}': line(['admin', 'service'], () => ({
    path: { source: 'alertmanager' },
    body: { version: '4', alerts: [] },
  })),
  'GET /v1/alerts': line(people),
  'GET /v1/alerts/ledger': line(people),
  'GET /v1/targets': line(people),
  'GET /v1/targets/{id}': line(people, () => ({ path: { id: 'deployment:prod/api' } })),
  'GET /v1/targets/figures': line(people, () => ({ query: { name: 'p95_ms' } })),
  'GET /v1/targets/{id}/figures': line(people, () => ({ path: { id: 'service:api' } })),
  'GET /v1/targets/{id}/observations': line(people, () => ({ path: { id: 'deployment:prod/api' } })),
  'GET /v1/incidents': line(people),
  'GET /v1/incidents/counts': line(people),
  'GET /v1/incidents/{id}': line(people, id(({ incident }) => incident)), // prettier-ignore
  'PATCH /v1/incidents/{id}': line(responders, id(({ incident }) => incident, { body: { owner: 'sam' } })), // prettier-ignore
  'PATCH /v1/incidents/{id}#severity': line(responders, id(({ incident }) => incident, { body: { severity: 'SEV1', ...because } })), // prettier-ignore
  'POST /v1/incidents/{id}/acknowledge': line(responders, id(({ incident }) => incident)), // prettier-ignore
  'POST /v1/incidents/{id}/resolve': line(responders, id(({ incident }) => incident, { body: because })), // prettier-ignore
  // Open, in this situation.
  'POST /v1/incidents/{id}/reopen': line(responders, id(({ incident }) => incident, { body: because }), 'superseded'), // prettier-ignore
  'POST /v1/incidents/{id}/notes': line(responders, id(({ incident }) => incident, { body: { text: 'seen' } })), // prettier-ignore
  'GET /v1/incidents/{id}/timeline': line(people, id(({ incident }) => incident)), // prettier-ignore
  'GET /v1/incidents/{id}/evidence': line(people, id(({ incident }) => incident)), // prettier-ignore
  'GET /v1/incidents/{id}/figures': line(people, id(({ incident }) => incident)), // prettier-ignore
  'GET /v1/incidents/{id}/changes': line(people, id(({ incident }) => incident)), // prettier-ignore
  'GET /v1/incidents/{id}/suggestions': line(people, id(({ incident }) => incident)), // prettier-ignore
  'GET /v1/recipes': line(people),
  'GET /v1/recipes/{id}': line(people, id(() => 'scale-api')), // prettier-ignore
  'GET /v1/recipes/{id}/graduations': line(people, id(() => 'scale-api')), // prettier-ignore
  'POST /v1/recipes/{id}/graduations': byRecipe(({ recipe_digest }) => ({
    path: { id: 'scale-api' },
    body: { digest: recipe_digest, to: 'watch', ...because },
  })),
  'POST /v1/plans': line(responders, () => ({ body: { recipe: 'scale-api', reason: 'slow' } })),
  'POST /v1/plans#revert': line(responders, ({ over }) => ({ body: { reverts: over, reason: 'too much' } })),
  'GET /v1/plans': line(people),
  'GET /v1/plans/{id}': line(people, id(({ plan }) => plan)), // prettier-ignore
  'DELETE /v1/plans/{id}': line(responders, id(({ plan }) => plan, { query: because })), // prettier-ignore
  // T2: another person of the right role.
  'POST /v1/plans/{id}/approvals': owned(
    responders,
    ({ plan, digest }) => ({ path: { id: plan }, body: { digest, decision: 'yes' } }),
    { own: 'own-plan', other: 'done' },
    { service: { own: 'service-cannot-approve', other: 'service-cannot-approve' } },
  ),
  // Who asked may say no, too: that stops it for everybody, and a plan of one's own is taken back by cancelling it.
  'POST /v1/plans/{id}/approvals#no': owned(
    responders,
    ({ plan, digest }) => ({ path: { id: plan }, body: { digest, decision: 'no' } }),
    { own: 'own-plan', other: 'done' },
    { service: { own: 'service-cannot-approve', other: 'service-cannot-approve' } },
  ),
  'POST /v1/standing-approvals': byRecipe(({ recipe_digest }) => ({
    body: {
      ...{ recipe: 'scale-api', digest: recipe_digest, targets: ['deployment:prod/api'], ...because },
      bounds: { steps: 1, runs: { most: 1, minutes: 60 }, after: { replicas: { at_most: 6 } } },
      expires_at: new Date(Date.now() + 24 * 60 * 60_000).toISOString(),
    },
  })),
  'GET /v1/standing-approvals': line(people),
  'GET /v1/standing-approvals/{id}': line(people, id(({ standing }) => standing)), // prettier-ignore
  'DELETE /v1/standing-approvals/{id}': line(responders, id(({ standing }) => standing, { query: because })), // prettier-ignore
  'GET /v1/runs': line(people),
  'GET /v1/runs/{id}': line(people, id(({ run }) => run)), // prettier-ignore
  'POST /v1/runs/{id}/cancel': line(responders, id(({ run }) => run, { body: because })), // prettier-ignore
  'POST /v1/runs/{id}/resolve-unknown': line(
    responders,
    id(({ asking }) => asking, { body: { verdict: 'put-right', ...because } }),
  ),
  'GET /v1/loans': line(people),
  'GET /v1/loans/{id}': line(people, id(({ loan }) => loan)), // prettier-ignore
  'POST /v1/loans/{id}/renew': line(responders, id(({ loan }) => loan, { body: { minutes: 60, ...because } })), // prettier-ignore
  'POST /v1/loans/{id}/return': line(responders, id(({ loan }) => loan, { body: because })), // prettier-ignore
  'POST /v1/freezes': line(['security'], () => ({ body: { scopes: ['service:api'], ...because } })),
  'GET /v1/freezes': line(people),
  'GET /v1/freezes/check': line(everybody, () => ({ query: { target: 'deployment:prod/api' } })),
  'GET /v1/freezes/{id}': line(people, id(({ freeze }) => freeze)), // prettier-ignore
  'POST /v1/freezes/{id}/lift': line(['security'], id(({ freeze }) => freeze, { body: because })), // prettier-ignore
  'POST /v1/freezes/{id}/lift/approvals': owned(
    ['security'],
    ({ thawing, thawing_digest }) => ({ path: { id: thawing }, body: { digest: thawing_digest, decision: 'yes' } }),
    { own: 'own-plan', other: 'done' },
  ),
  // Not on their own plan alone: whoever is of Security may ask for anybody's.
  'POST /v1/break-glass': line(['security'], ({ plan, digest }) => ({ body: { plan, digest, over: 'approval', ...because } })), // prettier-ignore
  'GET /v1/break-glass': line(people),
  'GET /v1/break-glass/check': line(people, ({ plan }) => ({ query: { plan } })),
  'GET /v1/break-glass/{id}': line(people, id(({ glass }) => glass)), // prettier-ignore
  // Three are of Security in this situation: nobody has to stand in.
  'POST /v1/break-glass/{id}/approvals': owned(
    responders,
    ({ glass, digest }) => ({ path: { id: glass }, body: { digest, decision: 'yes' } }),
    { own: 'own-plan', other: 'done' },
    { sre: never, ml: never },
  ),
  'POST /v1/break-glass/{id}/review': owned(
    ['security'],
    id(({ glass_used }) => glass_used, { body: { verdict: 'justified', note: 'it was' } }),
    { own: 'own-plan', other: 'done' },
  ),
  'GET /v1/budgets': line(people),
  // Armed, in this situation: whoever may is told that there is nothing to do.
  'POST /v1/budgets/{id}/rearm': line(responders, id(() => 'service:api', { body: because }), 'already-decided'), // prettier-ignore
  'POST /v1/quiet-windows': line(['sre'], () => ({
    body: { scopes: ['queue:other'], ends_at: new Date(Date.now() + 60_000).toISOString(), ...because },
  })),
  'GET /v1/quiet-windows': line(people),
  'GET /v1/quiet-windows/{id}': line(people, id(({ window }) => window)), // prettier-ignore
  'DELETE /v1/quiet-windows/{id}': line(['sre'], id(({ window }) => window, { query: because })), // prettier-ignore
  'GET /v1/stop': line(people),
  'POST /v1/stop': line(responders, () => ({ body: because })),
  'DELETE /v1/stop': line(responders, () => ({ query: because })),
  'GET /v1/audit/checkpoint': line(people),
  'GET /v1/audit/entries': line(people),
  'POST /v1/audit/exports': line(['security', 'auditor', 'admin'], () => ({ body: { kind: 'csv' } })),
  'POST /v1/audit/exports#disclosed': line(['security', 'auditor'], () => ({ body: { kind: 'evidence-bundle', disclose: true } })), // prettier-ignore
  'GET /v1/audit/exports': line(people),
  'GET /v1/audit/exports/{id}': line(people, id((its) => its.export)), // prettier-ignore
  'GET /v1/audit/exports/{id}/download': line(['security', 'auditor', 'admin'], id((its) => its.export)), // prettier-ignore
  'GET /v1/audit/exports/{id}/download#disclosed': line(['security', 'auditor'], id((its) => its.disclosed)), // prettier-ignore
  'GET /v1/audit/proofs/inclusion': line(people, () => ({ query: { position: '0' } })),
  'GET /v1/audit/proofs/consistency': line(people, () => ({ query: { from: '1' } })),
  'GET /v1/audit/tiles/{path}': line(people, () => ({ path: { path: 'checkpoint' } })),
  'POST /v1/audit/successor': line(['security'], ({ checkpoint }) => ({
    body: { checkpoint, new_origin: 'test.example/log/2', ...because },
  })),
  'GET /v1/audit/successor': line(people),
  'GET /v1/audit/successor/{id}': line(people, id(({ successor }) => successor)), // prettier-ignore
  'POST /v1/audit/successor/{id}/approvals': owned(
    ['security'],
    ({ successor, successor_digest }) => ({ path: { id: successor }, body: { digest: successor_digest, decision: 'yes' } }), // prettier-ignore
    { own: 'own-plan', other: 'done' },
  ),
  'GET /v1/runbook': line(people),
  'GET /v1/runbook/{page}': line(people, () => ({ path: { page: 'high-api-latency' } })),
  'GET /v1/stream': line(people),
  'GET /v1/me': line('signed-in'),
  'GET /v1/people': line(people),
  'POST /v1/people': line(['admin'], () => ({ body: { name: 'a tool' } })),
  'POST /v1/people/{id}/roles': owned(
    ['admin'],
    ({ person }) => ({ path: { id: person }, body: { role: 'auditor', ...because } }),
    { own: 'own-plan', other: 'done' },
  ),
  // One's own may be given away; the last administrator's may not, and there is one in this situation.
  'DELETE /v1/people/{id}/roles/{role}': owned(
    ['admin'],
    ({ person }) => ({ path: { id: person, role: person === 'ada' ? 'admin' : 'sre' }, query: because }),
    { own: 'out-of-range', other: 'done' },
  ),
  'GET /v1/api-keys': owned(people, ({ person }) => ({ query: { person } }), { own: 'done', other: 'not-your-role' }, { admin: { own: 'done', other: 'done' } }), // prettier-ignore
  'POST /v1/api-keys': owned(people, ({ person }) => ({ body: { name: 'a key', person } }), { own: 'done', other: 'not-your-role' }), // prettier-ignore
  'POST /v1/api-keys#service': line(['admin'], () => ({ body: { name: 'a key', person: 'alertmanager' } })),
  'DELETE /v1/api-keys/{id}': owned(people, id(({ key }) => key), { own: 'done', other: 'not-found' }, { admin: { own: 'done', other: 'done' } }), // prettier-ignore
  'GET /v1/sign-in': line('anyone', undefined, 'not-found'),
  'GET /v1/sign-in/callback': line('anyone', undefined, 'not-signed-in'),
  'POST /v1/sign-out': line('anyone'),
  'GET /v1/people/seeded': line('anyone'),
  'POST /v1/sign-in/seeded': line('anyone', () => ({ body: { person: 'hannah' } })),
}

/** The route of a line, without what tells its questions apart. */
export const routeOf = (name: string): string => name.split('#')[0]!
