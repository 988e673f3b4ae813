import { LoanRequests, noLimits, Scopes, time } from '@firebreak/flow'
import { newUuid } from '@firebreak/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeStage, until } from './stage.js'

let stage: Awaited<ReturnType<typeof makeStage>>

beforeEach(async () => {
  stage = await makeStage()
})
afterEach(async () => {
  await stage.stop()
})

const approve = async () => {
  const plan = await stage.planned()
  expect(plan.because).toBeNull()
  await stage.approvals.decide(stage.hannah, plan.id, { digest: plan.digest!, decision: 'yes', note: '' })
  return plan
}
const ended = (plan: string) =>
  until('the run to end', async () => {
    const run = await stage.runOf(plan)
    return run?.ended_at ? run : undefined
  })

describe('a worker', () => {
  test('plans, carries out over the Kubernetes API, verifies, and gives the loan back when asked', async () => {
    await stage.makeSlow()
    await stage.startWorker()
    const plan = await approve()
    expect(plan.body?.steps.map(({ says }) => says)).toEqual(['Scale deployment prod/api from 2 to 5 replicas'])
    const run = await ended(plan.id)
    expect(run).toMatchObject({
      state: 'succeeded',
      steps: [{ state: 'done', before: { replicas: 2 }, after: { replicas: 5 } }],
    })
    expect(stage.sandbox.state().deployments['api']).toEqual({ replicas: 5, ready: 5 })
    expect(stage.scalings()).toHaveLength(1)

    stage.sandbox.mend('slow')
    const requests = new LoanRequests(
      {
        ledger: stage.ledger,
        now: () => new Date(),
        newId: (prefix) => `${prefix}_${newUuid()}`,
        scopes: new Scopes([], []),
        limits: noLimits,
      },
      { ring: async () => undefined },
    )
    await requests.askReturn(stage.hannah, run.loans[0]!.id, 'It is over')
    await until(
      'the loan to come back',
      async () =>
        (await stage.ledger.read((books) => books.loans.get(run.loans[0]!.id)))?.state === 'returned' || undefined,
    )
    expect(stage.sandbox.state().deployments['api']?.replicas).toBe(2)
  })

  test('killed between the effect and its record: the next one finds it in place and does not scale twice', async () => {
    await stage.makeSlow()
    // The change takes effect and is never answered: the worker is killed while it waits for the answer.
    const first = await stage.startWorker({ FIREBREAK_CALL_TIMEOUT_MS: '30000' })
    const plan = await stage.planned()
    stage.sandbox.break('hang')
    await stage.approvals.decide(stage.hannah, plan.id, { digest: plan.digest!, decision: 'yes', note: '' })
    await until('the effect', async () => stage.sandbox.state().deployments['api']?.replicas === 5 || undefined)
    await first.kill()
    expect((await stage.runOf(plan.id))?.steps).toMatchObject([{ state: 'intended' }])

    await stage.startWorker()
    const run = await ended(plan.id)
    expect(run).toMatchObject({
      state: 'succeeded',
      steps: [{ state: 'done', because: 'Found in place.', attempt: 1 }],
    })
    expect(stage.scalings()).toHaveLength(1)
    expect(stage.sandbox.state().deployments['api']?.replicas).toBe(5)
  })

  test('whose call is never answered probes, and goes on by itself', async () => {
    await stage.makeSlow()
    await stage.startWorker({ FIREBREAK_CALL_TIMEOUT_MS: '1000' })
    const plan = await stage.planned()
    stage.sandbox.break('hang')
    await stage.approvals.decide(stage.hannah, plan.id, { digest: plan.digest!, decision: 'yes', note: '' })
    expect(await ended(plan.id)).toMatchObject({ state: 'succeeded', steps: [{ because: 'Found in place.' }] })
    expect(stage.scalings()).toHaveLength(1)
  })

  test('finds an approved plan after all of Redis was lost between the approval and the run', async () => {
    await stage.makeSlow()
    const first = await stage.startWorker()
    const plan = await stage.planned()
    await first.kill()
    await stage.approvals.decide(stage.hannah, plan.id, { digest: plan.digest!, decision: 'yes', note: '' })
    await flush(stage.redis.url)
    expect(await stage.runOf(plan.id)).toBeUndefined()

    await stage.startWorker()
    expect((await ended(plan.id)).state).toBe('succeeded')
    expect(stage.scalings()).toHaveLength(1)
  })

  test('asked to stop in the middle of a verification hands the run over', async () => {
    await stage.makeSlow()
    stage.sandbox.break('no-help')
    const first = await stage.startWorker()
    const plan = await approve()
    await until('the verification', async () => (await stage.runOf(plan.id))?.state === 'verifying' || undefined)
    expect(await first.stop()).toBe('SIGTERM')
    const left = (await stage.runOf(plan.id))!
    expect(left.state).toBe('verifying')
    expect(await stage.ledger.read((books) => books.tenures.get(left.id))).toMatchObject({ holder: '' })
    stage.sandbox.mend('no-help')
    await stage.startWorker()
    expect((await ended(plan.id)).state).toBe('succeeded')
    expect(stage.scalings()).toHaveLength(1)
  })

  test('is refused by the cluster: the run fails, nothing changed, and the target is free', async () => {
    await stage.makeSlow()
    await stage.startWorker()
    const plan = await stage.planned()
    stage.sandbox.break('forbid')
    await stage.approvals.decide(stage.hannah, plan.id, { digest: plan.digest!, decision: 'yes', note: '' })
    const run = await ended(plan.id)
    expect(run.state).toBe('failed')
    expect(run.because).toMatch(/forbidden/)
    expect(await stage.ledger.read((books) => books.targetLocks.where({}))).toEqual([])
  })

  test('writes down what it sees, with the time', async () => {
    await stage.startWorker()
    const seen = await until('observations', async () => {
      const rows = await stage.ledger.read((books) =>
        books.observations.where({ id: ['deployment:prod/api', 'service:api'] }),
      )
      return rows.length === 2 ? rows : undefined
    })
    expect(seen[0]).toMatchObject({ id: 'deployment:prod/api', value: { replicas: 2, ready: 2, autoscaler: null } })
    expect(seen[1]?.value).toMatchObject({ p95_threshold_ms: 500 })
    expect(seen[0]!.at <= time(new Date())).toBe(true)
  })

  test('two of them carry a plan out once', async () => {
    await stage.makeSlow()
    await Promise.all([stage.startWorker(), stage.startWorker()])
    const plan = await approve()
    expect((await ended(plan.id)).state).toBe('succeeded')
    expect(stage.scalings()).toHaveLength(1)
  })
})

describe('a worker that cannot start', () => {
  test('names the line of a wrong firebreak.yaml', async () => {
    const { writeFileSync, readFileSync } = await import('node:fs')
    const { join } = await import('node:path')
    const { ROOT } = await import('./stage.js')
    const wrong = join(stage.folder, 'firebreak.yaml')
    writeFileSync(
      wrong,
      readFileSync(join(ROOT, 'firebreak.yaml'), 'utf8').replace('p95_threshold_ms: 500', 'p95_threshold_ms: fast'),
    )
    await expect(stage.startWorker({ FIREBREAK_CONFIG: wrong })).rejects.toThrow(
      /firebreak\.yaml:10:\d+ .*found .?"?fast/,
    )
  })
})

/** Loses all of Redis, as a restart without a disk would. */
async function flush(url: string): Promise<void> {
  const { default: Queue } = await import('bull')
  const queue = new Queue('flush', url)
  await queue.client.flushall()
  await queue.close()
}
