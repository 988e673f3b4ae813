import { afterAll, beforeAll, expect, test } from 'vitest'
import { allCovered } from '../src/bench/stage.js'
import type { HttpApi, Loan, Plan, Run } from '../src/story-api.js'
import { temporarySentinels, type WatchedRedis } from '../src/sentinels.js'
import { sees, severalOfEach } from '../src/several.js'

const PATIENCE = 120_000
/** A worker that is silent for two seconds has lost its runs, so that nobody waits long for that. */
const IMPATIENT = { FIREBREAK_TENURE_S: '2', FIREBREAK_SWEEP_MS: '300' }

let redis: WatchedRedis
let stage: Awaited<ReturnType<typeof severalOfEach>>
/** Hannah at the one API, and at the other. */
let here: HttpApi, there: HttpApi
beforeAll(async () => {
  const watched = async () => (redis = await temporarySentinels())
  stage = await severalOfEach({ apis: 2, workers: 3, sequencers: 2, worker: IMPATIENT, redis: watched })
  ;[here, there] = [stage.hannah[0], stage.hannah[1]!]
}, PATIENCE)
afterAll(() => stage.stop(), PATIENCE)

/** As a pair of Alertmanagers does: each tells its own API. */
async function told(status: 'firing' | 'resolved', fingerprint: string) {
  const at = new Date(Date.now() - 1_000).toISOString()
  const payload = {
    version: '4',
    receiver: 'firebreak',
    status,
    alerts: [
      {
        status,
        labels: { alertname: 'HighApiLatency', service: 'api', severity: 'critical' },
        annotations: { summary: 'API latency is high' },
        startsAt: '2026-11-23T03:02:11.737Z',
        endsAt: status === 'resolved' ? at : '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus.example:9090/graph',
        fingerprint,
      },
    ],
  }
  const fates = await Promise.all(
    stage.alertmanager.map((api) => api.post<{ opened: number; resolved: number }>('/v1/alerts/alertmanager', payload)),
  )
  return { opened: fates[0]!.opened + fates[1]!.opened, resolved: fates[0]!.resolved + fates[1]!.resolved }
}

/** Says the same thing at both APIs at once. */
const saidTwice = (path: string, body: unknown) => Promise.allSettled(stage.hannah.map((api) => api.post(path, body)))

async function approved(): Promise<Plan> {
  const plan = await sees('a plan', async () => {
    const { items } = await there.get<{ items: Plan[] }>('/v1/plans?limit=10')
    return items.find(({ state }) => state === 'proposed')
  })
  await saidTwice(`/v1/plans/${plan.id}/approvals`, { digest: plan.digest, decision: 'yes', note: '' })
  expect(await stage.lines(`plan:${plan.id}`)).toMatchObject({ 'approval.given': 1 })
  return plan
}

const runOf = (plan: Plan) =>
  sees('the run', async () => {
    const { run } = await here.get<Plan>(`/v1/plans/${plan.id}`)
    return run ? await there.get<Run>(`/v1/runs/${run}`) : undefined
  })
const succeeded = (run: Run) =>
  sees(`${run.id} to succeed`, async () => {
    const { state } = await there.get<Run>(`/v1/runs/${run.id}`)
    return state === 'succeeded' || undefined
  })

async function givenBack(): Promise<void> {
  stage.sandbox.mend('slow')
  const { items } = await here.get<{ items: Loan[] }>('/v1/loans?limit=10')
  const loan = items.find(({ state }) => state === 'out')!
  await saidTwice(`/v1/loans/${loan.id}/return`, { reason: 'It is over' })
  await sees('the loan to come back', async () => {
    const { state } = await there.get<Loan>(`/v1/loans/${loan.id}`)
    return state === 'returned' || undefined
  })
}

test(
  'what is told, approved and asked for at both APIs is carried out once, by one worker',
  async () => {
    await stage.slow()
    expect(await told('firing', 'one')).toMatchObject({ opened: 1 })
    const run = await runOf(await approved())
    await succeeded(run)
    expect(stage.scalings()).toBe(1)
    await givenBack()
    expect(stage.scalings()).toBe(2)
    expect(await stage.lines(`run:${run.id}`)).toMatchObject({ 'run.started': 1, 'step.done': 1, 'loan.returned': 1 })
    expect(await stage.lines(`run:${run.id}`)).not.toHaveProperty('run.taken-over')
    expect(await stage.writers(`run:${run.id}`, 'run.%')).toHaveLength(1)
    expect(await stage.writers(`run:${run.id}`, 'step.%')).toEqual(await stage.writers(`run:${run.id}`, 'run.%'))
  },
  PATIENCE,
)

test(
  'an incident that the sweeps of both APIs find is closed once',
  async () => {
    expect(await told('resolved', 'one')).toMatchObject({ resolved: 1 })
    await stage.later()
    await sees('the incident to close', async () => (await stage.lines('incident:%'))['incident.closed'])
    expect(await stage.lines('incident:%')).toMatchObject({
      'incident.opened': 1, 'incident.resolved': 1, 'incident.closed': 1,
    }) // prettier-ignore
  },
  PATIENCE,
)

test(
  'a check of the log that was due when three workers started was made once, and the next one is planned once',
  async () => {
    await sees('the check', async () => (await stage.lines('maintenance:%'))['check.passed'])
    expect(await stage.lines('maintenance:%')).toEqual({
      'maintenance.due': 2, 'maintenance.running': 1, 'maintenance.done': 1, 'check.passed': 1,
    }) // prettier-ignore
  },
  PATIENCE,
)

test(
  'one of each and the master of Redis are killed in the middle of a run: another worker goes on, and the log has one line of history',
  async () => {
    stage.sandbox.break('no-help')
    await stage.slow()
    const before = stage.scalings()
    expect(await told('firing', 'two')).toMatchObject({ opened: 1 })
    const run = await runOf(await approved())
    const [owner] = await sees('the run to be verified', async () => {
      const { state } = await here.get<Run>(`/v1/runs/${run.id}`)
      return state === 'verifying' ? await stage.writers(`run:${run.id}`, 'run.%') : undefined
    })
    stage.workers.find(({ pid }) => owner?.endsWith(`:${pid}`))!.kill()
    for (const victim of [stage.apis[0]!, ...stage.log.sequencers]) victim.kill()
    const master = await redis.master()
    await redis.killMaster()
    const taken = await sees('somebody to take it over', async () => {
      const writers = await stage.writers(`run:${run.id}`, 'run.taken-over')
      return writers.length > 0 ? writers : undefined
    })
    expect(taken).toEqual([expect.not.stringContaining(owner!)])
    stage.sandbox.mend('no-help')
    await succeeded(run)
    expect(stage.scalings()).toBe(before + 1)
    expect(await stage.lines(`run:${run.id}`)).toMatchObject({ 'run.started': 1, 'run.taken-over': 1, 'step.done': 1 })
    await Promise.all([...stage.apis, ...stage.workers].map((victim) => victim.ready()))
    await givenBack()
    expect(await redis.master()).not.toBe(master)
  },
  PATIENCE,
)

test(
  'of two sequencers one leads: no size was signed twice over, and the whole log is valid offline',
  async () => {
    await Promise.all([...stage.apis, ...stage.workers].map((victim) => victim.stop()))
    await allCovered(stage.superuserUrl)
    const forks = [...stage.log.witness.signed].filter(([, roots]) => roots.size > 1)
    expect(forks).toEqual([])
    const { ok, says } = await stage.checkedBundle()
    expect(ok, says).toBe(true)
  },
  PATIENCE,
)
