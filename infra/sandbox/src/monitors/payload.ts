import type { Alert } from './prometheus.js'
import type { Route } from './route.js'

/** What Alertmanager writes for "not over". */
const NOT_OVER = '0001-01-01T00:00:00Z'

/**
 * Alertmanager's webhook payload, version 4, for the alerts of one group:
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export function payload(alerts: readonly Alert[], { receiver, groupBy }: Route, url: string): object {
  const [first] = alerts
  const groupLabels = first ? only(first.labels, groupBy) : {}
  return {
    version: '4',
    groupKey: groupKey(groupLabels),
    truncatedAlerts: 0,
    status: alerts.some(({ endsAt }) => endsAt === undefined) ? 'firing' : 'resolved',
    receiver,
    groupLabels,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: `${url}/alertmanager`,
    alerts: alerts.map(({ fingerprint, labels, annotations, expr, startsAt, endsAt }) => ({
      status: endsAt === undefined ? 'firing' : 'resolved',
      labels,
      annotations,
      startsAt,
      endsAt: endsAt ?? NOT_OVER,
      generatorURL: `${url}/prometheus/graph?g0.expr=${encodeURIComponent(expr)}`,
      fingerprint,
    })),
  }
}

export const groupKey = (labels: Record<string, string>): string =>
  `{}:{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}}`

/** The labels with these names, in the order of names. */
export const only = (labels: Record<string, string>, names: readonly string[]): Record<string, string> =>
  Object.fromEntries([...names].sort().flatMap((name) => (name in labels ? [[name, labels[name]!]] : [])))

const common = ([first = {}, ...others]: Record<string, string>[]): Record<string, string> =>
  Object.fromEntries(Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)))

/** FNV-1a, 64 bits, over the sorted labels with 0xff after each name and value: as Alertmanager names an alert. */
export function fingerprint(labels: Record<string, string>): string {
  const bytes = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => [...Buffer.from(name), 0xff, ...Buffer.from(value), 0xff])
  const hash = bytes.reduce(
    (sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n),
    0xcbf29ce484222325n,
  )
  return hash.toString(16).padStart(16, '0')
}
