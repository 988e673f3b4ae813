import { expect, test } from 'vitest'
import { House, hannah } from './testing/rehearse.js'
import { manyHouse } from './testing/many-house.js'
import { addReplicas, addReplicasForGood, scalingHouse } from './testing/scaling-house.js'

/** The same recipe at a later time, when the target rests after each run. */
async function afterARun({ recipes = [addReplicasForGood], cooldown_minutes = 0 } = {}) {
  const set = scalingHouse({ recipes, limits: { cooldown_minutes } })
  const plan = await set.house.approved('add-replicas', {})
  expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
  const [run] = await set.house.ledger.read((books) => books.runs.where({ plan_id: plan }))
  return { ...set, run: run! }
}
async function wayBack(house: House, run: string) {
  const { id } = await house.plans.requestRevert(hannah, { run, reason: 'it was the wrong service' })
  return (await house.worker().planner.make(id))!
}
async function approved(house: House, run: string) {
  const plan = await wayBack(house, run)
  await house.approvals.decide(hannah, plan.id, { digest: plan.digest!, decision: 'yes', note: '' })
  return plan.id
}

test('a run that is over is taken back by a plan of its own, approved like any other, and at once', async () => {
  const { cluster, house, run } = await afterARun({ cooldown_minutes: 60 })
  const plan = await wayBack(house, run.id)
  expect(plan).toMatchObject({ state: 'proposed', recipe_id: 'add-replicas', tier: 'T1', quorum: 1 })
  expect(plan.body).toMatchObject({
    reverts: run.id,
    contains: false,
    limits: { cooldown_minutes: 0 },
    steps: [{ verb: 'undo-scale-deployment', before: { replicas: 5 }, after: { replicas: 2 }, reversible: 'yes' }],
    verify: { says: `All of it is as it was before the run ${run.id}` },
  })
  expect(plan.body!.steps[0]!.says).toMatch(/5 .*2|2 .*5/)
  // Another version of the recipe's digest: no standing approval, and no record of the recipe, is about it.
  expect(plan.recipe_digest).not.toBe(run.plan_digest)
  expect(await house.worker().runner.carryOut(plan.id)).toBe('not-approved')

  await house.approvals.decide(hannah, plan.id, { digest: plan.digest!, decision: 'yes', note: '' })
  expect(await house.worker().runner.carryOut(plan.id)).toBe('succeeded')
  expect(cluster.at('prod/api')?.replicas).toBe(2)
  expect(
    house.ledger.log.find(({ type, detail }) => type === 'plan.requested' && detail?.reverts)?.detail,
  ).toMatchObject({ recipe: 'add-replicas', reverts: run.id })

  // Who looks at the target next finds it as the way back left it: one chain, there and back.
  const states = await house.ledger.read((books) => books.targetStates.where({}))
  expect(states).toMatchObject([{ id: 'scale-deployment@deployment:prod/api', value: { replicas: 2 } }])
  expect(house.story).not.toContain('target.moved')
  // The recipe is what does it again: it looks first whether that is wanted.
  const [back] = await house.ledger.read((books) => books.runs.where({ plan_id: plan.id }))
  await expect(wayBack(house, back!.id)).rejects.toMatchObject({ code: 'superseded' })
})

test('what somebody changed since is not gone over; what is back already needs nothing', async () => {
  const { cluster, house, run } = await afterARun()
  cluster.deploy('prod/api', { replicas: 7 })
  expect(await wayBack(house, run.id)).toMatchObject({ state: 'stopped', because: expect.stringMatching(/^Somebody changed/) as string }) // prettier-ignore
  const other = await afterARun()
  await other.house.worker().runner.carryOut(await approved(other.house, other.run.id))
  expect(await wayBack(other.house, other.run.id)).toMatchObject({ state: 'stopped', because: 'All of it is back already.' }) // prettier-ignore
})

test('changed between the yes and the start, it goes stale', async () => {
  const { cluster, house, run } = await afterARun()
  const plan = await approved(house, run.id)
  cluster.deploy('prod/api', { replicas: 7 })
  expect(await house.worker().runner.carryOut(plan)).toBe('stale')
  expect(cluster.at('prod/api')?.replicas).toBe(7)
})

test('a loan is given back, one plan is open at a time, and a run that is not there or not over is refused', async () => {
  const lent = await afterARun({ recipes: [addReplicas] })
  await expect(wayBack(lent.house, lent.run.id)).rejects.toMatchObject({ code: 'in-progress', message: expect.stringMatching(/give lon_\d+ back/) as string }) // prettier-ignore
  const { house, run } = await afterARun()
  await wayBack(house, run.id)
  await expect(wayBack(house, run.id)).rejects.toMatchObject({ code: 'in-progress' })
  await expect(wayBack(house, 'run_nowhere')).rejects.toMatchObject({ code: 'not-found' })
  const stopped = scalingHouse({ recipes: [addReplicasForGood] })
  const plan = await stopped.house.approved('add-replicas', {})
  await stopped.house.worker().runner.carryOut(plan, { aborted: true })
  const [under] = await stopped.house.ledger.read((books) => books.runs.where({ plan_id: plan }))
  await expect(wayBack(stopped.house, under!.id)).rejects.toMatchObject({ code: 'in-progress', message: expect.stringMatching(/cancel it/) as string }) // prettier-ignore
  const never = scalingHouse({ recipes: [addReplicasForGood], helps: false })
  const failing = await never.house.approved('add-replicas', {})
  expect(await never.house.worker().runner.carryOut(failing)).toBe('undone')
  const [undone] = await never.house.ledger.read((books) => books.runs.where({ plan_id: failing }))
  await expect(wayBack(never.house, undone!.id)).rejects.toMatchObject({ code: 'empty-selection' })
})

test('many effects come back the last one first, and only those that are as they were left', async () => {
  const { cluster, hands, readers, recipe } = manyHouse(3)
  const house = new House(readers, hands, [recipe])
  const plan = await house.approved('scale-many', {})
  expect(await house.worker().runner.carryOut(plan)).toBe('succeeded')
  const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: plan }))
  // Somebody has put one back by hand.
  const b = cluster.at('prod/b')!
  await hands.cluster.scale('prod/b', 2, b.resource_version)
  const back = await wayBack(house, run!.id)
  expect(back.body!.steps.map(({ items }) => items?.map(({ targets }) => targets[0]))).toEqual([
    ['deployment:prod/c', 'deployment:prod/a'],
  ])
  await house.approvals.decide(hannah, back.id, { digest: back.digest!, decision: 'yes', note: '' })
  expect(await house.worker().runner.carryOut(back.id)).toBe('succeeded')
  expect(['a', 'b', 'c'].map((name) => cluster.at(`prod/${name}`)?.replicas)).toEqual([2, 2, 2])
})

test('many effects are looked at some at once, and what became of one of them since is said of that one alone', async () => {
  const { cluster, hands, readers, recipe } = manyHouse(8)
  const looks = { now: 0, most: 0 }
  const deployment = readers.cluster.deployment.bind(readers.cluster)
  readers.cluster.deployment = async (ref) => {
    looks.most = Math.max(looks.most, ++looks.now)
    await new Promise(setImmediate)
    looks.now--
    return deployment(ref)
  }
  const house = new House(readers, hands, [recipe])
  const plan = await house.approved('scale-many', {})
  expect(await house.worker().runner.carryOut(plan)).toBe('succeeded')
  const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: plan }))
  looks.most = 0
  const back = await approved(house, run!.id)
  expect(looks.most).toBe(4)
  for (const name of ['b', 'c', 'd', 'e']) cluster.deploy(`prod/${name}`, { replicas: 7 })
  expect(await house.worker().runner.carryOut(back)).toBe('stale')
  const [stale] = await house.ledger.read((books) => books.plans.where({ id: back }))
  const was = (nth: number) => `step 1 item ${nth} was "as left" and is "changed"`
  expect(stale!.because).toBe(`Since the plan was made: effects: ${was(2)}, ${was(3)}, ${was(4)}, and 1 more.`)
})
