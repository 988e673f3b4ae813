import type { LedgerOptions } from '@firebreak/store'
import type { Log } from '@firebreak/telemetry'

const WORSE = new Set(['failed', 'unknown'])

/** Whatever the worker did stands in the log of the house; who operates it reads the same as lines. */
export const told =
  (log: Log): NonNullable<LedgerOptions['committed']> =>
  (entries) => {
    for (const { type, about, stream, outcome, target, request_id, trace_id } of entries) {
      const facts = { about, ...(stream === about ? {} : { stream }), target, outcome, request_id, trace_id }
      log[outcome !== undefined && WORSE.has(outcome) ? 'warn' : 'info'](type, facts)
    }
  }
