import { answerOf } from '../asking/answers.js'
import { items } from '../asking/pages.js'
import { command, PAGES } from '../command.js'
import { EXIT } from '../exits.js'
import { at, state } from '../views.js'
import { list } from './list.js'

const REASON = { takes: 'text', required: true, about: 'why' } as const

export const freezes = [
  command({
    path: ['freezes', 'list'],
    about: 'security freezes, newest first',
    args: [],
    options: PAGES,
    run: ({ api, out }, { options }) =>
      list(
        out,
        items(options, (page) => answerOf(api.GET('/v1/freezes', { params: { query: page } }))),
        ['ID', 'STATE', 'SINCE', 'BY', 'SCOPES', 'REASON'],
        (it) => [it.id, state(it.state), at(it.at), it.by.name, it.scopes.join(' '), it.reason],
        'nothing is frozen',
      ),
  }),
  command({
    path: ['freezes', 'check'],
    about: 'whether a target may be changed now: exit 0 it may, 1 it is frozen',
    args: [{ name: 'target', about: 'deployment:prod/api' }],
    options: {},
    run: async ({ api, out }, { args }) => {
      const it = await answerOf(api.GET('/v1/freezes/check', { params: { query: { target: args.target } } }))
      out.thing(it, () =>
        out.line(it.frozen ? `${it.target} is frozen: ${it.because} (${it.by})` : `${it.target} is free`),
      )
      return it.frozen ? EXIT.bad : EXIT.ok
    },
  }),
  command({
    path: ['freezes', 'declare'],
    about: 'nothing changes in these scopes until it is lifted',
    args: [{ name: 'scope', about: 'deployment:prod/api, or another that the house knows' }],
    options: {
      scope: { takes: 'scope', many: true, about: 'one more; as often as needed' },
      reason: REASON,
      incident: { takes: 'incident', about: 'what it is for' },
      'review-by': { takes: 'time', about: 'when somebody looks whether it is still needed: 2026-11-23T04:00:00Z' },
    },
    run: async ({ api, out }, { args, options }) => {
      const it = await answerOf(
        api.POST('/v1/freezes', {
          body: {
            scopes: [args.scope, ...options.scope],
            reason: options.reason,
            ...(options.incident === undefined ? {} : { incident: options.incident }),
            ...(options['review-by'] === undefined ? {} : { review_by: options['review-by'] }),
          },
        }),
      )
      out.thing(it, () => out.line(`${it.id}: ${it.scopes.join(', ')} is frozen; ${it.state}`))
      return EXIT.ok
    },
  }),
]

export const stop = [
  command({
    path: ['stop', 'show'],
    about: 'whether everything is stopped: exit 1 if it is',
    args: [],
    options: {},
    run: async ({ api, out }) => {
      const it = await answerOf(api.GET('/v1/stop'))
      out.thing(it, () =>
        out.line(it.on ? `stopped by ${it.by?.name ?? 'somebody'}, ${at(it.at)}: ${it.reason}` : 'not stopped'),
      )
      return it.on ? EXIT.bad : EXIT.ok
    },
  }),
  command({
    path: ['stop', 'press'],
    about: 'no step that changes something starts, anywhere',
    args: [],
    options: { reason: REASON },
    run: async ({ api, out }, { options: { reason } }) => {
      const it = await answerOf(api.POST('/v1/stop', { body: { reason } }))
      out.thing(it, () => out.line('stopped: no step that changes something starts until firebreak stop release'))
      return EXIT.ok
    },
  }),
  command({
    path: ['stop', 'release'],
    about: 'steps may start again',
    args: [],
    options: { reason: REASON },
    run: async ({ api, out }, { options: { reason } }) => {
      const it = await answerOf(api.DELETE('/v1/stop', { params: { query: { reason } } }))
      out.thing(it, () => out.line(it.on ? 'still stopped' : 'released'))
      return EXIT.ok
    },
  }),
]
