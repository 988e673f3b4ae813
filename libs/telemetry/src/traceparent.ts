import type { SpanContext } from '@opentelemetry/api'

/** Version 00; a later one may have more behind it (W3C Trace Context, 3.2). */
const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const MOST = 200

/** The place in a trace that a `traceparent` names; undefined where it is none. Never throws: it comes from anybody. */
export function readTraceparent(text: unknown): SpanContext | undefined {
  if (typeof text !== 'string' || text.length > MOST) return undefined
  const [, version, traceId, spanId, flags, more] = FORM.exec(text) ?? []
  if (!version || !traceId || !spanId || !flags || version === 'ff') return undefined
  if ((version === '00' && more !== undefined) || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
}

/** The same as text, to be sent on. */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${(traceFlags & 1).toString(16).padStart(2, '0')}`
