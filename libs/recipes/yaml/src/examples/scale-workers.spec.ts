import { readFileSync } from 'node:fs'
import { movedGuards, type JsonObject } from '@firebreak/kit'
import { everyStepCanDie, everyStepCanFail, everyStepTwice, rehearse, type Stage } from '@firebreak/flow/testing'
import { FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { describe, expect, test } from 'vitest'
import { readRecipe } from '../index.js'

const text = readFileSync(new URL('../../examples/scale-workers.yaml', import.meta.url), 'utf8')
const scaleWorkers = readRecipe(text, 'scale-workers.yaml')

const BATCH = 'prod/batch'
const WAITING = 'queue_depth{queue="batch"}'

/** A long queue and one worker; every ready worker takes a hundred jobs off it. */
class Busy {
  readonly cluster = new FakeCluster()
  readonly metrics = new FakeMetrics()
  readonly readers = fakeReaders({
    cluster: this.cluster.reader,
    metrics: this.metrics,
    directory: new FakeDirectory([]),
  })

  constructor({ replicas = 2, autoscaled = false } = {}) {
    this.cluster.deploy(BATCH, { replicas })
    if (autoscaled) this.cluster.autoscale('prod/batch-hpa', BATCH, { min: 2, max: 3 })
    this.metrics.follow(WAITING, () => {
      const { args } = this.cluster.effects.findLast(({ method }) => method === 'setBounds') ?? {}
      const floor = (args?.[1] as { min: number } | undefined)?.min
      if (floor) this.cluster.elsewhere(BATCH, { replicas: floor, ready: floor, updated: floor })
      return 1_000 - 100 * this.cluster.at(BATCH)!.ready
    })
  }

  diagnose(params: JsonObject = {}, labels: Record<string, string> = {}) {
    return scaleWorkers.diagnose(this.readers, { labels }, scaleWorkers.params.parse(params))
  }

  async stopped(params: JsonObject = {}, labels: Record<string, string> = {}) {
    const facts = await this.diagnose(params, labels)
    return scaleWorkers.stopIf.find(({ when }) => when(facts, scaleWorkers.params.parse(params)))?.because
  }

  stage(params: JsonObject = {}): Stage {
    const { readers, cluster } = this
    return {
      recipe: scaleWorkers,
      readers,
      hands: fakeHands({ cluster: cluster.hands }),
      effects: () => cluster.effects,
      params,
    }
  }
}

describe.each([{ autoscaled: false }, { autoscaled: true }])('carried out: %j', (given) => {
  const stage = () => new Busy(given).stage()
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})

test('looks, in its own order', async () => {
  const busy = new Busy()
  const { uid } = busy.cluster.at(BATCH)!
  expect(await busy.diagnose()).toEqual({
    deployment: { ref: BATCH, uid, replicas: 2, ready: 2, updated: 2, observed: true },
    autoscaled: false,
    waiting: 800,
    wanted: 4,
    labels: {},
  })
})

test('adds workers, as a loan, and says how it went', async () => {
  const played = await rehearse(new Busy().stage({ workers: 5, minutes: 30 }))
  expect(played).toMatchObject({
    outcome: 'succeeded',
    after: [{ replicas: 5 }],
    run: { because: '5 workers are ready, and fewer than 800 jobs wait.' },
    loans: [{ state: 'out', target: 'deployment:prod/batch' }],
    plan: { body: { steps: [{ says: 'Scale deployment prod/batch from 2 to 5 replicas', loan_minutes: 30 }] } },
  })
})

test('raises the floor of an autoscaler instead', async () => {
  const played = await rehearse(new Busy({ autoscaled: true }).stage())
  expect(played.plan.body!.steps.map(({ says }) => says)).toEqual([
    'Move the bounds of autoscaler prod/batch-hpa from 2–3 to 4–4',
  ])
})

test('says what it still waits for', async () => {
  const busy = new Busy()
  const facts = await busy.diagnose()
  expect(await scaleWorkers.verify.holds(busy.readers, facts, {})).toEqual({
    holds: false,
    says:
      'Not so yet: 4 workers are ready, and fewer than 800 jobs wait. ' +
      `Now deployment.uid is ${JSON.stringify(busy.cluster.at(BATCH)!.uid)}, deployment.observed is true, deployment.ready is 2, waiting is 800.`,
  })
})

const stops: [because: RegExp, make: (busy: Busy) => unknown, params?: JsonObject, labels?: Record<string, string>][] =
  [
    [/queue is short/, ({ metrics }) => metrics.set(WAITING, 49)],
    [/scaled to zero/, ({ cluster }) => cluster.deploy(BATCH, { replicas: 0 })],
    [/rollout is in progress/, ({ cluster }) => cluster.elsewhere(BATCH, { observed: false })],
    [/as many workers/, () => undefined, { workers: 2 }],
    [/maintenance/, () => undefined, {}, { maintenance: 'true' }],
  ]

test.each(stops)('stops: %s', async (because, make, params, labels) => {
  const busy = new Busy()
  expect(await busy.stopped()).toBeUndefined()
  make(busy)
  expect(await busy.stopped(params, labels)).toMatch(because)
})

test('every reason to stop is tried above', () => {
  expect(scaleWorkers.stopIf.map(({ because }) => stops.findIndex(([reason]) => reason.test(because)))).toEqual([
    0, 1, 2, 3, 4,
  ])
})

test.each<[fact: string, make: (busy: Busy) => unknown]>([
  ['deployment.replicas', ({ cluster }) => cluster.elsewhere(BATCH, { replicas: 3 })],
  ['autoscaled', ({ cluster }) => cluster.autoscale('prod/batch-hpa', BATCH, { min: 1, max: 3 })],
  ['waiting', ({ metrics }) => metrics.set(WAITING, 49)],
])('the plan is stale when %s moves', async (fact, make) => {
  const busy = new Busy()
  const then = await busy.diagnose()
  make(busy)
  expect(movedGuards(scaleWorkers.guards(then), then, await busy.diagnose())).toMatchObject([{ fact }])
})

test('does not guess when the queue cannot be measured', async () => {
  const busy = new Busy()
  busy.metrics.set(WAITING, NaN)
  await expect(busy.diagnose()).rejects.toThrow('it is not being measured: queue_depth{queue="batch"}')
})
