import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Notary } from './notary.js'

/** A checkpoint with 63 proof lines and a hundred signatures is below 20 kB. */
const MAX_REQUEST = 64 * 1024

/** `POST /add-checkpoint` (C2SP tlog-witness) and `GET /healthz`. Not listening yet: say where. `report`: why it could not sign. */
export function notaryServer(notary: Notary, report: (line: string) => void): Server {
  const server = createServer((request, response) => {
    handle(notary, request, response).catch((error: unknown) => {
      // The memory could not be written: nothing was signed, and the log will ask again.
      report((error as Error).message)
      if (!response.headersSent) answer(response, 500, 'the notary cannot remember, so it does not sign\n')
    })
  })
  server.requestTimeout = 10_000
  server.headersTimeout = 5_000
  return server
}

async function handle(notary: Notary, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?', 1)[0]
  if (path === '/healthz' && request.method === 'GET') return answer(response, 200, 'ok\n')
  if (path !== '/add-checkpoint') return answer(response, 404, 'not found\n')
  if (request.method !== 'POST') return answer(response, 405, 'POST only\n')
  const body = await read(request)
  if (!body) return answer(response, 413, `at most ${MAX_REQUEST} bytes\n`)
  const reply = await notary.addCheckpoint(body)
  return answer(response, reply.status, reply.body, reply.contentType)
}

async function read(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_REQUEST) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  // Where the request was not read to its end, the connection cannot be used again.
  if (status === 413) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': contentType, 'x-content-type-options': 'nosniff' }).end(body)
}
