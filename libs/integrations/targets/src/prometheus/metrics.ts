import {
  MetricsReader,
  momentsOf,
  MOST_MOMENTS,
  PortFailure,
  type Point,
  type PortFailureKind,
  type Span,
} from '@firebreak/kit'
import { z } from 'zod'

const LARGEST_ANSWER = 1_000_000

/**
 * The HTTP API's envelope, as far as it is used: https://prometheus.io/docs/prometheus/latest/querying/api/
 * A sample's value is a string, because JSON has no NaN and no infinity.
 */
const sample = z.tuple([z.number(), z.string()])
const failed = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() })
const answerWith = <Data extends z.ZodType>(data: Data) =>
  z.discriminatedUnion('status', [z.object({ status: z.literal('success'), data }), failed])
const instant = answerWith(
  z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: sample.optional() })) }),
    z.object({ resultType: z.literal('scalar'), result: sample }),
  ]),
)
const range = answerWith(
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ values: z.array(sample).max(MOST_MOMENTS).optional() })),
  }),
)

/** Asks a Prometheus for one number at a time, or for one over time. */
export class PrometheusMetrics extends MetricsReader {
  readonly #api: URL
  readonly #timeoutMs: number

  /** `baseUrl` is what `/api/v1/query` hangs under, such as `http://prometheus:9090`. */
  constructor(baseUrl: string, { timeoutMs }: { timeoutMs: number } = { timeoutMs: 5_000 }) {
    super()
    this.#api = new URL('api/v1/', baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
    this.#timeoutMs = timeoutMs
  }

  async value(query: string): Promise<number | undefined> {
    const data = await this.#ask('query', { query }, instant)
    if (data.resultType === 'scalar') return numberOf(data.result, query)
    const { result } = data
    if (result.length > 1)
      throw new PortFailure('invalid', `the query selects ${result.length} series, expected one: ${query}`)
    if (result[0] === undefined) return undefined
    if (!result[0].value) throw new PortFailure('invalid', `the query selects a native histogram: ${query}`)
    return numberOf(result[0].value, query)
  }

  async series(query: string, over: Span): Promise<Point[]> {
    const moments = momentsOf(over)
    if (moments.length === 0) return []
    const asked = { query, start: `${moments[0]}`, end: `${moments.at(-1)}`, step: `${over.stepSeconds}` }
    const { result } = await this.#ask('query_range', asked, range)
    const found = new Map<number, number | undefined>()
    for (const { values } of result) {
      if (!values) throw new PortFailure('invalid', `the query selects a native histogram: ${query}`)
      for (const [second, text] of values) {
        if (found.has(second)) throw new PortFailure('invalid', `the query selects several series at once: ${query}`)
        found.set(second, finite(text))
      }
    }
    return found.size === 0 ? [] : moments.map((second): Point => [second, found.get(second)])
  }

  async #ask<Data extends z.ZodType>(
    question: string,
    asked: Record<string, string> & { query: string },
    schema: ReturnType<typeof answerWith<Data>>,
  ): Promise<z.output<Data>> {
    const url = new URL(question, this.#api)
    for (const [name, value] of Object.entries({ ...asked, timeout: `${this.#timeoutMs}ms` }))
      url.searchParams.set(name, value)
    let response: Response
    let text: string
    try {
      response = await fetch(url, {
        headers: { accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(this.#timeoutMs),
      })
      text = await bounded(response)
    } catch (error) {
      throw transportFailure(error, asked.query)
    }
    const found = schema.safeParse(parsed(text))
    // A proxy in between answers in its own words: the code is all that can be trusted then.
    if (!found.success)
      throw new PortFailure(
        kindOfCode(response.status),
        `${asked.query}: answered ${response.status}, and not as Prometheus does`,
      )
    const answer = found.data as { status: 'success'; data: z.output<Data> } | z.output<typeof failed>
    if (answer.status === 'error') throw new PortFailure(kindOf(answer.errorType), `${asked.query}: ${answer.error}`)
    return answer.data
  }
}

/**
 * NaN is "there is nothing to compute it from" (`0/0`, a quantile of no requests): no value, and not zero.
 * An infinity is a value that no plan can hold, so nothing is decided on it.
 */
function numberOf([, text]: [number, string], query: string): number | undefined {
  if (text === 'NaN') return undefined
  const value = finite(text)
  if (value === undefined) throw new PortFailure('invalid', `${query}: ${text} is no finite number`)
  return value
}

const finite = (text: string): number | undefined => {
  const value = text.trim() === '' ? NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** https://github.com/prometheus/prometheus/blob/main/web/api/v1/api.go, the constants of `errorType`. */
function kindOf(errorType: string): PortFailureKind {
  if (errorType === 'timeout' || errorType === 'canceled') return 'timeout'
  if (errorType === 'unavailable' || errorType === 'internal') return 'unreachable'
  return errorType === 'not_found' ? 'not-found' : 'invalid'
}

function kindOfCode(code: number): PortFailureKind {
  if (code === 401 || code === 403) return 'forbidden'
  if (code === 404) return 'not-found'
  if (code === 429) return 'throttled'
  return code >= 500 ? 'unreachable' : 'invalid'
}

function transportFailure(error: unknown, query: string): PortFailure {
  if (error instanceof PortFailure) return error
  if (error instanceof Error && error.name === 'TimeoutError')
    return new PortFailure('timeout', `${query}: no answer in time`)
  const cause = error instanceof Error ? error.cause : undefined
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection failed'
  return new PortFailure('unreachable', `${query}: ${why}`)
}

/** Reads a body of bounded size: one number does not take a megabyte, and a hostile answer would take all memory. */
async function bounded({ body }: Response): Promise<string> {
  let size = 0
  const chunks: Uint8Array[] = []
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > LARGEST_ANSWER) throw new PortFailure('invalid', `the answer is larger than ${LARGEST_ANSWER} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
