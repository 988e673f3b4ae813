import type { SpanContext } from '@opentelemetry/api'
import { AsyncLocalStorage } from 'node:async_hooks'
import { readTraceparent, traceparentOf } from './traceparent.js'

/** On whose account something is being done now, and for what: it stands in each line, entry, job and span. */
export interface Context {
  request_id?: string
  actor?: string
  incident?: string
  plan?: string
  run?: string
  loan?: string
  export?: string
  /** The place in the trace. */
  span?: SpanContext
}

const storage = new AsyncLocalStorage<Context>()

/** What is known of what is going on now; empty outside of everything. */
export const current = (): Readonly<Context> => storage.getStore() ?? {}

/** Does something with more known of it. */
export const within = <T>(more: Context, work: () => T): T => storage.run({ ...storage.getStore(), ...more }, work)

/** Does something on this account, which `learn` adds to: a request finds out by and by who it is from. */
export const enter = <T>(context: Context, work: () => T): T => storage.run(context, work)

/** Tells more of what is going on already: who it is that asks. Outside of everything it is nobody's. */
export function learn(more: Context): void {
  const now = storage.getStore()
  if (now) Object.assign(now, more)
}

/** What is known now, to be known again by work that is done later or for several at once. */
export const bound = (): (<T>(work: () => T) => T) => AsyncLocalStorage.snapshot()

/** As it stands in an entry of the log. */
export function correlation(): { request_id?: string; trace_id?: string } {
  const { request_id, span } = current()
  return { ...(request_id === undefined ? {} : { request_id }), ...(span ? { trace_id: span.traceId } : {}) }
}

/** What a request's id may be when somebody else made it: it goes into logs and into the audit log. */
const REQUEST_ID = /^[\w.:-]{8,100}$/

export const isRequestId = (text: unknown): text is string => typeof text === 'string' && REQUEST_ID.test(text)

/** As it goes into a job beside its id. */
export function carried(): { request_id?: string; traceparent?: string } {
  const { request_id, span } = current()
  return { ...(request_id === undefined ? {} : { request_id }), ...(span ? { traceparent: traceparentOf(span) } : {}) }
}

/** What a job carried. Redis is outside: what is not well formed is as if it were not there. */
export function received(job: { request_id?: unknown; traceparent?: unknown }): Context {
  const span = readTraceparent(job.traceparent)
  return { ...(isRequestId(job.request_id) ? { request_id: job.request_id } : {}), ...(span ? { span } : {}) }
}
