import { BUCKETS, type Service } from '../world/service.js'

/** One number with its labels, at one moment. */
export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface Family {
  name: string
  type: 'gauge' | 'counter' | 'histogram'
  help: string
  samples: Sample[]
}

/** Everything that the sandbox measures. */
export function families(service: Service, replicas: { replicas: number; ready: number }): Family[] {
  const gauge = (name: string, labels: Record<string, string>, value: number, help: string): Family => ({
    name,
    type: 'gauge',
    help,
    samples: [{ name, labels, value }],
  })
  const api = { service: 'api' }
  return [
    gauge('firebreak_sandbox_info', { simulator: 'true' }, 1, 'These figures come from a simulator.'),
    latencies(service),
    gauge('api_request_duration_p95_milliseconds', api, Math.round(service.p95Ms), 'p95 of the last seconds.'),
    gauge('api_requests_per_second', api, service.requestsPerSecond, 'Requests that arrive.'),
    gauge(
      'api_utilisation_percent',
      api,
      Math.round(Math.min(service.utilisation, 100) * 100),
      'Of what ready replicas can do.',
    ),
    gauge('api_replicas_wanted', api, replicas.replicas, 'Replicas asked for.'),
    gauge('api_replicas_ready', api, replicas.ready, 'Replicas ready.'),
    gauge('queue_depth', { queue: 'batch' }, service.queueDepth, 'Jobs that wait downstream.'),
  ]
}

function latencies({ buckets, sumSeconds }: Service): Family {
  const name = 'http_request_duration_seconds'
  const labels = { service: 'api' }
  let count = 0
  const cumulative = buckets.map((requests, at) => {
    count += requests
    return { name: `${name}_bucket`, labels: { ...labels, le: String(BUCKETS[at] ?? '+Inf') }, value: count }
  })
  const totals = [
    { name: `${name}_sum`, labels, value: sumSeconds },
    { name: `${name}_count`, labels, value: count },
  ]
  return { name, type: 'histogram', help: 'Latency of requests to api.', samples: [...cumulative, ...totals] }
}

export const samplesOf = (measured: readonly Family[]): Sample[] => measured.flatMap(({ samples }) => samples)

/** Prometheus' text format, version 0.0.4. */
export const exposition = (of: readonly Family[]): string =>
  of
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map((sample) => `${sample.name}${labelled(sample.labels)} ${sample.value}`),
    ])
    .join('\n')
    .concat('\n')

const labelled = (labels: Record<string, string>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`
