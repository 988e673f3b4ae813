import { createContext, useContext } from 'react'
import type { Stream } from '../api/stream.js'
import { freshness } from '../api/stream.js'
import { useUnanswered } from '../api/reach.js'
import type { May } from '../api/view.js'
import { useNow } from './now.js'
import { span } from './time.js'

/** The stream of the signed-in page. */
export const Live = createContext<Stream | null>(null)

/** Milliseconds since the server was last heard, told every second. */
export function useSilence(): number {
  const stream = useContext(Live)
  useNow()
  return stream?.silence() ?? 0
}

/** Why nothing may be armed on what is shown: it may be old. */
export function useStale(): string | null {
  const silent = useSilence()
  if (useUnanswered() !== null) return 'The API does not answer. It can be armed again as soon as that does.'
  return freshness(silent) === 'stale'
    ? `What is shown is ${span(silent)} old: the line to the server is silent. It can be armed again as soon as that is live.`
    : null
}

/** A right, for as long as somebody hears it: while the API is away nothing is asked for, and nothing waits to be. */
export function useHeard(): (may: May) => May {
  const silent = useUnanswered() !== null
  return (may) => (may.ok && silent ? { ok: false, code: 'no-answer', reason: 'The API does not answer.' } : may)
}
