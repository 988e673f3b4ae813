import type { Recipe } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { recipeDigest } from './plans.js'
import { StandingApprovals } from './standing.js'
import { hannah, mira, type House } from './testing/rehearse.js'
import { addReplicas as proposes, scalingHouse } from './testing/scaling-house.js'
import type { Bounds } from './rows.js'

const monitor: Actor = { kind: 'service', id: 'alertmanager', auth: 'api-key', roles: ['service'] }
/** A recipe that may act by itself. */
const addReplicas: Recipe = { ...proposes, stage: 'auto' }
const inAnHour = '2026-11-23T04:07:00.000Z'
const runs = { most: 2, minutes: 60 }
const small: Bounds = { steps: 1, runs, after: { replicas: { at_least: 2, at_most: 6 } } }

/** A house that knows who its people are. */
async function peopled(options: Parameters<typeof scalingHouse>[0] = {}) {
  const set = scalingHouse({ recipes: [addReplicas], ...options })
  await set.house.ledger.write(async (books) => {
    await books.lock({ stream: ['person:all'] })
    for (const [id, kind] of [
      ['hannah', 'person'],
      ['alertmanager', 'service'],
    ] as const) {
      await books.people.add({ id, kind, name: id })
      books.audit.append(entry(hannah, 'person:all', 'person.added', `person:${id}`))
    }
  })
  return set
}

const standing = ({ world, recipes, doorbell }: House) => new StandingApprovals(world, recipes, doorbell)
const give = (house: House, wish: Partial<Parameters<StandingApprovals['give']>[1]> = {}, by = hannah) =>
  standing(house).give(by, {
    recipe: 'add-replicas',
    digest: recipeDigest(addReplicas),
    targets: ['deployment:prod/api'],
    bounds: small,
    expires_at: inAnHour,
    reason: 'it is always the same',
    ...wish,
  })

/** A plan that an alert asked for. */
async function suggested(house: House, by = monitor): Promise<string> {
  const { id } = await house.plans.request(by, { recipe: 'add-replicas', params: {}, labels: {}, reason: 'an alert' })
  await house.worker().planner.make(id)
  return id
}
const rungFor = (house: House, plan: string) =>
  house.doorbell.rings.some(({ queue, id }) => queue === 'run' && id === plan)

describe('under a standing approval', () => {
  test('a plan that an alert asked for starts by itself, and its start says under whose', async () => {
    const { house } = await peopled()
    const { id } = await give(house)
    const plan = await suggested(house)
    expect(rungFor(house, plan)).toBe(true)
    expect(await house.worker().runner.carryOut(plan)).toBe('succeeded')
    expect(house.ledger.log.find(({ type }) => type === 'run.started')).toMatchObject({
      approvals: [],
      detail: { standing: id, standing_by: 'hannah' },
    })
    expect(await house.ledger.read((books) => books.runs.where({ standing: id }))).toHaveLength(1)
  })

  test('a plan that was waiting starts as soon as it is given', async () => {
    const { house } = await peopled()
    const plan = await suggested(house)
    expect(rungFor(house, plan)).toBe(false)
    await give(house)
    expect(rungFor(house, plan)).toBe(true)
    expect(await house.worker().runner.carryOut(plan)).toBe('succeeded')
  })

  test('one that people approved names them, and not it', async () => {
    const { house } = await peopled()
    await give(house)
    const plan = await house.approved('add-replicas', {})
    expect(await house.worker().runner.carryOut(plan)).toBe('succeeded')
    expect(await house.ledger.read((books) => books.runs.where({ standing: null }))).toHaveLength(1)
  })

  test.each<[string, (house: House) => Promise<unknown>, Actor?]>([
    ['there is none', async () => undefined],
    ['it was taken back', async (house) => standing(house).revoke(mira, (await give(house)).id, 'no')],
    ['it has ended', async (house) => (await give(house), house.clock.forward(3_600_000))],
    ['it is for another target', (house) => give(house, { targets: ['deployment:prod/other'] })],
    [
      'the plan goes further',
      (house) => give(house, { bounds: { steps: 1, runs, after: { replicas: { at_most: 4 } } } }),
    ],
    [
      'the plan goes below',
      (house) => give(house, { bounds: { steps: 1, runs, after: { replicas: { at_least: 6 } } } }),
    ],
    ['it says nothing of what the plan sets', (house) => give(house, { bounds: { steps: 1, runs, after: {} } })],
    ['a person asked for the plan', (house) => give(house), hannah],
    [
      'who gave it has lost the role',
      async (house) => {
        await give(house)
        await house.ledger.write(async (books) => {
          await books.lock({ stream: ['person:all'] })
          await books.roleGrants.remove('rol_hannah_sre')
          books.audit.append(entry(hannah, 'person:all', 'person.added', 'role_grant:rol_hannah_sre'))
        })
      },
    ],
  ])('nothing starts by itself when %s', async (_, given, by) => {
    const { house, cluster } = await peopled()
    await given(house)
    const plan = await suggested(house, by)
    expect(rungFor(house, plan)).toBe(false)
    expect(await house.worker().runner.carryOut(plan)).toBe('not-approved')
    expect(cluster.effects).toEqual([])
  })

  test('nothing starts by itself when somebody said no to the plan, or the recipe needs two', async () => {
    const { house } = await peopled()
    await give(house)
    const plan = await suggested(house)
    const { digest } = (await house.ledger.read((books) => books.plans.get(plan)))!
    await house.approvals.decide(hannah, plan, { digest: digest!, decision: 'no', note: '' })
    expect(await house.worker().runner.carryOut(plan)).toBe('not-approved')
  })

  test('only so many start within its minutes; the next waits for people, or for time', async () => {
    const { house, cluster } = await peopled()
    await give(house, { expires_at: '2026-11-24T03:07:00.000Z' })
    const repair = async () => {
      cluster.deploy('prod/api', { replicas: 2 })
      const plan = await suggested(house)
      return { plan, outcome: await house.worker().runner.carryOut(plan) }
    }
    expect((await repair()).outcome).toBe('succeeded')
    house.clock.forward(50 * 60_000)
    expect((await repair()).outcome).toBe('succeeded')
    const third = await repair()
    expect(third.outcome).toBe('not-approved')
    expect(rungFor(house, third.plan)).toBe(false)
    // The first one is an hour ago by then.
    house.clock.forward(11 * 60_000)
    expect(await house.worker().runner.carryOut(third.plan)).toBe('succeeded')
  })

  test('taking it back while the start is looking again is in time', async () => {
    const { house, metrics } = await peopled()
    const { id } = await give(house)
    const plan = await suggested(house)
    let looked = false
    metrics.follow('p95', () => {
      looked = true
      return 2_400
    })
    const write = house.ledger.write.bind(house.ledger)
    house.ledger.write = async (work) => {
      house.ledger.write = write
      if (looked) await standing(house).revoke(hannah, id, 'wait')
      return write(work)
    }
    expect(await house.worker().runner.carryOut(plan)).toBe('not-approved')
    expect(house.story).not.toContain('run.started')
  })
})

describe('approving in advance is refused', () => {
  test.each<[string, object, Actor, string]>([
    ['to another role', {}, mira, 'not-your-role'],
    ['to a service', {}, { ...monitor, roles: ['sre'] }, 'service-cannot-approve'],
    ['for a recipe that was not read', { digest: `sha256:${'0'.repeat(64)}` }, hannah, 'stale'],
    ['for a recipe that there is not', { recipe: 'summon-gremlins' }, hannah, 'not-found'],
    ['for no target', { targets: [] }, hannah, 'empty-selection'],
    ['for the past', { expires_at: '2026-11-23T03:00:00.000Z' }, hannah, 'out-of-range'],
    ['for a year', { expires_at: '2027-11-23T03:00:00.000Z' }, hannah, 'out-of-range'],
  ])('%s', async (_, wish, by, code) => {
    const { house } = await peopled()
    await expect(give(house, wish, by)).rejects.toMatchObject({ code })
    expect(house.story).not.toContain('standing.given')
  })

  test.each([
    { tier: 'T3' as const, people: 2 },
    { tier: 'T2' as const, people: 2 },
  ])('for what needs two people each time: %o', async (rule) => {
    const recipe = { ...addReplicas, approval: { ...addReplicas.approval, ...rule } }
    const { house } = await peopled({ recipes: [recipe] })
    await expect(give(house, { digest: recipeDigest(recipe) })).rejects.toMatchObject({ code: 'out-of-range' })
  })
})

test('taking it back twice is once', async () => {
  const { house } = await peopled()
  const { id } = await give(house)
  const first = await standing(house).revoke(mira, id, 'no more')
  expect(await standing(house).revoke(hannah, id, 'again')).toEqual(first)
  expect(house.story.filter((type) => type === 'standing.revoked')).toHaveLength(1)
})
