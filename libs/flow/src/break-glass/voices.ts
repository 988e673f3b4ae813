import type { Role } from '@firebreak/kit'
import type { Actor } from '../actor.js'
import { toType } from '../approvals.js'
import type { RefusalCode } from '../refused.js'
import { roleHours, votesFrom } from '../roles.js'
import type { Approval, BreakGlassDecision, Plan, RoleGrant } from '../rows.js'
import { passState, type Pass } from './pass.js'

/** Whose glass it is. */
const SECURITY = 'security' satisfies Role
/** Who can lead an incident. */
const LEADS: readonly Role[] = ['sre', 'ml', SECURITY]
/** A voice here weighs as much as one for what cannot be taken back, and its role is as old. */
const WEIGHT = 'T3'
/**
 * A whole pass takes three of Security: one asks, another grants, a third reviews. Where fewer than two others hold the role,
 * granting would leave nobody to review it: there the lead of the incident may grant, and the grant is marked. The lead is who
 * acknowledged it themselves: an owner may be anybody's choice, and so the choice of who asks.
 */
const ENOUGH_OTHERS = 2

interface No {
  code: RefusalCode
  reason: string
  who?: string[]
}

type Held = Pick<RoleGrant, 'person_id' | 'role' | 'since'>

/** What is known of a plan that somebody wants to break the glass for. */
export interface Wanted {
  plan: Plan
  approvals: readonly Approval[]
  /** Who cancelled it. */
  cancelledBy?: string | undefined
}

/** Why this plan is nothing to break the glass for: it is not open any more. */
function whyNotOpen({ approvals, cancelledBy, plan }: Wanted, now: Date): No | undefined {
  if (cancelledBy !== undefined || plan.state === 'cancelled')
    return { code: 'already-decided', reason: `${cancelledBy ?? 'Somebody'} cancelled this plan.` }
  if (plan.state === 'used')
    return { code: 'already-decided', reason: 'This plan has become a run: a pass is for one that has not begun.' }
  if (approvals.some(({ decision }) => decision === 'no') || plan.state === 'refused')
    return { code: 'already-decided', reason: 'Somebody said no to this plan, and no pass goes over that.' }
  if (plan.state === 'expired' || new Date(plan.expires_at) <= now)
    return { code: 'expired', reason: `This plan expired at ${plan.expires_at}: ask for a new one.` }
  if (plan.state !== 'proposed')
    return { code: 'stale', reason: `This plan is ${plan.state}: there is nothing to let pass.` }
  return undefined
}

/** Why somebody's voice is not one of Security; undefined when it is, for long enough. */
function whyNotSecurity(what: string, by: Actor, held: readonly Held[], now: Date): No | undefined {
  const who = [SECURITY]
  if (by.kind !== 'person')
    return { code: 'service-cannot-approve', reason: `Breaking the glass is ${what} by a person.`, who }
  const grant = held.find(({ role }) => role === SECURITY && by.roles.includes(role))
  if (!grant) return { code: 'not-your-role', reason: `Breaking the glass is ${what} by ${SECURITY}.`, who }
  return whyTooYoung(grant, now)
}

function whyTooYoung(grant: Held, now: Date): No | undefined {
  if (votesFrom(grant, WEIGHT) <= now) return undefined
  const reason = `You are ${grant.role} since ${grant.since}: breaking the glass is for who has been that for ${roleHours(WEIGHT)} hours.`
  return { code: 'role-too-young', reason, who: [SECURITY] }
}

/** Why this person may not ask for a pass for this plan, or undefined when they may. Asked by screens, too. */
export function whyNotAsk(
  wanted: Wanted,
  passes: readonly Pass[],
  by: Actor,
  held: readonly Held[],
  now: Date,
): No | undefined {
  const no = whyNotSecurity('asked for', by, held, now) ?? whyNotOpen(wanted, now)
  if (no) return no
  const open = passes.find((pass) => ['asked', 'granted'].includes(passState(pass, now)))
  return (
    open && { code: 'in-progress', reason: `${open.wish.id} is ${passState(open, now)}: a plan has one at a time.` }
  )
}

/** Who is there to decide about a pass. */
export interface Around {
  /** Others of Security than who asked, whose role is old enough. `othersOf` counts them. */
  others: number
  /** Who acknowledged the incident that the plan is for themselves, and so leads it (`leadOf`), whoever owns it; null where nobody did. */
  lead: string | null
}

/** Which others than who asked could grant a pass at that time. */
export const couldGrant = (asker: string, security: readonly Held[], at: Date): string[] => [
  ...new Set(
    security.filter((grant) => grant.person_id !== asker && votesFrom(grant, WEIGHT) <= at).map((one) => one.person_id),
  ),
]

/** How many those are. The same as `flow.others_of_security`. */
export const othersOf = (asker: string, security: readonly Held[], at: Date): number =>
  couldGrant(asker, security, at).length

/** Whether the lead of the incident may grant, too: too few others of Security could. */
export const needsLead = (others: number): boolean => others < ENOUGH_OTHERS

/** By what somebody would decide; their role for it, where they have one. */
function voiceOf({ lead, others }: Around, by: Actor, held: readonly Held[]) {
  const of = (roles: readonly Role[]) => held.find(({ role }) => roles.includes(role) && by.roles.includes(role))
  const security = of([SECURITY])
  if (security) return { voice: 'security' as const, grant: security }
  const other = lead === by.id && needsLead(others) ? of(LEADS) : undefined
  return other && { voice: 'on-call-lead' as const, grant: other }
}

/** Why this person may not decide about this pass now, or undefined when they may. Asked by screens, too. */
export function whyNotDecide(
  pass: Pass,
  wanted: Wanted,
  around: Around,
  by: Actor,
  held: readonly Held[],
  now: Date,
): No | undefined {
  const who = [SECURITY]
  if (by.kind !== 'person')
    return { code: 'service-cannot-approve', reason: 'Breaking the glass is granted by a person.', who }
  const voice = voiceOf(around, by, held)
  if (!voice)
    return {
      code: 'not-your-role',
      reason: needsLead(around.others)
        ? `Breaking the glass is granted by ${SECURITY}; too few hold it, so that who acknowledged the incident themselves may, too: ${around.lead ?? 'nobody did'}.`
        : `Breaking the glass is granted by ${SECURITY}.`,
      who,
    }
  if (pass.wish.by === by.id)
    return { code: 'own-plan', reason: 'Breaking the glass is granted by somebody other than who asked.', who }
  const state = passState(pass, now)
  if (state === 'expired')
    return { code: 'expired', reason: 'The time to decide about it, or to use it, is over: ask again.' }
  if (state !== 'asked') return { code: 'already-decided', reason: `It is ${state}.` }
  const young = whyTooYoung(voice.grant, now)
  if (young) return young
  const { plan } = wanted
  if ((plan.tier === 'T2' || plan.tier === 'T3') && plan.requested_by === by.id)
    return { code: 'own-plan', reason: `Who asked for a ${plan.tier} plan does not let it pass.`, who }
  if (pass.wish.over === 'approval' && wanted.approvals.some((approval) => approval.by === by.id))
    return {
      code: 'already-decided',
      reason: 'You have approved this plan: the yes that is missing is another person’s.',
      who,
    }
  return whyNotOpen(wanted, now)
}

/** By what they decide, after `whyNotDecide` had nothing against it. */
export const voiceFor = (around: Around, by: Actor, held: readonly Held[]): BreakGlassDecision['voice'] =>
  voiceOf(around, by, held)?.voice ?? 'security'

/** What a grant has to bring along as `typed`: it stands for the yes that would have. Null where there is nothing to type. */
export const toTypeFor = ({ wish }: Pass, plan: Pick<Plan, 'tier' | 'body'>): string | null =>
  wish.over === 'approval' ? toType(plan) : null

/** Why this person may not review this pass now, or undefined when they may. Asked by screens, too. */
export function whyNotReview(pass: Pass, by: Actor, held: readonly Held[], now: Date): No | undefined {
  const no = whyNotSecurity('reviewed', by, held, now)
  if (no) return no
  const state = passState(pass, now)
  if (state === 'reviewed') return { code: 'already-decided', reason: `${pass.review?.by} has reviewed it.` }
  if (state !== 'used' && state !== 'overdue')
    return { code: 'superseded', reason: `It is ${state}: only what was used is reviewed.` }
  if (by.id === pass.wish.by || by.id === pass.decision?.by)
    return { code: 'own-plan', reason: 'It is reviewed by somebody who neither asked for it nor granted it.' }
  return undefined
}
