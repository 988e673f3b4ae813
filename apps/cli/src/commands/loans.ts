import { answerOf } from '../asking/answers.js'
import { items } from '../asking/pages.js'
import { command, PAGES } from '../command.js'
import { EXIT, usage } from '../exits.js'
import { at, state } from '../views.js'
import { given, list } from './list.js'

const LOAN = { name: 'loan', about: 'its id, lon_…' } as const
const REASON = { takes: 'text', required: true, about: 'why' } as const

export const loans = [
  command({
    path: ['loans', 'list'],
    about: 'what runs changed for now, and until when',
    args: [],
    options: {
      state: { takes: 'state', words: ['out', 'returning', 'returned', 'overdue'], about: 'only these' },
      run: { takes: 'run', about: 'only of this one' },
      ...PAGES,
    },
    run: ({ api, out }, { options: { all, limit, ...query } }) =>
      list(
        out,
        items({ all, limit }, (page) =>
          answerOf(api.GET('/v1/loans', { params: { query: { ...given(query), ...page } } })),
        ),
        ['ID', 'STATE', 'UNTIL', 'TARGET', 'WHAT', 'BECAUSE'],
        (it) => [it.id, state(it.state), at(it.until), it.target, it.says, it.because ?? ''],
        'nothing is out on loan',
      ),
  }),
  command({
    path: ['loans', 'return'],
    about: 'gives a loan back now',
    args: [LOAN],
    options: { reason: REASON, wait: { about: 'until it is back; exit 1 if that fails' } },
    run: async (session, { args, options }) => {
      const { api, out } = session
      const path = { id: args.loan }
      let it = await answerOf(api.POST('/v1/loans/{id}/return', { params: { path }, body: { reason: options.reason } }))
      if (options.wait)
        it = await session.until(`the loan ${it.id}`, async (told) => {
          const now = await answerOf(api.GET('/v1/loans/{id}', { params: { path } }))
          told(`${now.id} is ${now.state}`)
          return now.state === 'returned' || now.state === 'overdue' ? now : undefined
        })
      out.thing(it, () => out.line(`${it.id} is ${it.state}${it.because ? `: ${it.because}` : ''}`))
      return options.wait && it.state !== 'returned' ? EXIT.bad : EXIT.ok
    },
  }),
  command({
    path: ['loans', 'renew'],
    about: 'keeps a loan for longer',
    args: [LOAN],
    options: { minutes: { takes: 'number', required: true, about: 'from now on' }, reason: REASON },
    run: async ({ api, out }, { args, options: { minutes, reason } }) => {
      if (!/^\d{1,6}$/.test(minutes)) throw usage('--minutes is a whole number')
      const body = { minutes: Number(minutes), reason }
      const it = await answerOf(api.POST('/v1/loans/{id}/renew', { params: { path: { id: args.loan } }, body }))
      out.thing(it, () => out.line(`asked to keep ${it.id}; until ${at(it.until)} for now`))
      return EXIT.ok
    },
  }),
]
