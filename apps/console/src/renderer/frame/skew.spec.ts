import { expect, test } from 'vitest'
import { hasNewer, scriptOf } from './skew.js'

const page = (script: string) =>
  `<!doctype html><head><script type="module" crossorigin src="${script}"></script></head>`
const server =
  (body: string, status = 200) =>
  () =>
    Promise.resolve(new Response(body, { status }))

test('another script is another console', async () => {
  expect(scriptOf(page('/assets/index-a.js'))).toBe('/assets/index-a.js')
  expect(await hasNewer('/assets/index-a.js', server(page('/assets/index-b.js')))).toBe(true)
  expect(await hasNewer('/assets/index-a.js', server(page('/assets/index-a.js')))).toBe(false)
})

test('a server that does not answer, or not with a page, says nothing', async () => {
  expect(await hasNewer('/a.js', server('', 503))).toBe(false)
  expect(await hasNewer('/a.js', server('<h1>Gateway</h1>'))).toBe(false)
  expect(await hasNewer('/a.js', () => Promise.reject(new Error('down')))).toBe(false)
})
