import type { Actor } from './actor.js'
import { entry } from './audit.js'
import type { Doorbell } from './jobs.js'
import type { WriteBooks } from './ledger.js'
import { Refused, type RefusalCode } from './refused.js'
import type { Loan, Request } from './rows.js'
import { minutesAfter, time, type World } from './world.js'

/** A date that somebody put off and the worker has not. */
export interface Renewal {
  by: string
  until: string
}

/** What people want of a loan that was not done yet. Read from what they asked for, in order: nobody ticks it off. */
export interface Wishes {
  /** A renewal only ever puts the date off, so it is done when the loan has its date. */
  renewal: Renewal | undefined
  /** It is wanted back, and was not tried since. Who renews a loan afterwards does not want it back any more. */
  back: boolean
}

export function wishesOf(
  loan: Pick<Loan, 'state' | 'until' | 'tried_at'>,
  requests: readonly Pick<Request, 'body' | 'by' | 'at'>[],
): Wishes {
  const renewed = requests.findLastIndex(({ body }) => body['wish'] === 'renew')
  const { body, by } = requests[renewed] ?? {}
  const until = typeof body?.['until'] === 'string' ? body['until'] : ''
  const renewable = loan.state === 'out' || loan.state === 'overdue'
  return {
    renewal: renewable && by !== undefined && until > loan.until ? { by, until } : undefined,
    back: requests
      .slice(renewed + 1)
      .some(({ at, body }) => body['wish'] === 'return' && (loan.state === 'out' || at > (loan.tried_at ?? ''))),
  }
}

/** Why this loan cannot be asked back now, or undefined when it can. Asked by screens, too. */
export function whyNotReturn({
  state,
  returned_at,
}: Pick<Loan, 'state' | 'returned_at'>): { code: RefusalCode; reason: string } | undefined {
  if (state === 'returned') return { code: 'already-decided', reason: `The loan was returned at ${returned_at}.` }
  return state === 'returning' ? { code: 'in-progress', reason: 'The loan is on its way back already.' } : undefined
}

/** Why this loan cannot be renewed now, or undefined when it can. Asked by screens, too. */
export function whyNotRenew(
  loan: Pick<Loan, 'id' | 'state' | 'until' | 'tried_at'>,
  wishes: Pick<Wishes, 'back'>,
): { code: RefusalCode; reason: string } | undefined {
  if (loan.state === 'returned' || loan.state === 'returning')
    return { code: 'already-decided', reason: `The loan is ${loan.state}.` }
  if (wishes.back) return { code: 'in-progress', reason: 'Somebody asked for it back: the worker is about to do that.' }
  return undefined
}

/** Asking for a loan back before its time, or for more time. The worker does it. */
export class LoanRequests {
  constructor(
    private readonly world: World,
    private readonly doorbell: Doorbell,
  ) {}

  /** Records the wish. */
  askReturn(by: Actor, loanId: string, reason: string): Promise<Request> {
    return this.ask(by, loanId, reason, async (_, loan) => {
      const no = whyNotReturn(loan)
      if (no) throw new Refused(no.code, no.reason)
      return { wish: 'return' }
    })
  }

  /**
   * Asks for the loan to stay out until so many minutes from now. At most for as long as the approved plan lends: who needs
   * it for longer says so again, and each time stands in the log.
   */
  askRenewal(by: Actor, loanId: string, { minutes, reason }: { minutes: number; reason: string }): Promise<Request> {
    return this.ask(by, loanId, reason, async (books, loan) => {
      const requests = await books.requests.where({ kind: 'loan', subject: loanId })
      const wishes = wishesOf(loan, requests)
      const no = whyNotRenew(loan, wishes)
      if (no) throw new Refused(no.code, no.reason)
      const most = (await books.steps.get(loan.step_id))?.loan_minutes ?? 0
      if (minutes > most)
        throw outOfRange(`The plan lends it for ${most} minutes: it can be renewed for as long at once, and again.`)
      const until = time(minutesAfter(this.world.now(), minutes))
      const sofar = wishes.renewal?.until ?? loan.until
      if (until <= sofar) throw outOfRange(`It is on loan until ${sofar} already, which is later.`)
      return { wish: 'renew', until }
    })
  }

  private async ask(
    by: Actor,
    loanId: string,
    reason: string,
    wishFor: (books: WriteBooks, loan: Loan) => Promise<{ wish: 'return' } | { wish: 'renew'; until: string }>,
  ): Promise<Request> {
    const request = await this.world.ledger.write(async (books) => {
      const loan = await books.loans.get(loanId)
      if (!loan) throw new Refused('not-found', `There is no loan ${loanId}.`)
      await books.lock({ key: [`loan:${loanId}`], stream: [`run:${loan.run_id}`] })
      const body = await wishFor(books, (await books.loans.get(loanId))!)
      const request: Request = {
        id: this.world.newId('req'),
        kind: 'loan',
        subject: loanId,
        body,
        incident_id: null,
        by: by.id,
        reason,
        at: time(this.world.now()),
      }
      await books.requests.add(request)
      books.audit.append(
        entry(by, `run:${loan.run_id}`, 'loan.requested', `request:${request.id}`, {
          outcome: 'ok',
          ...(reason ? { reason } : {}),
          target: loan.target,
          detail: { loan: loanId, ...body },
        }),
      )
      return request
    })
    await this.doorbell.ring('loan', loanId)
    return request
  }
}

const outOfRange = (message: string): Refused =>
  new Refused('out-of-range', message, [{ pointer: '/minutes', message }])
