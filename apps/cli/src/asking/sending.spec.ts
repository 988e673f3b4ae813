import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { sending } from './sending.js'

const ATTEMPT_MS = 150
let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

/** A `fetch` to a real server, with little patience until an answer begins. */
async function to(listener: RequestListener, signal = new AbortController().signal) {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const say = () => undefined
  const ask = sending({ url, token: 'fbk_test', fetch, sleep: async () => undefined, now: () => 0, signal, say, attemptMs: ATTEMPT_MS }) // prettier-ignore
  return () => ask(`${url}/`)
}

/** The last piece comes long after the time in which an answer has to begin. */
const slowBody: RequestListener = (_, answer) => {
  answer.writeHead(200)
  Readable.from(pieces()).pipe(answer)
}
async function* pieces() {
  for (const piece of ['a', 'b', 'c', 'd', 'e']) {
    yield piece
    await sleep(ATTEMPT_MS / 2)
  }
}

test('a body may take longer than an answer may take to begin', async () => {
  const ask = await to(slowBody)
  expect(await (await ask()).text()).toBe('abcde')
})

test('an answer that does not begin is given up, after as many tries as a connection that broke', async () => {
  let asked = 0
  const ask = await to(() => void (asked += 1))
  await expect(ask()).rejects.toMatchObject({
    exit: 5,
    message: expect.stringContaining('no answer in time') as string,
  })
  expect(asked).toBe(3)
})

test('an interrupt ends a body that is still coming', async () => {
  const interrupt = new AbortController()
  const ask = await to(slowBody, interrupt.signal)
  const answer = await ask()
  interrupt.abort()
  await expect(answer.text()).rejects.toThrow()
})
