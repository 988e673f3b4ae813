import { z } from 'zod'
import { at, may, page, paging, who } from '../http/view.js'

const range = z
  .strictObject({ at_least: z.int().optional(), at_most: z.int().optional() })
  .refine(({ at_least = -Infinity, at_most = Infinity }) => at_least <= at_most, 'at_least is above at_most')

/** How far it goes: `{ "steps": 1, "runs": { "most": 3, "minutes": 60 }, "after": { "replicas": { "at_least": 2, "at_most": 6 } } }`. */
export const BoundsView = z
  .strictObject({
    /** The most steps of a plan. */
    steps: z.int().min(1).max(1000),
    /** Its budget: the most runs that start under it within so many minutes; what comes then waits for people, or for time. */
    runs: z.strictObject({ most: z.int().min(1).max(1000), minutes: z.int().min(10).max(10_080) }),
    /** The range of each number that a step may set, by its name in `after`; one that is not here may not be set. */
    after: z.record(z.string().regex(/^[\w.:/@-]{1,200}$/), range),
  })
  .meta({ id: 'Bounds' })

export const StandingApprovalView = z
  .object({
    id: z.string(),
    /** `expired` when its time is over, `outdated` when the recipe is another one by now: nothing starts under either. */
    state: z.enum(['given', 'revoked', 'expired', 'outdated']),
    recipe: z.object({ id: z.string(), title: z.string(), version: z.int(), digest: z.string() }),
    targets: z.array(z.string()),
    bounds: BoundsView,
    by: who,
    reason: z.string(),
    at,
    expires_at: at,
    revoked: z.object({ by: who, at, reason: z.string() }).nullable(),
    /** How many runs started under it. */
    runs: z.int(),
    may: z.object({ revoke: may }),
  })
  .meta({ id: 'StandingApproval' })
export const StandingApprovalPage = page(StandingApprovalView, 'StandingApprovalPage')
export const StandingApprovalQuery = z.strictObject({ recipe: z.string().max(100).optional(), ...paging })

export const NewStandingApproval = z.strictObject({
  recipe: z.string().min(1).max(100),
  /** Of the recipe that was read. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'),
  targets: z.array(z.string().regex(/^[a-z]+:[!-~]{1,180}$/, 'expected kind:name')).max(500),
  bounds: BoundsView,
  expires_at: z.iso.datetime(),
  reason: z.string().trim().min(1).max(2000),
})
export const RevokeStandingApproval = z.strictObject({ reason: z.string().trim().min(1).max(2000) })
