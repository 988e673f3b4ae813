import type { paths, Shape } from '@firebreak/client'
import { answerOf } from '../asking/answers.js'
import { items } from '../asking/pages.js'
import { command, PAGES } from '../command.js'
import { EXIT, usage } from '../exits.js'
import type { Session } from '../session.js'
import { at, plan, state } from '../views.js'
import { given, list } from './list.js'

export const PLAN = { name: 'plan', about: 'its id, pln_…' } as const

export const plans = [
  command({
    path: ['plans', 'list'],
    about: 'plans, newest first',
    args: [],
    options: { incident: { takes: 'incident', about: 'only of this one' }, ...PAGES },
    run: ({ api, out }, { options: { all, limit, ...query } }) =>
      list(
        out,
        items({ all, limit }, (page) =>
          answerOf(api.GET('/v1/plans', { params: { query: { ...given(query), ...page } } })),
        ),
        ['ID', 'STATE', 'RECIPE', 'ASKED', 'BY', 'YES', 'BECAUSE'],
        (it) => [
          ...[it.id, state(it.state), it.recipe.id, at(it.requested_at), it.requested_by.name],
          ...[`${it.quorum.given}/${it.quorum.needed}`, it.because ?? ''],
        ],
        'no plans',
      ),
  }),
  command({
    path: ['plans', 'show'],
    about: 'one plan: each step with before and after, how far it reaches, and who may approve',
    args: [PLAN],
    options: {},
    run: async (session, { args }) => {
      const it = await planOf(session, args.plan)
      session.out.thing(it, () => plan(session.out, it))
      return EXIT.ok
    },
  }),
  command({
    path: ['plans', 'create'],
    about: 'asks for a plan of a recipe; exit 1 if the recipe says stop',
    args: [{ name: 'recipe', about: 'its id, as recipes list names it' }],
    options: {
      param: { takes: 'name=value', many: true, about: 'a parameter of the recipe; as often as needed' },
      label: { takes: 'name=value', many: true, about: 'a label, as an alert would bring: service=api' },
      incident: { takes: 'incident', about: 'what it is for' },
      reason: { takes: 'text', about: 'why' },
      wait: { about: 'until the plan is made' },
    },
    run: async (session, { args, options }) => {
      const { api } = session
      const recipe = await answerOf(api.GET('/v1/recipes/{id}', { params: { path: { id: args.recipe } } }))
      return askFor(session, options.wait, {
        recipe: args.recipe,
        params: Object.fromEntries(
          pairs(options.param, '--param').map(([name, text]) => [name, typed(recipe, name, text)]),
        ),
        reason: options.reason ?? '',
        ...(options.incident === undefined ? {} : { incident: options.incident }),
        ...(options.label.length > 0 ? { labels: Object.fromEntries(pairs(options.label, '--label')) } : {}),
      })
    },
  }),
  command({
    path: ['plans', 'cancel'],
    about: 'cancels a plan that has not become a run',
    args: [PLAN],
    options: { reason: { takes: 'text', required: true, about: 'why' } },
    run: async ({ api, out }, { args, options: { reason } }) => {
      const params = { path: { id: args.plan }, query: { reason } }
      const it = await answerOf(api.DELETE('/v1/plans/{id}', { params }))
      out.thing(it, () => out.line(`${it.id} is ${it.state}`))
      return EXIT.ok
    },
  }),
]

type Wish = NonNullable<paths['/v1/plans']['post']['requestBody']>['content']['application/json']

/** Asks for a plan, and waits until it is made where that is wanted. Answers the exit code: 1 if no plan came of it. */
export async function askFor(session: Session, wait: boolean, body: Wish): Promise<number> {
  const { api, out } = session
  let it = await answerOf(api.POST('/v1/plans', { headers: wait ? { prefer: 'wait=5' } : {}, body }))
  if (wait)
    it = await session.until(`the plan ${it.id}`, async (told) => {
      if (it.state === 'requested') it = await planOf(session, it.id)
      told(`${it.id} is ${it.state}`)
      return it.state === 'requested' ? undefined : it
    })
  out.thing(it, () => plan(out, it))
  return it.state === 'stopped' || it.state === 'failed' ? EXIT.bad : EXIT.ok
}

export const planOf = ({ api }: Session, id: string): Promise<Shape<'Plan'>> =>
  answerOf(api.GET('/v1/plans/{id}', { params: { path: { id } } }))

/** `name=value`, as often as it was said. Throws Ended (2). */
export function pairs(texts: readonly string[], option: string): [string, string][] {
  return texts.map((text) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
    if (name === undefined || value === undefined) throw usage(`${option} is name=value, not ${text}`)
    return [name, value]
  })
}

/** A parameter as the recipe's schema wants it: text as it stands, anything else as JSON. */
export function typed({ id, params }: Pick<Shape<'Recipe'>, 'id' | 'params'>, name: string, text: string): unknown {
  const known = (params as { properties?: Record<string, { type?: string }> }).properties ?? {}
  const schema = known[name]
  if (!schema) throw usage(`${id} has no parameter ${name}. It has: ${Object.keys(known).join(', ') || 'none'}`)
  if (schema.type === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    throw usage(`--param ${name} is ${schema.type ?? 'JSON'}, not ${text}`)
  }
}
