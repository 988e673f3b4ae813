import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { current } from './context.js'
import { traceparentOf } from './traceparent.js'
import { Tracing } from './tracing.js'

export interface OtlpOptions {
  /** The collector's base address, as OTEL_EXPORTER_OTLP_ENDPOINT has it; without one nothing is traced and nothing is loaded. */
  endpoint: string | undefined
  /** Headers for the collector: `name=value,name=value`, percent-encoded. */
  headers?: string | undefined
  /** `service.name`. */
  service: string
  version: string
}

/** No process waits longer than this for a collector that does not answer. Milliseconds. */
const PATIENCE_MS = 3_000

/** Sends spans to an OTLP collector over HTTP, in batches, and says our place in the trace to every host that we ask. */
export async function openTracing({ endpoint, headers, service, version }: OtlpOptions): Promise<Tracing> {
  if (!endpoint) return new Tracing()
  const [{ TracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all(
    [
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ],
  )
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: headersIn(headers),
    timeoutMillis: PATIENCE_MS,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000, exportTimeoutMillis: PATIENCE_MS }),
    ],
  })
  const sayNoMore = sayToHosts()
  return new Tracing(provider.getTracer('firebreak', version), async () => {
    sayNoMore()
    await provider.shutdown().catch(() => undefined)
  })
}

/** As OTEL_EXPORTER_OTLP_HEADERS has them (W3C Baggage without properties). */
function headersIn(text = ''): Record<string, string> {
  return Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const at = pair.indexOf('=')
      return at < 1 ? [] : [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]]
    }),
  )
}

/** Every `fetch` of this process tells of itself here, before it is sent. Undici's own way to be followed: no loader, no patch. */
function sayToHosts(): () => void {
  const name = 'undici:request:create'
  const say = (message: unknown) => {
    const { span } = current()
    const { request } = message as { request?: { addHeader?: (name: string, value: string) => void } }
    if (span) request?.addHeader?.('traceparent', traceparentOf(span))
  }
  channel(name)
  subscribe(name, say)
  return () => void unsubscribe(name, say)
}
