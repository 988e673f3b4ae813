import { describe, expect, test } from 'vitest'
import {
  aHouseOfThings,
  aService,
  FakeCluster,
  FakeDirectory,
  FakeMetrics,
  FakeObjectStore,
  FakeOcr,
  fakeHands,
  fakeReaders,
} from '../testing/index.js'
import {
  raiseAutoscalerFloor,
  restartDeployment,
  restartMark,
  scaleDeployment,
  setConfigKey,
  setDeploymentEnv,
  setOcrShare,
  suspendCronJob,
  suspendJob,
  verbs,
} from './index.js'

function stage() {
  const cluster = new FakeCluster()
  const containers = [{ name: 'api', image: 'api:1', env: { KEPT: 'as it was', MODE: 'old' } }]
  const { uid } = cluster.deploy('prod/api', { replicas: 2, containers })
  const job = cluster.putJob('prod/nightly-1')
  const cronJob = cluster.putCronJob('prod/nightly')
  const config = cluster.putConfig('prod/routing', { kept: 'as it was', engine: 'primary', share: '10' })
  const hpa = cluster.autoscale('prod/api-hpa', 'prod/api', { min: 2, max: 3 })
  return {
    cluster,
    readers: fakeReaders({
      cluster: cluster.reader,
      ...anOcr(),
      directory: new FakeDirectory([aService()], aHouseOfThings()),
    }),
    hands: fakeHands({ cluster: cluster.hands }),
    steps: [
      scaleDeployment({ deployment: 'prod/api', uid, from: 2, to: 5 }),
      raiseAutoscalerFloor({
        autoscaler: 'prod/api-hpa',
        deployment: 'prod/api',
        uid: hpa.uid,
        from: { min: 2, max: 3 },
        to: { min: 5, max: 5 },
      }),
      restartDeployment({ deployment: 'prod/api', uid, from: null, to: restartMark({ generation: 1 }) }),
      setDeploymentEnv({ deployment: 'prod/api', uid, container: 'api', name: 'MODE', from: 'old', to: 'new' }),
      setDeploymentEnv({ deployment: 'prod/api', uid, container: 'api', name: 'PIN', from: null, to: '41' }),
      suspendJob({ job: 'prod/nightly-1', uid: job.uid }),
      suspendCronJob({ cron_job: 'prod/nightly', uid: cronJob.uid }),
      setConfigKey({ config: 'prod/routing', uid: config.uid, key: 'engine', from: 'primary', to: 'fallback' }),
      setConfigKey({ config: 'prod/routing', uid: config.uid, key: 'engine', from: 'primary', to: null }),
      setOcrShare({ ocr: 'documents', config: 'prod/routing', uid: config.uid, key: 'share', from: 10, to: 90 }),
    ],
  }
}

/** Two engines of the house that read its sample, and fail on little of what they get. */
function anOcr() {
  const [route] = aHouseOfThings().ocr
  const image = new Uint8Array([1])
  const { bucket, key, text } = route!.samples[0]!
  const ocr = new FakeOcr()
  const metrics = new FakeMetrics()
  for (const { engine, error_rate_percent } of [route!.primary, route!.fallback]) {
    ocr.engine(engine).teach(engine, image, text)
    metrics.follow(error_rate_percent, () => 4)
  }
  const store = new FakeObjectStore().bucket(bucket)
  store.place(bucket, key, image)
  return { ocr, metrics, objects: store.reader }
}

const all = stage().steps.map(({ verb }, at) => ({ verb, at }))

test('every verb of the cluster is tried here', () => {
  // A queue may be one of the cluster's Jobs, or lie in a Redis: that verb is tried beside those of the other queues.
  const ofTheCluster = [...verbs.values()]
    .filter(({ id, needs }) => needs.length > 0 && id !== 'requeue-job')
    .map(({ id }) => id)
  expect([...new Set(all.map(({ verb }) => verb))].sort()).toEqual(ofTheCluster.sort())
})

describe.each(all)('$verb ($at)', ({ at }) => {
  const on = () => {
    const { cluster, readers, hands, steps } = stage()
    const { args, verb: id } = steps[at]!
    const verb = verbs.get(id)!
    if ('none' in verb.undo) throw new Error('these verbs can be undone')
    return { cluster, readers, hands, args, verb, undo: verb.undo }
  }

  test('does, probes, and takes back: the state is what the plan said', async () => {
    const { readers, hands, args, verb, undo } = on()
    expect(await verb.state(readers, args)).toEqual(verb.before(args))
    expect(await verb.probe(readers, args)).toBe('not-in-place')
    await verb.do(hands, readers, args)
    expect(await verb.state(readers, args)).toEqual(verb.after(args))
    expect(await verb.probe(readers, args)).toBe('in-place')
    expect(await undo.probe(readers, args)).toBe('not-in-place')
    await undo.do(hands, readers, args)
    expect(await verb.state(readers, args)).toEqual(verb.before(args))
    expect(await undo.probe(readers, args)).toBe('in-place')
  })

  test('reads anew when the object was written in between', async () => {
    const { cluster, readers, hands, args, verb } = on()
    cluster.failNext('conflict')
    await verb.do(hands, readers, args)
    expect(cluster.effects).toHaveLength(1)
  })

  test('gives up on an object that never stands still, without an effect', async () => {
    const { cluster, readers, hands, args, verb } = on()
    for (let time = 0; time < 5; time++) cluster.failNext('conflict')
    await expect(verb.do(hands, readers, args)).rejects.toMatchObject({ kind: 'conflict' })
    expect(cluster.effects).toEqual([])
  })

  test('does not touch a target that is not as its approver saw it, and says why', async () => {
    const { cluster, readers, hands, args, verb } = on()
    await verb.do(hands, readers, args)
    await expect(verb.do(hands, readers, args)).rejects.toThrow(
      /somebody changed it|somebody else routes documents|somebody else has restarted|suspended already|is 5–5, not 2–3/,
    )
    expect(cluster.effects).toHaveLength(1)
  })

  test('cannot tell about a target that was replaced, and does not touch it', async () => {
    const { cluster, readers, hands, args, verb } = on()
    cluster.deploy('prod/api', { replicas: 2, uid: 'another' })
    cluster.autoscale('prod/another-hpa', 'prod/api', { min: 2, max: 3 })
    cluster.autoscale('prod/api-hpa', 'prod/elsewhere', { min: 2, max: 3 })
    cluster.putJob('prod/nightly-1', { uid: 'another' })
    cluster.putCronJob('prod/nightly', { uid: 'another' })
    cluster.state.configMaps.clear()
    expect(await verb.probe(readers, args)).toBe('cannot-tell')
    await expect(verb.do(hands, readers, args)).rejects.toThrow()
    expect(cluster.effects).toEqual([])
  })

  test('says what it does in a sentence, and names what it touches', () => {
    const { args, verb, undo } = on()
    expect(verb.says(args)).toMatch(/^[A-Z][a-z]+ .*prod\/[a-z]/)
    expect(undo.says(args)).toMatch(/ back[ :]|^Resume |^Put .+ back/)
    expect(verb.targets(args)).toEqual([expect.stringMatching(/^(deployment|job|cronjob|configmap):prod\/[a-z]/)])
    expect(verb.needs.length).toBeGreaterThan(0)
  })
})

test('a job that has ended is neither suspended nor resumed', async () => {
  const { cluster, readers, hands } = stage()
  const { uid } = cluster.putJob('prod/done', { state: 'complete', active: 0, succeeded: 1 })
  const { args, verb } = suspendJob({ job: 'prod/done', uid })
  await expect(verbs.get(verb)!.do(hands, readers, args)).rejects.toThrow('has ended')
  expect(cluster.effects).toEqual([])
})

test('a configuration that is immutable is not touched', async () => {
  const { cluster, readers, hands } = stage()
  const { uid } = cluster.putConfig('prod/fixed', { engine: 'primary' }, true)
  const { args, verb } = setConfigKey({ config: 'prod/fixed', uid, key: 'engine', from: 'primary', to: 'fallback' })
  await expect(verbs.get(verb)!.do(hands, readers, args)).rejects.toThrow('immutable')
  expect(cluster.effects).toEqual([])
})

test.each<[says: string, speak: () => unknown]>([
  ['a namespace that is none', () => suspendJob({ job: 'Prod/x', uid: 'u' })],
  ['a path', () => setConfigKey({ config: 'prod/../secrets', uid: 'u', key: 'a', from: null, to: 'b' })],
  ['a key that is none', () => setConfigKey({ config: 'prod/x', uid: 'u', key: 'a/b', from: null, to: 'b' })],
  [
    'a variable that is none',
    () => setDeploymentEnv({ deployment: 'a/b', uid: 'u', container: 'c', name: 'A=B', from: null, to: 'b' }),
  ],
  ['a mark that is none', () => restartDeployment({ deployment: 'a/b', uid: 'u', from: null, to: 'A B' })],
  ['a value without end', () => setConfigKey({ config: 'a/b', uid: 'u', key: 'a', from: null, to: 'x'.repeat(1_001) })],
])('refuses %s', (_, speak) => {
  expect(speak).toThrow()
})
