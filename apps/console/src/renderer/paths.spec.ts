import { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { parseFilter } from './api/filter.js'
import { outside, paths } from './paths.js'
import { newRouter } from './routes.js'

test('a filter that is none means the usual view', () => {
  expect(parseFilter({ state: 'resolved' })).toEqual({ state: 'resolved' })
  for (const state of ['active', 'RESOLVED', '<script>', 7, null, ['open'], undefined])
    expect(parseFilter({ state })).toEqual({})
})

test('paths are paths, each its own', () => {
  const all = Object.values(paths)
  expect(new Set(all).size).toBe(all.length)
  for (const path of all) expect(path).toMatch(/^\/([a-z-]+(\/(\$?[a-z]+))*)?$/)
})

test('only the web is a place to go to', () => {
  expect(outside('https://prometheus.example/graph?g0=up')?.host).toBe('prometheus.example')
  for (const url of [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'blob:https://example/1',
    'app://console/',
    '//evil.example',
    'not a url',
    '',
    null,
  ])
    expect(outside(url), String(url)).toBeUndefined()
})

test('every path has a page, and every page a path', () => {
  const routed = Object.keys(newRouter(new QueryClient()).routesById).filter((id) => id !== '__root__')
  expect(routed.sort()).toEqual(Object.values(paths).sort())
})
