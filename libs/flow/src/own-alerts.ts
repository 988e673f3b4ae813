import { utf8 } from '@firebreak/audit-log'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import type { WriteBooks } from './ledger.js'
import type { Delivery } from './rows.js'

/** What the worker found out about Firebreak itself, told like a monitor would tell it (source `firebreak`). */
export interface OwnAlert {
  status: 'firing' | 'resolved'
  alertname: OwnAlertName
  /** `log:<origin>`, whose budget: `recipe:scale-api`, or which pass: `break-glass:<id>`. */
  target: string
  summary: string
  description: string
  /** When this episode began. RFC 3339 in UTC with milliseconds, as all our times. */
  starts_at: string
  ends_at: string | null
}

export const ownAlertNames = [
  'AuditLogSelfCheckFailed',
  'BudgetSpent',
  'BreakGlassUsed',
  'BreakGlassReviewOverdue',
] as const
export type OwnAlertName = (typeof ownAlertNames)[number]

/** The id of the source, and the only one under which the database lets a worker deliver. */
export const OWN_SOURCE = 'firebreak'

/** The log is one problem, whichever it is called; each budget and each pass is a problem of its own. */
export const ownFingerprint = (alertname: OwnAlertName, target = ''): string =>
  alertname === 'AuditLogSelfCheckFailed' ? `own-${alertname}` : `own-${alertname}-${target}`

/** The bytes of a delivery. */
export const ownDelivery = (alert: OwnAlert): Uint8Array => utf8(JSON.stringify({ v: 1, alerts: [alert] }))

/** Delivers it, as a monitor would: in a transaction that has locked the stream of this delivery. */
export async function ownDelivered(
  books: WriteBooks,
  me: Actor,
  id: string,
  alert: OwnAlert,
  received_at: string,
): Promise<void> {
  const body = ownDelivery(alert)
  const delivery: Delivery = {
    ...{ id, source: OWN_SOURCE, by: me.id, received_at, state: 'stored', body },
    ...{ received: 1, opened: 0, joined: 0, repeated: 0, resolved: 0, suppressed: 0, refused: 0 },
    faults: [],
  }
  await books.deliveries.add(delivery)
  const stream = `delivery:${id}`
  const detail = { source: OWN_SOURCE, received: 1, bytes: body.byteLength, truncated: 0 }
  books.audit.append(entry(me, stream, 'delivery.stored', stream, { outcome: 'ok', detail }))
}
