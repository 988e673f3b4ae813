import type { Loan } from '../src/renderer/api/view.js'
import type { Night } from './night.js'
import { pageOf, text, type Asker, type Noun } from './noun.js'
import { byRole, demand, No, notFound, responders } from './refuse.js'
import type { LoanRecord } from './world.js'

/** A loan as whoever asks sees it: with what they may do. */
const loanView = (loan: LoanRecord, me: Asker): Loan => ({
  ...loan,
  may: { return: byRole('loan.return', responders, me.roles), renew: byRole('loan.renew', responders, me.roles) },
})

/** The loan that somebody who may asks something of, and how the worker tells of it. */
function borrowed(night: Night, id: string, right: string, me: Asker) {
  demand(byRole(right, responders, me.roles))
  const loan = night.world.loans.get(id)
  if (!loan) throw notFound(`/v1/loans/${id}`)
  const { incident } = night.world.runs.get(loan.run)!
  return {
    loan,
    say: (type: string, by: string, says: string) => night.log(incident, type, `run:${loan.run}`, by, says),
  }
}

function renew(night: Night, id: string, me: Asker, reason: string, minutes: number): Loan {
  const { loan, say } = borrowed(night, id, 'loan.renew', me)
  if (!(minutes >= 1 && minutes <= loan.minutes))
    throw new No(
      400,
      'out-of-range',
      `Its plan lends it for ${loan.minutes} minutes: renew it for 1 to ${loan.minutes}.`,
    )
  const until = new Date(night.options.now().getTime() + minutes * 60_000).toISOString()
  const till = `until ${until.slice(11, 16)} UTC`
  say('loan.requested', me.id, `${me.name} asked for ${loan.target} to stay on loan ${till}: ${reason}.`)
  night.inTurn(() => {
    Object.assign(loan, { until, state: 'out', because: `${me.id} renewed it.` })
    say('loan.renewed', 'worker', `${loan.target} stays on loan ${till}. ${me.id} renewed it.`)
  })
  return loanView(loan, me)
}

function giveBack(night: Night, id: string, me: Asker, reason: string): Loan {
  const { loan, say } = borrowed(night, id, 'loan.return', me)
  say('loan.requested', me.id, `${me.name} asked for ${loan.target} to be given back now: ${reason}.`)
  night.inTurn(
    () => {
      loan.state = 'returning'
      say('loan.returning', 'worker', `${loan.target} is being given back.`)
    },
    () => {
      Object.assign(loan, { state: 'returned', returned_at: night.options.now().toISOString() })
      say(
        'loan.returned',
        'worker',
        `${loan.target} was given back${loan.target === 'deployment:prod/api' ? ': replicas 2' : ''}.`,
      )
    },
  )
  return loanView(loan, me)
}

export const loans: Noun = {
  routes: (night) => ({
    'GET /v1/loans': ({ query, me }) => {
      const found = [...night.world.loans.values()]
        .filter(({ run, state }) => (query.get('run') ?? run) === run && (query.get('state') ?? state) === state)
        .sort((a, b) => b.id.localeCompare(a.id))
      return pageOf(found, query, (loan) => loanView(loan, me))
    },
    'GET /v1/loans/{id}': ({ at, me }) => {
      const loan = night.world.loans.get(at('id'))
      if (!loan) throw notFound(`/v1/loans/${at('id')}`)
      return loanView(loan, me)
    },
    'POST /v1/loans/{id}/return': ({ at, body, me }) => giveBack(night, at('id'), me, text(body['reason'])),
    'POST /v1/loans/{id}/renew': ({ at, body, me }) =>
      renew(night, at('id'), me, text(body['reason']), Number(body['minutes'])),
  }),
}
