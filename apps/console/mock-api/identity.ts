import type { Me } from '../src/renderer/api/view.js'
import type { Asker, Noun } from './noun.js'
import { byRole, responders } from './refuse.js'

/** Those of the rights that this API has routes for. */
const held = ['incident.acknowledge', 'incident.resolve', 'incident.note', 'incident.assign', 'incident.correct', 'incident.reopen', 'plan.request', 'plan.approve', 'plan.cancel', 'run.cancel', 'run.resolve', 'loan.return', 'loan.renew'] // prettier-ignore

export const meOf = (me: Asker, mode: Me['mode'] = 'sandbox'): Me => ({
  ...me,
  mode,
  may: Object.fromEntries(held.map((right) => [right, byRole(right, responders, me.roles)])),
})

export const identity: Noun = {
  routes: ({ options }) => ({ 'GET /v1/me': ({ me }) => meOf(me, options.mode) }),
}
