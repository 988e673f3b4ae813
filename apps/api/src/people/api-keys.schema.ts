import { z } from 'zod'
import { rights, type Right } from '../http/rights.js'
import { at, may, page, paging, who } from '../http/view.js'

/** What a key can be good for: every right that wants a sign-in. */
const scope = z.enum((Object.keys(rights) as Right[]).filter((right) => rights[right] !== 'anyone') as [Right])

export const ApiKeyView = z
  .object({
    id: z.string(),
    name: z.string(),
    /** How its secret begins. */
    prefix: z.string(),
    person: who,
    /** Rights that it is good for; null: whatever its person may. */
    scopes: z.array(z.string()).nullable(),
    state: z.enum(['good', 'expired', 'revoked']),
    created_at: at,
    expires_at: at.nullable(),
    /** Within a minute; null: never. */
    last_used: at.nullable(),
    revoked_at: at.nullable(),
    may: z.object({ revoke: may }),
  })
  .meta({ id: 'ApiKey' })
export const ApiKeyPage = page(ApiKeyView, 'ApiKeyPage')

/** The only answer that has the secret; null where an Idempotency-Key has it said again. */
export const MadeApiKey = z.object({ key: ApiKeyView, secret: z.string().nullable() }).meta({ id: 'MadeApiKey' })

export const NewApiKey = z.strictObject({
  name: z.string().trim().min(1).max(100),
  person: z.string().min(1).max(100).optional(),
  scopes: z.array(scope).min(1).max(100).optional(),
  days: z.int().min(1).max(365).default(90),
})

export const ApiKeyQuery = z.strictObject({
  /** Whose; left out: yours. */
  person: z.string().min(1).max(100).optional(),
  ...paging,
})
