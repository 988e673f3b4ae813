import type { Role, Tier } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { whyTooWide } from './caps.js'
import { restingOf } from './cooldown.js'
import { closedBut, heldBy, type Way } from './break-glass/pass.js'
import { cancelOf } from './interventions.js'
import type { Doorbell } from './jobs.js'
import type { Books } from './ledger.js'
import { Refused, type RefusalCode } from './refused.js'
import { quietOver } from './quiet.js'
import { roleHours, votesFrom } from './roles.js'
import type { Approval, Plan, PlanBody, RoleGrant } from './rows.js'
import { followerOf, time, type World } from './world.js'

/** Why this person may not decide about this plan now, or undefined when they may. Asked by screens, too. */
export function whyNotApprove(
  plan: Plan,
  approvals: readonly Approval[],
  by: Actor,
  now: Date,
  /** Roles that this person has now. */
  grants: readonly Grant[],
  cancelledBy?: string,
): { code: RefusalCode; reason: string; who?: Role[] } | undefined {
  const roles = plan.body?.approval.roles ?? []
  if (by.kind !== 'person')
    return { code: 'service-cannot-approve', reason: 'A plan is approved by a person, not by a service.', who: roles }
  // Nothing was planned: there are no roles that could approve it.
  if (!plan.body) return { code: 'stale', reason: `This plan is ${plan.state}: ask for a new one.` }
  // What the record says now, and what this request may use of it: a key can be good for less.
  const held = grants.filter(({ role }) => roles.includes(role) && by.roles.includes(role))
  if (held.length === 0)
    return { code: 'not-your-role', reason: `This plan is approved by ${roles.join(' or ')}.`, who: roles }
  if (plan.state === 'used' || plan.state === 'refused')
    return { code: 'already-decided', reason: `This plan is ${plan.state}.` }
  if (plan.state === 'cancelled' || cancelledBy !== undefined)
    return { code: 'already-decided', reason: `${cancelledBy ?? 'Somebody'} cancelled this plan.` }
  if (plan.state === 'expired' || new Date(plan.expires_at) <= now)
    return { code: 'expired', reason: `This plan expired at ${plan.expires_at}: ask for a new one.` }
  if (plan.state !== 'proposed') return { code: 'stale', reason: `This plan is ${plan.state}: ask for a new one.` }
  if (approvals.some(({ decision }) => decision === 'no'))
    return { code: 'already-decided', reason: 'Somebody said no to this plan.' }
  if (approvals.some((approval) => approval.by === by.id))
    return { code: 'already-decided', reason: 'You have decided about this plan.' }
  // T1 is reversible and bounded: whoever asked may approve after a second look. T2 and T3 want somebody else.
  if ((plan.tier === 'T2' || plan.tier === 'T3') && plan.requested_by === by.id)
    return {
      code: 'own-plan',
      reason: `A ${plan.tier} plan is approved by somebody other than who asked for it.`,
      who: roles,
    }
  const young = whyTooYoung(plan.tier, held, now)
  return young && { ...young, who: roles }
}

type Grant = Pick<RoleGrant, 'person_id' | 'role' | 'since'>

/** Why none of these roles is old enough to say yes now: who gives roles must not make the approver of a plan that lies there. */
export function whyTooYoung(
  tier: Tier,
  held: readonly Grant[],
  now: Date,
): { code: RefusalCode; reason: string } | undefined {
  if (held.some((grant) => votesFrom(grant, tier) <= now)) return undefined
  const [first] = held
  if (!first) return { code: 'not-your-role', reason: 'You have none of the roles that approve this any more.' }
  const { role, since } = first
  const reason = `You are ${role} since ${since}: ${tier} is approved by who has been that for ${roleHours(tier)} hours.`
  return { code: 'role-too-young', reason }
}

/** A "no" for now: with a sentence, and when asking again may help, where that is known. */
export interface NotNow {
  code: Extract<RefusalCode, 'out-of-range' | 'frozen' | 'halted' | 'quiet' | 'cooldown'>
  reason: string
  until?: Date
}

/**
 * Why a yes to this plan is not taken now, whoever gives it, or undefined when it is: what could not begin now is not
 * approved, for by the time it can, whoever said yes would have to look again. A "no" is always taken. Asked by screens, too.
 *
 * @param way what is in the way of it, where the caller has asked already
 */
export async function whyNotYes(
  books: Books,
  world: Pick<World, 'limits' | 'now' | 'scopes'>,
  plan: Pick<Plan, 'id' | 'digest' | 'body'>,
  way?: Way,
): Promise<NotNow | undefined> {
  const { body } = plan
  if (!body) return undefined
  const targets = targetsOf({ body })
  const wide = whyTooWide(world, body)
  if (wide) return { code: 'out-of-range', reason: wide }
  const [{ closed }, quiet, resting] = await Promise.all([
    way ?? wayFor(books, world, plan),
    quietOver(books, world, targets, body),
    restingOf(books, world, targets, body),
  ])
  if (closed) return { code: closed.code, reason: closed.because }
  if (quiet) return { code: 'quiet', reason: quiet }
  return resting && { code: 'cooldown', reason: resting.because, until: new Date(resting.until) }
}

/** What is in the way of a plan, and the break-glass pass by which a freeze is not. */
const wayFor = (
  books: Books,
  { now, scopes }: Pick<World, 'now' | 'scopes'>,
  plan: Pick<Plan, 'id' | 'digest' | 'body'>,
) => closedBut(books, scopes, targetsOf(plan), plan.body?.contains ?? false, () => heldBy(books, plan, now()))

/** What a plan would touch, each target once. */
export const targetsOf = (plan: { body: Pick<PlanBody, 'steps'> | null } | undefined): string[] => [
  ...new Set(plan?.body?.steps.flatMap(({ targets }) => targets) ?? []),
]

/**
 * What somebody types who says yes to a plan that cannot be taken back: its one target by name, or how many it has.
 * Null where nothing needs to be typed.
 */
export function toType(plan: Pick<Plan, 'tier' | 'body'>): string | null {
  const [first, ...more] = targetsOf(plan)
  if (plan.tier !== 'T3' || first === undefined) return null
  return more.length === 0 ? first : String(more.length + 1)
}

/**
 * The yeses that count: for this very digest, from people who hold still the role by which they gave it, and held it long
 * enough then. `flow.counting_yeses` counts the same, and a spec compares the two.
 */
export function countingYeses(plan: Plan, approvals: readonly Approval[], grants: readonly Grant[]): Approval[] {
  const roles = plan.body?.approval.roles ?? []
  return approvals.filter(({ decision, digest, by, at }) => {
    if (decision !== 'yes' || digest !== plan.digest) return false
    const fits = (grant: Grant) =>
      grant.person_id === by && roles.includes(grant.role) && votesFrom(grant, plan.tier) <= new Date(at)
    return grants.some(fits)
  })
}

/** Whether they make the quorum, and nobody said no. `grants`: what those who decided hold now (`holdersOf`). */
export function isApproved(plan: Plan, approvals: readonly Approval[], grants: readonly Grant[]): boolean {
  const yes = countingYeses(plan, approvals, grants)
  // What changes nothing needs nobody (T0); what changes something never does without a yes, whatever a recipe says.
  const needed = Math.max(plan.quorum, plan.body?.steps.length === 0 ? 0 : 1)
  return plan.state === 'proposed' && yes.length >= needed && approvals.every(({ decision }) => decision === 'yes')
}

/** The roles that those who decided have now. */
export const holdersOf = (books: Books, approvals: readonly Pick<Approval, 'by'>[]): Promise<RoleGrant[]> =>
  books.roleGrants.where({ person_id: approvals.map(({ by }) => by), revoked_at: null })

/** A decision as its person said it. `typed`: what a plan that cannot be taken back wants typed. */
interface Said {
  digest: string
  decision: 'yes' | 'no'
  note: string
  typed?: string | undefined
}

/** Deciding about plans. */
export class Approvals {
  constructor(
    private readonly world: World,
    private readonly doorbell: Doorbell,
  ) {}

  /**
   * Records one person's yes or no to exactly the plan that they read, named by its digest. The yes that completes
   * the quorum rings for the run.
   */
  async decide(by: Actor, planId: string, vote: Said): Promise<Approval> {
    const facts = { plan: planId, decision: vote.decision }
    return followerOf(this.world).during('approval', facts, () => this.decideNow(by, planId, vote))
  }

  private async decideNow(by: Actor, planId: string, vote: Said): Promise<Approval> {
    // A plan's body never changes: what it touches may be read before the locks that depend on it.
    const targets = targetsOf(await this.world.ledger.read((books) => books.plans.get(planId)))
    const { approval, approved } = await this.world.ledger.write(async (books) => {
      const stream = `plan:${planId}`
      await books.lock({ shared: this.world.scopes.of(targets), stream: [stream] })
      const plan = await books.plans.get(planId)
      if (!plan) {
        if (await books.requests.get(planId)) throw new Refused('in-progress', `The plan ${planId} is not made yet.`)
        throw new Refused('not-found', `There is no plan ${planId}.`)
      }
      const before = await books.approvals.where({ plan_id: planId })
      const holders = await holdersOf(books, [...before, { by: by.id }])
      const same = before.find((one) => one.by === by.id)
      // The same decision told twice is one decision: a client that lost the answer may ask again.
      if (same && same.digest === vote.digest && same.decision === vote.decision)
        return { approval: same, approved: isApproved(plan, before, holders) }
      const cancel = await cancelOf(books, plan)
      const mine = holders.filter(({ person_id }) => person_id === by.id)
      const no = whyNotApprove(plan, before, by, this.world.now(), mine, cancel?.by)
      if (no) throw new Refused(no.code, no.reason)
      if (vote.digest !== plan.digest)
        throw new Refused('stale', `You read the plan ${vote.digest}; the plan is now ${plan.digest}. Read it again.`)
      const wanted = vote.decision === 'yes' ? toType(plan) : null
      if (wanted !== null && vote.typed !== wanted)
        throw new Refused(
          'count-mismatch',
          `This cannot be taken back. Whoever says yes types ${targets.length === 1 ? 'its target' : 'how many targets it has'}.`,
          [{ pointer: '/typed', message: `expected ${wanted}` }],
        )
      const way = vote.decision === 'yes' ? await wayFor(books, this.world, plan) : undefined
      const notNow = way && (await whyNotYes(books, this.world, plan, way))
      if (notNow) throw new Refused(notNow.code, notNow.reason, [], notNow.until)

      const approval: Approval = {
        id: this.world.newId('apr'),
        plan_id: planId,
        by: by.id,
        decision: vote.decision,
        digest: vote.digest,
        note: vote.note,
        at: time(this.world.now()),
      }
      await books.approvals.add(approval)
      books.audit.append(
        entry(by, stream, vote.decision === 'yes' ? 'approval.given' : 'approval.refused', `approval:${approval.id}`, {
          outcome: vote.decision === 'yes' ? 'ok' : 'refused',
          ...(vote.note ? { reason: vote.note } : {}),
          recipe: { id: plan.recipe_id, version: plan.recipe_version, digest: plan.recipe_digest },
          plan_digest: vote.digest,
          ...(way?.passed
            ? {
                freeze: {
                  scopes: this.world.scopes.of(targets),
                  decision: 'passed' as const,
                  pass: way.passed.wish.id,
                },
              }
            : {}),
          detail: {
            plan: planId,
            decision: vote.decision,
            quorum: plan.quorum,
            ...(wanted === null ? {} : { typed: wanted }),
          },
        }),
      )
      return { approval, approved: isApproved(plan, [...before, approval], holders) }
    })
    if (approved) await this.doorbell.ring('run', planId)
    return approval
  }
}
