import { Refused } from '@firebreak/flow'
import { newUuid } from '@firebreak/store'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { headersFor } from '@firebreak/page'
import { problemOf } from './problem.js'

/** How long a client may take for its headers, and for all of a request; and how often Node looks. Milliseconds. */
export interface TimeLimits {
  headers: number
  request: number
  look: number
}
/** Whoever is slower holds a connection for nothing. */
export const timeLimits: TimeLimits = { headers: 10_000, request: 30_000, look: 2_000 }

/** What Node and Fastify do with a connection before there is a request. */
export const wireWith = (limits: TimeLimits) => ({
  requestTimeout: limits.request,
  keepAliveTimeout: 20_000,
  // A request without a Host comes through to the door, which refuses it in our words.
  http: { headersTimeout: limits.headers, connectionsCheckingInterval: limits.look, requireHostHeader: false },
  clientErrorHandler: (error: Error & { code?: string }, socket: Socket) => refuseUnread(error, socket, limits),
  frameworkErrors,
})
export const wire = wireWith(timeLimits)

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
function refuseUnread(error: Error & { code?: string }, socket: Socket, limits: TimeLimits): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable) return void socket.destroy()
  const problem = problemOf(refusalFor(error.code, limits), newUuid())
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

function refusalFor(code: string | undefined, { headers, request }: TimeLimits): Refused {
  if (code === 'HPE_HEADER_OVERFLOW') return new Refused('too-large', 'The headers are larger than this API takes.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Refused(
      'malformed',
      `The request did not come within ${request / 1000} s, or its headers not within ${headers / 1000} s.`,
    )
  return new Refused('malformed', 'This is no request in HTTP/1.1.')
}

/** An expectation that we do not know is no reason to do nothing: RFC 9110 lets it be passed over. */
export function passOverExpectations(server: FastifyInstance): void {
  server.server.on('checkExpectation', (request, response) => void server.server.emit('request', request, response))
}
