import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { headersFor, withNonce } from '@firebreak/page'
import { cast } from '../mock-api/cast.js'
import { MockApi, type Session } from '../mock-api/mock.js'
import type { MockOptions, Sent } from '../mock-api/night.js'

/** A built page on the loopback, under the strict header, with the mock API behind `/v1`. */
export interface Served {
  url: string
  api: MockApi
  /** What the browser reported of what broke a policy: also in a worker, where no test listens. */
  reports: string[]
  /** What was asked for beside reading: `POST /v1/plans`, in its order. */
  told: string[]
  /** Who is signed in, by the secret in their cookie. */
  sessions: ReadonlyMap<string, Session>
  /** Streams that are open now, and how many ever were. */
  streams(): { open: number; ever: number }
  /** Nobody listens any more, and every connection breaks: as if its process were killed. */
  goAway(): Promise<void>
  /** It listens again, where it did, and remembers what it knew. */
  comeBack(): Promise<void>
  close(): Promise<void>
}

const REPORT = 'report-uri /reports'

/** The headers that both hosts send, and where to tell what broke a policy. */
const reporting = (what: 'page' | 'script', nonce?: string): Record<string, string> => {
  const headers = headersFor(what, nonce)
  return { ...headers, 'content-security-policy': `${headers['content-security-policy']}; ${REPORT}` }
}

const kinds: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
}

/**
 * @param folder what `build` made
 * @param options.pace milliseconds between two things that the pretended worker does
 */
export async function serve(folder: string, options: Partial<MockOptions> = {}): Promise<Served> {
  const timers = new Set<NodeJS.Timeout>()
  const after = (ms: number, what: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      what()
    }, ms)
    timers.add(timer)
  }
  const api = new MockApi({ now: () => new Date(), after, pace: 120, ...options })
  const sessions = new Map<string, Session>()
  const reports: string[] = []
  const told: string[] = []
  const streams = { open: 0, ever: 0 }
  const beat = setInterval(() => api.beat(), 1_000)

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    if (request.method !== 'GET' && path.startsWith('/v1/')) told.push(`${request.method} ${path}`)
    const work =
      path === '/reports'
        ? reported(reports, request, response)
        : path.startsWith('/v1/')
          ? answer(api, sessions, streams, path, request, response)
          : page(folder, path, response)
    work.catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const silence = () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    return closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    api,
    reports,
    told,
    sessions,
    streams: () => ({ ...streams }),
    goAway: silence,
    comeBack: () => listen(port),
    close: async () => {
      clearInterval(beat)
      timers.forEach(clearTimeout)
      if (server.listening) await silence()
    },
  }
}

async function page(folder: string, path: string, response: ServerResponse): Promise<void> {
  if (path.startsWith('/assets/')) {
    const file = join(folder, normalize(path))
    if (!file.startsWith(folder)) return void response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': kinds[extname(file)] ?? 'application/octet-stream',
      ...reporting('script'),
    })
    return void response.end(await readFile(file))
  }
  // Routes are paths: every other address is the page.
  const nonce = randomBytes(16).toString('base64')
  const html = withNonce(await readFile(join(folder, 'index.html'), 'utf8'), nonce)
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    ...reporting('page', nonce),
  })
  response.end(html)
}

async function answer(
  api: MockApi,
  sessions: Map<string, Session>,
  streams: { open: number; ever: number },
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const session = sessionOf(sessions, request, response)
  if (path === '/v1/stream') return stream(api, session, streams, response)
  const body: Buffer[] = []
  for await (const chunk of request) body.push(chunk as Buffer)
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  const asked = new Request(`http://127.0.0.1${request.url}`, {
    method: request.method ?? 'GET',
    headers,
    ...(body.length > 0 ? { body: Buffer.concat(body) } : {}),
  })
  const answered = await api.handle(asked, session)
  answered.headers.forEach((value, name) => response.setHeader(name, value))
  response.writeHead(answered.status).end(Buffer.from(await answered.arrayBuffer()))
}

async function reported(reports: string[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  let report = ''
  for await (const chunk of request) report += String(chunk)
  reports.push(report)
  response.writeHead(204).end()
}

function stream(api: MockApi, session: Session, count: { open: number; ever: number }, response: ServerResponse): void {
  if (session.person === null) return void response.writeHead(401).end()
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  const stop = api.listen(({ event, id, data }: Sent) => {
    const lines = [event === 'message' ? '' : `event: ${event}\n`, id === undefined ? '' : `id: ${id}\n`]
    response.write(`${lines.join('')}data: ${JSON.stringify(data)}\n\n`)
  })
  count.open++
  count.ever++
  response.on('close', () => {
    count.open--
    stop()
  })
}

function sessionOf(sessions: Map<string, Session>, request: IncomingMessage, response: ServerResponse): Session {
  const sub = subjectIn(request.headers.authorization)
  if (sub !== undefined) return { person: cast.some(({ id }) => id === sub) ? sub : null }
  const cookie = /(?:^|; )fb_session=([\w-]{43})/.exec(request.headers.cookie ?? '')?.[1]
  const known = cookie === undefined ? undefined : sessions.get(cookie)
  if (known) return known
  const secret = randomBytes(32).toString('base64url')
  const session: Session = { person: null }
  sessions.set(secret, session)
  response.setHeader('set-cookie', `fb_session=${secret}; Path=/; HttpOnly; SameSite=Strict`)
  return session
}

/** Of a token of a provider. Who signed it is the real API's business (apps/api/e2e/oidc.e2e.ts). */
function subjectIn(authorization: string | undefined): string | undefined {
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(authorization ?? '')?.[1]
  if (payload === undefined) return undefined
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub
}
