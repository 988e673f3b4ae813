import type { BreakGlass, Plan } from '../src/renderer/api/view.js'
import { who } from './cast.js'
import { incidentView } from './incidents.js'
import type { Night } from './night.js'
import { text, type Asker, type Noun } from './noun.js'
import { byRole, demand, No, notFound, responders, type Allowed } from './refuse.js'
import type { PlanRecord } from './world.js'

const recordOf = ({ world }: Night, id: string): PlanRecord => {
  const plan = world.plans.get(id)
  if (!plan) throw notFound(`/v1/plans/${id}`)
  return plan
}

/** A plan as whoever asks sees it: with what they may do. */
export function planView(plan: PlanRecord, me: Asker): Plan {
  const given = plan.approvals.filter(({ decision, digest }) => decision === 'yes' && digest === plan.digest).length
  return {
    ...plan,
    quorum: { needed: 1, given },
    may: {
      ...{ approve: mayApprove(plan, me), refuse: mayApprove(plan, me), cancel: mayCancel(plan, me) },
      break_glass: byRole('break-glass.ask', ['security'], me.roles),
    },
  }
}

function ask(night: Night, incident: string, me: Asker): Plan {
  demand(incidentView(night.incidentRecord(incident), me).may.plan as Allowed)
  return planView(recordOf(night, night.propose(incident, night.options.now(), me.id)), me)
}

function decide(night: Night, id: string, me: Asker, vote: Record<string, unknown>): Plan {
  const plan = recordOf(night, id)
  const may = mayApprove(plan, me)
  demand(may, may.ok ? 403 : may.code === 'not-your-role' ? 403 : 409)
  if (vote['digest'] !== plan.digest)
    throw new No(
      409,
      'stale',
      `This is not the plan any more that you read: its digest is ${plan.digest?.slice(0, 19)}… now. Read it again.`,
    )
  const decision = vote['decision'] === 'no' ? 'no' : 'yes'
  const note = text(vote['note'])
  const at = night.options.now().toISOString()
  plan.approvals.push({ id: night.newId('apr'), by: who(me.id), decision, digest: plan.digest!, note, at })
  const short = `${id} (${plan.digest?.slice(7, 19)})`
  const say = (type: string, says: string, outcome = 'ok') =>
    night.log(plan.incident, type, `plan:${id}`, me.id, says, { outcome })
  if (decision === 'no') {
    Object.assign(plan, { state: 'refused', because: `${me.name} said no: ${note}` })
    say('approval.refused', `${me.name} said no to plan ${short}: ${note}.`, 'refused')
  } else {
    plan.state = 'approved'
    say('approval.given', `${me.name} approved plan ${short}.`)
    night.later(() => night.start(plan, me.id))
  }
  return planView(plan, me)
}

function breakGlassOf({ world }: Night, plan: string | null, me: Asker): BreakGlass[] {
  const may = { decide: byRole('break-glass.decide', ['security'], me.roles), review: byRole('break-glass.review', ['security'], me.roles) } // prettier-ignore
  return [...world.breakGlass.values()].filter((pass) => plan === null || pass.plan === plan).map((pass) => ({ ...pass, may })) // prettier-ignore
}

function mayApprove(plan: PlanRecord, me: Asker): Allowed {
  const role = byRole('plan.approve', plan.body?.approval.roles ?? [], me.roles)
  if (!role.ok) return { ...role, reason: `This plan is approved by ${plan.body?.approval.roles.join(' or ')}.` }
  if (plan.state !== 'proposed') return { ok: false, code: 'already-decided', reason: `This plan is ${plan.state}.` }
  return role
}

function mayCancel(plan: PlanRecord, me: Asker): Allowed {
  const role = byRole('plan.cancel', responders, me.roles)
  if (role.ok && plan.state !== 'proposed' && plan.state !== 'approved')
    return { ok: false, code: 'already-decided', reason: `This plan is ${plan.state}: there is nothing to cancel.` }
  return role
}

export const plans: Noun = {
  routes: (night) => ({
    'GET /v1/plans/{id}': ({ at, me }) => planView(recordOf(night, at('id')), me),
    'POST /v1/plans': ({ body, me }) => ask(night, text(body['incident']), me),
    'POST /v1/plans/{id}/approvals': ({ at, body, me }) => decide(night, at('id'), me, body),
    'GET /v1/break-glass': ({ query, me }) => ({ items: breakGlassOf(night, query.get('plan'), me), next: null }),
  }),
}
