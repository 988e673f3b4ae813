import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { answerOf } from '../asking/answers.js'
import { items } from '../asking/pages.js'
import { command, PAGES } from '../command.js'
import { EXIT, usage } from '../exits.js'
import { at, labels, state } from '../views.js'
import { given, list } from './list.js'

export const alerts = [
  command({
    path: ['alerts', 'list'],
    about: 'alerts, newest first',
    args: [],
    options: {
      state: { takes: 'state', words: ['firing', 'resolved'], about: 'only these' },
      incident: { takes: 'incident', about: 'only of this one' },
      ...PAGES,
    },
    run: ({ api, out }, { options: { all, limit, ...query } }) =>
      list(
        out,
        items({ all, limit }, (page) =>
          answerOf(api.GET('/v1/alerts', { params: { query: { ...given(query), ...page } } })),
        ),
        ['STATE', 'SINCE', 'SOURCE', 'INCIDENT', 'LABELS'],
        (alert) => [state(alert.state), at(alert.starts_at), alert.source, alert.incident, labels(alert.labels)],
        'no alerts',
      ),
  }),
  command({
    path: ['alerts', 'send'],
    about: 'hands in one delivery, as a monitor would; answered when it is durably stored',
    args: [{ name: 'source', about: 'alertmanager, or another that the API knows' }],
    options: { file: { takes: 'file', about: 'the delivery as JSON; else it is read from stdin' } },
    run: async ({ api, out, outside }, { args, options }) => {
      const text = options.file ? read(resolve(outside.cwd, options.file)) : await outside.person.input()
      let body: Record<string, unknown>
      try {
        body = JSON.parse(text) as Record<string, unknown>
      } catch {
        throw usage(`${options.file ?? 'what came by stdin'} is no JSON`)
      }
      const told = await answerOf(api.POST('/v1/alerts/{source}', { params: { path: { source: args.source } }, body }))
      out.thing(told, () =>
        out.line(
          `stored as ${told.delivery}: ${told.received} received, ${told.opened} opened an incident, ${told.joined} joined one, ${told.repeated} repeated, ${told.resolved} resolved`,
        ),
      )
      return EXIT.ok
    },
  }),
  command({
    path: ['alerts', 'ledger'],
    about: 'what came in from each source and what became of it; exit 1 if it does not add up',
    args: [],
    options: {},
    run: async ({ api, out }) => {
      const ledger = await answerOf(api.GET('/v1/alerts/ledger'))
      out.thing(ledger, () =>
        out.rows(
          [
            'SOURCE',
            'RECEIVED',
            'OPENED',
            'JOINED',
            'REPEATED',
            'RESOLVED',
            'SUPPRESSED',
            'REFUSED',
            'PENDING',
            'NEWEST',
          ],
          ledger.items.map((line) => [
            ...[line.source, line.received, line.opened, line.joined, line.repeated, line.resolved],
            ...[line.suppressed, line.refused, line.pending, at(line.newest_at)],
          ]),
          'nothing came in yet',
        ),
      )
      return ledger.adds_up ? EXIT.ok : EXIT.bad
    },
  }),
]

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw usage(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
