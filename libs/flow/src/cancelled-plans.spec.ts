import { expect, test } from 'vitest'
import { hannah, mira, type House } from './testing/rehearse.js'
import { scalingHouse } from './testing/scaling-house.js'

const wish = { recipe: 'add-replicas', params: {}, labels: {}, reason: '' }
const planOf = (set: ReturnType<typeof scalingHouse>, id: string) =>
  set.house.ledger.read((books) => books.plans.get(id))

/** Does something once, at the first moment at which a worker looks at the cluster. */
function duringTheDiagnosis(house: House, act: () => Promise<unknown>): void {
  const { cluster } = house.readers
  const look = cluster.deployment.bind(cluster)
  cluster.deployment = async (name) => {
    cluster.deployment = look
    await act()
    return look(name)
  }
}

test('a plan that was cancelled before it was made is never made', async () => {
  const { house } = scalingHouse()
  const { id } = await house.plans.request(hannah, wish)
  await house.plans.cancel(mira, id, 'the wrong service')
  expect(await house.worker().planner.make(id)).toBeUndefined()
  expect(house.story).toEqual(['plan.requested', 'cancel.requested'])
})

test('a plan that was cancelled while the worker looked is not made either', async () => {
  const { house } = scalingHouse()
  const { id } = await house.plans.request(hannah, wish)
  duringTheDiagnosis(house, () => house.plans.cancel(mira, id, 'the wrong service'))
  expect(await house.worker().planner.make(id)).toBeUndefined()
  expect(house.story).not.toContain('plan.proposed')
})

test('a proposed plan that was cancelled takes no yes, and the worker closes it', async () => {
  const set = scalingHouse()
  const { id } = await set.house.plans.request(hannah, wish)
  const plan = (await set.house.worker().planner.make(id))!
  await set.house.plans.cancel(mira, id, 'not now')
  expect(set.house.doorbell.rings.at(-1)).toEqual({ queue: 'plan', id })
  const yes = set.house.approvals.decide(hannah, id, { digest: plan.digest!, decision: 'yes', note: '' })
  await expect(yes).rejects.toMatchObject({ code: 'already-decided' })
  expect(await set.house.worker().planner.close(id)).toBe('cancelled')
  expect(await planOf(set, id)).toMatchObject({ state: 'cancelled', because: 'mira cancelled it.' })
  const again = set.house.plans.cancel(hannah, id, 'me too')
  await expect(again).rejects.toMatchObject({ code: 'already-decided' })
})

test('an approved plan that was cancelled before its run began never becomes one, even when the worker was looking already', async () => {
  const set = scalingHouse()
  const id = await set.house.approved('add-replicas', {})
  duringTheDiagnosis(set.house, () => set.house.plans.cancel(mira, id, 'not now'))
  expect(await set.house.worker().runner.carryOut(id)).toBe('not-approved')
  expect(await set.house.worker().runner.carryOut(id)).toBe('not-approved')
  expect(set.cluster.effects).toEqual([])
  expect(set.house.story).not.toContain('run.started')
})

test('what became a run is cancelled as a run, and what is not there is not found', async () => {
  const { house } = scalingHouse()
  const id = await house.approved('add-replicas', {})
  await house.worker().runner.carryOut(id)
  await expect(house.plans.cancel(hannah, id, 'late')).rejects.toMatchObject({ code: 'superseded' })
  await expect(house.plans.cancel(hannah, 'pln_none', 'no')).rejects.toMatchObject({ code: 'not-found' })
})

test('after its time there is nothing to cancel', async () => {
  const { house } = scalingHouse()
  const { id } = await house.plans.request(hannah, wish)
  await house.worker().planner.make(id)
  house.clock.forward(31 * 60_000)
  await expect(house.plans.cancel(hannah, id, 'late')).rejects.toMatchObject({ code: 'expired' })
})
