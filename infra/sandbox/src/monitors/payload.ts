/** One alert, from when it began to when it ended (wall time, RFC 3339). */
export interface Episode {
  startsAt: string
  endsAt?: string
}

const labels = { alertname: 'HighApiLatency', namespace: 'prod', service: 'api', severity: 'critical' }
const groupLabels = { alertname: labels.alertname, service: labels.service }

/** What Alertmanager writes for "not over". */
const NOT_OVER = '0001-01-01T00:00:00Z'

/** Alertmanager's webhook payload, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
export function payload({ startsAt, endsAt }: Episode, url: string): object {
  const status = endsAt === undefined ? 'firing' : 'resolved'
  const annotations = {
    summary: 'API latency is high',
    description: 'p95 of api is above 500 ms. Sent by the sandbox, a simulator.',
    runbook_url: 'runbook/high-api-latency.md',
  }
  const expression = encodeURIComponent('api_request_duration_p95_milliseconds{service="api"} > 500')
  return {
    version: '4',
    groupKey: `{}:{${Object.entries(groupLabels)
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ')}}`,
    truncatedAlerts: 0,
    status,
    receiver: 'firebreak',
    groupLabels,
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: `${url}/alertmanager`,
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt,
        endsAt: endsAt ?? NOT_OVER,
        generatorURL: `${url}/prometheus/graph?g0.expr=${expression}`,
        fingerprint: fingerprint(labels),
      },
    ],
  }
}

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
