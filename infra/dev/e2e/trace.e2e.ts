import { afterAll, beforeAll, expect, test } from 'vitest'
import { sees, severalOfEach } from '../src/several.js'
import type { Plan, Run } from '../src/story-api.js'
import { traceCollector, type TracedSpan } from '../src/trace-collector.js'

const PATIENCE = 120_000
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const MONITOR = '00f067aa0ba902b7'
const DELIVERY = 'delivery-of-a-monitor-1'
const YES = 'yes-to-the-plan-1'
const REASON = 'because-Erika-Mustermann-called'

let collector: Awaited<ReturnType<typeof traceCollector>>
let stage: Awaited<ReturnType<typeof severalOfEach>>
beforeAll(async () => {
  collector = await traceCollector()
  const both = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=night%20shift',
    FIREBREAK_LOG_LEVEL: 'debug',
  }
  const worker = { FIREBREAK_METRICS_PORT: '0' }
  stage = await severalOfEach({ apis: 1, workers: 1, sequencers: 1, worker, both })
}, PATIENCE)
afterAll(async () => {
  await stage.stop()
  await collector.stop()
}, PATIENCE)

async function post(person: string, path: string, body: unknown, headers: Record<string, string>) {
  const answer = await fetch(stage.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.key(person)}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  expect(answer.ok, await answer.clone().text()).toBe(true)
  return answer
}

/** From a monitor that traces itself, to the yes of a person whose tool traces something else. */
async function repaired(): Promise<{ plan: Plan; run: string }> {
  await stage.slow()
  const alert = {
    status: 'firing',
    labels: { alertname: 'HighApiLatency', service: 'api', severity: 'critical' },
    annotations: { summary: REASON },
    startsAt: new Date(Date.now() - 1_000).toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example:9090/graph',
    fingerprint: '00000000000000a1',
  }
  const told = { version: '4', receiver: 'firebreak', status: 'firing', alerts: [alert] }
  const answer = await post('alertmanager', '/v1/alerts/alertmanager', told, {
    traceparent: `00-${TRACE}-${MONITOR}-01`,
    'x-request-id': DELIVERY,
  })
  expect(answer.headers.get('x-request-id')).toBe(DELIVERY)
  const [hannah] = stage.hannah
  const plan = await sees('a plan', async () => {
    const { items } = await hannah.get<{ items: Plan[] }>('/v1/plans?limit=1')
    return items.find(({ state }) => state === 'proposed')
  })
  await post('hannah', `/v1/plans/${plan.id}/approvals`, { digest: plan.digest, decision: 'yes', note: REASON }, {
    traceparent: '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01',
    'x-request-id': YES,
  }) // prettier-ignore
  const run = await sees('the run', async () => (await hannah.get<Plan>(`/v1/plans/${plan.id}`)).run ?? undefined)
  await stage.succeeds(run)
  return { plan, run }
}

let done: Awaited<ReturnType<typeof repaired>>
test('from an alert to its repair it is one trace over two processes, each piece under the one that it came from', async () => {
  done = await repaired()
  const ours = () => collector.spans.filter(({ traceId }) => traceId === TRACE)
  const find = (name: string) => ours().find((span) => span.name === name)
  await sees('the last span', async () => find('run') && find('verify'))

  const chain: [name: string, service: string][] = [
    ['POST /v1/alerts/:source', 'firebreak-api'],
    ['intake', 'firebreak-api'],
    ['incident', 'firebreak-api'],
    ['plan', 'firebreak-worker'],
    ['approval', 'firebreak-api'],
    ['run', 'firebreak-worker'],
  ]
  // From its end: on a busy machine bell and sweep may both have a plan made, of which one stands.
  let span = find('run')
  for (const [name, service] of chain.toReversed()) {
    expect(span, name).toMatchObject({ name, service, failed: false })
    const { parentSpanId } = span!
    span = ours().find(({ spanId }) => spanId === parentSpanId)
    if (name === chain[0]![0]) expect(parentSpanId).toBe(MONITOR)
  }
  const parent = find('run')!.spanId
  const { plan, run } = done
  for (const name of ['step', 'verify'])
    expect(find(name)).toMatchObject({ service: 'firebreak-worker', parentSpanId: parent, failed: false })
  const at = (span: TracedSpan | undefined) => span?.attributes
  expect(at(find('plan'))).toMatchObject({ 'firebreak.plan': plan.id, 'firebreak.recipe': 'scale-api', 'firebreak.outcome': 'proposed' }) // prettier-ignore
  expect(at(find('run'))).toMatchObject({ 'firebreak.run': run, 'firebreak.outcome': 'succeeded' })
  expect(at(find('step'))).toMatchObject({
    'firebreak.recipe': 'scale-api',
    'firebreak.verb': 'scale-deployment',
    'firebreak.target': 'deployment:prod/api',
    'firebreak.attempt': 1,
    'firebreak.outcome': 'done',
  })
  expect(at(find('verify'))).toMatchObject({ 'firebreak.outcome': 'succeeded' })
})

test('the yes points to the request in which it was said, which stays in the trace of whoever asked', () => {
  const request = collector.spans.find(({ name }) => name === 'POST /v1/plans/:id/approvals')
  expect(request).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) })
  const approval = collector.spans.find(({ name }) => name === 'approval')
  expect(approval?.links).toMatchObject([{ traceId: request!.traceId, spanId: request!.spanId }])
})

test('no text of a person and no key goes to the collector', () => {
  const said = collector.bodies.join('\n')
  expect(said).toContain('firebreak.plan')
  for (const secret of [REASON, 'hannah', stage.key('hannah'), stage.key('alertmanager'), '127.0.0.1'])
    expect(said).not.toContain(secret)
  expect(collector.headers[0]).toMatchObject({ 'x-tenant': 'night shift' })
})

test('the id of the request is in the lines of both processes and in the entries, and so is the trace', async () => {
  const linesOf = (log: string) => log.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>) // prettier-ignore
  const [api, worker] = [stage.apis[0]!, stage.workers[0]!].map((one) => linesOf(one.log()))
  const trace = { trace_id: TRACE }
  expect(api).toContainEqual(expect.objectContaining({ ...trace, level: 'info', msg: 'POST /v1/alerts/:source 202', request_id: DELIVERY, actor: 'alertmanager' })) // prettier-ignore
  expect(api).toContainEqual(expect.objectContaining({ msg: 'POST /v1/plans/:id/approvals 200', request_id: YES, actor: 'hannah', plan: done.plan.id })) // prettier-ignore
  expect(worker).toContainEqual(expect.objectContaining({ ...trace, msg: 'plan.proposed', request_id: DELIVERY, plan: done.plan.id })) // prettier-ignore
  expect(worker).toContainEqual(expect.objectContaining({ ...trace, msg: 'step.done', request_id: YES, plan: done.plan.id, run: done.run, outcome: 'ok' })) // prettier-ignore

  const accounts = await stage.accounts()
  const about = (type: string) => accounts.find((entry) => entry.type === type)
  for (const type of ['delivery.stored', 'alert.fired', 'incident.opened', 'plan.requested', 'plan.proposed'])
    expect(about(type), type).toEqual({ type, request_id: DELIVERY, ...trace })
  for (const type of ['approval.given', 'run.started', 'step.intended', 'step.done', 'run.succeeded'])
    expect(about(type), type).toEqual({ type, request_id: YES, ...trace })
  expect(await stage.checkedBundle()).toMatchObject({ ok: true })
})

test('the worker tells what it did, and health who is well', async () => {
  const lines = stage.workers[0]!.log().split('\n').filter((line) => line.includes('metrics are told')) // prettier-ignore
  const { address, port } = JSON.parse(lines[0]!) as { address: string; port: number }
  expect(address).toBe('127.0.0.1')
  const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const text = await metrics()
  const told = text.split('\n')
  for (const line of [
    'firebreak_worker_runs_total{recipe="scale-api",outcome="succeeded"} 1',
    'firebreak_worker_steps_total{recipe="scale-api",verb="scale-deployment",outcome="done"} 1',
    'firebreak_worker_work_seconds_count{work="step",recipe="scale-api",verb="scale-deployment"} 1',
  ])
    expect(told).toContain(line)
  expect(text).toMatch(/^firebreak_worker_work_seconds_count\{work="plan",recipe="scale-api",verb=""\} [12]$/m)
  const swept = async () => /^firebreak_worker_last_sweep_timestamp_seconds (\d+)/m.exec(await metrics())?.[1]
  // The first sweep may be to come yet.
  await expect.poll(async () => Date.now() / 1000 - Number(await swept()), { timeout: 60_000 }).toBeLessThan(30)
  // An observer on a busy machine may be late for once; it is not to stay so.
  const names = await sees('every dependency to be well', async () => {
    const { dependencies } = await stage.hannah[0].get<{ dependencies: { name: string; ok: boolean }[] }>('/v1/health')
    return dependencies.every(({ ok }) => ok) ? dependencies.map(({ name }) => name) : undefined
  })
  expect(names).toEqual(['postgres', 'redis', 'log', 'worker', 'sequencer', 'notary', 'observers'])
}, 180_000)

test('the place where the run goes on is kept', async () => {
  const [place] = await stage.places(`run:${done.plan.id}`)
  expect(place).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  expect(await stage.hannah[0].get<Run>(`/v1/runs/${done.run}`)).toMatchObject({ state: 'succeeded' })
})
