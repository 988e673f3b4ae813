import { expect, test } from 'vitest'
import { dice } from '../dice.js'
import { Service } from '../world/service.js'
import { exposition, families } from './metrics.js'
import { fingerprint } from './payload.js'
import { query } from './query.js'
import { evaluate, type RuleState } from './rule.js'

const service = new Service({ ready: 2, slow: false, noHelp: false }, dice(1))
for (let step = 0; step < 100; step++) service.step(50, { ready: 2, slow: false, noHelp: false })
const measured = families(service, { replicas: 2, ready: 2 })
const samples = measured.flatMap(({ samples }) => samples)
const selected = (text: string) => {
  const answer = query(text, samples, 1_000)
  return answer.code === 200 ? answer.body.data.result : answer.body
}

test('a fingerprint is what Alertmanager computes', () => {
  // The two vectors of prometheus/common, model/signature_test.go.
  expect(fingerprint({})).toBe(14695981039346656037n.toString(16))
  expect(fingerprint({ name: 'garland, briggs', fear: 'love is not enough' })).toBe(
    5799056148416392346n.toString(16).padStart(16, '0'),
  )
})

test('a rule fires when it lasts, and is over when that lasts', () => {
  const lived: [high: boolean, now: number, is: RuleState['is']][] = [
    [false, 0, 'inactive'],
    [true, 1_000, 'pending'],
    [false, 2_000, 'inactive'],
    [true, 3_000, 'pending'],
    [true, 4_999, 'pending'],
    [true, 5_000, 'firing'],
    [false, 6_000, 'firing'],
    [true, 7_000, 'firing'],
    [false, 8_000, 'firing'],
    [false, 9_999, 'firing'],
    [false, 10_000, 'inactive'],
  ]
  let state: RuleState = { is: 'inactive' }
  for (const [high, now, is] of lived) {
    state = evaluate(state, high, now, { forMs: 2_000, keepFiringMs: 2_000 })
    expect([now, state.is]).toEqual([now, is])
  }
  expect(evaluate({ is: 'inactive' }, true, 0, { forMs: 0, keepFiringMs: 0 })).toEqual({ is: 'firing' })
})

test('the exposition is cumulative, and says that it is simulated', () => {
  const text = exposition(measured)
  expect(text).toContain('firebreak_sandbox_info{simulator="true"} 1')
  const buckets = [...text.matchAll(/^http_request_duration_seconds_bucket\{service="api",le="([^"]+)"\} (\d+)$/gm)]
  const counts = buckets.map(([, , count]) => Number(count))
  expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  expect(buckets.at(-1)![1]).toBe('+Inf')
  expect(text).toContain(`http_request_duration_seconds_count{service="api"} ${counts.at(-1)}`)
  expect(counts.at(-1)).toBe(200)
})

test('a query selects by name and by labels that are equal', () => {
  expect(selected('api_requests_per_second{service="api"}')).toEqual([
    { metric: { __name__: 'api_requests_per_second', service: 'api' }, value: [1, '40'] },
  ])
  expect(selected(' queue_depth { queue = "batch" , } ')).toHaveLength(1)
  expect(selected('queue_depth{queue="other"}')).toEqual([])
  expect(selected('no_such_metric')).toEqual([])
  expect(selected('http_request_duration_seconds_bucket')).toHaveLength(12)
  expect(selected('http_request_duration_seconds_bucket{service="api",le="+Inf"}')).toHaveLength(1)
})

test.each(['', 'rate(a[5m])', 'a > 1', 'a{b=~"c"}', 'a{b="c"', 'a{b="c" d="e"}', '{b="c"}', 'a b'])(
  'the query %j is refused in the shape of Prometheus, by a simulator',
  (text) => {
    const answer = query(text, samples, 0)
    expect(answer).toMatchObject({ code: 400, body: { status: 'error', errorType: 'bad_data' } })
    expect(JSON.stringify(answer)).toContain('simulator')
  },
)
