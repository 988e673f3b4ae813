import { answerOf } from '../asking/answers.js'
import { items, whole } from '../asking/pages.js'
import { command, PAGES } from '../command.js'
import { EXIT } from '../exits.js'
import { at, incident, state } from '../views.js'
import { given, list } from './list.js'

const INCIDENT = { name: 'incident', about: 'its id, inc_…' } as const
const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const

export const incidents = [
  command({
    path: ['incidents', 'list'],
    about: 'incidents, newest first',
    args: [],
    options: {
      state: {
        takes: 'state',
        words: ['open', 'acknowledged', 'resolved', 'closed', 'active'],
        about: 'only these; active is open or acknowledged',
      },
      class: { takes: 'class', about: 'only of this page of the runbook' },
      severity: { takes: 'severity', words: SEVERITIES, about: 'only these' },
      ...PAGES,
    },
    run: ({ api, out }, { options: { all, limit, ...query } }) =>
      list(
        out,
        items({ all, limit }, (page) =>
          answerOf(api.GET('/v1/incidents', { params: { query: { ...given(query), ...page } } })),
        ),
        ['ID', 'SEV', 'STATE', 'CLASS', 'SERVICE', 'OPENED', 'OWNER', 'TITLE'],
        (it) => [
          it.id,
          state(it.severity),
          state(it.state),
          it.class,
          it.service,
          at(it.opened_at),
          it.owner?.name,
          it.title,
        ],
        'no incidents',
      ),
  }),
  command({
    path: ['incidents', 'show'],
    about: 'one incident: its alerts, its plans, and what you may do',
    args: [INCIDENT],
    options: {},
    run: async ({ api, out }, { args }) => {
      const it = await answerOf(api.GET('/v1/incidents/{id}', { params: { path: { id: args.incident } } }))
      out.thing(it, () => incident(out, it))
      return EXIT.ok
    },
  }),
  command({
    path: ['incidents', 'timeline'],
    about: 'what happened, oldest first: the newest 1,000 lines',
    args: [INCIDENT],
    options: {},
    run: async ({ api, out }, { args }) => {
      const { items } = await answerOf(
        api.GET('/v1/incidents/{id}/timeline', { params: { path: { id: args.incident } } }),
      )
      for (const it of items)
        out.item(it, () =>
          out.line({ text: at(it.at), colour: 'dim' }, it.type.padEnd(22), `${it.says} (${it.by.name})`),
        )
      return EXIT.ok
    },
  }),
  command({
    path: ['incidents', 'changes'],
    about: 'what changed around the time when it began, the likeliest cause first',
    args: [INCIDENT],
    options: {},
    run: ({ api, out }, { args }) =>
      list(
        out,
        whole(answerOf(api.GET('/v1/incidents/{id}/changes', { params: { path: { id: args.incident } } }))),
        ['WEIGHT', 'AT', 'TARGET', 'WHAT', 'WHY IT RANKS THERE', 'RUN'],
        (it) => [it.weight.toFixed(2), at(it.at), it.target, it.says, it.because, it.run],
        'nothing that the worker saw has changed',
      ),
  }),
  command({
    path: ['incidents', 'evidence'],
    about: 'what its runs have kept, oldest first, by digest',
    args: [INCIDENT],
    options: {},
    run: ({ api, out }, { args }) =>
      list(
        out,
        whole(answerOf(api.GET('/v1/incidents/{id}/evidence', { params: { path: { id: args.incident } } }))),
        ['AT', 'RUN', 'SHA256', 'BYTES', 'CONTENTS'],
        (it) => [at(it.at), it.run, it.sha256, String(it.size), it.contents],
        'its runs have kept nothing',
      ),
  }),
  command({
    path: ['incidents', 'ack'],
    about: 'takes the incident: you own it',
    args: [INCIDENT],
    options: {},
    run: async ({ api, out }, { args }) => {
      const it = await answerOf(api.POST('/v1/incidents/{id}/acknowledge', { params: { path: { id: args.incident } } }))
      out.thing(it, () => out.line(`${it.id} is acknowledged, its owner is ${it.owner?.name ?? 'nobody'}`))
      return EXIT.ok
    },
  }),
  command({
    path: ['incidents', 'assign'],
    about: 'hands it to somebody who may acknowledge; an open one that you take is acknowledged',
    args: [INCIDENT, { name: 'person', about: 'the id of whoever is to have it' }],
    options: {},
    run: async ({ api, out }, { args }) => {
      const it = await answerOf(
        api.PATCH('/v1/incidents/{id}', { params: { path: { id: args.incident } }, body: { owner: args.person } }),
      )
      out.thing(it, () => out.line(`${it.id} is ${it.state}, its owner is ${it.owner?.name ?? 'nobody'}`))
      return EXIT.ok
    },
  }),
  command({
    path: ['incidents', 'severity'],
    about: 'corrects how bad it is',
    args: [INCIDENT, { name: 'severity', words: SEVERITIES, about: 'SEV1, SEV2, SEV3 or SEV4' }],
    options: { reason: { takes: 'text', required: true, about: 'why' } },
    run: async ({ api, out }, { args, options: { reason } }) => {
      const severity = args.severity as (typeof SEVERITIES)[number]
      const it = await answerOf(
        api.PATCH('/v1/incidents/{id}', { params: { path: { id: args.incident } }, body: { severity, reason } }),
      )
      out.thing(it, () => out.line(`${it.id} is ${it.severity}`))
      return EXIT.ok
    },
  }),
  command({
    path: ['incidents', 'note'],
    about: 'writes a note into the timeline, for good',
    args: [INCIDENT],
    options: { text: { takes: 'text', required: true, about: 'what those shall know who read the incident' } },
    run: async ({ api, out }, { args, options: { text } }) => {
      const params = { path: { id: args.incident } }
      const it = await answerOf(api.POST('/v1/incidents/{id}/notes', { params, body: { text } }))
      out.thing(it, () => out.line(`noted in ${it.id}`))
      return EXIT.ok
    },
  }),
  command({
    path: ['incidents', 'resolve'],
    about: 'says that it is over',
    args: [INCIDENT],
    options: { reason: { takes: 'text', required: true, about: 'why' } },
    run: async ({ api, out }, { args, options: { reason } }) => {
      const params = { path: { id: args.incident } }
      const it = await answerOf(api.POST('/v1/incidents/{id}/resolve', { params, body: { reason } }))
      out.thing(it, () => out.line(`${it.id} is resolved`))
      return EXIT.ok
    },
  }),
  command({
    path: ['incidents', 'reopen'],
    about: 'it is not over: opens a resolved one again',
    args: [INCIDENT],
    options: { reason: { takes: 'text', required: true, about: 'why' } },
    run: async ({ api, out }, { args, options: { reason } }) => {
      const params = { path: { id: args.incident } }
      const it = await answerOf(api.POST('/v1/incidents/{id}/reopen', { params, body: { reason } }))
      out.thing(it, () => out.line(`${it.id} is open again`))
      return EXIT.ok
    },
  }),
]
