import type { Actor } from '../actor.js'
import { holdersOf, isApproved, targetsOf } from '../approvals.js'
import { planEntry } from '../audit.js'
import { closedFor } from '../gate.js'
import { leadOf } from '../incidents.js'
import { cancelOf } from '../interventions.js'
import type { Doorbell } from '../jobs.js'
import type { Books } from '../ledger.js'
import { Refused } from '../refused.js'
import { grantsOf } from '../roles.js'
import type { BreakGlass, BreakGlassDecision, BreakGlassReview, Freeze, Plan } from '../rows.js'
import { minutesAfter, time, type World } from '../world.js'
import { LONGEST_MINUTES, OPEN_MINUTES, passesOf, passState, reviewDue, type Pass } from './pass.js'
import {
  couldGrant,
  needsLead,
  othersOf,
  toTypeFor,
  voiceFor,
  whyNotAsk,
  whyNotDecide,
  whyNotReview,
} from './voices.js'
import type { Around, Wanted } from './voices.js'

/** What is asked for: one freeze by its id, or one missing yes, for exactly the plan that was read. */
export interface PassWish {
  plan: string
  digest: string
  over: { freeze: string } | 'approval'
  minutes?: number | undefined
  reason: string
}

/**
 * Breaking the glass: two people let one plan pass what holds it, once, for an hour at the most, and a third one says
 * afterwards whether that was right. Never over the stop switch, a quiet window, a lock, a cooldown or a "no".
 */
export class BreakGlasses {
  constructor(
    private readonly world: World,
    private readonly doorbell: Doorbell,
  ) {}

  /** One of Security asks. Refused where the freeze that is named does not hold this plan, or no yes is missing. */
  async ask(by: Actor, wish: PassWish): Promise<BreakGlass> {
    const minutes = wish.minutes ?? LONGEST_MINUTES
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > LONGEST_MINUTES)
      throw new Refused('out-of-range', `A pass holds for 1 to ${LONGEST_MINUTES} minutes.`, [
        { pointer: '/minutes', message: `at most ${LONGEST_MINUTES}` },
      ])
    return this.world.ledger.write(async (books) => {
      const stream = `plan:${wish.plan}`
      await books.lock({ stream: [stream] })
      const wanted = await wantedOf(books, wish.plan)
      const { approvals, plan } = wanted
      const passes = await passesOf(books, await books.breakGlass.where({ plan_id: plan.id }))
      const now = this.world.now()
      const no = whyNotAsk(wanted, passes, by, await grantsOf(books, by.id), now)
      if (no) throw new Refused(no.code, no.reason)
      refuseStale(plan, wish.digest)
      const freeze_id = wish.over === 'approval' ? null : wish.over.freeze
      if (freeze_id !== null) await this.refuseOtherFreeze(books, plan, freeze_id)
      else if (isApproved(plan, approvals, await holdersOf(books, approvals)))
        throw new Refused(
          'out-of-range',
          'This plan has all of its approvals: nothing is missing that could be passed.',
        )

      const row: BreakGlass = {
        ...{ id: this.world.newId('bgl'), plan_id: plan.id, plan_digest: wish.digest },
        ...{ over: freeze_id === null ? 'approval' : 'freeze', freeze_id, minutes, reason: wish.reason },
        ...{ by: by.id, at: time(now), open_until: time(minutesAfter(now, OPEN_MINUTES)) },
      }
      await books.breakGlass.add(row)
      books.audit.append(
        planEntry(by, stream, 'break-glass.asked', `break_glass:${row.id}`, plan, {
          outcome: 'ok',
          reason: row.reason,
          detail: { ...saidOf(row, plan), minutes, open_until: row.open_until },
        }),
      )
      return row
    })
  }

  /**
   * A second person grants or refuses exactly that. A grant rings for the run, which uses the pass by starting; where a yes
   * is missing besides, it waits for that.
   */
  async decide(
    by: Actor,
    id: string,
    vote: { digest: string; decision: 'yes' | 'no'; note: string; typed?: string | undefined },
  ): Promise<BreakGlassDecision> {
    const { plan_id } = await this.wish(id)
    const decision = vote.decision === 'yes' ? ('granted' as const) : ('refused' as const)
    const row = await this.world.ledger.write(async (books) => {
      const stream = `plan:${plan_id}`
      await books.lock({ stream: [stream] })
      const wanted = await wantedOf(books, plan_id)
      const pass = await passIn(books, id)
      // The same decision told twice is one decision: a client that lost the answer may ask again.
      if (pass.decision?.by === by.id && pass.decision.decision === decision && vote.digest === pass.wish.plan_digest)
        return pass.decision
      const now = this.world.now()
      const around = await aroundOf(books, pass.wish, wanted.plan, now)
      const held = await grantsOf(books, by.id)
      const no = whyNotDecide(pass, wanted, around, by, held, now)
      if (no) throw new Refused(no.code, no.reason)
      refuseStale(wanted.plan, vote.digest)
      const typed = decision === 'granted' ? toTypeFor(pass, wanted.plan) : null
      if (typed !== null && vote.typed !== typed)
        throw new Refused(
          'count-mismatch',
          'This cannot be taken back. Whoever grants it types what its approver would.',
          [{ pointer: '/typed', message: `expected ${typed}` }],
        )
      const row: BreakGlassDecision = {
        ...{ id, by: by.id, decision, voice: voiceFor(around, by, held), note: vote.note, at: time(now) },
        expires_at: decision === 'granted' ? time(minutesAfter(now, pass.wish.minutes)) : null,
      }
      await books.breakGlassDecisions.add(row)
      books.audit.append(
        planEntry(by, stream, `break-glass.${decision}`, `break_glass_decision:${id}`, wanted.plan, {
          outcome: decision === 'granted' ? 'ok' : 'refused',
          ...(vote.note ? { reason: vote.note } : {}),
          detail: {
            ...saidOf(pass.wish, wanted.plan),
            voice: row.voice,
            ...(row.expires_at === null ? {} : { expires_at: row.expires_at }),
            ...(typed === null ? {} : { typed }),
          },
        }),
      )
      return row
    })
    if (row.decision === 'granted') await this.doorbell.ring('run', plan_id)
    return row
  }

  /** A third person of Security says whether it was right. Once; late is better than never, and is told as late. */
  async review(
    by: Actor,
    id: string,
    { note, verdict }: Pick<BreakGlassReview, 'note' | 'verdict'>,
  ): Promise<BreakGlassReview> {
    const { plan_id } = await this.wish(id)
    return this.world.ledger.write(async (books) => {
      const stream = `plan:${plan_id}`
      await books.lock({ stream: [stream] })
      const { plan } = await wantedOf(books, plan_id)
      const pass = await passIn(books, id)
      if (pass.review?.by === by.id && pass.review.verdict === verdict && pass.review.note === note) return pass.review
      const now = this.world.now()
      const no = whyNotReview(pass, by, await grantsOf(books, by.id), now)
      if (no) throw new Refused(no.code, no.reason)
      const row: BreakGlassReview = { id, by: by.id, verdict, note, at: time(now) }
      await books.breakGlassReviews.add(row)
      books.audit.append(
        planEntry(by, stream, 'break-glass.reviewed', `break_glass_review:${id}`, plan, {
          outcome: 'ok',
          reason: note,
          detail: { ...saidOf(pass.wish, plan), run: pass.use!.run_id, verdict, late: reviewDue(pass.use!) <= now },
        }),
      )
      return row
    })
  }

  private async wish(id: string): Promise<BreakGlass> {
    const wish = await this.world.ledger.read((books) => books.breakGlass.get(id))
    if (!wish) throw new Refused('not-found', `There is no break-glass ${id.slice(0, 100)}.`)
    return wish
  }

  private async refuseOtherFreeze(books: Books, plan: Plan, id: string): Promise<void> {
    if (plan.body?.contains)
      throw new Refused('out-of-range', 'This plan only contains, or captures evidence: no freeze holds it.')
    if (!(await books.freezes.get(id))) throw new Refused('not-found', `There is no freeze ${id.slice(0, 100)}.`)
    const targets = targetsOf(plan)
    const holding = await books.frozen(this.world.scopes.of(targets))
    if (holding.some((freeze) => freeze.id === id)) return
    const closed = await closedFor(books, this.world.scopes, targets, false)
    throw new Refused('out-of-scope', `${id} does not hold this plan now. ${closed?.because ?? 'Nothing does.'}`)
  }
}

/** What could be passed for a plan, and who there is to let it. */
export interface Passable {
  wanted: Wanted
  /** The freezes that hold it, oldest first, without one that a pass goes over: a pass goes over one, and the others hold still. */
  freezes: Freeze[]
  /** A yes is missing. */
  missing: boolean
  /** Others of Security than who asks, whose role is old enough. Who asked for a wide plan is not among them. */
  security: string[]
  /** Who leads the incident, where those of Security are too few; null where they are not, or nobody leads it. */
  lead: string | null
}

/** Asked by screens, before somebody asks for a pass. `by`: who would, where nobody has yet. */
export async function passableOf(books: Books, world: World, planId: string, by: string): Promise<Passable> {
  const now = world.now()
  const wanted = await wantedOf(books, planId)
  const { approvals, plan } = wanted
  const [wishes, security, incident, holders] = await Promise.all([
    books.breakGlass.where({ plan_id: planId }),
    books.roleGrants.where({ role: 'security', revoked_at: null }),
    plan.incident_id === null ? undefined : books.incidents.get(plan.incident_id),
    holdersOf(books, approvals),
  ])
  const passes = await passesOf(books, wishes)
  const granted = passes.find((pass) => passState(pass, now) === 'granted' && pass.wish.plan_digest === plan.digest)
  const frozen = plan.body?.contains ? [] : await books.frozen(world.scopes.of(targetsOf(plan)))
  const asker = passes.find((pass) => passState(pass, now) === 'asked')?.wish.by ?? by
  const others = couldGrant(asker, security, now)
  const lead = incident && needsLead(others.length) ? await leadOf(books, incident) : null
  const wide = plan.tier === 'T2' || plan.tier === 'T3'
  const mayGrant = (id: string) => id !== asker && !(wide && id === plan.requested_by)
  return {
    wanted,
    freezes: frozen.filter(({ id }) => id !== granted?.wish.freeze_id),
    missing: !isApproved(plan, approvals, holders),
    security: others.filter(mayGrant),
    lead: lead !== null && mayGrant(lead) ? lead : null,
  }
}

/** The plan that a wish is about, with what can stand against it. */
export async function wantedOf(books: Books, planId: string): Promise<Wanted> {
  const plan = await books.plans.get(planId)
  if (!plan) throw new Refused('not-found', `There is no plan ${planId.slice(0, 100)} that is made.`)
  const [approvals, cancel] = await Promise.all([books.approvals.where({ plan_id: planId }), cancelOf(books, plan)])
  return { plan, approvals, cancelledBy: cancel?.by }
}

async function passIn(books: Books, id: string): Promise<Pass> {
  const wish = await books.breakGlass.get(id)
  const [pass] = await passesOf(books, wish ? [wish] : [])
  return pass!
}

/** Who is there to decide about it. */
export async function aroundOf(books: Books, wish: BreakGlass, plan: Plan, now: Date): Promise<Around> {
  const [security, incident] = await Promise.all([
    books.roleGrants.where({ role: 'security', revoked_at: null }),
    plan.incident_id === null ? undefined : books.incidents.get(plan.incident_id),
  ])
  return { others: othersOf(wish.by, security, now), lead: incident ? await leadOf(books, incident) : null }
}

function refuseStale(plan: Plan, digest: string): void {
  if (digest === plan.digest) return
  throw new Refused('stale', `You read the plan ${digest}; the plan is now ${plan.digest}. Read it again.`)
}

/** What every entry about a pass says of it. */
export const saidOf = ({ freeze_id, id, over, plan_id }: BreakGlass, plan: Pick<Plan, 'incident_id'>) => ({
  ...{ break_glass: id, plan: plan_id, incident: plan.incident_id ?? '', over },
  ...(freeze_id === null ? {} : { freeze: freeze_id }),
})
