import cookie from '@fastify/cookie'
import files from '@fastify/static'
import { Refused } from '@firebreak/flow'
import { newUuid } from '@firebreak/store'
import { NestLog } from '@firebreak/telemetry'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { existsSync } from 'node:fs'
import type { IncomingMessage as RawRequest } from 'node:http'
import { join } from 'node:path'
import { AppModule, type Ground } from './app.module.js'
import { describe, OpenApiText } from './description.js'
import { BODY_LIMIT, readBodies } from './http/body.js'
import { Departure } from './http/departure.js'
import { follow, requestIdOf } from './http/following.js'
import { headersFor } from '@firebreak/page'
import { isOurHost } from './http/origin.js'
import { ProblemFilter } from './http/problem.js'
import { checking } from './http/reading.js'
import { Refusals } from './http/refusals.js'
import { Metrics } from './metrics/metrics.js'
import { passOverExpectations, wire } from './http/wire.js'

/** What the built page consists of, all of it public. */
const ASSETS = '/assets/'
const HEADERS = { script: headersFor('script'), api: headersFor('api') }

/** Builds the app, ready to listen. */
export async function createApp(ground: Ground): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    ...wire,
    bodyLimit: BODY_LIMIT,
    genReqId: ({ headers }: RawRequest) => requestIdOf(headers['x-request-id'], newUuid),
    // Behind a proxy the operator names it; a header from just anybody says nothing about where a request comes from.
    trustProxy: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  })
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.on(ground), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLog(ground.log),
  })
  const server = adapter.getInstance()
  follow(server, ground.log, ground.tracing)
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers({ ...HEADERS[request.url.startsWith(ASSETS) ? 'script' : 'api'], 'x-request-id': request.id })
    if (!isOurHost(request.headers.host, ground.config.hosts))
      throw new Refused('malformed', 'The Host header names no address of this server. FIREBREAK_HOSTS adds names.')
    // A target may name a host of its own, past the one that was looked at.
    if (!request.url.startsWith('/')) throw new Refused('malformed', 'What is asked for must be a path.')
  })
  app.get(Departure).watch(server)
  readBodies(server)
  passOverExpectations(server)
  await app.register(cookie)
  const assets = join(ground.config.console, 'assets')
  // Their names carry a hash of their content, so they never change.
  if (existsSync(assets))
    await app.register(files, {
      root: assets,
      prefix: ASSETS,
      cacheControl: true,
      immutable: true,
      maxAge: '365d',
      index: false,
    })

  app.useGlobalPipes(checking())
  app.useGlobalFilters(new ProblemFilter(ground.log, app.get(Refusals)))
  app.get(OpenApiText).document = describe(app)
  app.get(Metrics).watch(server)
  await app.init()
  await server.ready()
  return app
}
