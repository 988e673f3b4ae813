import { request } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLoopback, type Loopback } from './loopback.js'

let loopback: Loopback
beforeEach(async () => {
  loopback = await openLoopback('the-state', 60_000)
})
afterEach(() => loopback.close())

/** With any Host header, which fetch does not let one say. */
const visit = (path: string, { host, method = 'GET' }: { host?: string; method?: string } = {}) =>
  new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((done, failed) => {
    const { hostname, port } = new URL(loopback.redirectUri)
    const sent = request({ hostname, port, path, method, headers: host === undefined ? {} : { host } }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk)).on('end', () => done({ status: response.statusCode!, text, headers: response.headers })) // prettier-ignore
    })
    sent.once('error', failed).end()
  })

test('SEC-40: the browser comes back to a free port of the loopback, and reads that it may be closed', async () => {
  expect(loopback.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  const { status, text, headers } = await visit('/callback?code=canary-code&state=the-state')
  expect(status).toBe(200)
  expect(text).toContain('Go back to it')
  expect(text).not.toContain('canary')
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'/)
  expect((await loopback.arrived).searchParams.get('code')).toBe('canary-code')
})

test('what else comes is sent away, and the one who was sent still arrives', async () => {
  const strangers = [
    visit('/callback?code=x&state=guessed'),
    visit('/callback?code=x'),
    visit('/'),
    visit('/callback/../other?state=the-state'),
    visit('/callback?code=x&state=the-state', { method: 'POST' }),
    // A name of somebody else's that points here (DNS rebinding).
    visit('/callback?code=x&state=the-state', { host: 'evil.example' }),
    visit('http://evil.example/callback?code=x&state=the-state'),
  ]
  for (const { status } of await Promise.all(strangers)) expect(status).toBe(404)
  await visit('/callback?code=good&state=the-state')
  expect((await loopback.arrived).searchParams.get('code')).toBe('good')
})

test('after one arrival the port is shut', async () => {
  await visit('/callback?code=one&state=the-state')
  await loopback.arrived
  await expect(visit('/callback?code=two&state=the-state')).rejects.toThrow()
})

test('nobody is waited for longer than the limit, and a cancelled one is over at once', async () => {
  const short = await openLoopback('s', 20)
  await expect(short.arrived).rejects.toThrow('Nobody came back')
  loopback.close()
  await expect(loopback.arrived).rejects.toThrow('cancelled')
  await expect(visit('/callback?code=x&state=the-state')).rejects.toThrow()
})
