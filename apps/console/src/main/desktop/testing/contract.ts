import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Desktop } from '../desktop.js'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server of this one case. */
async function withServer(answer: Answer, work: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const asked = (origin: string, init: RequestInit = {}) =>
  new Request(`${origin}/x`, { redirect: 'error', credentials: 'omit', cache: 'no-store', ...init })

/** What the shell relies on in a desktop: the fake keeps it in Node, and Electron is to keep it in its own program. */
export const desktopContract: [says: string, check: (desktop: Desktop) => Promise<void>][] = [
  ['the first of a person’s shells is the first', async (desktop) => assert.equal(desktop.isFirst(), true)],
  [
    'there is a screen, and a folder of this person’s own',
    async (desktop) => {
      await desktop.ready()
      assert.ok(desktop.screens().every(({ width, height }) => width > 0 && height > 0))
      assert.ok(desktop.screens().length > 0)
      assert.notEqual(desktop.userData, '')
    },
  ],
  [
    'what the keyring sealed it opens, and shows to nobody meanwhile; what it did not, it does not',
    async ({ box }) => {
      // A keyring that hides nothing is not used at all.
      if (['none', 'basic_text', 'unknown'].includes(await box.backend())) return
      const sealed = await box.seal('canary')
      assert.ok(!sealed.includes('canary'))
      assert.equal((await box.unseal(sealed)).text, 'canary')
      await assert.rejects(box.unseal(Buffer.from('nothing that was sealed here')))
    },
  ],
  [
    'a channel has one listener',
    async ({ wire }) => {
      wire.handle('contract:once', async () => 1)
      assert.throws(() => wire.handle('contract:once', async () => 2))
    },
  ],
  [
    'the network says the headers that it was given, a cookie and an origin among them, and brings the answer',
    async (desktop) => {
      let heard: IncomingMessage['headers'] = {}
      let body = ''
      await withServer(
        (request, response) => {
          heard = request.headers
          request.on('data', (chunk) => (body += String(chunk)))
          request.on('end', () => response.writeHead(409, { 'content-type': 'text/plain', etag: '"1"' }).end('no'))
        },
        async (origin) => {
          const headers = { cookie: 'fb_session=x', origin, authorization: 'Bearer y', 'idempotency-key': 'k' }
          const answer = await desktop.fetch(asked(origin, { method: 'POST', headers, body: 'said' }))
          assert.deepEqual(
            [answer.status, answer.headers.get('etag'), await answer.text(), body],
            [409, '"1"', 'no', 'said'],
          )
          for (const [name, value] of Object.entries(headers)) assert.equal(heard[name], value, name)
        },
      )
    },
  ],
  [
    'it keeps no cookie',
    async (desktop) => {
      const cookies: (string | undefined)[] = []
      await withServer(
        ({ headers }, response) => {
          cookies.push(headers.cookie)
          response.writeHead(204, { 'set-cookie': 'kept=1; Path=/' }).end()
        },
        async (origin) => {
          const first = await desktop.fetch(asked(origin))
          assert.deepEqual(first.headers.getSetCookie(), ['kept=1; Path=/'])
          await desktop.fetch(asked(origin))
          assert.deepEqual(cookies, [undefined, undefined])
        },
      )
    },
  ],
  [
    'it follows no redirect, and rejects where nobody answers',
    async (desktop) => {
      let asks = 0
      let gone = ''
      await withServer(
        (_request, response) => {
          asks++
          response.writeHead(302, { location: '/elsewhere' }).end()
        },
        async (origin) => {
          gone = origin
          await assert.rejects(desktop.fetch(asked(origin)))
          assert.equal(asks, 1)
        },
      )
      await assert.rejects(desktop.fetch(asked(gone)))
    },
  ],
  [
    'a stream comes as it is sent, and ends at the other side when it is given up',
    async (desktop) => {
      let closed: Promise<unknown> = Promise.resolve()
      await withServer(
        (request, response) => {
          closed = once(request.socket, 'close')
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
        },
        async (origin) => {
          const stop = new AbortController()
          const answer = await desktop.fetch(asked(origin, { signal: stop.signal }))
          const reader = answer.body!.getReader()
          assert.equal(new TextDecoder().decode((await reader.read()).value), 'data: 1\n\n')
          stop.abort()
          await closed
          await assert.rejects(reader.read())
        },
      )
    },
  ],
]
