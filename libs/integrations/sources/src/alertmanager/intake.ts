/*
 * Prometheus Alertmanager, webhook of version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 * A receiver `webhook_configs: [{ url: …/v1/alerts/alertmanager, http_config: { authorization: … } }]` sends this:
 *
 * {
 *   "receiver": "firebreak",
 *   "status": "firing",
 *   "alerts": [
 *     {
 *       "status": "firing",
 *       "labels": {
 *         "alertname": "HighApiLatency",
 *         "environment": "prod",
 *         "instance": "api-7c9d5f6b8-x2x7k:8080",
 *         "job": "api",
 *         "service": "api",
 *         "severity": "critical"
 *       },
 *       "annotations": {
 *         "description": "p95 of api is 912 ms for 5 minutes (threshold 500 ms).",
 *         "runbook_url": "https://github.com/example/runbook/blob/main/high-api-latency.md",
 *         "summary": "API latency is high"
 *       },
 *       "startsAt": "2026-11-23T10:02:11.737Z",
 *       "endsAt": "0001-01-01T00:00:00Z",
 *       "generatorURL": "http://prometheus.example:9090/graph?g0.expr=api_request_duration_p95_milliseconds+%3E+500&g0.tab=1",
 *       "fingerprint": "9a7c1b4f2e6d8035"
 *     }
 *   ],
 *   "groupLabels": { "alertname": "HighApiLatency" },
 *   "commonLabels": { "alertname": "HighApiLatency", "environment": "prod", "job": "api", "service": "api", "severity": "critical" },
 *   "commonAnnotations": { "summary": "API latency is high" },
 *   "externalURL": "http://alertmanager.example:9093",
 *   "version": "4",
 *   "groupKey": "{}:{alertname=\"HighApiLatency\"}",
 *   "truncatedAlerts": 0
 * }
 *
 * Who may be lying: everybody who holds the receiver's key, and everybody who can get a series into the Prometheus
 * behind it. A pod that chooses its own label values chooses what stands here. So every text is only shown and
 * matched; a service is looked up in the house, never built from a label; times are the sender's clock; a link is kept
 * only if a browser may follow it. The group's own status and its common labels are repetitions, and are not read.
 */
import type { AlertSource, IncomingAlert, Parsed } from '@firebreak/flow'
import { z } from 'zod'
import { faultsOf, words } from '../faults.js'

const MOST_ALERTS = 10_000
/** Of labels, and of annotations, on one alert. */
const MOST_NAMES = 128
const LONGEST_LABEL = 4_096
const LONGEST_ANNOTATION = 32_768
const LONGEST_LINK = 8_192

/** Prometheus 3 lets a name be any UTF-8. What is none is refused, for mended it could become another one's. */
const NAME = /^[^\p{Control}\p{Surrogate}]{1,256}$/u

/** What is stored and signed must be text to Postgres and to canonical JSON: no NUL, no half of a surrogate pair. */
const notText = /\0|\p{Surrogate}/gu

const name = z.string().regex(NAME, 'expected names of 1 to 256 printable characters')

const mended = (value: string) => value.replace(notText, '\uFFFD')

/** A label is part of what the alert is: cut, it would be another one. */
const label = z.string().max(LONGEST_LABEL, `expected at most ${LONGEST_LABEL} characters`).transform(mended)

/** A log pasted into an annotation may be of any length and hold any byte: refusing it would lose the alert. */
const annotation = z
  .string()
  .transform((value) =>
    value.length <= LONGEST_ANNOTATION ? mended(value) : `${mended(value.slice(0, LONGEST_ANNOTATION - 1))}…`,
  )

const texts = (value: z.ZodType<string>) =>
  z
    .unknown()
    // As a label set without one of its labels would be another alert, and Zod leaves this key out without a word.
    .refine((given) => !isObject(given) || !Object.hasOwn(given, '__proto__'), 'the name __proto__ cannot be used')
    .pipe(z.record(name, value))
    .refine((value) => Object.keys(value).length <= MOST_NAMES, `expected at most ${MOST_NAMES} names`)

const isObject = (value: unknown) => typeof value === 'object' && value !== null

/** Go's zero time, for "has not ended", is the year 1; a year beyond 9999 is no RFC 3339 time in UTC any more. */
const EPOCH = 0
const END_OF_TIME = Date.UTC(9999, 11, 31)

const time = z.iso
  .datetime({ offset: true, error: 'expected a time as RFC 3339 has it' })
  .transform((value) => Date.parse(value))
  .refine((at) => at < END_OF_TIME, 'expected a time before the year 9999')

const utc = (at: number) => new Date(at).toISOString()

const alert = z
  .object({
    status: z.enum(['firing', 'resolved'], 'expected firing or resolved'),
    labels: texts(label),
    annotations: texts(annotation),
    startsAt: time.refine((at) => at > EPOCH, 'expected a time after 1970'),
    endsAt: time,
    generatorURL: z.unknown(),
    fingerprint: z.string().regex(/^[\x21-\x7e]{1,128}$/, 'expected 1 to 128 printable characters'),
  })
  .transform(({ status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint }): IncomingAlert => ({
    fingerprint,
    status,
    labels,
    annotations,
    starts_at: utc(startsAt),
    // On a firing alert `endsAt` is only when Alertmanager would give up waiting for news.
    ends_at: status === 'resolved' && endsAt > EPOCH ? utc(endsAt) : null,
    generator_url: link(generatorURL),
  }))

const payload = z.object({
  version: z.literal('4', 'expected "4", the version of the webhook that is read here'),
  truncatedAlerts: z.int().min(0, 'expected a whole number from 0').default(0),
  alerts: z.array(alert).max(MOST_ALERTS, `expected at most ${MOST_ALERTS} alerts; set max_alerts in the receiver`),
})

/** A screen makes a link of this: `javascript:` and friends, and names with passwords, are dropped, the alert is kept. */
function link(url: unknown): string | null {
  const followed = /^https?:\/\/[^\s\\/?#@]+([/?#][\x21-\x7e]*)?$/i
  return typeof url === 'string' && url.length <= LONGEST_LINK && followed.test(url) ? url : null
}

export const alertmanager = {
  id: 'alertmanager',

  /** `truncated`: alerts that the receiver's `max_alerts` left out. They fire, and nobody has told us which. */
  parse(body: unknown): Parsed & { truncated?: number } {
    const { data, error } = payload.safeParse(body, { error: words })
    return data ? { alerts: data.alerts, truncated: data.truncatedAlerts } : { faults: faultsOf(error) }
  },
} satisfies AlertSource
