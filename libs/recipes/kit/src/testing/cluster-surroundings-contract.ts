import { describe, expect, test, vi } from 'vitest'
import { MOST_LISTED, type WorkloadRef } from '../ports.js'
import { is, nothingIn, waiting, type ClusterWorld } from './cluster-world.js'

/** Rollouts, what a container is told, configuration, quotas, events. */
export function surroundingsContract(world: () => ClusterWorld): void {
  describe('around a deployment', () => {
    const { reader, hands, deployment, nowhere, rollout, settled } = open(world)

    test('what is not there is undefined, or an empty list', async () => {
      expect(await reader().rollout(nowhere())).toBeUndefined()
      expect(await reader().configMap(nowhere())).toBeUndefined()
      await nothingIn(reader().quotas('no-such-namespace'))
      await nothingIn(reader().events('no-such-namespace', { limit: 5 }))
    })

    test('a rollout that is over is complete, and says which template it is of', async (it) => {
      const found = await rollout()
      expect(found).toMatchObject({ ref: deployment(), restart_mark: null })
      expect(found.containers.length).toBeGreaterThan(0)
      expect(found.containers[0]!.image).not.toBe('')
      if (world().settles === false) return it.skip('no controller makes pods here')
      expect(await settled()).toMatchObject({ state: 'complete', why: null, available: 2 })
    })

    test('a restart makes every pod anew, once for each mark', async (it) => {
      const before = await rollout()
      const pods = (await reader().podsOf(deployment())).map(({ name }) => name)
      const { resource_version } = await hands().restart(deployment(), 'one', before.resource_version)
      expect(resource_version).not.toBe(before.resource_version)
      const after = await rollout()
      expect(after).toMatchObject({ uid: before.uid, restart_mark: 'one', containers: before.containers })
      expect(after.generation).toBeGreaterThan(before.generation)
      if (world().settles === false) return it.skip('no controller makes pods here')
      const whole = await settled()
      await hands().restart(deployment(), 'one', (await settled()).resource_version)
      expect(await settled()).toMatchObject({ generation: whole.generation })
      if (world().effects) expect(pods).toHaveLength(2)
    })

    test('a variable of a container is set and taken away, and the others stay', async () => {
      const { name: container } = (await rollout()).containers[0]!
      const set = async (name: string, value: string | null) => {
        const { resource_version } = await settled()
        await hands().setEnv(deployment(), { container, name, value }, resource_version)
        return (await rollout()).containers[0]!.env
      }
      const first = await set('CONTRACT_ONE', '1 "two" $(THREE)')
      expect(first).toMatchObject({ CONTRACT_ONE: '1 "two" $(THREE)' })
      expect(await set('CONTRACT_TWO', '')).toEqual({ ...first, CONTRACT_TWO: '' })
      expect(await set('CONTRACT_TWO', null)).toEqual(first)
    })

    test('a container that is not there is invalid, and none is made', async () => {
      const { resource_version, containers } = await settled()
      const wrong = hands().setEnv(deployment(), { container: 'nobody', name: 'A', value: 'b' }, resource_version)
      await expect(wrong).rejects.toSatisfy(is('invalid'))
      expect((await rollout()).containers).toEqual(containers)
    })

    test('a precondition that was overtaken is a conflict, and a thing that is not there not-found', async () => {
      const { resource_version, containers, restart_mark } = await settled()
      const variable = { container: containers[0]!.name, name: 'CONTRACT', value: 'x' }
      await world().elsewhere()
      await expect(hands().restart(deployment(), 'late', resource_version)).rejects.toSatisfy(is('conflict'))
      await expect(hands().setEnv(deployment(), variable, resource_version)).rejects.toSatisfy(is('conflict'))
      expect(await rollout()).toMatchObject({ containers, restart_mark })
      await expect(hands().restart(nowhere(), 'one', '1')).rejects.toSatisfy(is('not-found'))
      await expect(hands().setEnv(nowhere(), variable, '1')).rejects.toSatisfy(is('not-found'))
      await expect(hands().setConfig(nowhere(), { a: 'b' }, '1')).rejects.toSatisfy(is('not-found'))
    })

    test('a configuration is changed key by key, under its precondition', async (it) => {
      if (!world().config) return it.skip('no ConfigMap can be put there')
      const ref = await world().config!({ kept: 'as it was', changed: 'before', gone: '' })
      const before = (await reader().configMap(ref))!
      expect(before).toMatchObject({ ref, immutable: false, data: { kept: 'as it was', changed: 'before', gone: '' } })
      const values = { changed: 'after\n— two lines', gone: null, new: 'one' }
      const { resource_version } = await hands().setConfig(ref, values, before.resource_version)
      const after = (await reader().configMap(ref))!
      expect(after).toMatchObject({ resource_version, uid: before.uid })
      expect(after.data).toEqual({ kept: 'as it was', changed: 'after\n— two lines', new: 'one' })
      await expect(hands().setConfig(ref, { kept: 'no' }, before.resource_version)).rejects.toSatisfy(is('conflict'))
      expect((await reader().configMap(ref))!.data).toEqual(after.data)
    })

    test('a quota is read in thousandths of CPU, bytes and pieces', async (it) => {
      if (!world().quota) return it.skip('no ResourceQuota can be put there')
      const ref = await world().quota!({ 'requests.cpu': '1500m', 'limits.memory': '2Gi', pods: '50' })
      const found = await vi.waitFor(async () => {
        const one = (await reader().quotas(ref.split('/')[0]!)).find((quota) => quota.ref === ref)
        expect(one?.limits).toHaveLength(3)
        return one!
      }, waiting)
      expect(found.scoped).toBe(false)
      const hard = Object.fromEntries(found.limits.map(({ resource, hard }) => [resource, hard]))
      expect(hard).toEqual({ 'requests.cpu': 1_500, 'limits.memory': 2_147_483_648, pods: 50 })
      for (const { used } of found.limits) expect(Number.isInteger(used)).toBe(true)
    })

    test('events are told newest first, and no more than were asked for', async (it) => {
      if (!world().events) return it.skip('nothing tells events here')
      await world().events!()
      const [namespace, name] = deployment().split('/') as [string, string]
      await vi.waitFor(async () => {
        const about = { kind: 'Deployment', name }
        const told = await reader().events(namespace, { about, limit: 100 })
        expect(told).toContainEqual(expect.objectContaining({ about, type: 'Normal', reason: 'ScalingReplicaSet' }))
        expect(told.map(({ last_ms }) => last_ms)).toEqual(told.map(({ last_ms }) => last_ms).sort((a, b) => b - a))
      }, waiting)
      const all = await reader().events(namespace, { limit: 100 })
      expect(all.length).toBeGreaterThan(1)
      expect(await reader().events(namespace, { limit: 1 })).toHaveLength(1)
      for (const limit of [0, -1, 1.5, MOST_LISTED + 1])
        await expect(reader().events(namespace, { limit })).rejects.toSatisfy(is('invalid'))
    })

    test('a container that died says why, and what it said before can be read', async (it) => {
      if (!world().crash) return it.skip('nothing can be made to crash here')
      await world().crash!()
      const pod = await vi.waitFor(async () => {
        const one = (await reader().podsOf(deployment())).find(({ restarts }) => restarts > 0)
        expect(one?.containers[0]?.last_exit).toMatchObject({ code: 137, reason: 'OOMKilled' })
        return one!
      }, waiting)
      expect(pod.containers[0]!.restarts).toBeGreaterThan(0)
      const ref: WorkloadRef = `${deployment().split('/')[0]!}/${pod.name}`
      const previous = await reader().logs(ref, { previous: true, tail: 50 })
      expect(previous?.lines.join('\n')).toContain('out of memory')
    })
  })
}

/** What every test of a world begins with. */
function open(world: () => ClusterWorld) {
  const deployment = () => world().deployment
  const rollout = async () => (await world().reader.rollout(deployment()))!
  return {
    reader: () => world().reader,
    hands: () => world().hands,
    deployment,
    nowhere: () => `${deployment().split('/')[0]}/nowhere` as WorkloadRef,
    rollout,
    /** A Deployment that rolls out writes its status all the time: its version stands still when it is done. */
    settled: () =>
      vi.waitFor(async () => {
        const found = await rollout()
        if (world().settles !== false) expect(found.state).toBe('complete')
        return found
      }, waiting),
  }
}
