import { z } from 'zod'
import { at, may, page, paging, who } from '../http/view.js'

const reason = z.string().trim().min(1).max(2000)

export const NewQuietWindow = z.strictObject({
  /** As those of a freeze: `service:api`, `pipeline:ingest`, `environment:prod`, `house:everything`, or targets. */
  scopes: z.array(z.string().min(3).max(200)).max(500),
  /** Left out: now. */
  starts_at: z.iso.datetime().optional(),
  ends_at: z.iso.datetime(),
  reason,
})
export const CancelQuietWindow = z.strictObject({ reason })

export const QuietWindowView = z
  .object({
    id: z.string(),
    scopes: z.array(z.string()),
    reason: z.string(),
    by: who,
    at,
    starts_at: at,
    ends_at: at,
    /** By the clock: one that is open ends by itself. */
    state: z.enum(['planned', 'open', 'over', 'cancelled']),
    cancelled: z.object({ by: who, at, reason: z.string() }).nullable(),
    may: z.object({ cancel: may }),
  })
  .meta({ id: 'QuietWindow' })
export const QuietWindowPage = page(QuietWindowView, 'QuietWindowPage')
export const QuietWindowQuery = z.strictObject(paging)
