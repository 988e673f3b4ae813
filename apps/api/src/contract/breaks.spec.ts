import { describe, expect, test } from 'vitest'
import { breaks } from './breaks.js'
import type { Document, Operation, Schema } from './openapi-document.js'

const Plan: Schema = {
  type: 'object',
  required: ['id', 'state'],
  properties: {
    id: { type: 'string' },
    state: { type: 'string', enum: ['proposed', 'used'] },
    parent: { nullable: true, allOf: [{ $ref: '#/components/schemas/Plan' }] },
    undo: { anyOf: [shape('says'), shape('none')] },
  },
}
const NewPlan: Schema = {
  type: 'object',
  required: ['recipe'],
  additionalProperties: false,
  properties: {
    recipe: { type: 'string', minLength: 1, maxLength: 100 },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    reason: { type: 'string', default: '' },
    tier: { type: 'string', enum: ['T0', 'T1'], nullable: true },
    steps: { type: 'array', maxItems: 10, items: { type: 'number' } },
    verdict: { oneOf: [shape('in-place'), shape('not-in-place')] },
  },
}
function shape(name: string): Schema {
  return { type: 'object', required: [name], properties: { [name]: { type: 'string' } } }
}

function api(change: { plan?: object; wish?: object; post?: object; get?: object; paths?: object } = {}): Document {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Plan' } } }
  const get: Operation = {
    parameters: [{ in: 'query', name: 'limit' }],
    responses: { 200: { content } },
    ...change.get,
  }
  const wish = { ...NewPlan, ...change.wish }
  const post: Operation = {
    requestBody: { content: { 'application/json': { schema: wish } } },
    responses: { 202: { content } },
    ...change.post,
  }
  return {
    paths: { '/v1/plans': { get, post }, ...change.paths },
    components: { schemas: { Plan: { ...Plan, ...change.plan } } },
  }
}
const fields = (schema: Schema, changes: Record<string, Schema | undefined>) => ({
  properties: Object.fromEntries(
    Object.entries({ ...schema.properties, ...changes }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  ),
})
const wish = (changes: Record<string, Schema | undefined>) => api({ wish: fields(NewPlan, changes) })
const plan = (changes: Record<string, Schema | undefined>) => api({ plan: fields(Plan, changes) })

describe('it breaks', () => {
  test.each<[string, Document, string]>([
    ['a route that is gone', api({ paths: { '/v1/plans': {} } }), 'GET /v1/plans, POST /v1/plans: the route is gone'],
    ['a parameter that is gone', api({ get: { parameters: [] } }), 'the query parameter limit is gone'],
    [
      'a parameter that is required now',
      api({ get: { parameters: [{ in: 'query', name: 'limit', required: true }] } }),
      'the query parameter limit is required now',
    ],
    ['an answer of another status', api({ get: { responses: {} } }), 'it no longer answers 200'],
    ['a body of another kind', api({ post: { requestBody: { content: {} } } }), 'a body of application/json'],
    ['a request field that is gone', wish({ reason: undefined }), 'the field reason of the body is gone'],
    [
      'one that is required now',
      api({ wish: { required: ['recipe', 'reason'] } }),
      'field reason of the body is required now',
    ],
    [
      'a new one that is required',
      api({ wish: { required: ['recipe', 'x'], ...fields(NewPlan, { x: {} }) } }),
      'field x of the body is required now',
    ],
    ['another type', wish({ recipe: { type: 'integer' } }), 'the field recipe of the body was string and is integer'],
    [
      'fewer words',
      wish({ tier: { type: 'string', enum: ['T0'], nullable: true } }),
      'tier of the body no longer takes "T1"',
    ],
    [
      'words where all were free',
      wish({ reason: { type: 'string', enum: ['x'], default: '' } }),
      'takes only certain words now',
    ],
    ['no null any more', wish({ tier: { type: 'string', enum: ['T0', 'T1'] } }), 'can no longer be null'],
    ['shorter', wish({ recipe: { type: 'string', minLength: 1, maxLength: 50 } }), 'maxLength was 100 and is 50'],
    ['at least more', wish({ recipe: { type: 'string', minLength: 2, maxLength: 100 } }), 'minLength was 1 and is 2'],
    [
      'a pattern',
      wish({ recipe: { type: 'string', minLength: 1, maxLength: 100, pattern: '^x$' } }),
      'has another pattern now',
    ],
    [
      'another default',
      wish({ reason: { type: 'string', default: 'none' } }),
      'left out, it meant "" and means "none"',
    ],
    [
      'narrower items',
      wish({ steps: { type: 'array', maxItems: 10, items: { type: 'integer' } } }),
      'each item of the field steps of the body was number and is integer',
    ],
    [
      'narrower values',
      wish({ labels: { type: 'object', additionalProperties: { type: 'string', maxLength: 3 } } }),
      'each value in the field labels',
    ],
    ['a closed object', wish({ labels: { type: 'object', additionalProperties: false } }), 'refuses them now'],
    [
      'a shape less',
      wish({ verdict: shape('in-place') }),
      '1 of the 2 shapes of the field verdict of the body are no longer taken',
    ],
    ['an answered field that is gone', plan({ id: undefined }), 'the field id of Plan is gone'],
    [
      'one that may be left out',
      api({ plan: { required: ['id'] } }),
      'state of Plan was always there and may be left out now',
    ],
    ['one that may be null', plan({ id: { type: 'string', nullable: true } }), 'the field id of Plan can now be null'],
    ['one of a wider type', plan({ id: {} }), 'the field id of Plan was string and is anything'],
    [
      'a state that never comes',
      plan({ state: { type: 'string', enum: ['used'] } }),
      'state of Plan is no longer "proposed"',
    ],
    [
      'a shape more to read',
      plan({ undo: { anyOf: [shape('says'), shape('none'), shape('x')] } }),
      'new to whoever reads it',
    ],
  ])('%s', (_, after, sentence) => {
    const found = breaks(api(), after)
    expect(found.join('\n')).toContain(sentence)
    expect(found[0]).toMatch(/^(GET|POST) \/v1\/plans/)
  })

  test('a shape of many routes is told of once', () => {
    expect(breaks(api(), plan({ id: undefined }))).toEqual([
      'GET /v1/plans, POST /v1/plans: the field id of Plan is gone',
    ])
  })
})

test.each<[string, Document]>([
  ['nothing', api()],
  [
    'a route, a parameter, an answer more',
    api({ paths: { '/v1/x': {}, '/v1/plans': { ...api().paths['/v1/plans'], put: { responses: {} } } } }),
  ],
  [
    'a parameter more',
    api({
      get: {
        parameters: [
          { in: 'query', name: 'limit' },
          { in: 'query', name: 'x' },
        ],
      },
    }),
  ],
  ['a field more', wish({ x: { type: 'string' } })],
  ['one that need not be sent any more', api({ wish: { required: [] } })],
  [
    'longer, more words, wider types',
    wish({
      recipe: { type: 'string', maxLength: 200 },
      tier: { type: 'string', enum: ['T0', 'T1', 'T2'], nullable: true },
    }),
  ],
  ['a shape more to send', wish({ verdict: { oneOf: [shape('in-place'), shape('not-in-place'), shape('x')] } })],
  ['a field more to read', plan({ x: { type: 'string' } })],
  ['a word more to read', plan({ state: { type: 'string', enum: ['proposed', 'used', 'stale'] } })],
  ['a shape less to read', plan({ undo: { anyOf: [shape('says')] } })],
])('it does not break: %s', (_, after) => {
  expect(breaks(api(), after)).toEqual([])
})
