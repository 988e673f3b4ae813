import { type Finder } from './finder.js'
import type { OpenPlan } from './plans.js'
import { text } from './said.js'

/** What a tier asks for at the least, whatever its plan says. */
const LEAST: Record<string, number> = { T0: 0, T1: 1, T2: 1, T3: 2 }
const apart = ({ tier }: OpenPlan) => tier === 'T2' || tier === 'T3'

/** Runs that began without the voices that their plan asked for, for the very digest that was carried out. */
export const unapproved: Finder = {
  says: 'runs that started without the approvals that their plan asked for',
  whole: true,
  types: ['run.started'],
  start: (find, plans) => ({
    see(entry, index) {
      const id = text(entry, 'plan')
      const plan = id === undefined ? undefined : plans.get(id)
      const run = entry.about
      if (id === undefined || plan?.digest === undefined) {
        find(index, `${run} started, and no plan ${id ?? ''} was proposed and open.`)
        return
      }
      if (entry.plan_digest !== plan.digest) find(index, `${run} carried out another digest than plan ${id} has.`)
      if (plan.refused) find(index, `${run} started although somebody had said no to plan ${id}.`)
      const voices = [...plan.yes.values()].filter(
        ({ by, over, person }) => person && over === plan.digest && !(apart(plan) && by === plan.asker),
      )
      const found = new Set(voices.map(({ by }) => by)).size
      const wanted = Math.max(plan.quorum, LEAST[plan.tier ?? ''] ?? 0)
      const pass = text(entry, 'break_glass')
      const by = pass === undefined ? '' : ` It had the break-glass ${pass}.`
      if (found < wanted) find(index, `${run} started with ${found} of ${wanted} approvals for plan ${id}.${by}`)
      const unheard = entry.approvals?.find((named) => plan.yes.get(named.id)?.by !== named.by)
      if (unheard) find(index, `${run} names the approval ${unheard.id} by ${unheard.by}, of which no entry tells.`)
    },
  }),
}

/** Where a second pair of eyes is wanted, whoever asked has two already. */
export const ownPlans: Finder = {
  says: 'approvals of T2 and T3 plans by whoever asked for them',
  whole: false,
  types: ['approval.given'],
  start: (find, plans) => ({
    see(entry, index) {
      const id = text(entry, 'plan')
      const plan = id === undefined ? undefined : plans.get(id)
      if (plan && apart(plan) && plan.asker === entry.actor.id)
        find(index, `${entry.actor.id} approved the ${plan.tier} plan ${id}, which they had asked for.`)
    },
  }),
}

/** A yes is for a while: what was true when it was given may not be true any more. */
export const expired: Finder = {
  says: 'plans that were approved or used after they had expired',
  whole: false,
  types: ['approval.given', 'run.started'],
  start: (find, plans) => ({
    see(entry, index) {
      const id = text(entry, 'plan')
      const until = id === undefined ? undefined : plans.get(id)?.expires_at
      if (until === undefined || entry.ts <= until) return
      const did = entry.type === 'run.started' ? `${entry.about} started` : `${entry.actor.id} approved`
      find(index, `${did} by plan ${id} at ${entry.ts}; the plan had expired at ${until}.`)
    },
  }),
}

/** Dual authorisation: two people, not one of them twice. */
export const alone: Finder = {
  says: 'T3 runs for which fewer than two people had said yes',
  whole: false,
  types: ['run.started'],
  start: (find, plans) => ({
    see(entry, index) {
      const plan = plans.get(text(entry, 'plan') ?? '')
      const people = new Set(entry.approvals?.map(({ by }) => by))
      if (plan?.tier === 'T3' && people.size < 2)
        find(index, `${entry.about} of a T3 plan names ${people.size === 0 ? 'nobody' : `${[...people][0]} alone`}.`)
    },
  }),
}
