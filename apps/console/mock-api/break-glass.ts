import type { BreakGlass } from '../src/renderer/api/view.js'
import { who } from './cast.js'
import type { Night } from './night.js'
import { text, type Asker, type Noun } from './noun.js'
import { byRole, demand, notFound, type Allowed } from './refuse.js'
import type { BreakGlassRecord } from './world.js'

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
  const now = night.options.now()
  const id = night.newId('bgl')
  night.world.breakGlass.set(id, {
    ...{ id, state: 'asked', plan: plan.id, digest: plan.digest, incident: plan.incident, reason, by: who(by) },
    ...{ over: 'freeze', freeze: 'frz_1', minutes: 60, at: now.toISOString() },
    ...{ open_until: new Date(now.getTime() + 15 * 60_000).toISOString(), expires_at: null },
    ...{ decision: null, use: null, review: null, to_type: null },
    ...more,
  })
  return plan.id
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
    'POST /v1/break-glass/{id}/approvals': ({ at, body, me }) => decide(night, at('id'), me, body),
    'POST /v1/break-glass/{id}/review': ({ at, body, me }) => review(night, at('id'), me, body),
  }),
}
