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

export const FreezeView = z
  .object({
    id: z.string(),
    scopes: z.array(z.string()),
    reason: z.string(),
    by: who,
    at,
    review_by: at.nullable(),
    incident: z.string().nullable(),
    /** What the worker made of it outside. `enforcing`: the inside holds; nothing outside has been enforced yet. */
    state: z.enum(['enforcing', 'enforced', 'partial', 'slipped', 'lifting', 'lifted']),
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
