import type { Shape } from '@firebreak/client'
import { answerOf } from '../asking/answers.js'
import { items } from '../asking/pages.js'
import { command, PAGES } from '../command.js'
import { EXIT, usage } from '../exits.js'
import type { Session } from '../session.js'
import type { Output } from '../terminal/output.js'
import { at, may, plan, state } from '../views.js'
import { consent, digestOf, insist, insistOnSomebody } from './consent.js'
import { sentence, YES } from './decisions.js'
import { given, list } from './list.js'
import { PLAN, planOf } from './plans.js'

type Pass = Shape<'BreakGlass'>
const PASS = { name: 'pass', about: 'its id, bgl_…' } as const

export const breakGlass = [
  command({
    path: ['break-glass', 'list'],
    about: 'who broke the glass, or asked to, newest first',
    args: [],
    options: {
      plan: { takes: 'plan', about: 'only for this one' },
      incident: { takes: 'incident', about: 'only for this one' },
      ...PAGES,
    },
    run: ({ api, out }, { options: { all, limit, ...query } }) =>
      list(
        out,
        items({ all, limit }, (page) =>
          answerOf(api.GET('/v1/break-glass', { params: { query: { ...given(query), ...page } } })),
        ),
        ['ID', 'STATE', 'PLAN', 'OVER', 'ASKED', 'BY', 'REASON'],
        (it) => [it.id, state(it.state), it.plan, it.freeze ?? it.over, at(it.at), it.by.name, it.reason],
        'nobody did',
      ),
  }),
  command({
    path: ['break-glass', 'show'],
    about: 'one of them: who asked, who decided, which run used it, and its review',
    args: [PASS],
    options: {},
    run: async (session, { args }) => {
      const it = await passOf(session, args.pass)
      session.out.thing(it, () => tell(session.out, it))
      return EXIT.ok
    },
  }),
  command({
    path: ['break-glass', 'ask'],
    about: 'asks to let exactly this plan pass one freeze, or one missing yes, once; a second person decides',
    args: [PLAN],
    options: {
      digest: { takes: 'digest', required: true, about: 'of the plan that you read' },
      freeze: { takes: 'freeze', about: 'past this freeze' },
      approval: { about: 'past one yes that is missing' },
      minutes: { takes: 'number', about: 'how long it holds, once it is granted: 60' },
      reason: { takes: 'text', required: true, about: 'why it cannot wait' },
    },
    run: async (session, { args, options }) => {
      const { freeze, minutes = '60' } = options
      if (options.approval === (freeze !== undefined)) throw usage('give one of --freeze <freeze> and --approval')
      if (!/^\d{1,4}$/.test(minutes)) throw usage('--minutes is a whole number')
      const read = await planOf(session, args.plan)
      session.out.say(sentence(read))
      const it = await answerOf(
        session.api.POST('/v1/break-glass', {
          body: {
            plan: args.plan,
            digest: digestOf(read, options.digest),
            over: freeze === undefined ? 'approval' : { freeze },
            minutes: Number(minutes),
            reason: options.reason,
          },
        }),
      )
      session.out.thing(it, () =>
        session.out.line(`asked, as ${it.id}; another has to grant it by ${at(it.open_until)}`),
      )
      return EXIT.ok
    },
  }),
  command({
    path: ['break-glass', 'grant'],
    about: 'lets it pass: as approve, with the plan shown, armed and confirmed',
    args: [PASS],
    options: YES,
    run: async (session, { args, options }) => {
      insistOnSomebody(session, options)
      const read = await passOf(session, args.pass)
      const about = await planOf(session, read.plan)
      if (session.out.json) session.out.say(`${read.id}, ${read.reason}: ${sentence(about)}`)
      else {
        tell(session.out, read)
        session.out.heading('The plan')
        plan(session.out, about)
      }
      const digest = digestOf(read, options.digest)
      insist(read.may.decide)
      const typed = await consent(session, read, options, () => passOf(session, args.pass))
      const body = {
        digest,
        decision: 'yes' as const,
        note: options.note ?? '',
        ...(typed === undefined ? {} : { typed }),
      }
      return decided(session, args.pass, body)
    },
  }),
  command({
    path: ['break-glass', 'refuse'],
    about: 'says no to it',
    args: [PASS],
    options: { note: { takes: 'text', required: true, about: 'why' } },
    run: async (session, { args, options: { note } }) => {
      const read = await passOf(session, args.pass)
      insist(read.may.decide)
      return decided(session, args.pass, { digest: read.digest, decision: 'no', note })
    },
  }),
  command({
    path: ['break-glass', 'review'],
    about: 'says afterwards whether it was right',
    args: [PASS],
    options: {
      verdict: { takes: 'verdict', required: true, words: ['justified', 'not-justified'], about: 'what you found' },
      note: { takes: 'text', required: true, about: 'why' },
    },
    run: async ({ api, out }, { args, options: { note, verdict } }) => {
      const body = { verdict: verdict as 'justified' | 'not-justified', note }
      const it = await answerOf(api.POST('/v1/break-glass/{id}/review', { params: { path: { id: args.pass } }, body }))
      out.thing(it, () => out.line(`${it.id} is ${it.state}`))
      return EXIT.ok
    },
  }),
]

const passOf = ({ api }: Session, id: string): Promise<Pass> =>
  answerOf(api.GET('/v1/break-glass/{id}', { params: { path: { id } } }))

async function decided(
  { api, out }: Session,
  id: string,
  body: { digest: string; decision: 'yes' | 'no'; note: string; typed?: string },
): Promise<number> {
  const it = await answerOf(api.POST('/v1/break-glass/{id}/approvals', { params: { path: { id } }, body }))
  out.thing(it, () => out.line(`${it.id} is ${it.state}${it.expires_at ? ` until ${at(it.expires_at)}` : ''}`))
  return EXIT.ok
}

function tell(out: Output, it: Pass): void {
  out.line(
    { text: it.id, colour: 'bold' },
    state(it.state),
    it.over === 'freeze' ? `past ${it.freeze}` : 'past a missing yes',
  )
  out.fields([
    ['plan', it.plan],
    ['incident', it.incident ?? undefined],
    ['reason', it.reason],
    ['asked by', `${it.by.name}, ${at(it.at)}`],
    [
      'decided',
      it.decision
        ? `${it.decision.decision} by ${it.decision.by.name}, ${at(it.decision.at)} ${it.decision.note}`
        : `open until ${at(it.open_until)}`,
    ],
    ['holds', it.expires_at ? `until ${at(it.expires_at)}` : `${it.minutes} minutes, once it is granted`],
    ['used', it.use ? `by ${it.use.run}, ${at(it.use.at)}; to be reviewed by ${at(it.use.review_by)}` : undefined],
    [
      'review',
      it.review ? `${it.review.verdict} by ${it.review.by.name}, ${at(it.review.at)}: ${it.review.note}` : undefined,
    ],
    ['to type', it.to_type ?? undefined],
    ['decide', may(it.may.decide)],
    ['digest', it.digest],
  ])
}
