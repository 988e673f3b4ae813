import type { Shape } from '@firebreak/client'
import { answerOf } from '../asking/answers.js'
import { command } from '../command.js'
import { Ended, EXIT, usage } from '../exits.js'
import type { Session } from '../session.js'
import { count, plan } from '../views.js'
import { followRun } from './follow.js'
import { PLAN, planOf } from './plans.js'

type Plan = Shape<'Plan'>
/** `sha256:` and so many hex digits are enough to mean one plan. */
const SHORTEST = 12

export const decisions = [
  command({
    path: ['approve'],
    about: 'says yes to exactly the plan that you read',
    args: [PLAN],
    options: {
      digest: { takes: 'digest', about: 'of the plan that you read: all of it, or its first 12 hex digits' },
      yes: { about: 'without questions; needs --digest, and --typed where the plan asks for it' },
      typed: { takes: 'text', about: 'what has to be typed for a plan that cannot be taken back' },
      note: { takes: 'text', about: 'to be kept with your yes' },
      wait: { about: 'follow the run that it starts to its end' },
    },
    more: [
      'Shows the plan, arms, looks again whether it is still the same plan, and asks you to confirm. Only then is anything sent.',
      'With --wait the exit code is the run’s: 0 verified, 1 anything else.',
    ],
    run: async (session, { args, options }) => {
      const { out } = session
      if (options.yes && !options.digest)
        throw usage('--yes needs --digest: a yes is to one plan that somebody has read')
      if (!options.yes && !session.outside.person.there)
        throw usage(
          'nobody can be asked here, for this is no terminal. Read the plan, then give --yes --digest <digest>',
        )
      const read = await planOf(session, args.plan)
      // Never a yes to what was not shown, whoever reads it.
      if (!out.json) plan(out, read)
      else out.say(sentence(read))
      const digest = decidable(read, options.digest)
      insist(read.may.approve)
      if (options.yes && read.to_type !== null && options.typed !== read.to_type)
        throw usage(`this plan cannot be taken back: --typed must be exactly ${read.to_type}`)
      const typed = options.yes ? options.typed : await confirm(session, read)
      const it = await decide(session, args.plan, {
        digest,
        decision: 'yes',
        note: options.note ?? '',
        ...(read.to_type === null || typed === undefined ? {} : { typed }),
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
      const digest = decidable(read, options.digest)
      insist(read.may.refuse)
      const it = await decide(session, args.plan, { digest, decision: 'no', note: options.note })
      session.out.thing(it, () => session.out.line(`no to ${it.id}; it is ${it.state}`))
      return EXIT.ok
    },
  }),
]

/** The API would say the same; it is said before anybody is asked to confirm. */
function insist({ code, ok, reason }: Shape<'May'>): void {
  if (!ok) throw new Ended(EXIT.refused, reason ?? 'you may not', code ?? 'not-your-role')
}

/** What one says yes or no to, in a line a step. */
const sentence = (it: Plan): string =>
  `${it.id}, ${it.recipe.title}: ${it.body?.steps.map(({ says }) => says).join('; then ') ?? it.because ?? it.state}`

/** The digest to send. Throws Ended where there is nothing to decide, or another plan than the one that was read. */
function decidable(it: Plan, wanted: string | undefined): string {
  if (it.digest === null)
    throw new Ended(
      EXIT.refused,
      `${it.id} is ${it.state}${it.because ? `: ${it.because}` : ''}; there is nothing to decide`,
      it.state === 'requested' ? 'in-progress' : 'superseded',
    )
  if (wanted === undefined) return it.digest
  const hex = wanted.replace(/^sha256:/, '')
  if (!/^[0-9a-f]+$/.test(hex) || hex.length < SHORTEST || hex.length > 64)
    throw usage(`--digest is sha256: and 64 hex digits, or at least the first ${SHORTEST} of them`)
  if (!it.digest.startsWith(`sha256:${hex}`))
    throw new Ended(
      EXIT.refused,
      `${it.id} is another plan than the one that you read: its digest is ${it.digest}. Read it again.`,
      'stale',
    )
  return it.digest
}

/** Arm, look again, confirm. Answers what was typed; throws Ended (1) for anything but a confirmation. */
async function confirm(session: Session, read: Plan): Promise<string> {
  const { person } = session.outside
  const not = () => new Ended(EXIT.bad, 'not confirmed; nothing was sent', 'not-confirmed')
  if ((await person.ask(`\nTo arm your yes to ${read.id}, type arm: `))?.trim() !== 'arm') throw not()
  const now = await planOf(session, read.id)
  if (now.digest !== read.digest || now.state !== read.state)
    throw new Ended(
      EXIT.refused,
      `${read.id} is ${now.state} now, and was ${read.state} when you read it. Read it again.`,
      'stale',
    )
  const wanted = read.to_type ?? 'yes'
  const why = read.to_type === null ? 'To confirm' : 'It cannot be taken back. To confirm'
  const typed = (await person.ask(`${why}, type ${wanted}: `))?.trim()
  if (typed !== wanted) throw not()
  return typed
}

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
