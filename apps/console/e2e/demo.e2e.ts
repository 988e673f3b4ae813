import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build, type Built } from './built.js'
import { confirm, openConsole, pressable } from './console.js'
import { launched } from './fixtures.js'

const by = launched()
let demo: Built
let server: Server

/** As any server of files does: no headers but the type, and `404.html` for what is none. */
beforeAll(async () => {
  demo = await build('demo')
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2' } // prettier-ignore
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://files')
    const answer = (status: number, name: string) => (body: Buffer) =>
      void response.writeHead(status, { 'content-type': types[extname(name)] ?? 'text/plain' }).end(body)
    const name = pathname === '/' ? 'index.html' : pathname.slice(1)
    readFile(join(demo.folder, name)).then(answer(200, name), () =>
      readFile(join(demo.folder, '404.html')).then(answer(404, '404.html')),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
}, 120_000)
afterAll(async () => {
  server?.close()
  await demo?.remove()
})

test('the demo needs a server of files alone: a repair is approved and verified, and every address is one to begin at', async () => {
  const one = await openConsole(by.browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, { as: 'Hannah Okafor' }) // prettier-ignore
  const { page } = one
  page.setDefaultTimeout(30_000)
  const left: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.startsWith('/v1')) left.push(request.url())
  })
  await page.getByRole('link', { name: /p95 of api/ }).click()
  await pressable(page, 'Approve and run').click()
  await confirm(page)
  await page.getByText(/p95 of api is 171 ms/).first().waitFor() // prettier-ignore
  await page.goto('/workloads')
  await page.getByRole('button', { name: 'Hannah Okafor' }).click()
  await page.getByRole('heading', { name: 'Workloads' }).waitFor()
  expect(left).toEqual([])
  expect(one.troubles).toEqual([])
  await one.close()
}, 120_000)

test('what is shipped has nothing of the mock API in it', async () => {
  const names = await readdir(join(by.built.folder, 'assets'))
  const texts = await Promise.all(names.map((name) => readFile(join(by.built.folder, 'assets', name), 'utf8')))
  expect(texts.filter((text) => text.includes('Hannah Okafor'))).toEqual([])
})
