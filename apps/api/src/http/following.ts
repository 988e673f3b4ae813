import {
  enter,
  isRequestId,
  learn,
  nothing,
  readTraceparent,
  within,
  type Context,
  type Log,
  type Tracing,
} from '@firebreak/telemetry'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Admitted } from './needs.js'

/** Asked for again and again by machines: each is worth a line only to who looks for it, and no span. */
const QUIET = /^\/(v1\/health|metrics|assets\/\*)$/

/** Whose ids stand in which routes. */
const THINGS = { incidents: 'incident', plans: 'plan', runs: 'run', loans: 'loan', exports: 'export' } as const
const ROUTE = /^\/v1\/(?:audit\/)?(incidents|plans|runs|loans|exports)\/:id\b/
const ID = /^[a-z]{3}_[\w-]{1,60}$/

/**
 * Each request is known wherever its work leads: by its id, by who asks and what about, by its place in a trace. It leaves a
 * line when it is answered, and a span.
 */
export function follow(server: FastifyInstance, log: Log, tracing: Tracing): void {
  const begun = new WeakMap<FastifyRequest, { context: Context; span: ReturnType<Tracing['begin']> }>()

  server.addHook('onRequest', (request, _, done) => {
    const route = request.routeOptions.url ?? ''
    const parent = readTraceparent(request.headers['traceparent'])
    const context: Context = { request_id: request.id, ...thingIn(route, request.params) }
    const facts = { 'http.request.method': request.method, 'http.route': route, request_id: request.id }
    const span = QUIET.test(route)
      ? nothing
      : tracing.begin(`${request.method} ${route}`, { kind: 'server', parent, facts })
    // Where nothing is traced here, what the caller traces is told apart by its own trace.
    const place = span.span ?? parent
    if (place) context.span = place
    begun.set(request, { context, span })
    enter(context, done)
  })

  // A body was read by what the connection told of, which knows nothing of the request.
  server.addHook('preValidation', (request, _, done) => enter(begun.get(request)?.context ?? {}, done))

  server.addHook('onResponse', async (request: Admitted, reply) => {
    const { context, span } = begun.get(request) ?? {}
    if (!context || !span) return
    const { method, routeOptions } = request
    const status = reply.statusCode
    span.learn({ 'http.response.status_code': status, ...(status >= 500 ? { outcome: 'failed' } : {}) })
    span.end()
    const route = routeOptions.url ?? ''
    const level = QUIET.test(route) ? 'debug' : 'info'
    within(
      context,
      () =>
      log[level](`${method} ${route || '(no route)'} ${status}`, { method, route, status, ms: Math.round(reply.elapsedTime * 10) / 10 }), // prettier-ignore
    )
  })
}

/** Who it is that asks, as soon as that is known. */
export const knownActor = (actor: string): void => learn({ actor })

/** Said by anybody, so only what has the form of an id. */
function thingIn(route: string, params: unknown): Context {
  const kind = ROUTE.exec(route)?.[1] as keyof typeof THINGS | undefined
  const id = (params as { id?: unknown } | null | undefined)?.id
  return kind && typeof id === 'string' && ID.test(id) ? { [THINGS[kind]]: id } : {}
}

/** The id by which a request is known: the caller's own where it has the form of one. */
export const requestIdOf = (given: unknown, make: () => string): string => (isRequestId(given) ? given : make())
