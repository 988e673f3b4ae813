/*
 * What Firebreak found out about itself. The worker stores such a delivery in the record (the database lets it deliver under
 * this source and no other), and the API's sweep sorts it in like everybody's. Nobody can send one over HTTP.
 *
 * {
 *   "v": 1,
 *   "alerts": [
 *     {
 *       "status": "firing",
 *       "alertname": "AuditLogSelfCheckFailed",
 *       "target": "log:firebreak.local/log",
 *       "summary": "The audit log does not pass its check",
 *       "description": "The log is tampered at entry 41 (check \"leaf\"): entry 41 is not the one that the log holds.",
 *       "starts_at": "2026-11-24T03:00:01.250Z",
 *       "ends_at": null
 *     }
 *   ]
 * }
 *
 * Who may be lying: a hijacked worker, which can tell a problem that there is none of, or that one is over. Its entry says
 * who told it. The texts quote what a check read in the log, which may be anything: they are shown, and matched to nothing.
 */
import {
  OWN_SOURCE,
  ownAlertNames,
  ownFingerprint,
  type AlertSource,
  type IncomingAlert,
  type Parsed,
} from '@firebreak/flow'
import { z } from 'zod'
import { faultsOf, words } from '../faults.js'

const text = (longest: number) =>
  z
    .string()
    .max(longest, `expected at most ${longest} characters`)
    .transform((value) => value.replace(/\0|\p{Surrogate}/gu, '\uFFFD'))

const time = z.iso.datetime({ precision: 3, error: 'expected a time in UTC with milliseconds' })

const alert = z
  .strictObject({
    status: z.enum(['firing', 'resolved'], 'expected firing or resolved'),
    alertname: z.enum(ownAlertNames, `expected one of ${ownAlertNames.join(', ')}`),
    target: z
      .string()
      .regex(
        /^(?:log|recipe|target|service|break-glass):[\x21-\x7e]{1,200}$/,
        'expected log:<origin>, whose budget, or break-glass:<id>',
      ),
    summary: text(300),
    description: text(8_000),
    starts_at: time,
    ends_at: time.nullable(),
  })
  .transform(({ alertname, target, summary, description, ...rest }): IncomingAlert => ({
    ...rest,
    fingerprint: ownFingerprint(alertname, target),
    // No label severity: how bad it is, is the house's to say by the name, and SEV1 where it says nothing.
    labels: { alertname, target },
    annotations: { summary, description },
    generator_url: null,
  }))

const payload = z.strictObject({
  v: z.literal(1, 'expected 1'),
  alerts: z.array(alert).min(1, 'expected an alert').max(100, 'expected at most 100 alerts'),
})

export const firebreak = {
  id: OWN_SOURCE,
  own: true,

  parse(body: unknown): Parsed {
    const { data, error } = payload.safeParse(body, { error: words })
    return data ? { alerts: data.alerts } : { faults: faultsOf(error) }
  },
} satisfies AlertSource
