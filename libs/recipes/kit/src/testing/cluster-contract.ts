import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { namespaceOf, type WorkloadRef } from '../ports.js'
import { batchContract } from './cluster-batch-contract.js'
import { surroundingsContract } from './cluster-surroundings-contract.js'
import { caught, is, nothingIn, waiting, type ClusterWorld } from './cluster-world.js'

export type { ClusterWorld } from './cluster-world.js'

/**
 * What every ClusterReader and ClusterHands keep, whatever stands behind them. Run it on the fake and on the real
 * thing: a recipe that passes on the fake then meets no surprise in production.
 */
export function clusterContract(name: string, open: () => Promise<ClusterWorld>): void {
  describe(`${name} keeps the cluster contract`, () => {
    let world: ClusterWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())

    const read = async () => (await world.reader.deployment(world.deployment))!
    const nowhere = () => `${world.deployment.split('/')[0]}/nowhere` as WorkloadRef
    const effects = async () => (await world.effects?.()) ?? 0

    surroundingsContract(() => world)
    batchContract(() => world)

    test('a deployment is read with its identity and its counts', async () => {
      const found = await read()
      expect(found).toMatchObject({ ref: world.deployment, replicas: 2 })
      expect(found.uid).not.toBe('')
      expect(found.resource_version).not.toBe('')
      const template = (await world.reader.rollout(world.deployment))!
      expect(found.images).toEqual(Object.fromEntries(template.containers.map(({ name, image }) => [name, image])))
      expect(Object.keys(found.images)).not.toEqual([])
      if (world.settles !== false) expect(found).toMatchObject({ ready: 2, updated: 2, observed: true })
    })

    test('what is not there is undefined, or an empty list', async () => {
      expect(await world.reader.deployment(nowhere())).toBeUndefined()
      expect(await world.reader.autoscalerOf(nowhere())).toBeUndefined()
      expect(await world.reader.podsOf(nowhere())).toEqual([])
      await nothingIn(world.reader.deployments('no-such-namespace'))
    })

    test('the deployments of a namespace are listed', async () => {
      const listed = await world.reader.deployments(world.deployment.split('/')[0]!)
      expect(listed).toContainEqual(expect.objectContaining({ ref: world.deployment, replicas: 2 }))
    })

    test('pods are those of the deployment', async (it) => {
      if (world.settles === false) return it.skip('no controller makes pods here')
      const pods = await world.reader.podsOf(world.deployment)
      expect(pods).toHaveLength(2)
      for (const pod of pods) expect(pod).toMatchObject({ phase: 'Running', ready: true, restarts: 0 })
    })

    test('scaling changes what is asked for, moves the resourceVersion, and happens once', async () => {
      const [before, counted] = [await read(), await effects()]
      const answer = await world.hands.scale(world.deployment, 3, before.resource_version)
      expect(answer.resource_version).not.toBe(before.resource_version)
      expect(await read()).toMatchObject({ replicas: 3, uid: before.uid })
      if (world.effects) expect((await effects()) - counted).toBe(1)
    })

    test('ready pods follow', async (it) => {
      if (world.settles === false) return it.skip('no controller makes pods here')
      await world.hands.scale(world.deployment, 4, (await read()).resource_version)
      await vi.waitFor(
        async () => expect(await read()).toMatchObject({ ready: 4, updated: 4, observed: true }),
        waiting,
      )
      expect((await world.reader.podsOf(world.deployment)).filter(({ ready }) => ready)).toHaveLength(4)
    })

    test('a precondition that somebody else has overtaken is a conflict, and nothing changes', async () => {
      const [before, counted] = [await read(), await effects()]
      await world.elsewhere()
      await expect(world.hands.scale(world.deployment, 5, before.resource_version)).rejects.toSatisfy(is('conflict'))
      expect((await read()).replicas).not.toBe(5)
      expect(await effects()).toBe(counted)
    })

    test('the same precondition does not serve twice', async () => {
      const before = await read()
      await world.hands.scale(world.deployment, 3, before.resource_version)
      await expect(world.hands.scale(world.deployment, 5, before.resource_version)).rejects.toSatisfy(is('conflict'))
    })

    test('scaling what is not there is not-found', async () => {
      await expect(world.hands.scale(nowhere(), 3, '1')).rejects.toSatisfy(is('not-found'))
      await expect(world.hands.setBounds(nowhere(), { min: 1, max: 2 }, '1')).rejects.toSatisfy(is('not-found'))
    })

    test('a number of replicas that makes no sense is invalid', async () => {
      const { resource_version } = await read()
      await expect(world.hands.scale(world.deployment, -1, resource_version)).rejects.toSatisfy(is('invalid'))
    })

    test('an autoscaler is found by what it governs, and its bounds are moved', async (it) => {
      if (!world.autoscale) return it.skip('no autoscaler can be put there')
      const ref = await world.autoscale()
      // The autoscaler writes its own status while we look; whoever moves bounds reads anew, as the verbs do.
      const { before, resource_version } = await vi.waitFor(async () => {
        const before = (await world.reader.autoscalerOf(world.deployment))!
        expect(before).toMatchObject({ ref, min: 2, max: 3 })
        return { before, ...(await world.hands.setBounds(ref, { min: 3, max: 6 }, before.resource_version)) }
      }, waiting)
      expect(resource_version).not.toBe(before.resource_version)
      const after = (await world.reader.autoscalerOf(world.deployment))!
      expect(after).toMatchObject({ ref, min: 3, max: 6 })
      const all = await world.reader.autoscalers(namespaceOf(world.deployment))
      expect(all.get(world.deployment)).toMatchObject([{ ref, uid: after.uid, min: 3 }])
      // Which figures it has depends on what measures them there; each has a name, and whole numbers or none.
      for (const { name, current, target, unit } of after.metrics) {
        expect([name, ['percent', 'bytes', 'millis'].includes(unit)]).toEqual([expect.stringMatching(/./), true])
        for (const figure of [current, target]) expect(figure === null || Number.isSafeInteger(figure)).toBe(true)
      }
      const stale = world.hands.setBounds(ref, { min: 1, max: 2 }, before.resource_version)
      await expect(stale).rejects.toSatisfy(is('conflict'))
      // The autoscaler itself may have written its status meanwhile: with the newest version it is the bounds that count.
      await vi.waitFor(async () => {
        const { resource_version } = (await world.reader.autoscalerOf(world.deployment))!
        const upside_down = world.hands.setBounds(ref, { min: 5, max: 2 }, resource_version)
        await expect(upside_down).rejects.toSatisfy(is('invalid'))
      }, waiting)
    })

    test('an answer that was lost is ambiguous, and its effect is there', async (it) => {
      if (!world.loseNextAnswer) return it.skip('no answer can be lost here')
      const before = await read()
      await world.loseNextAnswer()
      const failure = await caught(world.hands.scale(world.deployment, 5, before.resource_version))
      expect(failure).toMatchObject({ kind: 'timeout', ambiguous: true, retryable: true })
      expect((await read()).replicas).toBe(5)
    })

    test('hands without rights are forbidden, and nothing changes', async (it) => {
      if (!world.forbid) return it.skip('rights cannot be taken away here')
      const [before, counted] = [await read(), await effects()]
      await world.forbid()
      const failure = await caught(world.hands.scale(world.deployment, 5, before.resource_version))
      expect(failure).toMatchObject({ kind: 'forbidden', ambiguous: false, retryable: false })
      expect(await read()).toMatchObject({ replicas: 2 })
      expect(await effects()).toBe(counted)
    })

    test('an API that is down is unreachable, for looking and for acting', async (it) => {
      if (!world.takeDown) return it.skip('the API cannot be taken down here')
      const before = await read()
      await world.takeDown()
      await expect(world.reader.deployment(world.deployment)).rejects.toSatisfy(is('unreachable'))
      await world.takeDown()
      const acting = world.hands.scale(world.deployment, 5, before.resource_version)
      await expect(acting).rejects.toSatisfy(is('unreachable'))
    })
  })
}
