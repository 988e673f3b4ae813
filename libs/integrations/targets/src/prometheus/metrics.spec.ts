import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { metricsContract } from '@firebreak/kit/testing'
import { startSandbox } from '@firebreak/sandbox'
import { afterEach, expect, test } from 'vitest'
import { PrometheusMetrics } from './metrics.js'

metricsContract('the Prometheus adapter on the sandbox', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-prometheus-'))
  const sandbox = await startSandbox({ dir })
  return {
    metrics: new PrometheusMetrics(`${sandbox.url}/prometheus`),
    one: 'api_requests_per_second{service="api"}',
    value: 40,
    // It has measured nothing before it was there.
    gaps: {
      query: 'api_requests_per_second{service="api"}',
      over: { from: new Date(Date.now() - 300_000), until: new Date(Date.now() + 1_000), stepSeconds: 1 },
    },
    none: 'api_requests_per_second{service="nobody"}',
    several: 'http_request_duration_seconds_bucket{service="api"}',
    nonsense: 'rate(http_request_duration_seconds_count[5m]',
    takeDown: () => sandbox.stop(),
    close: async () => {
      await sandbox.stop()
      await rm(dir, { recursive: true })
    },
  }
})

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function answering(listener: RequestListener, timeoutMs = 5_000): Promise<PrometheusMetrics> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.closeAllConnections(), server.close()))
  return new PrometheusMetrics(`http://127.0.0.1:${(server.address() as AddressInfo).port}/under/a/path/`, {
    timeoutMs,
  })
}

const vector = (value: string) =>
  JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, value] }] } })

test.each([
  ['42', 42],
  ['4.2e+02', 420],
  ['NaN', undefined],
])('the value %s is read as %s', async (text, value) => {
  const metrics = await answering((_, response) => response.end(vector(text)))
  expect(await metrics.value('up')).toBe(value)
})

test('the query and a time limit are sent under the path of the base address', async () => {
  let asked = new URL('http://nobody')
  const metrics = await answering((request, response) => {
    asked = new URL(request.url!, 'http://here')
    response.end(vector('1'))
  })
  await metrics.value('up{job="a b"}')
  expect(asked.pathname).toBe('/under/a/path/api/v1/query')
  expect(asked.searchParams.get('query')).toBe('up{job="a b"}')
  expect(asked.searchParams.get('timeout')).toBe('5000ms')
})

test('over time, what is no number is a gap, and series that follow one another are one', async () => {
  let asked = new URL('http://nobody')
  const values = [{ values: [[0, '4'], [15, 'NaN']] }, { values: [[30, '+Inf'], [60, '7.5']] }] // prettier-ignore
  const metrics = await answering((request, response) => {
    asked = new URL(request.url!, 'http://here')
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: values } }))
  })
  const over = { from: new Date(900), until: new Date(74_000), stepSeconds: 15 }
  expect(await metrics.series('up', over)).toEqual([[0, 4], [15, undefined], [30, undefined], [45, undefined], [60, 7.5]]) // prettier-ignore
  expect(asked.pathname).toBe('/under/a/path/api/v1/query_range')
  expect(Object.fromEntries(asked.searchParams)).toEqual({ query: 'up', start: '0', end: '60', step: '15', timeout: '5000ms' }) // prettier-ignore
  values[1] = { values: [[15, '3'], [30, '3']] } // prettier-ignore
  await expect(metrics.series('up', over)).rejects.toMatchObject({ kind: 'invalid' })
})

test.each([
  ['+Inf', 200, vector('+Inf'), 'invalid'],
  ['text for a number', 200, vector('many'), 'invalid'],
  ['a page of a proxy', 502, '<html>', 'unreachable'],
  ['a login page', 200, '<html>', 'invalid'],
  ['a refusal', 403, '{}', 'forbidden'],
  ['too many requests', 429, 'slow down', 'throttled'],
  ['a range', 200, '{"status":"success","data":{"resultType":"matrix","result":[]}}', 'invalid'],
  ['an overload', 503, '{"status":"error","errorType":"timeout","error":"query timed out"}', 'timeout'],
  ['an error of its own', 500, '{"status":"error","errorType":"internal","error":"tsdb"}', 'unreachable'],
  ['an endless answer', 200, ' '.repeat(1_000_001), 'invalid'],
])('%s is a failure, never a number', async (_, code, body, kind) => {
  const metrics = await answering((_, response) => response.writeHead(code).end(body))
  await expect(metrics.value('up')).rejects.toMatchObject({ name: 'PortFailure', kind })
})

test('no answer is a time-out', async () => {
  const metrics = await answering(() => undefined, 100)
  await expect(metrics.value('up')).rejects.toMatchObject({ kind: 'timeout' })
})

test('an answer from elsewhere is not followed', async () => {
  const metrics = await answering((_, response) =>
    response.writeHead(302, { location: 'http://127.0.0.1:1/api/v1/query' }).end(),
  )
  await expect(metrics.value('up')).rejects.toMatchObject({ kind: 'unreachable' })
})
