import { z } from 'zod'
import { at, json, may, page, paging } from '../http/view.js'

/** Of a step over many: how many there are in each state, and those that a person has to know of, the first fifty. */
export const RunItemsView = z
  .object({
    count: z.int(),
    states: z.partialRecord(
      z.enum(['pending', 'intended', 'done', 'failed', 'unknown', 'undone', 'kept', 'skipped']),
      z.int(),
    ),
    named: z.array(
      z.object({ number: z.int(), state: z.enum(['failed', 'unknown', 'kept']), because: z.string().nullable() }),
    ),
  })
  .meta({ id: 'RunItems' })

export const RunStepView = z
  .object({
    id: z.string(),
    number: z.int(),
    verb: z.string(),
    says: z.string(),
    undo_says: z.string().nullable(),
    targets: z.array(z.string()),
    state: z.enum(['pending', 'intended', 'done', 'failed', 'unknown', 'undone', 'kept', 'skipped']),
    attempt: z.int(),
    intended_at: at.nullable(),
    ended_at: at.nullable(),
    before: json.nullable(),
    after: json.nullable(),
    because: z.string().nullable(),
    /** Null for a step that is one effect. */
    items: RunItemsView.nullable(),
  })
  .meta({ id: 'RunStep' })

const runState = z.enum([
  'queued',
  'running',
  'waiting',
  'verifying',
  'cancelling',
  'cancelled',
  'failed',
  'undoing',
  'undone',
  'succeeded',
  'frozen',
  'stale',
  'needs-a-person',
])

export const RunView = z
  .object({
    id: z.string(),
    plan: z.string(),
    plan_digest: z.string(),
    /** The standing approval under which it started by itself; null where people approved its plan. */
    standing: z.string().nullable(),
    incident: z.string().nullable(),
    recipe: z.object({ id: z.string(), title: z.string() }),
    state: runState,
    because: z.string().nullable(),
    verify: z.object({ within_s: z.int(), says: z.string() }),
    started_at: at,
    verifying_at: at.nullable(),
    /** Of a run that waits. */
    goes_on_at: at.nullable(),
    ended_at: at.nullable(),
    steps: z.array(RunStepView),
    loans: z.array(z.string()),
    /** The run that it takes back. */
    reverts: z.string().nullable(),
    /** The plans that were asked for to take it back, oldest first. */
    reverted_by: z.array(z.string()),
    /** `revert`: by a plan of its own, once it is over. */
    may: z.object({ cancel: may, resolve: may, revert: may }),
  })
  .meta({ id: 'Run' })
export const RunPage = page(RunView, 'RunPage')

export const LoanView = z
  .object({
    id: z.string(),
    state: z.enum(['out', 'returning', 'returned', 'overdue']),
    run: z.string(),
    target: z.string(),
    /** What giving it back does. */
    says: z.string(),
    out_at: at,
    until: at,
    /** For how long its plan lends it, and so the most that one renewal gives. */
    minutes: z.int(),
    returned_at: at.nullable(),
    because: z.string().nullable(),
    may: z.object({ return: may, renew: may }),
  })
  .meta({ id: 'Loan' })
export const LoanPage = page(LoanView, 'LoanPage')

export const ObservationView = z
  .object({ target: z.string(), value: json, at, age_ms: z.int() })
  .meta({ id: 'Observation' })
export const TargetPage = page(ObservationView, 'TargetPage')

export const RunQuery = z.strictObject({
  state: runState.optional(),
  recipe: z.string().max(100).optional(),
  incident: z.string().max(100).optional(),
  plan: z.string().max(100).optional(),
  ...paging,
})
export const CancelRun = z.strictObject({
  /** Takes back what the run changed so far; else it stays, and loans come back by their date. */
  undo: z.boolean().default(false),
  reason: z.string().trim().min(1).max(2000),
})
const reason = z.string().trim().min(1).max(2000)
/** What a person found where the worker could not tell. */
export const ResolveUnknown = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('in-place'), then: z.enum(['go-on', 'take-back']), reason }),
  z.strictObject({ verdict: z.literal('not-in-place'), reason }),
  z.strictObject({ verdict: z.literal('look-again'), reason }),
  z.strictObject({ verdict: z.literal('put-right'), reason }),
])
export const LoanQuery = z.strictObject({
  state: z.enum(['out', 'returning', 'returned', 'overdue']).optional(),
  run: z.string().max(100).optional(),
  ...paging,
})
/** For how long from now: at most as long as its plan lends it. */
export const RenewLoan = z.strictObject({
  minutes: z.int().min(1).max(525_600),
  reason: z.string().trim().min(1).max(2000),
})
export const ReturnLoan = z.strictObject({ reason: z.string().trim().min(1).max(2000) })
