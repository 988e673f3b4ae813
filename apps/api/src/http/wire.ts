import { Refused } from '@firebreak/flow'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { v7 as uuidv7 } from 'uuid'
import { headersFor } from './headers.js'
import { problemOf } from './problem.js'

/** How long a client may take for its headers, and for all of a request. Whoever is slower holds a connection for nothing. */
const HEADERS_MS = 10_000
const REQUEST_MS = 30_000

/** What Node and Fastify do with a connection before there is a request. */
export const wire = {
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: 20_000,
  // A request without a Host comes through to the door, which refuses it in our words.
  http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: 2_000, requireHostHeader: false },
  clientErrorHandler,
  frameworkErrors,
}

/** A path that the router cannot read, before any route or hook of ours is asked. */
function frameworkErrors(error: { code: string }, request: FastifyRequest, reply: FastifyReply): void {
  const refused =
    error.code === 'FST_ERR_MAX_PARAM_LENGTH'
      ? new Refused('not-found', 'There is nothing with a name as long as that.')
      : new Refused('malformed', 'The path could not be read: it has a % that begins no character.')
  const problem = problemOf(refused, request.id)
  void reply
    .status(problem.status)
    .headers({ ...headersFor('api'), 'x-request-id': request.id })
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem))
}

/** What is no HTTP, or comes too slowly or too largely to become a request: refused in the form of every refusal. */
function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable) return void socket.destroy()
  const problem = problemOf(refusalFor(error.code), uuidv7())
  const body = JSON.stringify(problem)
  const headers = {
    ...headersFor('api'),
    'x-request-id': problem.request_id,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${head.join('')}\r\n${body}`)
}

function refusalFor(code: string | undefined): Refused {
  if (code === 'HPE_HEADER_OVERFLOW') return new Refused('too-large', 'The headers are larger than this API takes.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Refused(
      'malformed',
      `The request did not come within ${REQUEST_MS / 1000} s, its headers ${HEADERS_MS / 1000} s.`,
    )
  return new Refused('malformed', 'This is no request in HTTP/1.1.')
}

/** An expectation that we do not know is no reason to do nothing: RFC 9110 lets it be passed over. */
export function passOverExpectations(server: FastifyInstance): void {
  server.server.on('checkExpectation', (request, response) => void server.server.emit('request', request, response))
}
