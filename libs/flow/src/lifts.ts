import type { JsonObject } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { holdersOf } from './approvals.js'
import { digest, entry, plain } from './audit.js'
import { inTurn } from './in-turn.js'
import { whyNotPlanFor } from './incidents.js'
import type { Books, WriteBooks } from './ledger.js'
import { openPlan, openRevertOf, requestPlan } from './plans.js'
import { assertPassage } from './passages.js'
import { Refused, type RefusalCode } from './refused.js'
import { revertedBy } from './reverts.js'
import { roleHours, votesFrom } from './roles.js'
import type { Enforcement, Freeze, Person, Request, RoleGrant, Run, Vote } from './rows.js'
import { minutesAfter, time, type World } from './world.js'

/** Two of Security, neither who asked, each in that role for as long as who approves what cannot be taken back. */
const QUORUM = 2
const ROLE = 'security'
const AS_OLD_AS = 'T3'
/** A lift that nobody carried out within its time is asked for anew. */
const LONGEST_DAYS = 7

type No = { code: RefusalCode; reason: string; who?: string[] }

/** What people approve: exactly this, and any change voids it. `flow.vote_digest` makes the same digest. */
export interface Lift {
  freeze: string
  /** How many freezes were declared over its scopes when it was asked for: with another one it is void. */
  epoch: number
  /** What is undone outside, in order. Nothing is enforced outside yet, so there is nothing to undo. */
  reversal: []
  reason: string
  expires_at: string
  request: string
}

export const liftOf = ({ body, id, reason, subject }: Pick<Request, 'body' | 'id' | 'reason' | 'subject'>): Lift => ({
  freeze: subject ?? '',
  ...(body as unknown as Pick<Lift, 'epoch' | 'reversal' | 'expires_at'>),
  reason,
  request: id,
})
export const liftDigest = ({ epoch, expires_at, freeze, reason, request, reversal }: Lift): string =>
  digest({ epoch, expires_at, freeze, reason, request, reversal })

export type LiftState = 'asked' | 'refused' | 'expired' | 'void' | 'approved' | 'lifting' | 'lifted'

/**
 * What a lift has come to. `people`, `grants`: who voted, and the roles that they hold now; `epoch`: that of its freeze now. The trigger of
 * `flow.enforcement` asks the same (`flow.why_not_lift`), and a spec compares the two.
 */
export function liftState(
  request: Request,
  votes: readonly Vote[],
  people: readonly Pick<Person, 'id' | 'kind'>[],
  grants: readonly RoleGrant[],
  epoch: number,
  enforcement: Enforcement | undefined,
  now: Date,
): LiftState {
  const lift = liftOf(request)
  if (enforcement?.lift === request.id && (enforcement.state === 'lifting' || enforcement.state === 'lifted'))
    return enforcement.state
  if (votes.some(({ decision }) => decision === 'no')) return 'refused'
  if (new Date(lift.expires_at) <= now) return 'expired'
  if (lift.epoch !== epoch) return 'void'
  const counts = (vote: Vote) =>
    vote.by !== request.by &&
    vote.digest === liftDigest(lift) &&
    people.some(({ id, kind }) => id === vote.by && kind === 'person') &&
    grants.some((grant) => grant.person_id === vote.by && isOldEnough(grant, new Date(vote.at)))
  return votes.filter(counts).length >= QUORUM ? 'approved' : 'asked'
}

const isOldEnough = (grant: Pick<RoleGrant, 'role' | 'since'>, at: Date): boolean =>
  grant.role === ROLE && votesFrom(grant, AS_OLD_AS) <= at

/** Why nobody, or not this person, can ask to lift this freeze now; undefined when they can. Asked by screens, too. */
export function whyNotAskLift(
  enforcement: Enforcement | undefined,
  open: boolean,
  by: Pick<Actor, 'kind' | 'roles'>,
): No | undefined {
  const who = [ROLE]
  if (by.kind !== 'person')
    return { code: 'service-cannot-approve', reason: 'A freeze is lifted by people, not by a service.', who }
  if (!by.roles.includes(ROLE)) return { code: 'not-your-role', reason: `A freeze is lifted by ${ROLE}.`, who }
  if (enforcement?.state === 'lifting' || enforcement?.state === 'lifted')
    return { code: 'already-decided', reason: `This freeze is ${enforcement.state}.` }
  return open ? { code: 'in-progress', reason: 'Somebody has asked to lift it: decide about that.' } : undefined
}

/** Why this person cannot say yes or no to this lift now; undefined when they can. Asked by screens, too. */
export function whyNotVoteLift(
  request: Pick<Request, 'by'> | undefined,
  state: LiftState | undefined,
  votes: readonly Vote[],
  by: Pick<Actor, 'id' | 'kind' | 'roles'>,
  grants: readonly RoleGrant[],
  now: Date,
): No | undefined {
  const who = [ROLE]
  if (by.kind !== 'person')
    return { code: 'service-cannot-approve', reason: 'A lift is approved by people, not by a service.', who }
  const grant = grants.find(({ person_id, role }) => person_id === by.id && role === ROLE)
  if (!grant || !by.roles.includes(ROLE))
    return { code: 'not-your-role', reason: `A lift is approved by ${ROLE}.`, who }
  if (!isOldEnough(grant, now)) {
    const reason = `You are ${ROLE} since ${grant.since}: a lift is approved by who has been that for ${roleHours(AS_OLD_AS)} hours.`
    return { code: 'role-too-young', reason, who }
  }
  if (!request || !state) return { code: 'already-decided', reason: 'Nobody has asked to lift it.' }
  if (request.by === by.id)
    return { code: 'own-plan', reason: 'A lift is approved by others than who asked for it.', who }
  if (votes.some((vote) => vote.by === by.id))
    return { code: 'already-decided', reason: 'You have decided about this lift.' }
  switch (state) {
    case 'asked':
      return undefined
    case 'expired':
      return { code: 'expired', reason: 'This lift has expired: ask for a new one.' }
    case 'void':
      return { code: 'stale', reason: 'Another freeze was declared over its scopes since: ask for a new lift.' }
    default:
      return { code: 'already-decided', reason: `This lift is ${state}.` }
  }
}

/** The newest lift of a freeze, and everything that decides what has become of it. */
export interface Lifting {
  request: Request | undefined
  votes: Vote[]
  grants: RoleGrant[]
  enforcement: Enforcement | undefined
  epoch: number
  state: LiftState | undefined
}

/** Reads it. Whoever acts on it holds the stream of the freeze. `also`: somebody whose roles are wanted, too. */
export async function liftingOf(books: Books, freeze: Freeze, now: Date, also?: string): Promise<Lifting> {
  const [asked, enforcement, over] = await Promise.all([
    books.requests.where({ kind: 'lift', subject: freeze.id }),
    books.enforcements.get(freeze.id),
    books.freezesOver(freeze.scopes),
  ])
  const request = asked.at(-1)
  const votes = request ? await books.votes.where({ request_id: request.id }) : []
  const who = [...votes, ...(also === undefined ? [] : [{ by: also }])]
  const [people, grants] =
    who.length > 0
      ? await Promise.all([books.people.where({ id: votes.map(({ by }) => by) }), holdersOf(books, who)])
      : [[], []]
  const state = request && liftState(request, votes, people, grants, over, enforcement, now)
  return { request, votes, grants, enforcement, epoch: over, state }
}

/** Whether people can still decide about it, or it is about to be carried out: nobody asks for another one meanwhile. */
export const isLiftOpen = (state: LiftState | undefined): boolean => state === 'asked' || state === 'approved'

/** Lifting freezes: one asks, two others approve exactly that, the worker does it. */
export class Lifts {
  constructor(private readonly world: World) {}

  /** Asks for a freeze to be lifted. `expires_at`: until when two others have to have approved it, and it is done. */
  async ask(by: Actor, id: string, wish: { reason: string; expires_at?: string | undefined }): Promise<Request> {
    const now = this.world.now()
    const expires = wish.expires_at === undefined ? minutesAfter(now, 24 * 60) : new Date(wish.expires_at)
    if (expires <= now || expires > minutesAfter(now, LONGEST_DAYS * 24 * 60))
      throw new Refused('out-of-range', `A lift expires after now, and within ${LONGEST_DAYS} days.`, [
        { pointer: '/expires_at', message: `at most ${LONGEST_DAYS} days from now` },
      ])
    return this.about(id, async (books, freeze, stream) => {
      const { enforcement, epoch, grants, state } = await liftingOf(books, freeze, now, by.id)
      const held = grants.filter(({ person_id }) => person_id === by.id).map(({ role }) => role)
      // What the record says now, and what this request may use of it.
      const roles = by.roles.filter((role) => held.includes(role))
      const no = whyNotAskLift(enforcement, isLiftOpen(state), { ...by, roles })
      if (no) throw new Refused(no.code, no.reason)
      const request: Request = {
        ...{ id: this.world.newId('lft'), kind: 'lift', subject: id, incident_id: freeze.incident_id, by: by.id },
        ...{ body: { epoch, reversal: [], expires_at: time(expires) }, reason: plain(wish.reason), at: time(now) },
      }
      await books.requests.add(request)
      books.audit.append(
        entry(by, stream, 'freeze.lift-asked', `request:${request.id}`, {
          outcome: 'ok',
          reason: request.reason,
          detail: { request: request.id, epoch, expires_at: time(expires), digest: liftDigest(liftOf(request)) },
        }),
      )
      return request
    })
  }

  /** Records one person's yes or no to exactly what they read. */
  async decide(by: Actor, id: string, vote: { digest: string; decision: 'yes' | 'no'; note: string }): Promise<Vote> {
    return this.about(id, async (books, freeze, stream) => {
      const now = this.world.now()
      const { grants, request, state, votes } = await liftingOf(books, freeze, now, by.id)
      const told = votes.find((one) => one.by === by.id)
      // The same decision told twice is one decision: a client that lost the answer may ask again.
      if (told && told.digest === vote.digest && told.decision === vote.decision) return told
      const no = whyNotVoteLift(request, state, votes, by, grants, now)
      if (no || !request) throw new Refused(no?.code ?? 'already-decided', no?.reason ?? '')
      const digest = liftDigest(liftOf(request))
      if (vote.digest !== digest)
        throw new Refused('stale', `You read ${vote.digest}; the lift is ${digest}. Read it again.`)
      const { decision, note } = vote
      const row: Vote = { id: this.world.newId('vot'), request_id: request.id, by: by.id, decision, digest, note, at: time(now) } // prettier-ignore
      await books.votes.add(row)
      books.audit.append(
        entry(by, stream, decision === 'yes' ? 'freeze.lift-approved' : 'freeze.lift-refused', `vote:${row.id}`, {
          outcome: decision === 'yes' ? 'ok' : 'refused',
          ...(note ? { reason: note } : {}),
          detail: { request: request.id, decision, digest },
        }),
      )
      return row
    })
  }

  /**
   * Lifts what two have approved: the worker's round. First `lifting`, in which what was enforced outside is undone; then, alone
   * in its scopes, `lifted`, from which commit on the inside block is over. Answers how many it lifted; of those that failed it
   * throws when all have had their turn.
   */
  async carryOut(me: Actor): Promise<number> {
    const waiting = await this.world.ledger.read((books) => books.liftsToCarryOut(time(this.world.now())))
    return inTurn(
      waiting,
      ({ id }) => `lifting ${id}`,
      async (freeze) => (await this.begin(me, freeze)) && this.end(me, freeze),
    )
  }

  /** Whether it is being lifted. */
  private begin(me: Actor, freeze: Freeze): Promise<boolean> {
    return this.world.ledger.write(async (books) => {
      const stream = `freeze:${freeze.id}`
      await books.lock({ stream: [stream] })
      const at = this.world.now()
      const { enforcement, request, state, votes } = await liftingOf(books, freeze, at)
      if (state === 'lifting') return true
      if (state !== 'approved' || !request) return false
      if (!enforcement) {
        const because = 'Nothing was enforced outside.'
        await books.enforcements.add({ id: freeze.id, state: 'enforcing', because, at: time(at), lift: null })
      }
      assertPassage('enforcement', freeze.id, enforcement?.state ?? 'enforcing', 'lifting')
      await books.enforcements.change(freeze.id, { state: 'lifting', because: null, at: time(at), lift: request.id })
      this.say(books, me, freeze, 'freeze.lifting', request, votes)
      return true
    })
  }

  /** Whether it was lifted here. */
  private end(me: Actor, freeze: Freeze): Promise<boolean> {
    return this.world.ledger.write(async (books) => {
      const stream = `freeze:${freeze.id}`
      // Alone, as it was declared: whoever claims in these scopes sees the freeze, or that it is over.
      await books.lock({ scope: freeze.scopes, stream: [stream] })
      const { request, state, votes } = await liftingOf(books, freeze, this.world.now())
      if (state !== 'lifting' || !request) return false
      await books.enforcements.change(freeze.id, { state: 'lifted', because: null, at: time(this.world.now()) })
      this.say(books, me, freeze, 'freeze.lifted', request, votes)
      return true
    })
  }

  private say(books: WriteBooks, me: Actor, freeze: Freeze, type: string, request: Request, votes: Vote[]): void {
    const yes = votes.filter(({ decision }) => decision === 'yes')
    books.audit.append(
      entry(me, `freeze:${freeze.id}`, type, `enforcement:${freeze.id}`, {
        outcome: 'ok',
        approvals: yes.map(({ by, digest, id }) => ({ id, by, over: digest })),
        detail: { request: request.id, scopes: freeze.scopes, digest: liftDigest(liftOf(request)) },
      }),
    )
  }

  /**
   * Asks for a new plan for each run that a freeze stopped and that was lifted since: what was held is looked at again, and
   * people decide again; nothing is resumed blindly. One that was on its way back gets a plan that takes back what is left.
   * One open plan per recipe and incident, and per run that is taken back, as ever. The API's round, for the
   * worker asks for nothing. Answers how many it asked for; of those that failed it throws when all have had their turn.
   */
  async planAnew(me: Actor): Promise<number> {
    const runs = await this.world.ledger.read((books) => books.frozenRunsToPlan())
    return inTurn(
      runs,
      ({ id }) => `planning ${id} anew`,
      (run) => this.planAnewOf(me, run),
    )
  }

  /** Whether it was asked for here. */
  private async planAnewOf(me: Actor, run: Run): Promise<boolean> {
    const [id, incident] = [anewOf(run.id), run.incident_id]
    const before = await this.world.ledger.read((books) => books.requests.get(run.plan_id))
    if (!before) return false
    // A run that was taking another one back takes that one back again.
    const reverts = revertedBy(before) ?? (run.frozen_undoing ? run.id : undefined)
    return this.world.ledger.write(async (books) => {
      const others = [...(incident ? [`incident:${incident}`] : []), ...(reverts ? [`run:${reverts}`] : [])]
      await books.lock({ stream: [`plan:${id}`, ...others] })
      if (await books.requests.get(id)) return false
      // Whoever takes a run back asks under that run's stream, too.
      if (reverts && (await openRevertOf(books, reverts))) return false
      // Both may be otherwise since the round looked: by people, by triage, or by the run before in this very round.
      const found = incident === null ? undefined : await books.incidents.get(incident)
      const isOver = found !== undefined && whyNotPlanFor(found) !== undefined
      if (incident !== null && !found) return false
      // What stands where it should not is taken back whether anybody still works on the incident or not.
      if (isOver && !run.frozen_undoing) return false
      if (incident !== null && (await openPlan(books, incident, run.recipe_id))) return false
      const asAsked = before.body as { params: JsonObject; trigger: Record<string, string> }
      const { params, trigger } = reverts === undefined ? asAsked : { params: {}, trigger: {} }
      const reason = `The run ${run.id} was stopped by the freeze ${run.frozen_by}, which was lifted.`
      // Whoever asked for it first asks for it still: they do not approve what they could not approve before.
      const asker = { id: before.by, kind: (await books.people.get(before.by))?.kind }
      await requestPlan(books, me, { id, recipe: run.recipe_id, params, trigger, incident: isOver ? null : incident, reason, reverts, at: time(this.world.now()), asker }) // prettier-ignore
      return true
    })
  }

  private about<T>(id: string, work: (books: WriteBooks, freeze: Freeze, stream: string) => Promise<T>): Promise<T> {
    return this.world.ledger.write(async (books) => {
      const stream = `freeze:${id}`
      await books.lock({ stream: [stream] })
      const freeze = await books.freezes.get(id)
      if (!freeze) throw new Refused('not-found', `There is no freeze ${id.slice(0, 100)}.`)
      return work(books, freeze, stream)
    })
  }
}

/** The id of the plan that a frozen run is planned anew by: one a run, however often it is asked for. */
export const anewOf = (run: string): string => `pln_${run.slice(run.indexOf('_') + 1)}`
