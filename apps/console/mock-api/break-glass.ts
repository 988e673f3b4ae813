import type { BreakGlass, BreakGlassCheck } from '../src/renderer/api/view.js'
import { cast, who } from './cast.js'
import type { Night } from './night.js'
import { text, type Asker, type Noun } from './noun.js'
import { byRole, demand, No, notFound, type Allowed } from './refuse.js'
import { passFor, type BreakGlassRecord, type PlanRecord } from './world.js'

/** One asks to pass the freeze `frz_1` with a plan that waits. Answers the plan's id. */
export function askToPass(
  night: Night,
  recipe: string,
  by: string,
  reason: string,
  more: Partial<BreakGlassRecord> = {},
): string {
  const plan = [...night.world.plans.values()].find((one) => one.recipe.id === recipe && one.state === 'proposed')
  if (!plan?.digest) throw new Error(`No plan of ${recipe} waits.`)
  wish(night, plan, by, reason, more)
  return plan.id
}

/** Answers its id. */
function wish(night: Night, plan: PlanRecord, by: string, reason: string, more: Partial<BreakGlassRecord>): string {
  const now = night.options.now()
  const id = night.newId('bgl')
  night.world.breakGlass.set(id, {
    ...{ id, state: 'asked', plan: plan.id, digest: plan.digest!, incident: plan.incident, reason, by: who(by) },
    ...{ over: 'freeze', freeze: 'frz_1', minutes: 60, at: now.toISOString() },
    ...{ open_until: new Date(now.getTime() + 15 * 60_000).toISOString(), expires_at: null },
    ...{ decision: null, use: null, review: null, to_type: null },
    ...more,
  })
  return id
}

/** Whether this person may ask for a pass for this plan. */
export function mayAsk({ world }: Pick<Night, 'world'>, plan: PlanRecord, me: Asker): Allowed {
  const role = byRole('break-glass.ask', ['security'], me.roles)
  if (!role.ok) return role
  const open = [...world.breakGlass.values()].find(
    (pass) => pass.plan === plan.id && (pass.state === 'asked' || pass.state === 'granted'),
  )
  if (open) return { ok: false, code: 'in-progress', reason: `${open.id} is ${open.state}: a plan has one at a time.` }
  if (plan.state !== 'proposed' && plan.state !== 'approved') return already(`This plan is ${plan.state}.`)
  return role
}

const planOf = ({ world }: Night, id: string): PlanRecord => {
  const plan = world.plans.get(id)
  if (!plan) throw notFound(`/v1/plans/${id}`)
  return plan
}

function check(night: Night, id: string, me: Asker): BreakGlassCheck {
  const plan = planOf(night, id)
  const { freeze } = night
  const passed = passFor(night.world, plan, night.options.now())?.freeze === freeze?.id
  const asker = [...night.world.breakGlass.values()].find((pass) => pass.plan === id && pass.state === 'asked')
  return {
    ...{ plan: id, digest: plan.digest, approval_missing: plan.state === 'proposed' },
    freezes: freeze === null || passed ? [] : [{ ...freeze, by: who(freeze.by) }],
    granters: {
      security: cast
        .filter(({ id, roles }) => roles.includes('security') && id !== (asker?.by.id ?? me.id))
        .map(({ id }) => who(id)),
      lead: null,
    },
  }
}

function ask(night: Night, me: Asker, body: Record<string, unknown>): BreakGlass {
  const plan = planOf(night, text(body['plan']))
  const may = mayAsk(night, plan, me)
  demand(may, may.ok || may.code === 'not-your-role' ? 403 : 409)
  if (body['digest'] !== plan.digest)
    throw new No(409, 'stale', 'You read another plan than this is now. Read it again.')
  const over = body['over'] as { freeze: string } | 'approval'
  if (over !== 'approval' && over.freeze !== night.freeze?.id)
    throw new No(422, 'out-of-scope', `${over.freeze} does not hold this plan now.`)
  const more = over === 'approval' ? { over: 'approval' as const, freeze: null } : { freeze: over.freeze }
  const now = night.options.now()
  const open_until = new Date(now.getTime() + 60 * 60_000).toISOString()
  const id = wish(night, plan, me.id, text(body['reason']), {
    minutes: Number(body['minutes'] ?? 60),
    open_until,
    ...more,
  })
  night.log(
    plan.incident,
    'break-glass.asked',
    `plan:${plan.id}`,
    me.id,
    `${me.name} asked to break the glass for plan ${plan.id}.`,
  )
  return view(recordOf(night, id), me)
}

const recordOf = ({ world }: Night, id: string): BreakGlassRecord => {
  const pass = world.breakGlass.get(id)
  if (!pass) throw notFound(`/v1/break-glass/${id}`)
  return pass
}

const already = (reason: string): Allowed => ({ ok: false, code: 'already-decided', reason })

function mayDecide({ by, state }: BreakGlassRecord, me: Asker): Allowed {
  if (state !== 'asked') return already(`It is ${state}.`)
  if (by.id === me.id) return { ok: false, code: 'own-plan', reason: 'Another of Security than who asked decides.' }
  return byRole('break-glass.decide', ['security'], me.roles)
}

function mayReview({ by, decision, state }: BreakGlassRecord, me: Asker): Allowed {
  if (state !== 'used' && state !== 'overdue') return already(`It is ${state}.`)
  if (by.id === me.id || decision?.by.id === me.id)
    return {
      ok: false,
      code: 'own-plan',
      reason: 'One of Security reviews it who neither asked for it nor granted it.',
    }
  return byRole('break-glass.review', ['security'], me.roles)
}

const view = (pass: BreakGlassRecord, me: Asker): BreakGlass => ({
  ...pass,
  may: { decide: mayDecide(pass, me), review: mayReview(pass, me) },
})

function decide(night: Night, id: string, me: Asker, vote: Record<string, unknown>): BreakGlass {
  const pass = recordOf(night, id)
  const may = mayDecide(pass, me)
  demand(may, may.ok || may.code !== 'already-decided' ? 403 : 409)
  const granted = vote['decision'] === 'yes'
  const now = night.options.now()
  Object.assign(pass, {
    state: granted ? 'granted' : 'refused',
    decision: {
      ...{ by: who(me.id), decision: granted ? 'granted' : 'refused', voice: 'security' },
      ...{ note: text(vote['note']), at: now.toISOString() },
    },
    expires_at: granted ? new Date(now.getTime() + pass.minutes * 60_000).toISOString() : null,
  })
  const says = `${me.name} ${granted ? 'granted' : 'refused'} the break-glass for plan ${pass.plan}.`
  night.log(pass.incident, `break-glass.${granted ? 'granted' : 'refused'}`, `plan:${pass.plan}`, me.id, says)
  const plan = planOf(night, pass.plan)
  // It stands for the one yes that most plans want.
  if (granted && (plan.state === 'approved' || pass.over === 'approval')) night.later(() => night.start(plan, me.id))
  return view(pass, me)
}

function review(night: Night, id: string, me: Asker, body: Record<string, unknown>): BreakGlass {
  const pass = recordOf(night, id)
  const may = mayReview(pass, me)
  demand(may, may.ok || may.code !== 'already-decided' ? 403 : 409)
  const verdict = body['verdict'] === 'justified' ? 'justified' : 'not-justified'
  const at = night.options.now().toISOString()
  Object.assign(pass, { state: 'reviewed', review: { by: who(me.id), verdict, note: text(body['note']), at, late: false } }) // prettier-ignore
  const says = `${me.name} reviewed the break-glass for plan ${pass.plan}: ${verdict}.`
  night.log(pass.incident, 'break-glass.reviewed', `plan:${pass.plan}`, me.id, says)
  return view(pass, me)
}

export const breakGlass: Noun = {
  routes: (night) => ({
    'GET /v1/break-glass': ({ query, me }) => ({
      items: [...night.world.breakGlass.values()]
        .filter(({ plan }) => query.get('plan') === null || plan === query.get('plan'))
        .map((pass) => view(pass, me))
        .sort((a, b) => b.at.localeCompare(a.at)),
      next: null,
    }),
    'GET /v1/break-glass/check': ({ query, me }) => check(night, query.get('plan') ?? '', me),
    'POST /v1/break-glass': ({ body, me }) => ask(night, me, body),
    'POST /v1/break-glass/{id}/approvals': ({ at, body, me }) => decide(night, at('id'), me, body),
    'POST /v1/break-glass/{id}/review': ({ at, body, me }) => review(night, at('id'), me, body),
  }),
}
