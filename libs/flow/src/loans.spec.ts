import { defineRecipe, each, PortFailure, type Recipe, type Verb } from '@firebreak/kit'
import { scaleDeployment, verbs } from '@firebreak/kit/verbs'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { LoanRequests } from './loan-wishes.js'
import { addReplicas, hannah, scalingHouse } from './testing/index.js'

/** From two replicas to three, and a minute later to five, for an hour. */
const inWaves: Recipe = {
  ...addReplicas,
  id: 'in-waves',
  params: defineRecipe({ ...addReplicas, params: z.strictObject({}) }).params,
  plan: ({ uid }) => [
    each(
      scaleDeployment,
      [
        { deployment: 'prod/api', uid: uid as string, from: 2, to: 3 },
        { deployment: 'prod/api', uid: uid as string, from: 3, to: 5 },
      ],
      { ramp: { most: 1, pause_s: 60 }, loan_minutes: 60 },
    ),
  ],
}

/** Both loans are out, the older one first; the hour is over. */
async function lent(helps = true) {
  const { house, cluster } = scalingHouse({ recipes: [inWaves], helps })
  const plan = await house.approved('in-waves', {})
  const carryOut = () => house.worker().runner.carryOut(plan)
  expect(await carryOut()).toBe('waiting')
  house.clock.forward(60_000)
  const ended = await carryOut()
  const loans = async () => {
    const all = await house.ledger.read((books) => books.loans.where({}))
    return all.sort((a, b) => (a.out_at < b.out_at ? -1 : 1))
  }
  const [older, younger] = await loans()
  house.clock.forward(3_600_000)
  const giveBack = (loan: { id: string }) => house.worker().loans.giveBack(loan.id)
  return { house, cluster, loans, older: older!, younger: younger!, giveBack, ended }
}

describe('what went ahead in waves comes back in waves', () => {
  test('the younger first, and the older one not before the pause is over', async () => {
    const { house, cluster, older, younger, giveBack } = await lent()
    expect(await giveBack(older)).toBe('not-due')
    expect(await giveBack(younger)).toBe('returned')
    expect(cluster.at('prod/api')?.replicas).toBe(3)
    house.clock.forward(59_999)
    expect(await giveBack(older)).toBe('not-due')
    house.clock.forward(1)
    expect(await giveBack(older)).toBe('returned')
    expect(cluster.at('prod/api')?.replicas).toBe(2)
  })

  test('asked for, it keeps the pause as well', async () => {
    const { house, older, younger, giveBack } = await lent()
    await new LoanRequests(house.world, house.doorbell).askReturn(hannah, older.id, 'It is over')
    await giveBack(younger)
    expect(await giveBack(older)).toBe('not-due')
    house.clock.forward(60_000)
    expect(await giveBack(older)).toBe('returned')
  })
})

describe('a verb that says "not yet"', () => {
  const verb = scaleDeployment.definition as Verb
  const says = (notYet: Verb['notYet']) =>
    void (verbs as Map<string, Verb>).set(verb.id, { ...verb, ...(notYet ? { notYet } : {}) })
  afterEach(() => says(undefined))

  test('keeps its loan out, which says why, until somebody asks again', async () => {
    const { house, cluster, loans, younger, giveBack } = await lent()
    const effects = cluster.effects.length
    says(async () => 'It is still needed.')
    expect(await giveBack(younger)).toBe('overdue')
    expect((await loans())[1]).toMatchObject({ state: 'overdue', because: 'It is still needed.' })
    expect(cluster.effects).toHaveLength(effects)

    says(async () => undefined)
    expect(await giveBack(younger)).toBe('not-due')
    house.clock.forward(1_000)
    await new LoanRequests(house.world, house.doorbell).askReturn(hannah, younger.id, 'It is over')
    expect(await giveBack(younger)).toBe('returned')
  })

  test('is told what was planned, and looks only', async () => {
    const { younger, giveBack } = await lent()
    let asked: unknown[] = []
    says(async (...all) => void (asked = all))
    await giveBack(younger)
    expect(asked).toEqual([expect.objectContaining({ cluster: expect.anything() as unknown }), younger.args])
  })

  test('that cannot look is asked again, and then its loan stays out', async () => {
    const { cluster, loans, younger, giveBack } = await lent()
    const effects = cluster.effects.length
    let asked = 0
    says(async () => {
      asked++
      throw new PortFailure('unreachable', 'the metrics are away')
    })
    expect(await giveBack(younger)).toBe('overdue')
    expect(asked).toBe(4)
    expect((await loans())[1]?.because).toBe(
      'Whether it may come back could not be told: the metrics are away (unreachable). See to that, then ask for it again, or renew it.',
    )
    expect(cluster.effects).toHaveLength(effects)
  })

  test('comes back when it can be looked at again meanwhile', async () => {
    const { younger, giveBack } = await lent()
    let asked = 0
    says(async () => {
      if (asked++ === 0) throw new PortFailure('timeout', 'busy')
      return undefined
    })
    expect(await giveBack(younger)).toBe('returned')
  })

  test('is not asked when its run is taken back: there the way back is what helps', async () => {
    says(async () => 'It is still needed.')
    const { cluster, loans, ended } = await lent(false)
    expect(ended).toBe('undone')
    expect((await loans()).map(({ state }) => state)).toEqual(['returned', 'returned'])
    expect(cluster.at('prod/api')?.replicas).toBe(2)
  })
})
