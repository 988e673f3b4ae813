import type { Plan } from '../src/renderer/api/view.js'
import { mayAsk } from './break-glass.js'
import { who } from './cast.js'
import { catalogue } from './catalogue.js'
import { incidentView } from './incidents.js'
import type { Night } from './night.js'
import { text, type Asker, type Noun } from './noun.js'
import { faultsIn } from './params.js'
import { pastPlans } from './past-plans.js'
import { makePlan, makeRevert } from './planning.js'
import { byRole, demand, No, notFound, responders, type Allowed } from './refuse.js'
import { runView } from './runs.js'
import { passFor, type PlanRecord } from './world.js'

const recordOf = ({ world }: Night, id: string): PlanRecord => {
  const plan = world.plans.get(id)
  if (!plan) throw notFound(`/v1/plans/${id}`)
  return plan
}

const yeses = (plan: PlanRecord): number =>
  plan.approvals.filter(({ decision, digest }) => decision === 'yes' && digest === plan.digest).length

/** A plan as whoever asks sees it: with what they may do. */
export function planView(night: Night, plan: PlanRecord, me: Asker): Plan {
  const may = mayApprove(plan, me, night.options.now())
  return {
    ...plan,
    quorum: { needed: plan.body?.approval.people ?? 0, given: yeses(plan) },
    may: {
      ...{ approve: mayNow(night, plan, may), refuse: may, cancel: mayCancel(plan, me) },
      break_glass: mayAsk(night, plan, me),
    },
  }
}

function ask(night: Night, me: Asker, body: Record<string, unknown>): Plan {
  demand(byRole('plan.request', responders, me.roles))
  if (typeof body['reverts'] === 'string') {
    const run = night.world.runs.get(body['reverts'])
    if (!run) throw notFound(`/v1/runs/${body['reverts']}`)
    demand(runView(night, run, me).may.revert as Allowed, 409)
    return planView(night, makeRevert(night, run, { reason: text(body['reason']), by: me.id }), me)
  }
  const recipe = catalogue.find(({ id }) => id === body['recipe'])
  if (!recipe) throw new No(404, 'not-found', `There is no recipe "${text(body['recipe'])}". GET /v1/recipes lists them.`) // prettier-ignore
  const params = (body['params'] ?? {}) as Record<string, unknown>
  const faults = faultsIn(recipe.params, params)
  if (faults.length > 0) throw new No(422, 'out-of-range', `These parameters do not fit the recipe ${recipe.id}.`, faults) // prettier-ignore
  const incident = typeof body['incident'] === 'string' ? body['incident'] : null
  if (incident !== null) {
    demand(incidentView(night, night.incidentRecord(incident), me).may.plan as Allowed)
    const open = [...night.world.plans.values()].find((one) => one.incident === incident && one.recipe.id === recipe.id && isOpen(one)) // prettier-ignore
    if (open) throw new No(409, 'in-progress', `The plan ${open.id} for ${recipe.id} is still open for this incident: decide about it first.`) // prettier-ignore
  }
  const labels = incident === null ? ((body['labels'] ?? {}) as Record<string, string>) : {}
  const wish = { recipe: recipe.id, params, incident, labels, reason: text(body['reason']), by: me.id }
  return planView(night, makePlan(night, wish), me)
}

const isOpen = ({ state }: PlanRecord) => state === 'proposed' || state === 'approved'

function decide(night: Night, id: string, me: Asker, vote: Record<string, unknown>): Plan {
  const plan = recordOf(night, id)
  const now = night.options.now()
  const may = mayApprove(plan, me, now)
  demand(may, may.ok || ['not-your-role', 'own-plan'].includes(may.code) ? 403 : 409)
  if (vote['digest'] !== plan.digest)
    throw new No(
      409,
      'stale',
      `This is not the plan any more that you read: its digest is ${plan.digest?.slice(0, 19)}… now. Read it again.`,
    )
  const decision = vote['decision'] === 'no' ? 'no' : 'yes'
  if (decision === 'yes') demand(mayNow(night, plan, may), 423)
  const note = text(vote['note'])
  plan.approvals.push({ id: night.newId('apr'), by: who(me.id), decision, digest: plan.digest!, note, at: now.toISOString() }) // prettier-ignore
  const short = `${id} (${plan.digest?.slice(7, 19)})`
  const say = (type: string, says: string, outcome = 'ok') =>
    night.log(plan.incident, type, `plan:${id}`, me.id, says, { outcome })
  if (decision === 'no') {
    Object.assign(plan, { state: 'refused', because: `${me.name} said no: ${note}` })
    say('approval.refused', `${me.name} said no to plan ${short}: ${note}.`, 'refused')
  } else {
    if (yeses(plan) >= (plan.body?.approval.people ?? 1)) plan.state = 'approved'
    say('approval.given', `${me.name} approved plan ${short}.`)
    if (plan.state === 'approved') night.later(() => night.start(plan, me.id))
  }
  return planView(night, plan, me)
}

function cancel(night: Night, id: string, me: Asker, reason: string): Plan {
  const plan = recordOf(night, id)
  const may = mayCancel(plan, me)
  demand(may, may.ok || may.code === 'not-your-role' ? 403 : 409)
  Object.assign(plan, { state: 'cancelled', because: `${me.id} cancelled it: ${reason}` })
  night.log(plan.incident, 'plan.cancelled', `plan:${id}`, me.id, `${me.name} cancelled plan ${id}: ${reason}.`)
  return planView(night, plan, me)
}

function mayApprove(plan: PlanRecord, me: Asker, now: Date): Allowed {
  const no = (code: string, reason: string): Allowed => ({ ok: false, code, reason, who: roles })
  const roles = plan.body?.approval.roles ?? []
  if (plan.state === 'stopped') return no('stale', 'This plan is stopped: ask for a new one.')
  if (!byRole('plan.approve', roles, me.roles).ok) return no('not-your-role', `This plan is approved by ${roles.join(' or ')}.`) // prettier-ignore
  if (plan.state === 'stale') return no('stale', 'This plan is stale: ask for a new one.')
  if (plan.expires_at !== null && (plan.state === 'expired' || new Date(plan.expires_at) <= now)) return no('expired', `This plan expired at ${plan.expires_at}: ask for a new one.`) // prettier-ignore
  if (plan.state !== 'proposed') return no('already-decided', `This plan is ${plan.state}.`)
  if (plan.approvals.some(({ by }) => by.id === me.id))
    return no('already-decided', 'You have decided about this plan.')
  const tier = plan.body?.approval.tier ?? 'T1'
  if ((tier === 'T2' || tier === 'T3') && plan.requested_by.id === me.id)
    return no('own-plan', `A ${tier} plan is approved by somebody other than who asked for it.`)
  return { ok: true }
}

/** What keeps everybody from saying yes for now; a no is taken as ever. */
function mayNow({ freeze, options, world }: Night, plan: PlanRecord, may: Allowed): Allowed {
  if (!may.ok || freeze === null || passFor(world, plan, options.now())?.freeze === freeze.id) return may
  const { at, by, id, reason, scopes } = freeze
  const because = `Frozen since ${at} by ${by}: ${reason} (${id}, over ${scopes.join(', ')}). Only two of Security lift it.`
  return { ok: false, code: 'frozen', reason: because, who: ['security'] }
}

function mayCancel(plan: PlanRecord, me: Asker): Allowed {
  const role = byRole('plan.cancel', responders, me.roles)
  if (role.ok && !isOpen(plan))
    return { ok: false, code: 'already-decided', reason: `This plan is ${plan.state}: there is nothing to cancel.` }
  return role
}

export const plans: Noun = {
  routes: (night) => ({
    'GET /v1/incidents/{id}/suggestions': ({ at, me }) => ({
      items: [...night.incidentRecord(at('id')).plans].reverse().map((id) => planView(night, recordOf(night, id), me)),
      next: null,
    }),
    'GET /v1/plans': ({ query, me }) => ({
      items: [...night.world.plans.values()]
        .filter((plan) => query.get('state') === null || isOpen(plan))
        .filter(({ requested_by: { id } }) =>
          [null, id, id === me.id ? 'me' : null].includes(query.get('requested_by')),
        )
        .filter((plan) => query.get('incident') === null || plan.incident === query.get('incident'))
        .map((plan) => planView(night, plan, me))
        .sort((a, b) => b.requested_at.localeCompare(a.requested_at)),
      next: null,
    }),
    'GET /v1/plans/{id}': ({ at, me }) => planView(night, recordOf(night, at('id')), me),
    'POST /v1/plans': ({ body, me }) => ask(night, me, body),
    'POST /v1/plans/{id}/approvals': ({ at, body, me }) => decide(night, at('id'), me, body),
    'DELETE /v1/plans/{id}': ({ at, query, me }) => cancel(night, at('id'), me, query.get('reason') ?? ''),
  }),
  seed: pastPlans,
}
