import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Proxy, type Credential } from './proxy.js'

/** An API on the loopback that answers as a test says, and remembers what came. */
let server: Server
let origin: string
let came: { request: IncomingMessage; body: string }[]
let answer: (request: IncomingMessage, response: ServerResponse) => void
let credential: Credential | undefined
let another: Credential | undefined
let heard: string[]
let proxy: Proxy

beforeEach(async () => {
  came = []
  heard = []
  credential = { kind: 'bearer', token: 'canary-token' }
  another = undefined
  answer = (_request, response) => response.end('{}')
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      came.push({ request, body })
      answer(request, response)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  proxy = new Proxy({
    origin,
    fetch,
    credential: async () => credential,
    renewed: async () => another,
    heard: (path, method) => void heard.push(`${method} ${path}`),
  })
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const ask = (path: string, init?: RequestInit, search = '') =>
  proxy.answer(new Request(`app://console${path}${search}`, init), path, search)

describe('SEC-13: one API, our headers', () => {
  test('the page’s question goes to the API as it is, with the proof of this side', async () => {
    await ask('/v1/incidents', {}, '?state=active&limit=2')
    expect(came[0]!.request.url).toBe('/v1/incidents?state=active&limit=2')
    expect(came[0]!.request.headers.authorization).toBe('Bearer canary-token')
    expect(came[0]!.request.headers.origin).toBe(origin)
    expect(heard).toEqual(['GET /v1/incidents'])
  })

  test('who it is, and where it comes from, is not the page’s to say', async () => {
    const forged = ['cookie', 'authorization', 'origin', 'referer', 'host', 'x-forwarded-for', 'forwarded', 'proxy-authorization', 'x-anything', 'te', 'upgrade'] // prettier-ignore
    await ask('/v1/me', { headers: Object.fromEntries(forged.map((name) => [name, 'forged'])) })
    expect(JSON.stringify(came[0]!.request.headers)).not.toContain('forged')
    credential = undefined
    await ask('/v1/me', { headers: { cookie: 'fb_session=x', authorization: 'Bearer x' } })
    expect(came[1]!.request.headers.authorization).toBeUndefined()
    expect(came[1]!.request.headers.cookie).toBeUndefined()
  })

  test('what the API needs to hear of a request comes along', async () => {
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': 'k-1',
      'if-match': '"3"',
      accept: 'text/plain',
    }
    await ask('/v1/plans', { method: 'POST', headers, body: '{"a":1}' })
    expect(came[0]!.request.headers).toMatchObject(headers)
    expect(came[0]!.request.method).toBe('POST')
    expect(came[0]!.body).toBe('{"a":1}')
  })

  test('no cookie, no redirect, and nothing of the one connection reaches the page', async () => {
    answer = (_request, response) =>
      response
        .writeHead(200, {
          ...{
            'set-cookie': ['fb_session=secret', 'b=c'],
            'strict-transport-security': 'max-age=1',
            refresh: '0;url=x',
          },
          ...{
            'content-encoding': 'gzip',
            etag: '"7"',
            'x-request-id': 'r1',
            'content-security-policy': 'default-src *',
          },
        })
        .end(gzipSync('unpacked'))
    const response = await ask('/v1/me')
    expect(await response.text()).toBe('unpacked')
    for (const name of [
      'set-cookie',
      'connection',
      'keep-alive',
      'transfer-encoding',
      'content-encoding',
      'content-length',
      'strict-transport-security',
      'refresh',
    ])
      // prettier-ignore
      expect(response.headers.has(name), name).toBe(false)
    expect(response.headers.get('etag')).toBe('"7"')
    expect(response.headers.get('x-request-id')).toBe('r1')
    // An API that was taken over does not loosen the page's walls.
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
  })

  test('a redirect is followed nowhere: the token would go along', async () => {
    let elsewhere = 0
    const other = createServer((_request, response) => response.end(String(elsewhere++)))
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
    answer = (_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end()
    expect((await ask('/v1/me')).type).toBe('error')
    expect(elsewhere).toBe(0)
    other.close()
  })

  test.each(['/v1/sign-in', '/v1/sign-in/callback'])('%s is for browsers', async (path) => {
    expect((await ask(path, {}, '?to=/')).status).toBe(404)
    expect(came).toEqual([])
  })

  test.each(['OPTIONS', 'PROPFIND', 'LOCK'])('there is no %s', async (method) => {
    expect((await ask('/v1/me', { method })).status).toBe(405)
    expect(came).toEqual([])
  })

  test.each(['/v1/\\..\\..\\x', '/v1/../x', '//evil.example/v1/x'])('%s is no address of the API', async (path) => {
    expect((await ask(path)).status).toBe(404)
    expect(came).toEqual([])
  })

  test('a body of one mebibyte goes through, and not a byte more', async () => {
    const body = 'x'.repeat(1024 * 1024)
    expect((await ask('/v1/x', { method: 'POST', body })).status).toBe(200)
    expect((await ask('/v1/x', { method: 'POST', body: `${body}y` })).status).toBe(413)
    expect(came.map(({ body }) => body.length)).toEqual([body.length])
  })

  test('refusals of the API come as they are; where nobody answers, the page hears no answer', async () => {
    answer = (_request, response) =>
      response.writeHead(409, { 'content-type': 'application/problem+json' }).end('{"code":"stale"}')
    const refused = await ask('/v1/plans', { method: 'POST', body: '{}' })
    expect(refused.status).toBe(409)
    expect(await refused.json()).toEqual({ code: 'stale' })
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
    expect((await ask('/v1/me')).type).toBe('error')
  })
})

describe('a token that has ended', () => {
  beforeEach(() => {
    answer = ({ headers }, response) =>
      response.writeHead(headers.authorization === 'Bearer renewed' ? 200 : 401).end('{}')
  })

  test('is renewed once, and the same question asked again with its body', async () => {
    another = { kind: 'bearer', token: 'renewed' }
    expect((await ask('/v1/plans', { method: 'POST', body: '{"a":1}' })).status).toBe(200)
    expect(came.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}'])
  })

  test('that cannot be renewed is a 401, after one question', async () => {
    expect((await ask('/v1/me')).status).toBe(401)
    expect(came).toHaveLength(1)
  })
})

describe('SEC-14, SEC-53: a stream', () => {
  let open: ServerResponse
  let closed: Promise<void>
  beforeEach(() => {
    answer = (request, response) => {
      open = response
      closed = new Promise((done) => request.socket.once('close', () => done()))
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: hello\ndata: {}\n\n')
    }
  })
  const text = async (reader: ReadableStreamDefaultReader<Uint8Array>) =>
    new TextDecoder().decode((await reader.read()).value)
  const listening = { headers: { accept: 'text/event-stream' } }
  /** What a page hears: how long to wait before it comes back, and then the API's own. */
  const hello = async (response: Response) => {
    const reader = response.body!.getReader()
    expect(await text(reader)).toBe('retry: 1000\n\n')
    expect(await text(reader)).toContain('hello')
    return reader
  }

  test('comes piece by piece, each at once', async () => {
    const response = await ask('/v1/stream', { headers: { ...listening.headers, 'last-event-id': '7.1' } })
    expect(came[0]!.request.headers['last-event-id']).toBe('7.1')
    const reader = await hello(response)
    const began = performance.now()
    open.write('data: {"type":"incident.opened"}\n\n')
    expect(await text(reader)).toContain('incident.opened')
    expect(performance.now() - began).toBeLessThan(100)
  })

  test('ends at the API when the page lets go of it', async () => {
    const response = await ask('/v1/stream', listening)
    const reader = await hello(response)
    await reader.cancel()
    await closed
  })

  test('ends at the API when the request is given up', async () => {
    const stop = new AbortController()
    const response = await ask('/v1/stream', { ...listening, signal: stop.signal })
    const reader = await hello(response)
    stop.abort()
    await closed
    await expect(reader.read()).rejects.toThrow()
  })

  test('that has no answer yet when the device slept is given up too', async () => {
    let waits: () => void
    const waiting = new Promise<void>((done) => (waits = done))
    answer = (request) => {
      closed = new Promise((done) => request.socket.once('close', () => done()))
      waits()
    }
    const asked = ask('/v1/stream', listening)
    await waiting
    proxy.dropStreams()
    expect((await asked).type).toBe('error')
    await closed
  })

  test('breaks for the page when the device slept, so that it opens another; later ones are left alone', async () => {
    const reader = await hello(await ask('/v1/stream', listening))
    proxy.dropStreams()
    await closed
    await expect(reader.read()).rejects.toThrow()
    const next = await hello(await ask('/v1/stream', listening))
    await next.cancel()
  })
})
