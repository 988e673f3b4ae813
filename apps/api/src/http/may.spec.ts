import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { actions, saidBesides } from '../../e2e/matrix/actions.js'
import { lines, routeOf } from '../../e2e/matrix/lines.js'
import { rights } from './rights.js'

interface Schema {
  $ref?: string
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
}
interface Route {
  'x-right'?: string
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>
}
const { paths, components } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Route>>
  components: { schemas: Record<string, Schema> }
}
const routes = Object.entries(paths).flatMap(([path, of]) =>
  Object.entries(of).map(([method, route]) => ({ name: `${method.toUpperCase()} ${path}`, ...route })),
)

/** What somebody does and what somebody takes away: not what they only look at, nor who they are. */
const acts = routes
  .filter(({ name }) => !name.startsWith('GET ') || name.endsWith('/download'))
  .filter((route) => rights[route['x-right'] as keyof typeof rights] !== 'anyone')
  .map(({ name }) => name)

const isMay = (schema: Schema | undefined) => schema?.$ref === '#/components/schemas/May'

/** Follows `Person.roles.*.may.revoke` into the shapes. */
function shapeAt(at: string): Schema | undefined {
  const [shape, ...way] = at.split('.')
  return way.reduce<Schema | undefined>(
    (schema, part) => (part === '*' ? schema?.items : schema?.properties?.[part]),
    components.schemas[shape!],
  )
}

/** Every way to a `may` in a shape. */
function maysIn(schema: Schema, at: string): string[] {
  if (isMay(schema)) return [at]
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => maysIn(part, `${at}.${name}`)),
    ...(schema.items ? maysIn(schema.items, `${at}.*`) : []),
    ...(schema.anyOf ?? []).flatMap((part) => maysIn(part, at)),
  ]
}

test('every route that does something has its line in e2e/matrix/actions.ts: what says beforehand what it would answer', () => {
  expect([...new Set(Object.keys(actions).map(routeOf))].sort()).toEqual(acts.sort())
})

test('every question of such a route has one', () => {
  expect(Object.keys(actions).sort()).toEqual(Object.keys(lines).filter((name) => acts.includes(routeOf(name))).sort()) // prettier-ignore
})

describe.each(Object.entries(actions))('%s', (_, action) => {
  test('is said beforehand', () => {
    if ('none' in action) return expect(action.none.length).toBeGreaterThan(20)
    if ('right' in action) return expect(rights[action.right]).toBeInstanceOf(Array)
    expect(shapeAt(action.at)).toEqual({ $ref: '#/components/schemas/May' })
  })
})

test('what no route would answer is not said', () => {
  const said = Object.entries(components.schemas).flatMap(([name, schema]) => maysIn(schema, name))
  const known = Object.values(actions).flatMap((action) => ('at' in action ? [action.at] : []))
  expect([...new Set(said)].sort()).toEqual([...new Set([...known, ...Object.keys(saidBesides)])].sort())
})
