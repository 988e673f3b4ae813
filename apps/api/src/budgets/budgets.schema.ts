import { z } from 'zod'
import { at, may, who } from '../http/view.js'

export const Rearm = z.strictObject({ reason: z.string().trim().min(1).max(2000) })

export const BudgetView = z
  .object({
    /** Whose: `recipe:scale-api`, `target:deployment:prod/api`, `service:api`. */
    id: z.string(),
    /** So many runs may start by themselves within so many minutes. */
    runs: z.int(),
    minutes: z.int(),
    /** Within them, and since it was last re-armed. */
    used: z.int(),
    state: z.enum(['armed', 'disarmed']),
    /** Since when it is spent, and the plan that found nothing left. */
    disarmed: z.object({ at, plan: z.string(), because: z.string() }).nullable(),
    /** The last time that somebody re-armed it. */
    rearmed: z.object({ by: who, at, reason: z.string() }).nullable(),
    may: z.object({ rearm: may }),
  })
  .meta({ id: 'Budget' })
export const BudgetList = z.object({ items: z.array(BudgetView) }).meta({ id: 'BudgetList' })
