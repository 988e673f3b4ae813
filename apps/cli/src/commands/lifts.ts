import type { Shape } from '@firebreak/client'
import { answerOf } from '../asking/answers.js'
import { command } from '../command.js'
import { Ended, EXIT } from '../exits.js'
import type { Session } from '../session.js'
import type { Output } from '../terminal/output.js'
import { at, may, state } from '../views.js'
import { consent, digestOf, insist, insistOnSomebody, type Decidable } from './consent.js'
import { YES } from './decisions.js'

type Freeze = Shape<'Freeze'>
const FREEZE = { name: 'freeze', about: 'its id, frz_…' } as const

/** How a freeze ends: one of Security asks, two others say yes to exactly that. */
export const lifts = [
  command({
    path: ['freezes', 'show'],
    about: 'one freeze, and what was asked and said about lifting it',
    args: [FREEZE],
    options: {},
    run: async (session, { args }) => {
      const it = await freezeOf(session, args.freeze)
      session.out.thing(it, () => tell(session.out, it))
      return EXIT.ok
    },
  }),
  command({
    path: ['freezes', 'lift'],
    about: 'asks for a freeze to be lifted; it holds until two others have approved that',
    args: [FREEZE],
    options: {
      reason: { takes: 'text', required: true, about: 'why it is not needed any more' },
      'expires-at': { takes: 'time', about: 'until when it may be approved: 2026-11-23T04:00:00Z' },
    },
    run: async ({ api, out }, { args, options: { 'expires-at': expires_at, reason } }) => {
      const params = { path: { id: args.freeze } }
      const body = { reason, ...(expires_at === undefined ? {} : { expires_at }) }
      const it = await answerOf(api.POST('/v1/freezes/{id}/lift', { params, body }))
      out.thing(it, () => out.line(`asked; ${it.id} holds until two others have approved this by ${until(it)}`))
      return EXIT.ok
    },
  }),
  command({
    path: ['freezes', 'approve-lift'],
    about: 'says yes to exactly the lift that you read: as approve, with it shown, armed and confirmed',
    args: [FREEZE],
    options: YES,
    run: async (session, { args, options }) => {
      insistOnSomebody(session, options)
      const read = await freezeOf(session, args.freeze)
      if (session.out.json) session.out.say(sentence(read))
      else tell(session.out, read)
      const digest = digestOf(asked(read), options.digest)
      insist(read.may.approve)
      await consent(session, asked(read), options, async () => asked(await freezeOf(session, args.freeze)))
      return decide(session, read.id, { digest, decision: 'yes', note: options.note ?? '' })
    },
  }),
  command({
    path: ['freezes', 'refuse-lift'],
    about: 'says no to lifting it: it holds',
    args: [FREEZE],
    options: { digest: YES.digest, note: { takes: 'text', required: true, about: 'why' } },
    run: async (session, { args, options: { digest, note } }) => {
      const read = await freezeOf(session, args.freeze)
      session.out.say(sentence(read))
      const of = digestOf(asked(read), digest)
      insist(read.may.approve)
      return decide(session, read.id, { digest: of, decision: 'no', note })
    },
  }),
]

const freezeOf = ({ api }: Session, id: string): Promise<Freeze> =>
  answerOf(api.GET('/v1/freezes/{id}', { params: { path: { id } } }))

const until = ({ lift }: Freeze): string => at(lift?.expires_at)

/** What a yes is to. Throws Ended where nobody has asked. */
function asked({ id, lift, state }: Freeze): Decidable {
  if (!lift) throw new Ended(EXIT.refused, `${id} is ${state}, and nobody has asked for it to be lifted`, 'superseded')
  return { id: lift.id, state: lift.state, digest: lift.digest, to_type: null }
}

const sentence = ({ id, lift, scopes }: Freeze): string =>
  lift ? `${lift.id}, lift ${id} from ${scopes.join(', ')}: ${lift.reason}` : `${id}, nobody has asked to lift it`

async function decide(
  { api, out }: Session,
  id: string,
  body: { digest: string; decision: 'yes' | 'no'; note: string },
): Promise<number> {
  const it = await answerOf(api.POST('/v1/freezes/{id}/lift/approvals', { params: { path: { id } }, body }))
  out.thing(it, () =>
    out.line(`${body.decision} to lifting ${it.id}; the lift is ${it.lift?.state}, the freeze ${it.state}`),
  )
  return EXIT.ok
}

function tell(out: Output, it: Freeze): void {
  out.line({ text: it.id, colour: 'bold' }, state(it.state), it.scopes.join(' '))
  out.fields([
    ['reason', it.reason],
    ['declared by', `${it.by.name}, ${at(it.at)}`],
    ['review by', it.review_by === null ? undefined : at(it.review_by)],
    ['incident', it.incident ?? undefined],
    ['ask to lift it', may(it.may.lift)],
  ])
  if (!it.lift) return
  out.heading('The lift')
  out.fields([
    ['lift', it.lift.id],
    ['state', it.lift.state],
    ['reason', it.lift.reason],
    ['asked by', `${it.lift.asked_by.name}, ${at(it.lift.asked_at)}`],
    ['open until', until(it)],
    ...it.lift.votes.map(({ at: when, by, decision, note }): [string, string] => [
      decision,
      `${by.name}, ${at(when)} ${note}`.trimEnd(),
    ]),
    ['approve', may(it.may.approve)],
    ['digest', it.lift.digest],
  ])
}
