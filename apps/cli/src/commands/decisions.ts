import type { Shape } from '@firebreak/client'
import { answerOf } from '../asking/answers.js'
import { command, type Options } from '../command.js'
import { Ended, EXIT } from '../exits.js'
import type { Session } from '../session.js'
import { count, plan } from '../views.js'
import { consent, digestOf, insist, insistOnSomebody } from './consent.js'
import { followRun } from './follow.js'
import { PLAN, planOf } from './plans.js'

type Plan = Shape<'Plan'>
/** What a yes takes. */
export const YES = {
  digest: { takes: 'digest', about: 'of what you read: all of it, or its first 12 hex digits' },
  yes: { about: 'without questions; needs --digest, and --typed where it is asked for' },
  typed: { takes: 'text', about: 'what has to be typed for a plan that cannot be taken back' },
  note: { takes: 'text', about: 'to be kept with your yes' },
} as const satisfies Options

export const decisions = [
  command({
    path: ['approve'],
    about: 'says yes to exactly the plan that you read',
    args: [PLAN],
    options: {
      ...YES,
      wait: { about: 'follow the run that it starts to its end' },
    },
    more: [
      'Shows the plan, arms, looks again whether it is still the same plan, and asks you to confirm. Only then is anything sent.',
      'With --wait the exit code is the run’s: 0 verified, 1 anything else.',
    ],
    run: async (session, { args, options }) => {
      const { out } = session
      insistOnSomebody(session, options)
      const read = await planOf(session, args.plan)
      // Never a yes to what was not shown, whoever reads it.
      if (!out.json) plan(out, read)
      else out.say(sentence(read))
      const digest = digestOf(read, options.digest)
      insist(read.may.approve)
      const typed = await consent(session, read, options, () => planOf(session, args.plan))
      const it = await decide(session, args.plan, {
        ...{ digest, decision: 'yes', note: options.note ?? '' },
        ...(typed === undefined ? {} : { typed }),
      })
      const missing = it.quorum.needed - it.quorum.given
      const says = it.run
        ? `yes to ${it.id}; it runs as ${it.run}`
        : missing > 0
          ? `yes to ${it.id}; ${count(missing, 'more person', 'more people')} must say yes`
          : `yes to ${it.id}; it is ${it.state}`
      if (!options.wait) {
        out.thing(it, () => out.line(says))
        return EXIT.ok
      }
      out.say(says)
      return followRun(session, await runOfPlan(session, it.id))
    },
  }),
  command({
    path: ['refuse'],
    about: 'says no to a plan: it will not run',
    args: [PLAN],
    options: {
      digest: { takes: 'digest', about: 'of the plan that you read; else the one that it has now' },
      note: { takes: 'text', required: true, about: 'why' },
    },
    run: async (session, { args, options }) => {
      const read = await planOf(session, args.plan)
      session.out.say(sentence(read))
      const digest = digestOf(read, options.digest)
      insist(read.may.refuse)
      const it = await decide(session, args.plan, { digest, decision: 'no', note: options.note })
      session.out.thing(it, () => session.out.line(`no to ${it.id}; it is ${it.state}`))
      return EXIT.ok
    },
  }),
]

/** What one says yes or no to, in a line a step. */
export const sentence = (it: Plan): string =>
  `${it.id}, ${it.recipe.title}: ${it.body?.steps.map(({ says }) => says).join('; then ') ?? it.because ?? it.state}`

const decide = (
  { api }: Session,
  id: string,
  body: { digest: string; decision: 'yes' | 'no'; note: string; typed?: string },
): Promise<Plan> => answerOf(api.POST('/v1/plans/{id}/approvals', { params: { path: { id } }, body }))

/** The run of a plan, as soon as there is one. Throws Ended where there will be none. */
export const runOfPlan = (session: Session, id: string): Promise<string> =>
  session.until(`the run of ${id}`, async (told) => {
    const it = await planOf(session, id)
    if (it.run) return it.run
    if (!['requested', 'proposed', 'approved'].includes(it.state))
      throw new Ended(EXIT.bad, `${id} is ${it.state}${it.because ? `: ${it.because}` : ''}; it does not run`, it.state)
    told(`${id} is ${it.state}, ${it.quorum.given} of ${it.quorum.needed} have said yes`)
    return undefined
  })
