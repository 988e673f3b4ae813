import type { Hands, JsonObject, Readers } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { entry, snapshot } from './audit.js'
import { appendAbout } from './chain.js'
import {
  keepTrying,
  makeEffect,
  notYet,
  pauseBefore,
  settleEffect,
  stateOf,
  type Outcome,
  type Withheld,
} from './effect.js'
import { fenced } from './fenced.js'
import { closedFor, type Closed } from './gate.js'
import type { Books, WriteBooks } from './ledger.js'
import { wishesOf, type Renewal } from './loan-wishes.js'
import { assertPassage } from './passages.js'
import type { Loan, RunStep } from './rows.js'
import { TenureLost, type Tenures } from './tenure.js'
import type { Timers } from './timers.js'
import { minutesAfter, time, type World } from './world.js'

/** Writes down that a change is temporary: a step's, or one of its items'. In the transaction that records it as done. */
export async function putOnLoan(
  books: WriteBooks,
  by: Actor,
  world: World,
  step: Pick<RunStep, 'id' | 'run_id' | 'verb' | 'args' | 'loan_minutes'>,
  target: string,
): Promise<void> {
  const now = world.now()
  const loan: Loan = {
    id: world.newId('lon'),
    state: 'out',
    run_id: step.run_id,
    step_id: step.id,
    target,
    verb: step.verb,
    args: step.args,
    out_at: time(now),
    until: time(minutesAfter(now, step.loan_minutes ?? 0)),
    returned_at: null,
    tried_at: null,
    because: null,
    held_by: null,
  }
  await books.loans.add(loan)
  books.audit.append(
    entry(by, `run:${step.run_id}`, 'loan.out', `loan:${loan.id}`, {
      outcome: 'ok',
      target,
      detail: { until: loan.until, run: step.run_id, verb: loan.verb },
    }),
  )
}

/** Moves a loan whose run's stream is locked, and says so in the log, with how its target was found and left. */
export async function moveLoan(
  books: WriteBooks,
  by: Actor,
  world: World,
  loan: Loan,
  state: Loan['state'],
  because: string | null,
  seen: { before?: JsonObject | null; after?: JsonObject | null } = {},
): Promise<void> {
  assertPassage('loan', loan.id, loan.state, state)
  await books.loans.change(loan.id, {
    state,
    because,
    ...(state === 'returned' ? { returned_at: time(world.now()) } : {}),
    ...(state === 'overdue' ? { tried_at: time(world.now()) } : {}),
  })
  await appendAbout(
    books,
    entry(by, `run:${loan.run_id}`, `loan.${state}`, `loan:${loan.id}`, {
      outcome: state === 'overdue' ? 'failed' : 'ok',
      target: loan.target,
      ...(seen.before ? { before: snapshot(seen.before) } : {}),
      ...(seen.after ? { after: snapshot(seen.after) } : {}),
      detail: { because: because ?? '', run: loan.run_id, verb: loan.verb },
    }),
    loan.verb,
    time(world.now()),
  )
}

/** How often giving back is tried again while the outside is only busy. */
const TRIES = 3

/** A loan that is on its way back, under a fence. `tried`: somebody began before. */
interface Begun {
  loan: Loan
  fence: number
  tried: boolean
}

/** What became of looking at a loan. */
type Looked = Loan['state'] | 'renewed' | 'not-due' | 'locked' | 'elsewhere' | 'halted' | 'frozen'

/**
 * Gives loans back: the undo of the step that made them, which stood in the approved digest. And leaves them out for longer
 * where a person asked for that.
 */
export class Loans {
  constructor(
    private readonly world: World,
    private readonly readers: Readers,
    private readonly hands: Hands,
    private readonly tenures: Tenures,
    private readonly timers: Timers,
    private readonly me: Actor,
  ) {}

  /** Gives one loan back when it is due or asked for, or renews it; answers the loan's state, or why nothing was done. */
  async giveBack(loanId: string): Promise<Looked> {
    if (await this.renew(loanId)) return 'renewed'
    const begun = await this.intend(loanId)
    if (typeof begun === 'string') return begun
    try {
      return await this.tenures.during(
        begun.loan.id,
        begun.fence,
        (ms, work) => this.timers.every(ms, work),
        () => this.proceed(begun),
      )
    } catch (error) {
      if (error instanceof TenureLost) return 'elsewhere'
      throw error
    }
  }

  private async proceed({ loan, fence, tried }: Begun): Promise<Looked> {
    const hands = fenced(this.hands, () => this.world.ledger.read((books) => this.tenures.hold(books, loan.id, fence)))
    const settle = (why: string) => settleEffect(this.readers, loan, 'undo', why)
    // Begun before, by a worker that stopped in the middle or could not tell how it ended: look before doing.
    const found = tried ? await settle('It was tried before, without an end that could be told') : undefined
    // Asked once more, without locks, right before each effect: that catches the freeze between the claim and the effect.
    const closed = () => this.world.ledger.read((books) => closedFor(books, this.world.scopes, [loan.target], false))
    const outcome = await keepTrying<Withheld>(
      async () => {
        const held = await closed()
        if (held) return { kind: 'held', closed: held }
        return (await notYet(this.readers, loan)) ?? makeEffect(hands, this.readers, loan, 'undo')
      },
      settle,
      TRIES,
      async (nth, wait_ms) => {
        await this.timers.sleep(pauseBefore(nth, wait_ms))
        return undefined
      },
      found,
    )
    if (outcome.kind === 'held') return this.hold(loan, fence, outcome.closed)
    return this.record(loan, fence, outcome)
  }

  /** Puts the date off that somebody asked to put off. Nothing outside changes, so neither locks nor freezes are asked. */
  private async renew(loanId: string): Promise<boolean> {
    const known = await this.world.ledger.read((books) => books.loans.get(loanId))
    if (!known || !(await this.world.ledger.read((books) => this.renewalOf(books, known)))) return false
    return this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${loanId}`], stream: [`run:${known.run_id}`] })
      const loan = (await books.loans.get(loanId))!
      const renewal = await this.renewalOf(books, loan)
      if (!renewal) return false
      const because = `${renewal.by} renewed it.`
      assertPassage('loan', loan.id, loan.state, 'out')
      await books.loans.change(loan.id, { state: 'out', until: renewal.until, because, held_by: null })
      books.audit.append(
        entry(this.me, `run:${loan.run_id}`, 'loan.renewed', `loan:${loan.id}`, {
          outcome: 'ok',
          target: loan.target,
          detail: { until: renewal.until, because, run: loan.run_id, verb: loan.verb },
        }),
      )
      return true
    })
  }

  private async renewalOf(books: Books, loan: Loan): Promise<Renewal | undefined> {
    return wishesOf(loan, await books.requests.where({ kind: 'loan', subject: loan.id })).renewal
  }

  private async intend(
    loanId: string,
  ): Promise<Begun | 'not-due' | 'locked' | 'elsewhere' | 'returned' | 'halted' | 'frozen'> {
    const known = await this.world.ledger.read((books) => books.loans.get(loanId))
    if (!known) return 'not-due'
    if (known.state === 'returned') return 'returned'
    if (!(await this.world.ledger.read((books) => this.isDue(books, known)))) return 'not-due'
    // One that is on its way back already has been seen by the worker that began.
    const before = known.state === 'returning' ? null : await stateOf(this.readers, known).catch(() => null)
    return this.world.ledger.write(async (books) => {
      await books.lock({
        key: [`tenure:${loanId}`],
        shared: this.world.scopes.of([known.target]),
        stream: [`run:${known.run_id}`],
        target: [known.target],
      })
      const loan = (await books.loans.get(loanId))!
      if (loan.state === 'returned') return 'returned'
      if (!(await this.isDue(books, loan))) return 'not-due'
      const [lock] = await books.targetLocks.where({ id: [loan.target] })
      if (lock) return 'locked'
      const closed = await closedFor(books, this.world.scopes, [loan.target], false)
      if (closed) {
        // The stop switch is for a moment. A freeze is not: the promise of a date is broken, and that is shown.
        if (closed.code === 'frozen' && loan.state !== 'overdue') {
          await moveLoan(books, this.me, this.world, loan, 'overdue', closed.because, { before, after: before })
          await books.loans.change(loan.id, { held_by: closed.by })
        }
        return closed.code
      }
      const fence = await this.tenures.take(books, loanId)
      if (fence === undefined) return 'elsewhere'
      if (loan.held_by !== null) await books.loans.change(loan.id, { held_by: null })
      if (loan.state !== 'returning') await moveLoan(books, this.me, this.world, loan, 'returning', null, { before })
      // One that was renewed after it could not be given back was tried, too.
      const tried = loan.state !== 'out' || loan.tried_at !== null
      return { loan: { ...loan, state: 'returning' as const }, fence, tried }
    })
  }

  /** Due: on its way back already, past its time, or asked for since it last failed. */
  private async isDue(books: Books, loan: Loan): Promise<boolean> {
    if (loan.state === 'returning') return true
    const wishes = wishesOf(loan, await books.requests.where({ kind: 'loan', subject: loan.id }))
    // Asked for between our look and now: it is rung for.
    if (wishes.renewal) return false
    // Loans on one target are given back in reverse: the younger one's "before" is the older one's "after".
    const others = await books.loans.where({ target: loan.target, state: ['out', 'returning', 'overdue'] })
    if (others.some((other) => other.out_at > loan.out_at)) return false
    if (await this.isPausing(books, loan)) return false
    if (loan.state === 'out' && new Date(loan.until) <= this.world.now()) return true
    // A freeze held it: as soon as that is over it is due again.
    if (loan.held_by !== null) return true
    return wishes.back
  }

  /** A step that went ahead in waves comes back in waves: what came of the one before it has to be seen first. */
  private async isPausing(books: Books, { step_id, target }: Loan): Promise<boolean> {
    const pause_s = (await books.steps.get(step_id))?.pace?.pause_s ?? 0
    if (pause_s === 0) return false
    const before = await books.loans.where({ step_id, target, state: 'returned' })
    const since = this.world.now().getTime() - pause_s * 1_000
    return before.some(({ returned_at }) => new Date(returned_at ?? 0).getTime() > since)
  }

  /** Commits that it was not given back now. The stop switch is for a moment, and leaves it on its way; a freeze is not. */
  private async hold(loan: Loan, fence: number, closed: Closed): Promise<Looked> {
    const seen = await stateOf(this.readers, loan).catch(() => null)
    return this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${loan.id}`], stream: [`run:${loan.run_id}`] })
      await this.tenures.hold(books, loan.id, fence)
      if (closed.code === 'frozen') {
        await moveLoan(books, this.me, this.world, loan, 'overdue', closed.because, { after: seen })
        await books.loans.change(loan.id, { held_by: closed.by })
      }
      await this.tenures.release(books, loan.id, fence)
      return closed.code
    })
  }

  private async record(loan: Loan, fence: number, outcome: Outcome): Promise<Loan['state']> {
    const state = outcome.kind === 'done' ? 'returned' : 'overdue'
    const because = outcome.kind === 'done' ? (outcome.found ? 'It was as before already.' : null) : outcome.because
    // A missing picture afterwards is recorded as missing.
    const after = await stateOf(this.readers, loan).catch(() => null)
    return this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${loan.id}`], stream: [`run:${loan.run_id}`] })
      await this.tenures.hold(books, loan.id, fence)
      await moveLoan(books, this.me, this.world, loan, state, because, { after })
      await this.tenures.release(books, loan.id, fence)
      return state
    })
  }
}
