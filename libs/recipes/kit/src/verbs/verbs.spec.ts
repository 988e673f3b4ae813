import { describe, expect, test } from 'vitest'
import { aService, FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '../testing/index.js'
import { raiseAutoscalerFloor, scaleDeployment, verbs } from './index.js'

function stage() {
  const cluster = new FakeCluster()
  const { uid } = cluster.deploy('prod/api', { replicas: 2 })
  const hpa = cluster.autoscale('prod/api-hpa', 'prod/api', { min: 2, max: 3 })
  return {
    cluster,
    readers: fakeReaders({
      cluster: cluster.reader,
      metrics: new FakeMetrics(),
      directory: new FakeDirectory([aService()]),
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
    ],
  }
}

describe.each([0, 1])('verb %i', (at) => {
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
    await expect(verb.do(hands, readers, args)).rejects.toThrow(/somebody changed it|is 5–5, not 2–3/)
    expect(cluster.effects).toHaveLength(1)
  })

  test('cannot tell about a target that was replaced, and does not touch it', async () => {
    const { cluster, readers, hands, args, verb } = on()
    cluster.deploy('prod/api', { replicas: 2, uid: 'another' })
    cluster.autoscale('prod/another-hpa', 'prod/api', { min: 2, max: 3 })
    cluster.autoscale('prod/api-hpa', 'prod/elsewhere', { min: 2, max: 3 })
    expect(await verb.probe(readers, args)).toBe('cannot-tell')
    await expect(verb.do(hands, readers, args)).rejects.toThrow()
    expect(cluster.effects).toEqual([])
  })

  test('says what it does in a sentence, and names what it touches', () => {
    const { args, verb, undo } = on()
    expect(verb.says(args)).toMatch(/^(Scale|Move) .+ from .+ to .+/)
    expect(undo.says(args)).toMatch(/ back /)
    expect(verb.targets(args)).toEqual(['deployment:prod/api'])
    expect(verb.needs.length).toBeGreaterThan(0)
  })
})
