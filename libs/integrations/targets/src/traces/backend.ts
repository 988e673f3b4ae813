import { MOST_TRACE_BYTES, PortFailure, TracesReader } from '@firebreak/kit'
import { z } from 'zod'
import { ask, kindOfCode, parsed } from '../http/ask.js'

/** Jaeger: `{ data: [{ spans: […] }] }`. What a span says is kept as it is. */
const jaeger = z.object({ data: z.array(z.object({ spans: z.array(z.record(z.string(), z.unknown())) })) })
const spansOfScope = z.object({ spans: z.array(z.record(z.string(), z.unknown())).default([]) })
const resource = z.object({ resource: z.unknown().optional(), scopeSpans: z.array(spansOfScope).default([]) })
/** Tempo: OTLP, `{ batches: [{ resource, scopeSpans: [{ spans: […] }] }] }`; newer ones have it inside `trace`, as `resourceSpans`. */
const tempo = z.object({ batches: z.array(resource).optional(), resourceSpans: z.array(resource).optional() })

/** Traces by `GET <url>/api/traces/<id>`, which Jaeger's query service and Tempo both answer. */
export class HttpTraces extends TracesReader {
  readonly #timeoutMs: number

  /** @param url what `/api/traces` hangs under */
  constructor(
    private readonly url: string,
    { timeoutMs = 5_000 }: { timeoutMs?: number } = {},
  ) {
    super()
    this.#timeoutMs = timeoutMs
  }

  async trace(id: string): Promise<string[] | undefined> {
    if (!/^[0-9a-f]{16,32}$/i.test(id)) throw new PortFailure('invalid', 'that is no id of a trace')
    const about = `trace ${id}`
    const { code, text } = await ask({
      url: new URL(`api/traces/${id}`, this.url.endsWith('/') ? this.url : `${this.url}/`),
      about,
      timeoutMs: this.#timeoutMs,
      mostBytes: MOST_TRACE_BYTES,
    })
    if (code === 404) return undefined
    if (code !== 200) throw new PortFailure(kindOfCode(code), `${about}: the traces answered ${code}`)
    const spans = textsOf(parsed(text))
    if (!spans) throw new PortFailure('invalid', `${about}: the answer is no trace, neither Jaeger's nor Tempo's`)
    return spans.length === 0 ? undefined : spans
  }
}

/** Each span as JSON; undefined for what is no trace, and for one that goes deeper than can be written down. */
function textsOf(answer: unknown): string[] | undefined {
  try {
    return spansIn(answer)?.map((span) => JSON.stringify(span))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function spansIn(answer: unknown): object[] | undefined {
  const ofJaeger = jaeger.safeParse(answer)
  if (ofJaeger.success) return ofJaeger.data.data.flatMap(({ spans }) => spans)
  const inside = z.object({ trace: z.unknown() }).safeParse(answer)
  const ofTempo = tempo.safeParse(inside.success && inside.data.trace ? inside.data.trace : answer)
  const batches = ofTempo.success ? (ofTempo.data.batches ?? ofTempo.data.resourceSpans) : undefined
  return batches?.flatMap(({ resource: of, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({ ...span, ...(of === undefined ? {} : { resource: of }) })),
    ),
  )
}
