import { metricsContract } from '@firebreak/kit/testing'
import { describe, test } from 'vitest'
import { PrometheusMetrics } from './metrics.js'

/** The same contract on a real Prometheus, with queries that need no data. It only reads. */
const { PROMETHEUS_URL: url, FIREBREAK_TEST_REAL: meant } = process.env

if (url && meant === '1') {
  metricsContract('the Prometheus adapter on PROMETHEUS_URL', async () => ({
    metrics: new PrometheusMetrics(url),
    one: 'vector(42)',
    value: 42,
    gaps: {
      query: 'vector(7) and on() (vector(time()) % 30 < 15)',
      over: { from: new Date(1_700_000_010_000), until: new Date(1_700_000_100_000), stepSeconds: 15 },
    },
    none: 'vector(1) > 2',
    several: 'vector(1) or label_replace(vector(2), "other", "yes", "", "")',
    nonsense: 'rate(',
  }))
} else {
  const why = url ? 'FIREBREAK_TEST_REAL is not 1' : 'PROMETHEUS_URL is not set'
  describe.skip('the Prometheus adapter on a real Prometheus', () => {
    test(`skipped: ${why}`, () => undefined)
  })
  console.info(`skipped: the metrics contract on a real Prometheus: ${why}`)
}
