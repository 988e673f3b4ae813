import { expect, test } from 'vitest'
import { landing, nav, navFor, viewOf } from './nav.js'
import { paths } from './paths.js'

test('every page of the navigation has a key, a name and a place of its own, for every role', () => {
  for (const of of [({ key }) => key, ({ name }) => name, ({ to }) => to] as ((
    entry: (typeof nav)[number],
  ) => string)[])
    expect(new Set(nav.map(of)).size).toBe(nav.length)
  for (const { key } of nav) expect(key).toMatch(/^[a-z]$/)
  for (const view of ['sre', 'ml', 'security', 'auditor'] as const)
    expect(new Set(nav.map(({ rank }) => rank[view])).size, view).toBe(nav.length)
})

test('everybody has the same pages, each role in its own order', () => {
  for (const role of ['sre', 'ml', 'security', 'auditor', 'admin'])
    expect(navFor([role]).map(({ to }) => to).sort()).toEqual(nav.map(({ to }) => to).sort()) // prettier-ignore
  expect(landing(['sre'])).toBe(paths.incidents)
  expect(landing(['auditor'])).toBe(paths.auditCheck)
})

test('who has no role with a view looks as an SRE does; of two roles the first counts', () => {
  expect(viewOf([])).toBe('sre')
  expect(viewOf(['admin'])).toBe('sre')
  expect(viewOf(['admin', 'auditor'])).toBe('auditor')
  expect(viewOf(['security', 'auditor'])).toBe('security')
})
