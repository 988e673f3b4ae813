import type { Right } from '../../src/http/rights.js'
import type { Shared } from './lines.js'

/** What a thing says beforehand of an action. */
export interface Beforehand {
  /** Where it is read; a list is looked through for the id. */
  read: (its: Shared) => { path: string; id?: string }
  /** The shape in openapi.json and the way to the `may` in it; `*` goes into each of a list. */
  at: string
  /** Which of such a list is meant. */
  pick?: (item: Record<string, unknown>, its: Shared) => boolean
}

/** An action on nothing that is there yet: `GET /v1/me` says of each right whether it is one's own. */
interface ByRight {
  right: Right
}
/** No `may`, and why. */
interface Without {
  none: string
}
export type Action = Beforehand | ByRight | Without

const of = (path: string, id: (its: Shared) => string, at: string): Beforehand => ({
  read: (its) => ({ path: `/v1/${path}/${id(its)}` }),
  at,
})
const listed = (path: (its: Shared) => string, id: (its: Shared) => string, at: string): Beforehand => ({
  read: (its) => ({ path: `/v1/${path(its)}`, id: id(its) }),
  at,
})
const person = (at: string, id: (its: Shared) => string = ({ person }) => person) =>
  listed(() => 'people?limit=200', id, at)
const incident = (may: string) => of('incidents', ({ incident }) => incident, `Incident.may.${may}`)
const plan = (may: string) => of('plans', ({ plan }) => plan, `Plan.may.${may}`)

/**
 * Each line of `lines.ts` that does something, and where a thing says beforehand what it would answer. `may.spec.ts` holds
 * that none is missing, the matrix that what is said is what is answered.
 */
export const actions: Record<string, Action> = {
  'POST /v1/alerts/{source}': { right: 'alert.send' },
  'PATCH /v1/incidents/{id}': incident('assign'),
  'PATCH /v1/incidents/{id}#severity': incident('correct'),
  'POST /v1/incidents/{id}/acknowledge': incident('acknowledge'),
  'POST /v1/incidents/{id}/resolve': incident('resolve'),
  'POST /v1/incidents/{id}/reopen': incident('reopen'),
  'POST /v1/incidents/{id}/notes': incident('note'),
  'POST /v1/recipes/{id}/graduations': {
    ...of('recipes', () => 'scale-api/graduations', 'Graduations.to.*.may'),
    pick: ({ stage }) => stage === 'watch',
  },
  'POST /v1/plans': of('recipes', () => 'scale-api', 'Recipe.may.plan'),
  'POST /v1/plans#revert': of('runs', ({ over }) => over, 'Run.may.revert'),
  'DELETE /v1/plans/{id}': plan('cancel'),
  'POST /v1/plans/{id}/approvals': plan('approve'),
  'POST /v1/plans/{id}/approvals#no': plan('refuse'),
  'POST /v1/standing-approvals': of('recipes', () => 'scale-api', 'Recipe.may.approve_in_advance'),
  'DELETE /v1/standing-approvals/{id}': of('standing-approvals', (its) => its.standing, 'StandingApproval.may.revoke'),
  'POST /v1/runs/{id}/cancel': of('runs', ({ run }) => run, 'Run.may.cancel'),
  'POST /v1/runs/{id}/resolve-unknown': of('runs', ({ asking }) => asking, 'Run.may.resolve'),
  'POST /v1/loans/{id}/renew': of('loans', ({ loan }) => loan, 'Loan.may.renew'),
  'POST /v1/loans/{id}/return': of('loans', ({ loan }) => loan, 'Loan.may.return'),
  'POST /v1/freezes': { right: 'freeze.declare' },
  'POST /v1/freezes/{id}/lift': of('freezes', ({ freeze }) => freeze, 'Freeze.may.lift'),
  'POST /v1/freezes/{id}/lift/approvals': of('freezes', ({ thawing }) => thawing, 'Freeze.may.approve'),
  'POST /v1/break-glass': plan('break_glass'),
  'POST /v1/break-glass/{id}/approvals': of('break-glass', ({ glass }) => glass, 'BreakGlass.may.decide'),
  'POST /v1/break-glass/{id}/review': of('break-glass', ({ glass_used }) => glass_used, 'BreakGlass.may.review'),
  'POST /v1/budgets/{id}/rearm': listed(
    () => 'budgets',
    () => 'service:api',
    'Budget.may.rearm',
  ),
  'POST /v1/quiet-windows': { right: 'quiet.declare' },
  'DELETE /v1/quiet-windows/{id}': of('quiet-windows', ({ window }) => window, 'QuietWindow.may.cancel'),
  'POST /v1/stop': { read: () => ({ path: '/v1/stop' }), at: 'Stop.may.press' },
  'DELETE /v1/stop': {
    none: 'The switch is off here, and letting go of what is not pressed is done already; Stop.may.release says so.',
  },
  'POST /v1/audit/exports': { right: 'audit.export' },
  'POST /v1/audit/exports#disclosed': { right: 'audit.disclose' },
  'GET /v1/audit/exports/{id}/download': of('audit/exports', (its) => its.export, 'Export.may.download'),
  'GET /v1/audit/exports/{id}/download#disclosed': of('audit/exports', (its) => its.disclosed, 'Export.may.download'),
  'POST /v1/audit/successor': { right: 'audit.succeed' },
  'POST /v1/audit/successor/{id}/approvals': of('audit/successor', (its) => its.successor, 'Successor.may.approve'),
  'POST /v1/people': { right: 'service.add' },
  'POST /v1/people/{id}/roles': person('Person.may.grant'),
  'DELETE /v1/people/{id}/roles/{role}': {
    ...person('Person.roles.*.may.revoke'),
    pick: ({ role }, its) => role === (its.person === 'ada' ? 'admin' : 'sre'),
  },
  'POST /v1/api-keys': person('Person.may.make_key'),
  'POST /v1/api-keys#service': person('Person.may.make_key', () => 'alertmanager'),
  'DELETE /v1/api-keys/{id}': listed(
    (its) => `api-keys?limit=200&person=${its.person}`,
    ({ key }) => key,
    'ApiKey.may.revoke',
  ),
}

/** What is said of more than one way to do it, and of nothing in the matrix. */
export const saidBesides: Record<string, string> = {
  'Incident.may.plan': 'POST /v1/plans with this incident',
  'Stop.may.release': 'DELETE /v1/stop, when it is on',
}
