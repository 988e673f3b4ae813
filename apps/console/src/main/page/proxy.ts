import { headersFor } from '@firebreak/page'

/** What proves to the API who asks. It exists in the main process alone. */
export type Credential = { kind: 'bearer'; token: string } | { kind: 'session'; cookie: string }

export interface Upstream {
  /** Scheme, host and port of the one API. */
  origin: string
  /** Asks the network; follows no redirect and keeps no cookie. */
  fetch(request: Request): Promise<Response>
  /** For the next request; undefined: nobody is signed in. */
  credential(): Promise<Credential | undefined>
  /** The API did not know this one: another, or undefined. */
  renewed(refused: Credential): Promise<Credential | undefined>
  /** An answer that may begin or end a session. Called before its cookies are taken off. */
  heard(path: string, method: string, response: Response): Promise<void> | void
}

/** What the page may say by headers. Who it is and where it comes from is not the page's to say. */
const FROM_PAGE = [
  ...['accept', 'accept-language', 'content-type', 'idempotency-key'],
  ...['if-match', 'if-none-match', 'last-event-id'],
]
/** What the API's headers say of the one connection, of its cookies, or of a body that is unpacked by now. */
const NOT_TO_PAGE = [
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'set-cookie', 'set-cookie2', 'content-encoding', 'content-length'],
  ...['www-authenticate', 'alt-svc', 'strict-transport-security', 'clear-site-data', 'refresh', 'location'],
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
/** The API takes no more either. */
const BODY_LIMIT = 1024 * 1024
const PATIENCE_MS = 30_000
/** By itself a page waits three seconds before it opens a broken stream anew; the API is as near as it ever is. */
const COME_BACK = new TextEncoder().encode('retry: 1000\n\n')
/** People sign in in their own browser: these two routes are for it, and would leave a page of ours at the provider. */
const NOT_HERE = /^\/v1\/sign-in(\/callback)?\/?$/

/** The way of the page to the API: one origin, our own headers, the credential added on this side. */
export class Proxy {
  private readonly streams = new Set<AbortController>()

  constructor(private readonly upstream: Upstream) {}

  readonly answer = async (request: Request, path: string, search: string): Promise<Response> => {
    if (!METHODS.includes(request.method)) return problem(405, 'malformed', `There is no ${request.method} here.`)
    if (NOT_HERE.test(path)) return problem(404, 'not-found', 'This shell signs people in through their own browser.')
    const url = URL.parse(path + search, this.upstream.origin)
    if (url?.origin !== this.upstream.origin || url.pathname !== path)
      return problem(404, 'not-found', 'This is no address of the API.')
    const body = await bodyOf(request)
    if (body === 'too large') return problem(413, 'malformed', `A request has at most ${BODY_LIMIT} bytes.`)

    const stop = new AbortController()
    request.signal.addEventListener('abort', () => stop.abort(), { once: true })
    // Also one that has no answer yet: it may wait on a line that went dead in the device's sleep.
    if (asksForStream(request)) this.streams.add(stop)
    const late = setTimeout(() => stop.abort(), PATIENCE_MS)
    const ask = (credential: Credential | undefined) =>
      this.upstream.fetch(this.requestFor(request, url, body, credential, stop.signal))
    try {
      const credential = await this.upstream.credential()
      let response = await ask(credential)
      if (response.status === 401 && credential) {
        const another = await this.upstream.renewed(credential)
        // A 401 is said before anything is done, so asking again does nothing twice.
        if (another) {
          await response.body?.cancel()
          response = await ask(another)
        }
      }
      await this.upstream.heard(path, request.method, response)
      return this.toPage(response, stop)
    } catch {
      this.streams.delete(stop)
      // As on the web: no answer is no answer, and no answer of ours.
      return Response.error()
    } finally {
      clearTimeout(late)
    }
  }

  /** The device slept, or its network is another: open streams are dead without knowing it. The page opens them anew. */
  dropStreams(): void {
    for (const stream of this.streams) stream.abort()
  }

  private requestFor(
    { method, headers: said }: Request,
    url: URL,
    body: Uint8Array<ArrayBuffer> | undefined,
    credential: Credential | undefined,
    signal: AbortSignal,
  ): Request {
    const headers = new Headers()
    for (const name of FROM_PAGE) {
      const value = said.get(name)
      if (value !== null) headers.set(name, value)
    }
    // It is our own page that asks, and no other site's.
    headers.set('origin', this.upstream.origin)
    if (credential?.kind === 'bearer') headers.set('authorization', `Bearer ${credential.token}`)
    if (credential?.kind === 'session') headers.set('cookie', credential.cookie)
    return new Request(url, {
      ...{ method, headers, signal, redirect: 'error', credentials: 'omit', cache: 'no-store' },
      ...(body === undefined ? {} : { body }),
    })
  }

  private toPage(response: Response, stop: AbortController): Response {
    const headers = new Headers(response.headers)
    for (const name of NOT_TO_PAGE) headers.delete(name)
    for (const [name, value] of Object.entries(headersFor('api'))) headers.set(name, value)
    const { status, statusText } = response
    const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true
    if (!response.body) this.streams.delete(stop)
    const body = response.body && this.through(response.body, stop, isStream ? COME_BACK : undefined)
    return new Response(body, { status, statusText, headers })
  }

  /** Piece by piece as it comes; when the page lets go of it, the API's end is let go of too. */
  private through(
    body: ReadableStream<Uint8Array>,
    stop: AbortController,
    first: Uint8Array | undefined,
  ): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    const over = () => this.streams.delete(stop)
    return new ReadableStream({
      start: (to) => {
        if (first) to.enqueue(first)
      },
      pull: async (to) => {
        try {
          const { done, value } = await reader.read()
          if (!done) return to.enqueue(value)
          over()
          to.close()
        } catch (error) {
          over()
          to.error(error)
        }
      },
      cancel: async () => {
        over()
        stop.abort()
        await reader.cancel().catch(() => {})
      },
    })
  }
}

const asksForStream = ({ headers }: Request): boolean => headers.get('accept')?.includes('text/event-stream') === true

async function bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined | 'too large'> {
  if (!request.body) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > BODY_LIMIT) return 'too large'
    chunks.push(chunk)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** In the API's own form of a refusal (RFC 9457). */
const problem = (status: number, code: string, detail: string): Response =>
  Response.json(
    { type: 'about:blank', title: detail, status, code, detail, request_id: '' },
    { status, headers: { ...headersFor('api'), 'content-type': 'application/problem+json; charset=utf-8' } },
  )
