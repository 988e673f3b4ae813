import { z } from 'zod'
import { at, paging } from '../http/view.js'

export const AlertQuery = z.strictObject({
  state: z.enum(['firing', 'resolved']).optional(),
  incident: z.string().max(100).optional(),
  ...paging,
})

const counts = {
  received: z.int(),
  opened: z.int(),
  joined: z.int(),
  repeated: z.int(),
  resolved: z.int(),
}

/** What became of one delivery, counted in alerts. */
export const DeliveryView = z.object({ delivery: z.string(), ...counts }).meta({ id: 'Delivery' })

/** received = pending + opened + joined + repeated + resolved + suppressed + refused; an unreadable delivery counts one. */
export const LedgerLine = z
  .object({
    source: z.string(),
    deliveries: z.int(),
    ...counts,
    pending: z.int(),
    suppressed: z.int(),
    refused: z.int(),
    adds_up: z.boolean(),
    newest_at: at.nullable(),
  })
  .meta({ id: 'LedgerLine' })
export const AlertLedger = z.object({ items: z.array(LedgerLine), adds_up: z.boolean() }).meta({ id: 'AlertLedger' })
