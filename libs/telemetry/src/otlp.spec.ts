import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { current, within } from './context.js'
import { Following, type Places } from './following.js'
import { openTracing } from './otlp.js'
import { readTraceparent } from './traceparent.js'
import { Tracing } from './tracing.js'

interface Told {
  resourceSpans: { scopeSpans: { spans: Span[] }[] }[]
}
interface Span {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  attributes: { key: string; value: Record<string, unknown> }[]
  status: { code?: number; message?: string }
  links?: { spanId: string }[]
}

const TEXT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const spans: Span[] = []
let asked: (string | undefined)[] = []
const server = createServer((request, response) => {
  if (request.url !== '/v1/traces') {
    asked.push(request.headers['traceparent'] as string | undefined)
    return void response.end()
  }
  void json(request).then((told) => {
    for (const { scopeSpans } of (told as Told).resourceSpans) for (const one of scopeSpans) spans.push(...one.spans)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
})
let url: string
beforeEach(async () => {
  spans.length = 0
  asked = []
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const opened = (endpoint: string | undefined) => openTracing({ endpoint, service: 'a-test', version: '0' })

class Memory implements Places {
  readonly known = new Map<string, string>()
  keep = async (name: string, traceparent: string) => void this.known.set(name, traceparent)
  find = async (name: string) => this.known.get(name)
}

test('work within work is a span within a span, on the trace that the caller brought; hosts that are asked hear of it', async () => {
  const tracing = await opened(`${url}/`)
  await within({ span: readTraceparent(TEXT)! }, () =>
    tracing.during('outer', { kind: 'server', facts: { plan: 'pln_1', 'http.route': '/x' } }, () =>
      tracing.during('inner', {}, async (learn) => {
        await (await fetch(`${url}/api`)).text()
        learn({ outcome: 'failed' })
      }),
    ),
  )
  await tracing.close()
  const [inner, outer] = ['inner', 'outer'].map((name) => spans.find((span) => span.name === name)!)
  expect(outer).toMatchObject({ traceId: TEXT.slice(3, 35), parentSpanId: TEXT.slice(36, 52) })
  expect(outer!.attributes).toEqual([
    { key: 'firebreak.plan', value: { stringValue: 'pln_1' } },
    { key: 'http.route', value: { stringValue: '/x' } },
  ])
  expect(inner).toMatchObject({ traceId: outer!.traceId, parentSpanId: outer!.spanId, status: { code: 2 } })
  expect(asked).toEqual([`00-${inner!.traceId}-${inner!.spanId}-01`])
})

test('what breaks is a span that failed; of what was thrown it says the kind, and no secret is a fact', async () => {
  const tracing = await opened(url)
  const broken = tracing.during('broken', { facts: { target: 'postgres://u:hunter2@db/x', n: 1 } }, async () => {
    throw new TypeError('hunter2 is wrong')
  })
  await expect(broken).rejects.toThrow('hunter2 is wrong')
  await tracing.close()
  expect(spans).toMatchObject([{ name: 'broken', status: { code: 2 } }])
  expect(JSON.stringify(spans)).toContain('TypeError')
  expect(JSON.stringify(spans)).not.toContain('hunter2')
})

test('from hand to hand it is one trace: by the job, and where that was lost, by what was left', async () => {
  const tracing = await opened(url)
  const places = new Memory()
  const api = new Following(tracing, places, () => undefined)
  const worker = new Following(tracing, places, () => undefined)
  const job = await within({ request_id: 'req-00000001' }, () =>
    api.during('incident', { incident: 'inc_1' }, () => api.rung('plan:pln_1')),
  )
  expect(job).toMatchObject({ request_id: 'req-00000001', traceparent: expect.stringMatching(/^00-/) as string })
  await worker.taken(
    job,
    ['plan:pln_1'],
    { plan: 'pln_1' },
    () =>
    worker.during('plan', { plan: 'pln_1' }, async () => expect(current()).toMatchObject({ plan: 'pln_1', ...{ request_id: 'req-00000001' } })), // prettier-ignore
  )
  // In a request of its own.
  await tracing.during('POST', { kind: 'server' }, () =>
    api.during('approval', { plan: 'pln_1' }, () => api.rung('run:pln_1')),
  )
  await worker.taken({}, ['run:pln_1', 'plan:pln_1'], {}, () =>
    worker.during('run', { run: 'run_1' }, async () => 'done'),
  )
  await tracing.close()
  const by = Object.fromEntries(spans.map((span) => [span.name, span]))
  const chain = ['incident', 'plan', 'approval', 'run'].map((name) => by[name]!)
  expect(new Set(chain.map(({ traceId }) => traceId)).size).toBe(1)
  for (const [at, span] of chain.slice(1).entries()) expect(span.parentSpanId, span.name).toBe(chain[at]!.spanId)
  expect(by['approval']!.links).toMatchObject([{ spanId: by['POST']!.spanId }])
})

test('a record that is away breaks a trace and nothing else, and is told of', async () => {
  const tracing = await opened(url)
  const away = () => Promise.reject(new Error('Postgres is away'))
  const told: unknown[] = []
  const following = new Following(tracing, { keep: away, find: away }, (why) => told.push(why))
  expect(await following.taken({}, ['plan:x'], {}, () => following.during('plan', { plan: 'x' }, async () => 7))).toBe(
    7,
  )
  expect(told).toHaveLength(2)
  await tracing.close()
})

test('a collector that is away keeps nobody waiting', async () => {
  const tracing = await opened('http://127.0.0.1:9')
  const began = performance.now()
  expect(await tracing.during('work', {}, async () => 7)).toBe(7)
  expect(performance.now() - began).toBeLessThan(500)
  await tracing.close()
})

test('without a collector nothing is made, nothing is kept, and it costs about nothing', async () => {
  const tracing = await opened(undefined)
  const places = new Memory()
  const following = new Following(tracing, places, () => undefined)
  const seen = await following.during('plan', { plan: 'pln_1' }, async () => ({ ...current() }))
  expect(seen).toEqual({ plan: 'pln_1' })
  expect(await following.rung('plan:pln_1')).toEqual({})
  expect(places.known.size).toBe(0)
  await tracing.during('work', {}, async () => void (await (await fetch(`${url}/api`)).text()))
  expect(asked).toEqual([undefined])

  const off = new Tracing()
  const work = async () => 1
  const began = performance.now()
  for (let nth = 0; nth < 100_000; nth++) await off.during('work', {}, work)
  // Microseconds a piece; a span takes some ten times as long.
  expect(((performance.now() - began) * 1_000) / 100_000).toBeLessThan(20)
})
