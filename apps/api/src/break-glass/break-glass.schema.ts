import { LONGEST_MINUTES } from '@firebreak/flow'
import { z } from 'zod'
import { at, may, page, paging, who } from '../http/view.js'

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits')
const said = z.string().trim().min(1).max(2000)

export const NewBreakGlass = z.strictObject({
  plan: z.string().min(1).max(100),
  /** Of the plan that you read. */
  digest,
  /** The one thing that it passes: a freeze, by its id, or `approval`: one yes that is missing. */
  over: z.union([z.literal('approval'), z.strictObject({ freeze: z.string().min(1).max(100) })]),
  /** For how long it holds from when it is granted. */
  minutes: z.int().min(1).max(LONGEST_MINUTES).default(LONGEST_MINUTES),
  reason: said,
})

export const DecideBreakGlass = z.strictObject({
  /** Of the plan that you read. */
  digest,
  decision: z.enum(['yes', 'no']),
  note: z.string().max(2000).default(''),
  /** For a yes that stands for one to a plan with `to_type`: exactly that. */
  typed: z.string().max(500).optional(),
})

export const ReviewBreakGlass = z.strictObject({
  verdict: z.enum(['justified', 'not-justified']),
  note: said,
})

export const BreakGlassView = z
  .object({
    id: z.string(),
    /** `expired`: nobody decided, or no run used it, in time. `overdue`: used, and nobody has reviewed it in a day. */
    state: z.enum(['asked', 'granted', 'refused', 'expired', 'used', 'reviewed', 'overdue']),
    plan: z.string(),
    digest: z.string(),
    incident: z.string().nullable(),
    over: z.enum(['freeze', 'approval']),
    freeze: z.string().nullable(),
    minutes: z.int(),
    reason: z.string(),
    by: who,
    at,
    /** Until when somebody may decide. */
    open_until: at,
    decision: z
      .object({
        by: who,
        decision: z.enum(['granted', 'refused']),
        /** `on-call-lead`: too few hold the role of Security, and who acknowledged the incident themselves stood in. */
        voice: z.enum(['security', 'on-call-lead']),
        note: z.string(),
        at,
      })
      .nullable(),
    /** Until when it holds, once it is granted. */
    expires_at: at.nullable(),
    /** The run that used it. */
    use: z.object({ run: z.string(), at, review_by: at }).nullable(),
    review: z
      .object({ by: who, verdict: z.enum(['justified', 'not-justified']), note: z.string(), at, late: z.boolean() })
      .nullable(),
    /** What a yes has to bring along as `typed`. */
    to_type: z.string().nullable(),
    may: z.object({ decide: may, review: may }),
  })
  .meta({ id: 'BreakGlass' })
export const BreakGlassCheck = z
  .object({
    plan: z.string(),
    /** Of the plan as it stands now: what a wish names. */
    digest: z.string().nullable(),
    /** The freezes that hold it, oldest first, without one that a pass goes over. A pass goes over one of them. */
    freezes: z.array(z.object({ id: z.string(), scopes: z.array(z.string()), reason: z.string(), by: who, at })),
    /** Whether a yes is missing that a pass could stand for. */
    approval_missing: z.boolean(),
    /** Who could grant it: others of Security, and who acknowledged the incident themselves, where those are too few. */
    granters: z.object({ security: z.array(who), lead: who.nullable() }),
  })
  .meta({ id: 'BreakGlassCheck' })
export const CheckBreakGlass = z.strictObject({ plan: z.string().min(1).max(100) })
export const BreakGlassPage = page(BreakGlassView, 'BreakGlassPage')
export const BreakGlassQuery = z.strictObject({
  plan: z.string().max(100).optional(),
  incident: z.string().max(100).optional(),
  ...paging,
})
