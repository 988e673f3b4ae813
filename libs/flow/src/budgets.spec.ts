import { describe, expect, test } from 'vitest'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { Budgets, stateOfBudget } from './budgets.js'
import type { Budget } from './limits.js'
import { recipeDigest } from './plans.js'
import { StandingApprovals } from './standing.js'
import { hannah, mira, type House } from './testing/rehearse.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'

const monitor: Actor = { kind: 'service', id: 'alertmanager', auth: 'api-key', roles: ['service'] }
const worker: Actor = { kind: 'process', id: 'worker-1', auth: 'process', roles: [] }
const ofRecipe: Budget = { of: 'recipe:add-replicas', runs: 2, minutes: 60 }

type Set = Awaited<ReturnType<typeof armed>>

/** A house whose recipe starts by itself, as often as its own yes in advance lets it, which is often. */
async function armed(...budgets: Budget[]) {
  const auto = { ...addReplicas, stage: 'auto' as const }
  const set = scalingHouse({ recipes: [auto], limits: { budgets } })
  const { house } = set
  await house.ledger.write(async (books) => {
    await books.lock({ stream: ['person:all'] })
    await books.people.add({ id: 'hannah', kind: 'person', name: 'Hannah' })
    await books.people.add({ id: 'alertmanager', kind: 'service', name: 'Alertmanager' })
    await books.roleGrants.add({
      ...{ id: 'rol_hannah', person_id: 'hannah', role: 'sre', since: '2026-11-01T00:00:00.000Z' },
      ...{ by: null, revoked_at: null, revoked_by: null },
    })
    for (const about of ['person:hannah', 'person:alertmanager', 'role_grant:rol_hannah'])
      books.audit.append(entry(hannah, 'person:all', 'person.added', about))
  })
  const give = () =>
    new StandingApprovals(house.world, house.recipes, house.doorbell).give(hannah, {
      ...{ recipe: 'add-replicas', digest: recipeDigest(auto), targets: ['deployment:prod/api'], reason: 'as ever' },
      bounds: { steps: 1, runs: { most: 100, minutes: 60 }, after: { replicas: { at_least: 2, at_most: 6 } } },
      expires_at: '2026-11-24T00:00:00.000Z',
    })
  await give()
  return { ...set, give }
}

/** The alert comes again: its plan, and what becomes of it. */
async function again({ cluster, house }: Set): Promise<{ plan: string; end: string }> {
  cluster.deploy('prod/api', { replicas: 2 })
  const wish = { recipe: 'add-replicas', params: {}, labels: {}, reason: 'an alert' }
  const { id } = await house.plans.request(monitor, wish)
  await house.worker().planner.make(id)
  return { plan: id, end: await house.worker().runner.carryOut(id) }
}
const budgets = ({ world }: House) => new Budgets(world)
const told = async ({ ledger }: House) =>
  (await ledger.read((books) => books.deliveries.where({ source: 'firebreak' }))).map(
    ({ body }) => (JSON.parse(new TextDecoder().decode(body)) as { alerts: object[] }).alerts[0],
  )

describe('a budget of runs that start by themselves', () => {
  test('is disarmed when it is spent, and the house tells of it as a monitor would', async () => {
    const set = await armed(ofRecipe)
    expect([(await again(set)).end, (await again(set)).end]).toEqual(['succeeded', 'succeeded'])
    const { end, plan } = await again(set)
    expect(end).toBe('disarmed')
    expect(await told(set.house)).toMatchObject([
      {
        ...{ status: 'firing', alertname: 'BudgetSpent', target: 'recipe:add-replicas', ends_at: null },
        description: expect.stringContaining(`The plan ${plan} waits for people`) as string,
      },
    ])
    const disarmed = set.house.ledger.log.filter(({ type }) => type === 'budget.disarmed')
    expect(disarmed).toMatchObject([{ stream: 'budget:recipe:add-replicas', outcome: 'refused', detail: { plan } }])
    // However often somebody comes by.
    expect(await set.house.worker('worker-2').runner.carryOut(plan)).toBe('disarmed')
    expect(await told(set.house)).toHaveLength(1)
  })

  test('holds nobody who approves by hand, and stays disarmed when its minutes are over', async () => {
    const set = await armed({ ...ofRecipe, runs: 1 })
    await again(set)
    const { plan } = await again(set)
    const { digest } = (await set.house.ledger.read((books) => books.plans.get(plan)))!
    await set.house.approvals.decide(hannah, plan, { digest: digest!, decision: 'yes', note: '' })
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
    set.house.clock.forward(2 * 3_600_000)
    expect((await again(set)).end).toBe('disarmed')
  })

  test('starts by itself again when a person has re-armed it, and what was used before does not count', async () => {
    const set = await armed({ ...ofRecipe, runs: 1 })
    await again(set)
    const { plan } = await again(set)
    set.house.clock.forward(60_000)
    await budgets(set.house).rearm(mira, 'recipe:add-replicas', 'the release is out')
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
    expect((await again(set)).end).toBe('disarmed')
  })

  test('is told of as over, once, when it was re-armed', async () => {
    const set = await armed({ ...ofRecipe, runs: 1 })
    await again(set)
    await again(set)
    expect(await budgets(set.house).tellOver(worker)).toBe(0)
    set.house.clock.forward(60_000)
    await budgets(set.house).rearm(mira, 'recipe:add-replicas', 'the release is out')
    expect(await budgets(set.house).tellOver(worker)).toBe(1)
    expect(await budgets(set.house).tellOver(worker)).toBe(0)
    const [firing, resolved] = await told(set.house)
    expect(resolved).toMatchObject({ status: 'resolved', description: 'mira re-armed it: the release is out' })
    expect((resolved as { starts_at: string }).starts_at).toBe((firing as { starts_at: string }).starts_at)
  })

  test('one that cannot be told of keeps no other from being told, and of several workers one tells', async () => {
    const set = await armed({ ...ofRecipe, runs: 1 })
    await again(set)
    await again(set)
    await budgets(set.house).rearm(mira, 'recipe:add-replicas', 'the release is out')
    // An older one, of a budget like this one, that cannot be told of.
    const { ledger } = set.house
    const [[spent], [request]] = await ledger.read((books) =>
      Promise.all([books.spentBudgets.where({}), books.requests.where({ kind: 'rearm' })]),
    )
    ledger.put('spentBudgets', { ...spent!, id: 'bdg_0', budget: 'recipe:none' })
    ledger.put('requests', { ...request!, id: 'req_0', subject: 'bdg_0' })
    ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ about }) => about === 'budget:bdg_0')) throw new Error('no room')
    }
    await expect(budgets(set.house).tellOver(worker)).rejects.toThrow('telling of bdg_0: no room')
    expect((await told(set.house)).at(-1)).toMatchObject({ status: 'resolved', target: 'recipe:add-replicas' })
    ledger.beforeCommit = () => undefined
    const both = Promise.all([budgets(set.house).tellOver(worker), budgets(set.house).tellOver(worker)])
    expect((await both).sort()).toEqual([0, 1])
  })

  test('counts its minutes and no more', async () => {
    const set = await armed({ ...ofRecipe, runs: 1 })
    await again(set)
    set.house.clock.forward(61 * 60_000)
    expect((await again(set)).end).toBe('succeeded')
  })

  test.each([
    ['of a target', 'target:deployment:prod/api', 'disarmed'],
    ['of a service', 'service:api', 'disarmed'],
    ['of another recipe', 'recipe:scale-api', 'succeeded'],
    ['of another target', 'target:deployment:prod/ocr', 'succeeded'],
  ])('may be that %s', async (_, of, second) => {
    const set = await armed({ of, runs: 1, minutes: 60 })
    await again(set)
    expect((await again(set)).end).toBe(second)
  })

  test('is one, however many workers draw on it at once', async () => {
    const set = await armed({ ...ofRecipe, runs: 1 })
    const wish = { recipe: 'add-replicas', params: {}, labels: {}, reason: 'an alert' }
    const ids = await Promise.all([0, 1, 2].map(async () => (await set.house.plans.request(monitor, wish)).id))
    for (const id of ids) await set.house.worker().planner.make(id)
    const ends = await Promise.all(ids.map((id, nth) => set.house.worker(`worker-${nth}`).runner.carryOut(id)))
    expect(ends.filter((end) => end === 'succeeded')).toHaveLength(1)
  })
})

test('nothing is approved in advance of what is disarmed', async () => {
  const set = await armed({ ...ofRecipe, runs: 1 })
  await again(set)
  await again(set)
  await expect(set.give()).rejects.toMatchObject({ code: 'disarmed' })
  await budgets(set.house).rearm(hannah, 'recipe:add-replicas', 'seen to')
  await expect(set.give()).resolves.toMatchObject({ state: 'given' })
})

test('what is armed cannot be re-armed, and what is no budget neither', async () => {
  const set = await armed(ofRecipe)
  const rearm = (of: string) => budgets(set.house).rearm(hannah, of, 'why not')
  await expect(rearm('recipe:add-replicas')).rejects.toMatchObject({ code: 'already-decided' })
  await expect(rearm('recipe:none')).rejects.toMatchObject({ code: 'not-found' })
  await again(set)
  const state = await set.house.ledger.read((books) => stateOfBudget(books, set.house.world, ofRecipe))
  expect(state).toMatchObject({ used: 1, disarmed: undefined, rearmed: undefined })
})
