import { z } from 'zod'
import { at, may, page, paging, who } from '../http/view.js'

const scope = z.string().min(3).max(200)

export const NewFreeze = z.strictObject({
  /** `service:api`, `pipeline:ingest`, `environment:prod`, `house:everything`, or targets: `deployment:prod/api`. */
  scopes: z.array(scope).max(500),
  reason: z.string().trim().min(1).max(2000),
  /** Reminds; a freeze never ends by itself. */
  review_by: z.iso.datetime().optional(),
  incident: z.string().max(100).optional(),
})

export const AskLift = z.strictObject({
  reason: z.string().trim().min(1).max(2000),
  /** Until when two others have to have approved it, and it is done: 24 hours from now if left out, a week at the most. */
  expires_at: z.iso.datetime().optional(),
})
export const DecideLift = z.strictObject({
  /** Of the lift that you read. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'),
  decision: z.enum(['yes', 'no']),
  note: z.string().max(2000).default(''),
})

/** The newest wish to lift a freeze, and what has become of it. */
export const LiftView = z
  .object({
    id: z.string(),
    /** `void`: another freeze was declared over its scopes since, so that it is not what people read any more. */
    state: z.enum(['asked', 'refused', 'expired', 'void', 'approved', 'lifting', 'lifted']),
    asked_by: who,
    asked_at: at,
    reason: z.string(),
    expires_at: at,
    epoch: z.int(),
    /** What is undone outside, in order. Nothing is enforced outside yet. */
    reversal: z.array(z.never()),
    /** What is approved: SHA-256 over freeze, epoch, reversal, reason, expiry and the id of this wish. */
    digest: z.string(),
    votes: z.array(z.object({ by: who, decision: z.enum(['yes', 'no']), note: z.string(), at })),
  })
  .meta({ id: 'Lift' })

export const FreezeView = z
  .object({
    id: z.string(),
    scopes: z.array(z.string()),
    reason: z.string(),
    by: who,
    at,
    review_by: at.nullable(),
    incident: z.string().nullable(),
    /** What the worker made of it outside. `enforcing`: the inside holds; nothing outside has been enforced yet. `lift-asked`: it holds, and people decide. */
    state: z.enum(['lift-asked', 'enforcing', 'enforced', 'partial', 'slipped', 'lifting', 'lifted']),
    lift: LiftView.nullable(),
    /** `approve` is deciding about the lift that somebody asked for. */
    may: z.object({ lift: may, approve: may }),
  })
  .meta({ id: 'Freeze' })
export const FreezePage = page(FreezeView, 'FreezePage')
export const FreezeQuery = z.strictObject(paging)

export const CheckQuery = z.strictObject({ target: scope })
/** For other tools, before they change something themselves: fail your build where `frozen` is true. */
export const FreezeCheck = z
  .object({
    target: z.string(),
    frozen: z.boolean(),
    code: z.enum(['frozen', 'halted']).nullable(),
    because: z.string().nullable(),
    by: z.string().nullable(),
  })
  .meta({ id: 'FreezeCheck' })

export const PressStop = z.strictObject({ reason: z.string().trim().min(1).max(2000) })
export const StopView = z
  .object({
    ...{ on: z.boolean(), by: who.nullable(), reason: z.string().nullable(), at: at.nullable() },
    may: z.object({ press: may, release: may }),
  })
  .meta({ id: 'Stop' })
