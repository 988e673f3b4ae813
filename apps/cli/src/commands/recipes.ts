import { answerOf } from '../asking/answers.js'
import { command } from '../command.js'
import { EXIT } from '../exits.js'
import { at, count } from '../views.js'
import { list } from './list.js'

interface Schema {
  properties?: Record<
    string,
    { type?: string; default?: unknown; description?: string; enum?: unknown[]; minimum?: number; maximum?: number }
  >
  required?: string[]
}

export const recipes = [
  command({
    path: ['recipes', 'list'],
    about: 'what Firebreak can do, by page of the runbook',
    args: [],
    options: {},
    run: async ({ api, out }) => {
      const { items } = await answerOf(api.GET('/v1/recipes'))
      const each = (async function* () {
        yield* items
      })()
      return list(
        out,
        each,
        ['ID', 'PAGE', 'STAGE', 'TIER', 'RUNS', 'VERIFIED', 'TITLE'],
        (it) => [it.id, it.page, it.stage, it.approval.tier, it.record.runs, it.record.succeeded, it.title],
        'no recipes',
      )
    },
  }),
  command({
    path: ['recipes', 'show'],
    about: 'one recipe: what it means, what it takes, when it stops, and how it has fared',
    args: [{ name: 'recipe', about: 'its id' }],
    options: {},
    run: async ({ api, out }, { args }) => {
      const it = await answerOf(api.GET('/v1/recipes/{id}', { params: { path: { id: args.recipe } } }))
      out.thing(it, () => {
        const { approval, record } = it
        out.line({ text: it.id, colour: 'bold' }, `v${it.version}`, it.title)
        out.fields([
          ['page', it.page],
          ['meaning', it.meaning],
          ['impact', it.impact],
          ['stage', it.stage],
          [
            'approval',
            `${approval.tier}: ${count(approval.people, 'person', 'people')} of ${approval.roles.join(', ')}`,
          ],
          ['stops if', it.stop_if.join('\n')],
          ['verified', `within ${it.verify_within_s} s`],
          [
            'record',
            `${count(record.runs, 'run')}, ${record.succeeded} verified, ${record.needed_a_person} needed a person${record.last_run_at ? `, last ${at(record.last_run_at)}` : ''}`,
          ],
          ['digest', it.digest],
        ])
        out.heading('Parameters')
        const { properties = {}, required = [] } = it.params as Schema
        out.rows(
          ['NAME', 'TYPE', 'NEEDED', 'DEFAULT', 'WHAT'],
          Object.entries(properties).map(([name, schema]) => [
            name,
            schema.enum ? schema.enum.join('|') : (schema.type ?? 'JSON'),
            required.includes(name) && schema.default === undefined ? 'yes' : '',
            schema.default === undefined ? '' : JSON.stringify(schema.default),
            schema.description ?? '',
          ]),
          'none',
        )
      })
      return EXIT.ok
    },
  }),
]
