import type { Recipe } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import type { Actor } from './actor.js'
import { toType } from './approvals.js'
import { entry } from './audit.js'
import { Refused } from './refused.js'
import type { PlanBody } from './rows.js'
import { hannah, mira } from './testing/rehearse.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'

const sam: Actor = { kind: 'person', id: 'sam', auth: 'session', roles: ['sre'] }
const noor: Actor = { kind: 'person', id: 'noor', auth: 'session', roles: ['sre'] }
const robot: Actor = { kind: 'service', id: 'robot', auth: 'api-key', roles: ['sre'] }

type Vote = { digest?: string; decision?: 'yes' | 'no'; typed?: string }

/** A plan that Hannah asked for, of a recipe with this approval rule. */
async function proposed(approval: Partial<Recipe['approval']> = {}) {
  const recipe = { ...addReplicas, approval: { ...addReplicas.approval, ...approval } } as Recipe
  const { house } = scalingHouse({ recipes: [recipe] })
  house.knows(sam, noor)
  const request = await house.plans.request(hannah, { recipe: 'add-replicas', params: {}, labels: {}, reason: '' })
  const plan = (await house.worker().planner.make(request.id))!
  const decide = (by: Actor, vote: Vote = {}) =>
    house.approvals.decide(by, plan.id, { digest: plan.digest!, decision: 'yes', note: '', ...vote })
  const refusal = async (by: Actor, vote?: Vote) => {
    const error: unknown = await decide(by, vote).catch((error: unknown) => error)
    return error instanceof Refused ? error.code : undefined
  }
  return { house, plan, decide, refusal }
}

describe('a plan is approved', () => {
  test('by one of its role, for exactly its digest, and the run is rung for', async () => {
    const { house, plan, decide } = await proposed()
    expect(await decide(hannah)).toMatchObject({ by: 'hannah', decision: 'yes', digest: plan.digest })
    expect(house.doorbell.rings).toContainEqual({ queue: 'run', id: plan.id })
    expect(house.story.at(-1)).toBe('approval.given')
  })

  test('once, however often the same person says the same', async () => {
    const { house, decide } = await proposed()
    const [first, second] = [await decide(hannah), await decide(hannah)]
    expect(second).toEqual(first)
    expect(house.story.filter((type) => type === 'approval.given')).toHaveLength(1)
  })

  test('not by another role, and not by a service', async () => {
    const { refusal } = await proposed()
    expect(await refusal(mira)).toBe('not-your-role')
    expect(await refusal(robot)).toBe('service-cannot-approve')
  })

  test('not under a digest that was not read', async () => {
    const { refusal } = await proposed()
    expect(await refusal(hannah, { digest: `sha256:${'0'.repeat(64)}` })).toBe('stale')
  })

  test('not after its time', async () => {
    const { house, refusal } = await proposed()
    house.clock.forward(30 * 60_000)
    expect(await refusal(hannah)).toBe('expired')
  })

  test('not when somebody said no', async () => {
    const { house, plan, decide, refusal } = await proposed()
    await decide(sam, { decision: 'no' })
    expect(await refusal(hannah)).toBe('already-decided')
    expect(await house.worker().planner.close(plan.id)).toBe('refused')
    expect(await house.worker().runner.carryOut(plan.id)).toBe('not-approved')
  })

  test('not by somebody who has said otherwise', async () => {
    const { decide, refusal } = await proposed({ tier: 'T2', people: 2 })
    await decide(sam)
    expect(await refusal(sam, { decision: 'no' })).toBe('already-decided')
  })

  test('by whoever asked for it when it is reversible and bounded, and not when it is wide', async () => {
    const narrow = await proposed({ tier: 'T1' })
    expect(await narrow.refusal(hannah)).toBeUndefined()
    const wide = await proposed({ tier: 'T2' })
    expect(await wide.refusal(hannah)).toBe('own-plan')
    expect(await wide.refusal(sam)).toBeUndefined()
  })

  test('that cannot be taken back by typing its target, and what was typed stands in the log', async () => {
    const { house, plan, decide, refusal } = await proposed({ tier: 'T3', people: 2 })
    expect(toType(plan)).toBe('deployment:prod/api')
    expect(await refusal(sam)).toBe('count-mismatch')
    expect(await refusal(sam, { typed: 'deployment:prod/other' })).toBe('count-mismatch')
    await decide(sam, { typed: 'deployment:prod/api' })
    expect(house.ledger.log.at(-1)).toMatchObject({ type: 'approval.given', detail: { typed: 'deployment:prod/api' } })
    // A no is always welcome.
    await decide(noor, { decision: 'no' })
  })

  test('of several targets that cannot be taken back by typing how many they are; others by nothing', () => {
    const body = (...targets: string[]) => ({ steps: targets.map((target) => ({ targets: [target] })) }) as PlanBody
    expect(toType({ tier: 'T3', body: body('queue:a', 'queue:b', 'queue:b', 'queue:c') })).toBe('3')
    expect(toType({ tier: 'T2', body: body('queue:a') })).toBeNull()
    expect(toType({ tier: 'T3', body: body() })).toBeNull()
  })

  test('when every one of its quorum has said yes, and not before', async () => {
    const { house, plan, decide } = await proposed({ people: 2 })
    await decide(hannah)
    expect(house.doorbell.rings).not.toContainEqual({ queue: 'run', id: plan.id })
    expect(await house.worker().runner.carryOut(plan.id)).toBe('not-approved')
    await decide(sam)
    expect(house.doorbell.rings).toContainEqual({ queue: 'run', id: plan.id })
  })

  test.each<[string, number, 'T1' | 'T2', string | undefined]>([
    ['a T2 plan by a role of a day', 24, 'T2', undefined],
    ['a T2 plan by a younger one', 23, 'T2', 'role-too-young'],
    ['a T1 plan by a role of this hour', 1, 'T1', undefined],
  ])('%s', async (_, hours, tier, refused) => {
    const { house, refusal } = await proposed({ tier })
    const since = new Date(house.clock.now().getTime() - hours * 60 * 60_000).toISOString()
    house.knows({ ...sam, since })
    expect(await refusal(sam)).toBe(refused)
  })

  test('by a role that is held still: taken back before the run, its yes counts no more', async () => {
    const { house, plan, decide, refusal } = await proposed()
    await decide(sam)
    await house.ledger.write(async (books) => {
      await books.lock({ stream: ['person:sam'] })
      await books.roleGrants.change('rol_sam_sre', { revoked_at: house.clock.now().toISOString(), revoked_by: 'ada' })
      books.audit.append(entry(noor, 'person:sam', 'role.revoked', 'role_grant:rol_sam_sre'))
    })
    expect(await house.worker().runner.carryOut(plan.id)).toBe('not-approved')
    expect(await refusal(sam, { decision: 'no' })).toBe('not-your-role')
    // Given again, it is another role, and its old yes is not of that one.
    house.clock.forward(60_000)
    house.knows({ ...sam, id: 'sam', since: house.clock.now().toISOString() })
    expect(await house.worker().runner.carryOut(plan.id)).toBe('not-approved')
    await decide(noor)
    expect(await house.worker().runner.carryOut(plan.id)).toBe('succeeded')
  })

  test('not before it is made, and not when it does not exist', async () => {
    const { house } = await proposed()
    const request = await house.plans.request(hannah, { recipe: 'add-replicas', params: {}, labels: {}, reason: '' })
    const decide = (id: string) =>
      house.approvals.decide(hannah, id, { digest: `sha256:${'0'.repeat(64)}`, decision: 'yes', note: '' })
    await expect(decide(request.id)).rejects.toMatchObject({ code: 'in-progress' })
    await expect(decide('pln_none')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('a plan', () => {
  test('is a value: its digest covers all of it', async () => {
    const { plan } = await proposed()
    const { digest } = await import('./audit.js')
    expect(plan.digest).toBe(digest(plan.body as never))
    expect(plan.digest).not.toBe(digest({ ...plan.body, reason: 'another' } as never))
  })

  test('says what it looked at, and when', async () => {
    const { plan } = await proposed()
    expect(plan.body?.reads).toEqual([
      { what: 'cluster deployment prod/api', at: '2026-11-23T03:07:00.000Z' },
      { what: 'metrics value p95', at: '2026-11-23T03:07:00.000Z' },
    ])
  })

  test('is made once for one request, whoever hurries', async () => {
    const { house } = scalingHouse()
    const request = await house.plans.request(hannah, { recipe: 'add-replicas', params: {}, labels: {}, reason: '' })
    const made = await Promise.all(['worker-1', 'worker-2'].map((name) => house.worker(name).planner.make(request.id)))
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(house.story.filter((type) => type === 'plan.proposed')).toHaveLength(1)
  })

  test('is stopped, with the recipe’s reason, when there is nothing to do', async () => {
    const { house, metrics } = scalingHouse()
    metrics.set('p95', 90)
    const request = await house.plans.request(hannah, { recipe: 'add-replicas', params: {}, labels: {}, reason: '' })
    expect(await house.worker().planner.make(request.id)).toMatchObject({
      state: 'stopped',
      because: 'It is fast enough.',
      body: null,
      digest: null,
    })
  })

  test('fails, with the reason, when the diagnosis cannot look', async () => {
    const { house, cluster } = scalingHouse()
    cluster.failNext('forbidden', { of: 'reader' })
    const request = await house.plans.request(hannah, { recipe: 'add-replicas', params: {}, labels: {}, reason: '' })
    expect(await house.worker().planner.make(request.id)).toMatchObject({
      state: 'failed',
      because: expect.stringContaining('forbidden') as string,
    })
  })

  test('of an unknown recipe, or with parameters that do not fit, is refused', async () => {
    const { house } = scalingHouse()
    const ask = (recipe: string, params: object) =>
      house.plans.request(hannah, { recipe, params: params as never, labels: {}, reason: '' })
    await expect(ask('summon-gremlins', {})).rejects.toMatchObject({ code: 'not-found' })
    await expect(ask('add-replicas', { replicas: 'many' })).rejects.toMatchObject({ code: 'out-of-range' })
  })

  test('expires when nobody decides', async () => {
    const { house, plan } = await proposed()
    expect(await house.worker().planner.close(plan.id)).toBeUndefined()
    house.clock.forward(30 * 60_000)
    expect(await house.worker().planner.close(plan.id)).toBe('expired')
  })
})
