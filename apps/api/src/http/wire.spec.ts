import Fastify, { type FastifyInstance } from 'fastify'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { wire, wireWith } from './wire.js'

let server: FastifyInstance
let bodies: unknown[]

/** A server with limits so small that nobody waits, or so large that the other one counts. Milliseconds. */
async function listen(headers: number, request: number): Promise<void> {
  bodies = []
  server = Fastify(wireWith({ headers, request, look: 20 }))
  server.post('/', async ({ body }) => void bodies.push(body))
  await server.listen({ port: 0, host: '127.0.0.1' })
}
afterEach(() => server?.close())

/** Sends these pieces, so many milliseconds after the first, and gives all that was answered, and how long it took. */
function send(...pieces: [text: string, at: number][]): Promise<{ answer: string; ms: number }> {
  const began = performance.now()
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
    const timers = pieces.map(([text, at]) => setTimeout(() => socket.writable && socket.write(text), at))
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      timers.forEach(clearTimeout)
      resolve({ answer, ms: performance.now() - began })
    })
  })
}
const head = 'POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n'
const refused = (says: string) =>
  new RegExp(`^HTTP/1\\.1 400 Bad Request\r\n[^]*connection: close\r\n[^]*"code":"malformed","detail":"${says}`)

test('who is slow with the headers is cut off by their limit, with the reason', async () => {
  await listen(300, 600_000)
  const { answer, ms } = await send(['POST / HTTP/1.1\r\n', 0], ['host: x\r\n', 100], ['a: b\r\n', 200])
  expect(answer).toMatch(refused('The request did not come within 600 s, or its headers not within 0.3 s.'))
  expect(ms).toBeGreaterThan(250)
})

test('who drips the body is cut off by the limit of the whole request, and nothing was done', async () => {
  await listen(400, 500)
  const drips = Array.from({ length: 100 }, (_, n): [string, number] => ['1', 50 * n])
  const { answer, ms } = await send([`${head}content-length: 100\r\n\r\n`, 0], ...drips)
  expect(answer).toMatch(refused('The request did not come within 0.5 s'))
  expect(ms).toBeGreaterThan(450)
  expect(bodies).toEqual([])
})

test('who is slow, and within the limits, is answered', async () => {
  await listen(30_000, 60_000)
  const { answer } = await send([head, 0], ['content-length: 2\r\n\r\n', 100], ['{', 150], ['}', 300])
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(bodies).toEqual([{}])
})

test('in earnest ten seconds for the headers, thirty for all of it', () => {
  const earnest = Fastify(wire).server
  expect([earnest.headersTimeout, earnest.requestTimeout, earnest.keepAliveTimeout]).toEqual([10_000, 30_000, 20_000])
})
