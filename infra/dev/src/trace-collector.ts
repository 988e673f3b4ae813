import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A span as a collector is told of it (OTLP in JSON). */
export interface TracedSpan {
  service: string
  name: string
  traceId: string
  spanId: string
  parentSpanId: string
  kind: number
  attributes: Record<string, string | number | boolean>
  links: { traceId: string; spanId: string }[]
  failed: boolean
}

interface Told {
  resourceSpans?: {
    resource?: { attributes?: Attribute[] }
    scopeSpans?: { spans?: (Omit<TracedSpan, 'service' | 'attributes' | 'links' | 'failed'> & Raw)[] }[]
  }[]
}
interface Raw {
  attributes?: Attribute[]
  links?: { traceId: string; spanId: string }[]
  status?: { code?: number }
}
interface Attribute {
  key: string
  value: { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean }
}

/** An OTLP collector on a port of its own that keeps what it is told: `POST /v1/traces`, JSON. */
export async function traceCollector() {
  const spans: TracedSpan[] = []
  /** What came, as it came. */
  const bodies: string[] = []
  const headers: Record<string, unknown>[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const wanted = request.method === 'POST' && request.url === '/v1/traces'
      if (wanted) {
        bodies.push(body)
        headers.push(request.headers)
        spans.push(...spansIn(JSON.parse(body) as Told))
      }
      response.writeHead(wanted ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    ...{ spans, bodies, headers },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const spansIn = ({ resourceSpans = [] }: Told): TracedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map(({ attributes = [], links = [], status, parentSpanId = '', ...span }) => ({
        ...span,
        ...{ parentSpanId, links, failed: status?.code === 2 },
        service: String(valuesOf(resource?.attributes ?? [])['service.name']),
        attributes: valuesOf(attributes),
      })),
    ),
  )

const valuesOf = (attributes: Attribute[]): TracedSpan['attributes'] =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue ?? '') : Number(intValue)),
    ]),
  )
