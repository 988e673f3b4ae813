import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { headersFor } from '@firebreak/page'

/** Where the browser comes back to: a port of this machine that is open while somebody signs in, and no longer. */
export interface Loopback {
  /** What the provider is told: `http://127.0.0.1:54321/callback`. */
  redirectUri: string
  /** The address that the browser came back with. Rejects when the time is over, or when it was cancelled. */
  arrived: Promise<URL>
  close(): void
}

export class SignInOver extends Error {}

const PATH = '/callback'

/**
 * Listens on a free port of the loopback, for one visit that carries this `state`. What else comes (another program, a
 * scanner, a page that guesses the port) is sent away, and ends nothing.
 * @param limitMs how long somebody may take at the provider
 */
export async function openLoopback(state: string, limitMs: number): Promise<Loopback> {
  let arrive!: (url: URL) => void
  let fail!: (error: Error) => void
  const arrived = new Promise<URL>((resolve, reject) => ((arrive = resolve), (fail = reject)))
  // Nobody may be listening yet when it fails.
  arrived.catch(() => {})

  const server = createServer((request, response) => {
    const url = visitOf(request, origin, state)
    if (!url) return tell(response, 404, 'There is nothing here.')
    tell(response, 200, 'Firebreak heard from your identity provider. Go back to it; this tab may be closed.')
    arrive(url)
    server.close()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const end = (error: Error) => {
    clearTimeout(timer)
    fail(error)
    server.close()
    server.closeAllConnections()
  }
  const minutes = Math.round(limitMs / 60_000)
  const timer = setTimeout(() => end(new SignInOver(`Nobody came back within ${minutes} minutes.`)), limitMs)
  void arrived.then(() => clearTimeout(timer)).catch(() => {})
  return { redirectUri: origin + PATH, arrived, close: () => end(new SignInOver('The sign-in was cancelled.')) }
}

/** Only a browser that was sent here: by our own name, so that no name of somebody else's points here. */
function visitOf({ method, url = '', headers }: IncomingMessage, origin: string, state: string): URL | undefined {
  const visit = URL.parse(url, origin)
  if (method !== 'GET' || visit?.origin !== origin || visit.pathname !== PATH) return undefined
  if (`http://${headers.host}` !== origin) return undefined
  return visit.searchParams.get('state') === state ? visit : undefined
}

function tell(response: ServerResponse, status: number, words: string): void {
  response
    .writeHead(status, { ...headersFor('bridge'), 'content-type': 'text/html; charset=utf-8', connection: 'close' })
    .end(`<!doctype html><meta charset="utf-8"><title>Firebreak</title><p>${words}`)
}
