import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lines, routeOf } from '../../e2e/matrix/lines.js'

test('every route has its line in e2e/matrix/lines.ts: who may, and what comes back, whosever it is', () => {
  const { paths } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
    paths: Record<string, Record<string, unknown>>
  }
  const routes = Object.entries(paths).flatMap(([path, of]) =>
    Object.keys(of).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect([...new Set(Object.keys(lines).map(routeOf))].sort()).toEqual(routes.sort())
})
