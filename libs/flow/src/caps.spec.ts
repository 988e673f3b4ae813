import { expect, test } from 'vitest'
import { whyNotYes } from './approvals.js'
import { whyTooWide } from './caps.js'
import { noLimits, type Cap } from './limits.js'
import { Scopes } from './scopes.js'
import { aService } from '@firebreak/kit/testing'
import { hannah, House } from './testing/rehearse.js'
import { manyHouse } from './testing/many-house.js'
import { scalingHouse } from './testing/scaling-house.js'

/** A plan for as many deployments of one step. */
async function planFor(count: number, caps: Cap[]) {
  const { recipe, readers, hands } = manyHouse(count)
  const house = new House(readers, hands, [recipe], { caps })
  const { id } = await house.plans.request(hannah, { recipe: 'scale-many', params: {}, labels: {}, reason: '' })
  return house.worker().planner.make(id)
}

test('a plan with more targets than the house allows is not made, and says so', async () => {
  const caps = [{ recipe: 'scale-many', targets: 3 }]
  expect(await planFor(3, caps)).toMatchObject({ state: 'proposed' })
  expect(await planFor(4, caps)).toMatchObject({
    state: 'stopped',
    digest: null,
    because: 'It would have 4 targets, and the house lets scale-many have 3 at the most (firebreak.yaml, caps).',
  })
})

test('every item of a step is an effect', async () => {
  expect(await planFor(4, [{ effects: 3 }])).toMatchObject({ state: 'stopped' })
  expect(await planFor(4, [{ effects: 4 }])).toMatchObject({ state: 'proposed' })
})

test('a plan carries the caps that fit it, with its targets that lie there', async () => {
  const caps = [{ recipe: 'scale-many', targets: 3 }, { recipe: 'pause-batch', targets: 1 }, { effects: 2 }]
  const plan = await planFor(2, caps)
  const there = plan!.body!.steps.flatMap(({ targets }) => targets).sort()
  expect(there).toHaveLength(2)
  expect(plan!.body!.limits!.caps).toEqual([
    { targets: 3, there },
    { effects: 2, there },
  ])
})

const step = (...targets: string[]) => ({ targets }) as never
const scopes = new Scopes(
  [aService(), aService({ name: 'trial', environment: 'staging', deployment: 'staging/api' })],
  [],
)
const recipe = { id: 'scale-api' }
const [here, there, undescribed] = ['deployment:prod/api', 'deployment:staging/api', 'queue:batch']

test.each<[string, Cap[], string[], string | undefined]>([
  ['one in another environment does not count', [{ environment: 'prod', targets: 1 }], [here, there], undefined],
  [
    'one that nobody described counts everywhere',
    [{ environment: 'prod', targets: 1 }],
    [here, undescribed],
    '2 targets in prod',
  ],
  ['the cap of another recipe does not count', [{ recipe: 'pause-batch', targets: 0 }], [here], undefined],
  [
    'all that fit hold',
    [{ targets: 9 }, { recipe: 'scale-api', environment: 'staging', effects: 0 }],
    [here, there],
    '1 effect in staging',
  ],
  ['nothing is capped where the house says nothing', [], [here, there, undescribed], undefined],
])('%s', (_, caps, targets, says) => {
  const why = whyTooWide({ scopes, limits: { ...noLimits, caps } }, { recipe, steps: targets.map((one) => step(one)) })
  if (says === undefined) expect(why).toBeUndefined()
  else expect(why).toContain(says)
})

test('what was planned before the house became narrower takes no yes, and is not started', async () => {
  const caps: Cap[] = []
  const set = scalingHouse({ limits: { caps } })
  const approved = await set.house.approved('add-replicas', {})
  const { id } = await set.house.plans.request(hannah, { recipe: 'add-replicas', params: {}, labels: {}, reason: '' })
  const plan = (await set.house.worker().planner.make(id))!
  caps.push({ environment: 'prod', targets: 0 })
  const decide = (decision: 'yes' | 'no') =>
    set.house.approvals.decide(hannah, id, { digest: plan.digest!, decision, note: '' })
  await expect(decide('yes')).rejects.toMatchObject({ code: 'out-of-range' })
  const { world } = set.house
  const beforehand = await world.ledger.read((books) => whyNotYes(books, world, plan))
  expect(beforehand).toMatchObject({ code: 'out-of-range', reason: expect.stringContaining('caps') as string })
  await expect(decide('no')).resolves.toMatchObject({ decision: 'no' })
  expect(await set.house.worker().runner.carryOut(approved)).toBe('stale')
  expect(set.cluster.effects).toEqual([])
})
