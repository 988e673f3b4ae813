import { expect, test } from 'vitest'
import type { Recipe } from '@firebreak/kit'
import { whyNotYes } from './approvals.js'
import { Interventions } from './interventions.js'
import { hannah } from './testing/rehearse.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'

type Set = ReturnType<typeof scalingHouse>
const rests = { cooldown_minutes: 10 }

/** Made and not approved. */
async function proposed({ house }: Set, recipe = 'add-replicas') {
  const { id } = await house.plans.request(hannah, { recipe, params: {}, labels: {}, reason: '' })
  return (await house.worker().planner.make(id))!
}
const yes = ({ house }: Set, { id, digest }: { id: string; digest: string | null }) =>
  house.approvals.decide(hannah, id, { digest: digest!, decision: 'yes', note: '' })
/** As slow as before, and the same deployment. */
const again = ({ cluster }: Set) => cluster.deploy('prod/api', { replicas: 2, uid: cluster.at('prod/api')!.uid })
/** One run that changed something and ended; what it changed is gone again. */
async function afterARun(options: Parameters<typeof scalingHouse>[0] = {}) {
  const set = scalingHouse({ limits: rests, ...options })
  expect(await set.house.worker().runner.carryOut(await set.house.approved('add-replicas', {}))).toBe('succeeded')
  again(set)
  return set
}

test('after a run nobody may approve another on its target, and they are told until when', async () => {
  const set = await afterARun()
  const plan = await proposed(set)
  await expect(yes(set, plan)).rejects.toMatchObject({
    code: 'cooldown',
    until: expect.any(Date) as Date,
    message: expect.stringMatching(/^deployment:prod\/api rests until 2026-11-23T03:17:0\d/) as string,
  })
  const { ledger } = set.house.world
  const beforehand = await ledger.read((books) => whyNotYes(books, set.house.world, plan))
  expect(beforehand).toMatchObject({ code: 'cooldown', until: expect.any(Date) as Date })
  const no = await set.house.approvals.decide(hannah, plan.id, { digest: plan.digest!, decision: 'no', note: '' })
  expect(no.decision).toBe('no')
})

test('it may be approved when the time is over, and runs', async () => {
  const set = await afterARun()
  const plan = await proposed(set)
  set.house.clock.forward(10 * 60_000)
  await yes(set, plan)
  expect(await set.house.worker().runner.carryOut(plan.id)).toBe('succeeded')
})

test('one that was approved before starts when the target has rested', async () => {
  const set = scalingHouse({ limits: rests })
  const [first, second] = [await set.house.approved('add-replicas', {}), await set.house.approved('add-replicas', {})]
  const { runner } = set.house.worker()
  expect(await runner.carryOut(first)).toBe('succeeded')
  again(set)
  expect(await runner.carryOut(second)).toBe('cooldown')
  set.house.clock.forward(10 * 60_000)
  expect(await runner.carryOut(second)).toBe('succeeded')
})

test('a worker that has looked already asks again before it starts', async () => {
  const set = scalingHouse({ limits: rests })
  const [first, second] = [await set.house.approved('add-replicas', {}), await set.house.approved('add-replicas', {})]
  const { cluster } = set.house.readers
  const look = cluster.deployment.bind(cluster)
  cluster.deployment = async (name) => {
    cluster.deployment = look
    expect(await set.house.worker('worker-2').runner.carryOut(first)).toBe('succeeded')
    again(set)
    return look(name)
  }
  expect(await set.house.worker().runner.carryOut(second)).toBe('cooldown')
})

test('a run that never came to touch anything lets nobody wait', async () => {
  const set = scalingHouse({ limits: rests })
  const id = await set.house.approved('add-replicas', {})
  expect(await set.house.worker().runner.carryOut(id, { aborted: true })).toBe('handed-over')
  const [run] = await set.house.ledger.read((books) => books.runs.where({ plan_id: id }))
  const asks = new Interventions(set.house.world, set.house.doorbell)
  await asks.cancel(hannah, run!.id, { undo: false, reason: 'not now' })
  expect(await set.house.worker().runner.carryOut(id)).toBe('cancelled')
  const plan = await proposed(set)
  await yes(set, plan)
  expect(await set.house.worker().runner.carryOut(plan.id)).toBe('succeeded')
})

test('what only contains does not wait', async () => {
  const contain: Recipe = { ...addReplicas, id: 'contain', contains: true }
  const set = await afterARun({ recipes: [addReplicas, contain] })
  const plan = await proposed(set, 'contain')
  await yes(set, plan)
  expect(await set.house.worker().runner.carryOut(plan.id)).toBe('succeeded')
})

test('without a cooldown it goes on at once', async () => {
  const set = await afterARun({ limits: {} })
  const plan = await proposed(set)
  await yes(set, plan)
  expect(await set.house.worker().runner.carryOut(plan.id)).toBe('succeeded')
})
