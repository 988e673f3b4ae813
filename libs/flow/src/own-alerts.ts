import { utf8 } from '@firebreak/audit-log'

/** What the worker found out about Firebreak itself, told like a monitor would tell it (source `firebreak`). */
export interface OwnAlert {
  status: 'firing' | 'resolved'
  alertname: OwnAlertName
  /** `log:<origin>`. */
  target: string
  summary: string
  description: string
  /** When this episode began. RFC 3339 in UTC with milliseconds, as all our times. */
  starts_at: string
  ends_at: string | null
}

export const ownAlertNames = ['AuditLogSelfCheckFailed'] as const
export type OwnAlertName = (typeof ownAlertNames)[number]

/** The id of the source, and the only one under which the database lets a worker deliver. */
export const OWN_SOURCE = 'firebreak'

/** One problem of the house has one alert at a time, whichever log it is about. */
export const ownFingerprint = (alertname: OwnAlertName): string => `own-${alertname}`

/** The bytes of a delivery. */
export const ownDelivery = (alert: OwnAlert): Uint8Array => utf8(JSON.stringify({ v: 1, alerts: [alert] }))
