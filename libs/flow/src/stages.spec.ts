import type { Recipe, Stage } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { recipeDigest } from './plans.js'
import { Graduations, inForce } from './stages.js'
import { StandingApprovals } from './standing.js'
import { hannah, mira, type House } from './testing/rehearse.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'

const monitor: Actor = { kind: 'service', id: 'alertmanager', auth: 'api-key', roles: ['service'] }
const staged = (stage: Stage, change: Partial<Recipe> = {}): Recipe => ({ ...addReplicas, stage, ...change })

async function houseOf(recipe: Recipe) {
  const set = scalingHouse({ recipes: [recipe] })
  await set.house.ledger.write(async (books) => {
    await books.lock({ stream: ['person:hannah'] })
    await books.people.add({ id: 'hannah', kind: 'person', name: 'Hannah' })
    await books.roleGrants.add({ id: 'rol_1', person_id: 'hannah', role: 'sre', since: '2026-11-01T00:00:00.000Z' })
    for (const about of ['person:hannah', 'role_grant:rol_1'])
      books.audit.append(entry(hannah, 'person:hannah', 'person.added', about))
  })
  const graduations = ({ world, recipes, doorbell }: House) => new Graduations(world, recipes, doorbell)
  const move = (to: Stage, by = hannah, digest = recipeDigest(recipe)) =>
    graduations(set.house).decide(by, recipe.id, { digest, to, reason: 'its record' })
  return { ...set, recipe, move }
}
type Set = Awaited<ReturnType<typeof houseOf>>

/** What an alert asked for, planned. */
async function planned({ house }: Set) {
  const { id } = await house.plans.request(monitor, {
    recipe: 'add-replicas',
    params: {},
    labels: {},
    reason: 'an alert',
  })
  return (await house.worker().planner.make(id))!
}
/** A run that helps, approved by hand; then everything is slow again. */
async function helped({ house, cluster }: Set) {
  const id = await house.approved('add-replicas', {})
  expect(await house.worker().runner.carryOut(id)).toBe('succeeded')
  cluster.deploy('prod/api', { replicas: 2 })
}
const inAdvance = ({ house, recipe }: Set) =>
  new StandingApprovals(house.world, house.recipes, house.doorbell).give(hannah, {
    recipe: recipe.id,
    digest: recipeDigest(recipe),
    targets: ['deployment:prod/api'],
    bounds: { steps: 1, runs: { most: 9, minutes: 60 }, after: { replicas: { at_most: 6 } } },
    expires_at: '2026-11-24T03:07:00.000Z',
    reason: 'it is always the same',
  })

describe('a recipe that only watches', () => {
  test('has what it did before taken back, and does not do it again', async () => {
    // For good: what is lent is given back, and not taken back.
    const plan: Recipe['plan'] = (facts, params) =>
      addReplicas.plan(facts, params).map(({ loan_minutes: _, ...step }) => step)
    const set = await houseOf(staged('propose', { plan }))
    const { house } = set
    const id = await house.approved('add-replicas', {})
    expect(await house.worker().runner.carryOut(id)).toBe('succeeded')
    await set.move('watch')
    const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: id }))
    const asked = await house.plans.requestRevert(hannah, { run: run!.id, reason: 'it did harm' })
    const back = (await house.worker().planner.make(asked.id))!
    expect(back).toMatchObject({ state: 'proposed', because: null })
    await house.approvals.decide(hannah, back.id, { digest: back.digest!, decision: 'yes', note: '' })
    expect(await house.worker().runner.carryOut(back.id)).toBe('succeeded')
    expect(set.cluster.at('prod/api')?.replicas).toBe(2)
    expect(await planned(set)).toMatchObject({ state: 'stopped' })
  })

  test('looks, says what it would have done, and proposes nothing that anybody could approve', async () => {
    const set = await houseOf(staged('watch'))
    const plan = await planned(set)
    expect(plan).toMatchObject({ state: 'stopped', body: { steps: [{ verb: 'scale-deployment' }] } })
    expect(plan.because).toBe(
      'add-replicas only watches. It would have done this: Scale deployment prod/api from 2 to 5 replicas.',
    )
    await expect(
      set.house.approvals.decide(hannah, plan.id, { digest: plan.digest!, decision: 'yes', note: '' }),
    ).rejects.toMatchObject({ code: 'stale' })
    expect(await set.house.worker().runner.carryOut(plan.id)).not.toBe('succeeded')
    expect(set.cluster.effects).toEqual([])
    expect(set.house.ledger.log.find(({ type }) => type === 'plan.stopped')?.detail).toMatchObject({
      steps: [expect.any(String)],
    })
  })

  test('proposes once somebody saw what it would have done, and said so', async () => {
    const set = await houseOf(staged('watch'))
    await expect(set.move('propose')).rejects.toMatchObject({ code: 'out-of-range' })
    await planned(set)
    const decided = await set.move('propose')
    expect(decided).toMatchObject({ from: 'watch', to: 'propose', by: 'hannah', record: { watched: 1, runs: 0 } })
    expect(await planned(set)).toMatchObject({ state: 'proposed' })
    expect(set.house.ledger.log.find(({ type }) => type === 'recipe.graduated')).toMatchObject({
      stream: 'recipe:add-replicas',
      about: `request:${decided.id}`,
      detail: { from: 'watch', to: 'propose', watched: 1, runs: 0, succeeded: 0 },
    })
  })
})

test('a recipe acts by itself after a run of it has helped and somebody said so, and a yes in advance covers it', async () => {
  const set = await houseOf(staged('propose'))
  await expect(inAdvance(set)).rejects.toMatchObject({ code: 'out-of-range' })
  await expect(set.move('auto')).rejects.toThrow(/has helped yet/)
  await helped(set)
  expect((await set.move('auto')).record).toMatchObject({ proposed: 1, runs: 1, succeeded: 1 })
  await inAdvance(set)
  const plan = await planned(set)
  expect(await set.house.worker().runner.carryOut(plan.id)).toBe('succeeded')
})

describe('a recipe that was sent back', () => {
  test('starts nothing by itself any more, whatever was approved in advance', async () => {
    const set = await houseOf(staged('auto'))
    await inAdvance(set)
    const plan = await planned(set)
    await set.move('propose')
    expect(await set.house.worker().runner.carryOut(plan.id)).toBe('not-approved')
    expect(set.cluster.effects).toEqual([])
  })

  test('to watching starts nothing at all: what people had approved is stale', async () => {
    const set = await houseOf(staged('propose'))
    const id = await set.house.approved('add-replicas', {})
    await set.move('watch')
    expect(await set.house.worker().runner.carryOut(id)).toBe('stale')
    expect(set.cluster.effects).toEqual([])
  })

  test('while a start is looking again is in time', async () => {
    const set = await houseOf(staged('auto'))
    await inAdvance(set)
    const plan = await planned(set)
    const write = set.house.ledger.write.bind(set.house.ledger)
    set.house.ledger.write = async (work) => {
      set.house.ledger.write = write
      await set.move('propose')
      return write(work)
    }
    expect(await set.house.worker().runner.carryOut(plan.id)).toBe('not-approved')
    expect(set.house.story).not.toContain('run.started')
  })
})

test('a plan that was waiting is rung for when its recipe may act', async () => {
  const set = await houseOf(staged('propose'))
  await helped(set)
  const plan = await planned(set)
  await set.move('auto')
  expect(set.house.doorbell.rings).toContainEqual({ queue: 'run', id: plan.id })
})

test.each<[string, Partial<Recipe>, Stage, Actor, string | undefined, string]>([
  ['by another role', {}, 'watch', mira, undefined, 'not-your-role'],
  ['by a service', {}, 'watch', { ...monitor, roles: ['sre'] }, undefined, 'service-cannot-approve'],
  ['by what was not read', {}, 'watch', hannah, `sha256:${'0'.repeat(64)}`, 'stale'],
  ['to where it is', {}, 'propose', hannah, undefined, 'already-decided'],
  ['to acting, without a record', {}, 'auto', hannah, undefined, 'out-of-range'],
  ['two stages up', { stage: 'watch' }, 'auto', hannah, undefined, 'out-of-range'],
  [
    'to acting, where two approve',
    { approval: { tier: 'T2', roles: ['sre'], people: 2 } },
    'auto',
    hannah,
    undefined,
    'out-of-range',
  ],
])('a recipe is not moved %s', async (_, change, to, by, digest, code) => {
  const set = await houseOf(staged('propose', change))
  await expect(set.move(to, by, digest)).rejects.toMatchObject({ code })
  expect(set.house.story).not.toContain('recipe.graduated')
})

test.each<[string, Stage, { digest: string; to: Stage } | undefined, Stage]>([
  ['begins where its file says', 'propose', undefined, 'propose'],
  ['is where people left it', 'propose', { digest: 'a', to: 'auto' }, 'auto'],
  ['is where people sent it back to', 'auto', { digest: 'a', to: 'watch' }, 'watch'],
  ['changed since: begins again where its file says', 'propose', { digest: 'b', to: 'auto' }, 'propose'],
  ['changed since it was sent back: not above that', 'auto', { digest: 'b', to: 'watch' }, 'watch'],
])('a recipe %s', (_, written, last, stage) => {
  expect(inForce({ digest: 'a', written }, last)).toBe(stage)
})
