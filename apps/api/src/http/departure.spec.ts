import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Departure } from './departure.js'

let server: FastifyInstance
let answer: () => void
let begun: Promise<void>
let url: string

/** A server with one route that answers when it is told to. */
async function serving(departure: Departure): Promise<void> {
  const told = new Promise<void>((resolve) => (answer = resolve))
  server = fastify({ forceCloseConnections: true })
  departure.watch(server)
  begun = new Promise((resolve) => {
    server.get('/slow', async () => {
      resolve()
      await told
      return 'done'
    })
  })
  server.get('/quick', () => 'done')
  server.setErrorHandler((error, _, reply) => reply.status(503).send((error as { code: string }).code))
  url = await server.listen({ host: '127.0.0.1', port: 0 })
}
let departure: Departure
beforeEach(async () => {
  departure = new Departure(60_000)
  await serving(departure)
})
afterEach(() => server.close())

test('what was begun is answered first; who comes meanwhile is sent to another', async () => {
  const slow = fetch(`${url}/slow`)
  await begun
  const left = departure.beforeApplicationShutdown()
  const late = await fetch(`${url}/quick`)
  expect([late.status, await late.text(), late.headers.get('connection')]).toEqual([503, 'overloaded', 'close'])
  answer()
  await left
  expect(await (await slow).text()).toBe('done')
})

test('with nothing under way it goes at once, also when somebody went before their answer', async () => {
  const gone = new AbortController()
  const slow = fetch(`${url}/slow`, { signal: gone.signal })
  await begun
  gone.abort()
  await expect(slow).rejects.toThrow(/abort/)
  await departure.beforeApplicationShutdown()
})

test('nobody is waited for for ever', async () => {
  await server.close()
  departure = new Departure(1)
  await serving(departure)
  const slow = fetch(`${url}/slow`).catch(() => 'cut off')
  await begun
  await departure.beforeApplicationShutdown()
  await server.close()
  expect(await slow).toBe('cut off')
  answer()
})
