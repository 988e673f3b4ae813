import { answerOf } from '../asking/answers.js'
import { items } from '../asking/pages.js'
import { command, PAGES } from '../command.js'
import { EXIT, usage } from '../exits.js'
import { at, run, state } from '../views.js'
import { followRun } from './follow.js'
import { given, list } from './list.js'
import { askFor } from './plans.js'

const RUN = { name: 'run', about: 'its id, run_…' } as const
const STATES = [
  ...['queued', 'running', 'waiting', 'verifying', 'cancelling', 'cancelled', 'failed'],
  ...['undoing', 'undone', 'succeeded', 'frozen', 'stale', 'needs-a-person'],
]
const VERDICTS = ['in-place', 'not-in-place', 'look-again', 'put-right'] as const

export const runs = [
  command({
    path: ['runs', 'list'],
    about: 'runs, newest first',
    args: [],
    options: {
      state: { takes: 'state', words: STATES, about: 'only these' },
      recipe: { takes: 'recipe', about: 'only of this one' },
      incident: { takes: 'incident', about: 'only of this one' },
      plan: { takes: 'plan', about: 'only of this one' },
      ...PAGES,
    },
    run: ({ api, out }, { options: { all, limit, ...query } }) =>
      list(
        out,
        items({ all, limit }, (page) =>
          answerOf(api.GET('/v1/runs', { params: { query: { ...given(query), ...page } } })),
        ),
        ['ID', 'STATE', 'RECIPE', 'STARTED', 'ENDED', 'STEPS', 'BECAUSE'],
        (it) => [
          ...[it.id, state(it.state), it.recipe.id, at(it.started_at), at(it.ended_at)],
          ...[`${it.steps.filter((step) => step.state === 'done').length}/${it.steps.length}`, it.because ?? ''],
        ],
        'no runs',
      ),
  }),
  command({
    path: ['runs', 'show'],
    about: 'one run and its journal',
    args: [RUN],
    options: {},
    run: async ({ api, out }, { args }) => {
      const it = await answerOf(api.GET('/v1/runs/{id}', { params: { path: { id: args.run } } }))
      out.thing(it, () => run(out, it))
      return EXIT.ok
    },
  }),
  command({
    path: ['runs', 'follow'],
    about: 'every change of a run, as it happens, until it has ended',
    args: [RUN],
    options: {},
    more: [
      'A connection that is lost comes back by itself, and what happened meanwhile is told once.',
      'With --json a line a change: {at, run, step, state, says, because}; step is null for the run itself.',
      'Exit code: 0 the run succeeded, 1 it ended otherwise or waits for a person, 6 not within --timeout.',
    ],
    run: async (session, { args }) => {
      // Whoever asks for what is not there hears it at once.
      await answerOf(session.api.GET('/v1/runs/{id}', { params: { path: { id: args.run } } }))
      return followRun(session, args.run)
    },
  }),
  command({
    path: ['runs', 'revert'],
    about: 'asks for a plan that takes a run back which is over; exit 1 if there is nothing to take back',
    args: [RUN],
    options: {
      reason: { takes: 'text', required: true, about: 'why' },
      wait: { about: 'until the plan is made' },
    },
    run: (session, { args, options: { reason, wait } }) => askFor(session, wait, { reverts: args.run, reason }),
  }),
  command({
    path: ['runs', 'cancel'],
    about: 'stops a run before its next step',
    args: [RUN],
    options: {
      reason: { takes: 'text', required: true, about: 'why' },
      undo: { about: 'take back what was done' },
      wait: { about: 'follow it to its end; exit 0 when it is cancelled or taken back' },
    },
    run: async (session, { args, options }) => {
      const { api, out } = session
      const body = { reason: options.reason, undo: options.undo }
      const it = await answerOf(api.POST('/v1/runs/{id}/cancel', { params: { path: { id: args.run } }, body }))
      if (!options.wait) {
        out.thing(it, () => out.line(`asked ${it.id} to stop; it is ${it.state}`))
        return EXIT.ok
      }
      await followRun(session, it.id)
      const ended = await answerOf(api.GET('/v1/runs/{id}', { params: { path: { id: args.run } } }))
      return ['cancelled', 'undone'].includes(ended.state) ? EXIT.ok : EXIT.bad
    },
  }),
  command({
    path: ['runs', 'resolve-unknown'],
    about: 'says what became of a step that nobody can tell of',
    args: [RUN],
    options: {
      verdict: { takes: 'verdict', required: true, words: VERDICTS, about: 'what you found when you looked' },
      then: { takes: 'next', words: ['go-on', 'take-back'], about: 'for in-place: go on, or take it back' },
      reason: { takes: 'text', required: true, about: 'how you know' },
    },
    run: async ({ api, out }, { args, options: { reason, then, verdict } }) => {
      if ((verdict === 'in-place') !== (then !== undefined))
        throw usage('--then go-on or take-back belongs to --verdict in-place, and to no other')
      const body =
        verdict === 'in-place'
          ? { verdict: 'in-place' as const, then: then as 'go-on' | 'take-back', reason }
          : { verdict: verdict as 'not-in-place' | 'look-again' | 'put-right', reason }
      const it = await answerOf(api.POST('/v1/runs/{id}/resolve-unknown', { params: { path: { id: args.run } }, body }))
      out.thing(it, () => out.line(`answered ${verdict} for ${it.id}; it is ${it.state}`))
      return EXIT.ok
    },
  }),
]
