import { text } from '@firebreak/audit-log'
import { Refused } from '@firebreak/flow'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Limits in bytes. A storm of alerts comes in one delivery, so that route takes more. */
export const BODY_LIMIT = 1024 * 1024
export const ALERTS_LIMIT = 5 * 1024 * 1024

/** What a route says with `@RouteConfig`: it wants the bytes as they came, and how many at most. */
export interface BodyWish {
  bytes?: true
  limit?: number
}

/** Reads bodies: JSON, strictly in UTF-8; or untouched bytes where a route wants to store what it cannot read. */
export function readBodies(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const { limit } = (route.config ?? {}) as BodyWish
    if (limit !== undefined) route.bodyLimit = limit
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json\b/i, { parseAs: 'buffer' }, (request, body, done) => {
    if ((request.routeOptions.config as BodyWish).bytes) return done(null, body)
    try {
      done(null, json(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
}

/** Undefined for an empty body. Throws `malformed`. */
function json(body: Uint8Array): unknown {
  if (body.byteLength === 0) return undefined
  try {
    return JSON.parse(text(body))
  } catch (error) {
    const message = `expected JSON in UTF-8: ${(error as Error).message}`.slice(0, 300)
    throw new Refused('malformed', 'The body could not be read.', [{ pointer: '', message }])
  }
}

/** The bytes of a delivery. */
export const bytesOf = (request: Pick<FastifyRequest, 'body'>): Uint8Array =>
  request.body instanceof Uint8Array ? request.body : new Uint8Array()
