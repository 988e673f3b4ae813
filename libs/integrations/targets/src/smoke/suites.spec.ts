import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SmokeSuite } from '@firebreak/kit'
import { smokeContract } from '@firebreak/kit/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { HttpSmoke } from './suites.js'

/** Every request that came in, `METHOD path`, with what it was sent. */
let seen: { what: string; body: string; headers: IncomingMessage['headers'] }[] = []
let sent = 0
let server: Server
let base: string

/** A service that does what its path says, under a path of its own as behind a gateway. */
function answer(path: string | undefined, response: ServerResponse): void {
  switch (path) {
    case '/svc/v1/health':
    case '/svc/v1/predict':
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')
    case '/svc/moved':
      return void response.writeHead(302, { location: '/secret' }).end()
    case '/svc/flood': {
      response.writeHead(200)
      const chunk = Buffer.alloc(1_000_000, 'x')
      const flood = (left: number): void => {
        if (left === 0 || response.destroyed) return void response.end()
        sent += chunk.length
        response.write(chunk, () => flood(left - 1))
      }
      return flood(30)
    }
    case '/svc/torn':
      response.writeHead(200, { 'content-length': '100' }).write('{"ok":')
      return void setTimeout(() => response.destroy(), 20)
    case '/svc/hang-in-the-middle':
      return void response.writeHead(200).write('{"ok":')
    case '/svc/hang':
      return
    default:
      return void response.writeHead(404).end()
  }
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push({ what: `${request.method} ${request.url}`, body, headers: request.headers })
      answer(request.url, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => (server.closeAllConnections(), server.close()))
beforeEach(() => void ([seen, sent] = [[], 0]))

/** What does not answer at all is given up soon, and nothing else, however busy the machine is. */
const within = (name: string) => (name === 'hang' || name === 'slow' ? 300 : 20_000)
const asked = { method: 'GET', status: 200, fields: {}, same: [] } as const
const at = (endpoint: string, ...paths: [name: string, path: string, body?: string][]): SmokeSuite => ({
  ...{ name: endpoint, service: 'model', environment: 'prod', endpoint },
  checks: paths.map(([name, path, body]) => ({
    ...asked,
    name,
    path,
    within_ms: within(name),
    ...(body ? { method: 'POST' as const, body } : {}),
  })),
})

function open(address = `${base}/svc`, ...more: [string, string, string?][]) {
  const suite = at('model', ['health', '/v1/health'], ['moved', '/moved'], ['hang', '/hang'], ['flood', '/flood'], ['torn', '/torn'], ['slow', '/hang-in-the-middle'], ...more) // prettier-ignore
  return new HttpSmoke(() => [suite, at('nowhere', ['health', '/'])], new Map([['model', address]]))
}

smokeContract('the HTTP adapter', async () => {
  // The service that is not there is another endpoint; a suite has one, so the whole reader is asked by names.
  const there = open()
  const gone = new HttpSmoke(() => [at('model', ['down', '/'])], new Map([['model', 'http://127.0.0.1:9']]))
  return {
    smoke: { ask: (suite: string, check: string) => (check === 'down' ? gone : there).ask(suite, check) },
    well: { suite: 'model', check: 'health', json: { ok: true } },
    ...{ redirects: 'moved', hangs: 'hang', answersTooMuch: 'flood', breaksOff: 'torn', down: 'down' },
  }
})

test('an answer that stops in the middle is a time-out, too', async () => {
  await expect(open().ask('model', 'slow')).rejects.toMatchObject({ kind: 'timeout', message: 'slow of the smoke suite model: no answer in time' }) // prettier-ignore
})

test('of thirty megabytes it reads no more than it takes to know that they are too many', async () => {
  await expect(open().ask('model', 'flood')).rejects.toThrow('the answer is larger than 1000000 bytes')
  expect(sent).toBeLessThan(15_000_000)
})

test('a redirect leads nowhere: the place that it names is not asked', async () => {
  await open().ask('model', 'moved')
  expect(seen.map(({ what }) => what)).toEqual(['GET /svc/moved'])
})

test('what is sent is what the house says, and JSON', async () => {
  await open(undefined, ['predict', '/v1/predict?of=1', '{"text":"a"}'])
    .ask('model', 'predict')
    .catch(() => undefined)
  expect(seen).toMatchObject([{ what: 'POST /svc/v1/predict?of=1', body: '{"text":"a"}', headers: { 'content-type': 'application/json' } }]) // prettier-ignore
})

test.each(['/../admin', '/%2e%2e/admin', '/..\\admin', '/v1/../../admin'])(
  'a path that leads out of the endpoint is not asked: %s',
  async (path) => {
    await expect(open(undefined, ['out', path]).ask('model', 'out')).rejects.toThrow('leads out of its endpoint')
    expect(seen).toEqual([])
  },
)

test.each(['@elsewhere.invalid/x', '.elsewhere.invalid/x', ':1/x'])(
  'nor is a path that would make another host of it: %s',
  async (path) => {
    await expect(open(base, ['out', path]).ask('model', 'out')).rejects.toThrow('leads out of its endpoint')
    expect(seen).toEqual([])
  },
)

test.each(['//elsewhere.invalid/x', '/@elsewhere.invalid/'])('another host is not reached by %s', async (path) => {
  await open(undefined, ['out', path]).ask('model', 'out')
  expect(seen.map(({ what }) => what)).toEqual([`GET /svc${path}`])
})

test('credentials of the address go along as Basic ones, and into no error', async () => {
  const secret = base.replace('http://', 'http://probe:p%40ss@')
  await open(`${secret}/svc/`).ask('model', 'health')
  expect(seen[0]!.headers.authorization).toBe(`Basic ${Buffer.from('probe:p@ss').toString('base64')}`)
  for (const check of ['hang', 'flood', 'torn'])
    await expect(open(`${secret}/svc`).ask('model', check)).rejects.not.toThrow(/p%40ss|p@ss|probe/)
})

test('an endpoint without an address says which setting is missing', async () => {
  await expect(open().ask('nowhere', 'health')).rejects.toThrow('add nowhere=http://… to HTTP_ENDPOINTS of the worker')
})
