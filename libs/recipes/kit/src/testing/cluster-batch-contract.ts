import { describe, expect, test, vi } from 'vitest'
import { MOST_LOG_BYTES, MOST_LOG_LINES, type WorkloadRef } from '../ports.js'
import { is, nothingIn, waiting, type ClusterWorld } from './cluster-world.js'

/** Jobs, CronJobs, and what a pod says. */
export function batchContract(world: () => ClusterWorld): void {
  describe('batch work', () => {
    const reader = () => world().reader
    const hands = () => world().hands
    const nowhere = () => `${namespace()}/nowhere` as WorkloadRef
    const namespace = () => world().deployment.split('/')[0]!

    /** A Job that has a pod. */
    const begun = async (given: { log?: string; exitCode?: number }) => {
      const ref = await world().job!(given)
      return vi.waitFor(async () => {
        const pods = await reader().podsOfJob(ref)
        if (world().settles !== false) {
          expect(pods[0]?.phase).toMatch(/Running|Succeeded|Failed/)
          expect(pods[0]?.node).toMatch(/./)
        }
        return { ref, pod: `${namespace()}/${pods[0]?.name}` as WorkloadRef }
      }, waiting)
    }

    test('what is not there is undefined, or an empty list', async () => {
      expect(await reader().job(nowhere())).toBeUndefined()
      expect(await reader().cronJob(nowhere())).toBeUndefined()
      expect(await reader().podsOfJob(nowhere())).toEqual([])
      await nothingIn(reader().jobs('no-such-namespace'))
      await nothingIn(reader().cronJobs('no-such-namespace'))
      await nothingIn(reader().runningJobPods('no-such-namespace'))
      expect(await reader().logs(nowhere(), {})).toBeUndefined()
      await expect(hands().suspendJob(nowhere(), true, '1')).rejects.toSatisfy(is('not-found'))
      await expect(hands().suspendCronJob(nowhere(), true, '1')).rejects.toSatisfy(is('not-found'))
    })

    test('a job runs, is suspended, which takes its pods, and goes on', async (it) => {
      if (!world().job) return it.skip('no Job can be put there')
      const { ref } = await begun({ log: 'at work' })
      // Its controller writes its status meanwhile: whoever suspends reads anew, as the verbs do.
      const suspend = (suspended: boolean) =>
        vi.waitFor(async () => {
          const { resource_version, uid } = (await reader().job(ref))!
          return { uid, was: resource_version, ...(await hands().suspendJob(ref, suspended, resource_version)) }
        }, waiting)
      const running = (await reader().job(ref))!
      expect(running).toMatchObject({ ref, state: 'running', suspended: false, failed_because: null, owner: null })
      expect(await reader().jobs(namespace())).toContainEqual(expect.objectContaining({ ref, uid: running.uid }))

      const { uid, was } = await suspend(true)
      expect(uid).toBe(running.uid)
      await vi.waitFor(async () => {
        const found = await reader().job(ref)
        expect(found).toMatchObject({ state: 'suspended', suspended: true, ...(settles() ? { active: 0 } : {}) })
      }, waiting)
      await expect(hands().suspendJob(ref, false, was)).rejects.toSatisfy(is('conflict'))
      expect((await reader().job(ref))!.suspended).toBe(true)

      await suspend(false)
      await vi.waitFor(async () => {
        const found = await reader().job(ref)
        expect(found).toMatchObject({ state: 'running', suspended: false, ...(settles() ? { active: 1 } : {}) })
      }, waiting)
    })

    test('the pods of all jobs that run are one list, each with its job', async (it) => {
      if (!world().job || !settles()) return it.skip('no Job runs here')
      const [one, other] = [await begun({ log: 'one' }), await begun({ log: 'other' })]
      await vi.waitFor(async () => {
        const running = await reader().runningJobPods(namespace())
        for (const { ref, pod } of [one, other]) {
          const mine = running.filter(({ job }) => job === ref)
          expect(mine).toMatchObject([{ name: pod.split('/')[1], phase: 'Running' }])
          expect(mine.map(({ job: _, ...rest }) => rest)).toEqual(await reader().podsOfJob(ref))
        }
      }, waiting)
    })

    test('a job that failed says why', async (it) => {
      if (!world().job || !settles()) return it.skip('no Job runs here')
      const { ref } = await begun({ log: 'fatal: nothing there', exitCode: 3 })
      await vi.waitFor(async () => {
        const found = (await reader().job(ref))!
        expect(found).toMatchObject({ state: 'failed', active: 0 })
        expect(found.failed_because).toContain('BackoffLimitExceeded')
      }, waiting)
    })

    test('a cron job is suspended and goes on, under its precondition', async (it) => {
      if (!world().cronJob) return it.skip('no CronJob can be put there')
      const ref = await world().cronJob!()
      const before = (await reader().cronJob(ref))!
      expect(before).toMatchObject({ ref, suspended: false })
      expect(before.schedule).not.toBe('')
      const { resource_version } = await hands().suspendCronJob(ref, true, before.resource_version)
      expect(await reader().cronJob(ref)).toMatchObject({ suspended: true, uid: before.uid })
      expect(await reader().cronJobs(namespace())).toContainEqual(expect.objectContaining({ ref, suspended: true }))
      const stale = hands().suspendCronJob(ref, false, before.resource_version)
      await expect(stale).rejects.toSatisfy(is('conflict'))
      await hands().suspendCronJob(ref, false, resource_version)
      expect(await reader().cronJob(ref)).toMatchObject({ suspended: false })
    })

    test('a log is read from its end, within bounds', async (it) => {
      if (!world().job || !settles()) return it.skip('nothing says anything here')
      const { pod } = await begun({ log: ['one', 'two', 'three', 'four'].join('\n') })
      await vi.waitFor(async () => expect((await reader().logs(pod, {}))?.lines.at(-1)).toBe('four'), waiting)
      expect((await reader().logs(pod, {}))!.cut).toBe(false)
      expect(await reader().logs(pod, { tail: 2 })).toEqual({ lines: ['three', 'four'], cut: true })
      expect(await reader().logs(pod, { tail: 2, limit_bytes: 7 })).toEqual({ lines: ['three', 'f'], cut: true })
      expect((await reader().logs(pod, { since_s: 3_600 }))!.lines.at(-1)).toBe('four')
      expect(await reader().logs(pod, { previous: true })).toBeUndefined()
      await expect(reader().logs(pod, { container: 'nobody' })).rejects.toSatisfy(is('invalid'))
    })

    test.each([
      { tail: 0 },
      { tail: 1.5 },
      { tail: MOST_LOG_LINES + 1 },
      { limit_bytes: 0 },
      { limit_bytes: MOST_LOG_BYTES + 1 },
      { since_s: 0 },
    ])('%j are no bounds of a log', async (wish) => {
      await expect(reader().logs(nowhere(), wish)).rejects.toSatisfy(is('invalid'))
    })

    test('what a log may hide or turn around is taken out, and a line that has no end is cut', async (it) => {
      if (!world().job || !settles()) return it.skip('nothing says anything here')
      const evil = `\u001b[31mred\u001b[0m\u0007 \u202etxt.exe\u0000\u200b\ttab`
      const { pod } = await begun({ log: `${evil}\n${'long '.repeat(2_000)}\nlast` })
      await vi.waitFor(async () => expect((await reader().logs(pod, {}))?.lines.at(-1)).toBe('last'), waiting)
      const [shown, long] = (await reader().logs(pod, { tail: 3 }))!.lines
      expect(shown).toBe('red txt.exe tab')
      expect(long).toHaveLength(2_000)
      expect(long).toMatch(/…$/)
    })

    const settles = () => world().settles !== false
  })
}
