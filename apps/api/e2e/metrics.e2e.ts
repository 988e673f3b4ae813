import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlanPage } from '../src/plans/plans.schema.js'
import { read, slowApi, Stage } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set()))
afterAll(() => stage.strike())

const scrape = async () => {
  stage.forward(10_000)
  return (
    await stage
      .as('alertmanager')
      .get('/metrics')
      .expect(200)
      .expect('content-type', /^text\/plain/)
  ).text
}

test('a house where nothing happened has its doors and its dependencies to tell of', async () => {
  const text = await scrape()
  expect(text).toContain('firebreak_ready 1')
  expect(text).toContain('firebreak_dependency_ok{name="redis"} 1')
  expect(text).toContain('firebreak_dependency_ok{name="worker"} 0')
  expect(text).toContain('firebreak_stopped 0')
  expect(text).toContain('firebreak_queue_jobs{queue="run",state="waiting"} 0')
})

test('an alert is told of from its coming in to its run', async () => {
  const worker = await stage.worker()
  await stage.alert(slowApi()).expect(202)
  const plan = (await read(PlanPage, stage.as('hannah').get('/v1/plans').expect(200))).body.items[0]!.id
  expect(await scrape()).toContain('firebreak_backlog{queue="plan"} 1')

  await worker.planner.make(plan)
  stage.forward(60_000)
  const waiting = await scrape()
  expect(waiting).toContain('firebreak_alerts{source="alertmanager",fate="opened"} 1')
  expect(waiting).toContain('firebreak_incidents{class="high-api-latency",state="open"} 1')
  expect(waiting).toContain('firebreak_plans_waiting 1')
  expect(valueOf('firebreak_oldest_waiting_plan_seconds', waiting)).toBeGreaterThan(60)
  // Nobody sequences here, so every entry waits.
  expect(valueOf('firebreak_merge_delay_seconds', waiting)).toBeGreaterThan(60)

  const { digest } = (await stage.as('hannah').get(`/v1/plans/${plan}`)).body as { digest: string }
  await stage.as('hannah').post(`/v1/plans/${plan}/approvals`).send({ digest, decision: 'yes' }).expect(200)
  await worker.runner.carryOut(plan)
  const done = await scrape()
  expect(done).toContain('firebreak_runs{recipe="scale-api",state="succeeded"} 1')
  expect(done).toContain('firebreak_steps_recent{verb="scale-deployment",state="done"} 1')
  expect(valueOf('firebreak_step_seconds{verb="scale-deployment",quantile="0.5"}', done)).toBeGreaterThanOrEqual(0)
  expect(done).toContain('firebreak_plans_waiting 0')
})

test('requests are counted by route and never by path', async () => {
  await stage.as('hannah').get('/v1/incidents/inc_somebody')
  await stage.nobody.get('/v1/nothing/at/all')
  const text = await scrape()
  expect(text).toContain('firebreak_api_request_seconds_count{method="GET",route="/v1/incidents/:id",status="404"} 1')
  expect(text).not.toContain('inc_somebody')
  expect(text).not.toContain('/v1/nothing')
})

test('nobody reads them without a key', async () => {
  await stage.nobody.get('/metrics').expect(401)
})

test('rules and dashboard ask for nothing that is not told', async () => {
  const text = await scrape()
  for (const file of ['prometheus/firebreak.rules.yaml', 'grafana/firebreak.json']) {
    const asked =
      readFileSync(new URL(`../../../infra/${file}`, import.meta.url), 'utf8').match(/\bfirebreak_\w+/g) ?? []
    expect(asked.length).toBeGreaterThan(5)
    // Those of a worker are held by its own spec.
    for (const name of new Set(asked.filter((one) => !one.startsWith('firebreak_worker_')))) expect(text, `${file} asks for ${name}`).toMatch(new RegExp(`^# TYPE ${name.replace(/_(?:bucket|count|sum)$/, '')} `, 'm')) // prettier-ignore
  }
})

test('nothing unforeseen happened', () => {
  expect(stage.said).toEqual([])
})

function valueOf(series: string, text: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1) ?? NaN)
}
