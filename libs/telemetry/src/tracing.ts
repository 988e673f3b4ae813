import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type SpanContext, type Tracer } from '@opentelemetry/api'
import { current, within } from './context.js'
import { masked } from './secrets.js'

/** What a span may say: ids, names that the house gave, numbers. Never a text that a person wrote, never an argument. */
export type Facts = Readonly<Record<string, string | number | undefined>>

export interface SpanOptions {
  kind?: 'internal' | 'server' | 'client' | 'consumer'
  /** What it goes on from; what is going on now when left out. */
  parent?: SpanContext | undefined
  /** What else belongs to it, of another trace perhaps. */
  link?: SpanContext | undefined
  facts?: Facts
}

/** Takes more facts in while the work is under way. `outcome: 'failed'` or `'unknown'` makes it a span that failed. */
export type Learn = (facts: Facts) => void

/** A span that was begun; whoever began it ends it. */
export interface Begun {
  /** Its place in the trace; undefined where nothing is traced. */
  span: SpanContext | undefined
  learn: Learn
  /** `error`: what it ended by. */
  end: (error?: unknown) => void
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const

/** What is begun where nothing is traced. */
export const nothing: Begun = { span: undefined, learn: () => undefined, end: () => undefined }
const FAILED = new Set<unknown>(['failed', 'unknown'])
const LONGEST = 200

/** Makes the spans of a process. Without a tracer each piece of work is done as it is, and nothing is made of it. */
export class Tracing {
  constructor(
    private readonly tracer?: Tracer,
    private readonly closing: () => Promise<void> = () => Promise.resolve(),
  ) {}

  get on(): boolean {
    return this.tracer !== undefined
  }

  begin(name: string, { kind = 'internal', parent = current().span, link, facts = {} }: SpanOptions): Begun {
    if (!this.tracer) return nothing
    const span = this.tracer.startSpan(
      name,
      { kind: KINDS[kind], attributes: attributesOf(facts), links: link ? [{ context: link }] : [] },
      parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
    )
    return {
      span: span.spanContext(),
      learn: (more) => {
        span.setAttributes(attributesOf(more))
        if (FAILED.has(more['outcome'])) span.setStatus({ code: SpanStatusCode.ERROR })
      },
      end: (error) => {
        // Its kind alone: messages quote what they were about.
        if (error !== undefined)
          span.setAttribute('error.type', error instanceof Error ? error.name : typeof error).setStatus({ code: SpanStatusCode.ERROR }) // prettier-ignore
        span.end()
      },
    }
  }

  /** Does the work within a span; all that it does knows of it (`current().span`). What it throws makes the span one that failed. */
  async during<T>(name: string, options: SpanOptions, work: (learn: Learn) => Promise<T>): Promise<T> {
    const { span, learn, end } = this.begin(name, options)
    if (!span) return work(learn)
    try {
      const done = await within({ span }, () => work(learn))
      end()
      return done
    } catch (error) {
      end(error)
      throw error
    }
  }

  /** Sends what is left, as far as somebody listens. */
  close(): Promise<void> {
    return this.closing()
  }
}

const attributesOf = (facts: Facts): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(facts).flatMap(
      ([name, value]) =>
      value === undefined
        ? []
        : [[name.includes('.') ? name : `firebreak.${name}`, typeof value === 'string' ? masked(value).slice(0, LONGEST) : value]], // prettier-ignore
    ),
  )
