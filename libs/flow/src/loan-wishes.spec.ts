import { describe, expect, test } from 'vitest'
import { LoanRequests } from './loan-wishes.js'
import { hannah } from './testing/rehearse.js'
import { scalingHouse } from './testing/scaling-house.js'

/** A house in which three more replicas are on loan from 03:07 to 04:07. */
async function lent() {
  const set = scalingHouse()
  const { house, cluster } = set
  const plan = await house.approved('add-replicas', {})
  await house.worker().runner.carryOut(plan)
  const loan = async () => (await house.ledger.read((books) => books.loans.where({})))[0]!
  const { id } = await loan()
  return {
    ...set,
    id,
    loan,
    requests: new LoanRequests(house.world, house.doorbell),
    look: () => house.worker().loans.giveBack(id),
    replicas: () => cluster.at('prod/api')?.replicas,
    later: (minutes: number) => house.clock.forward(minutes * 60_000),
  }
}

describe('a loan that is still needed', () => {
  test('is renewed: it stays out until the new date, and is given back then', async () => {
    const { house, id, loan, requests, look, replicas, later } = await lent()
    later(50)
    await requests.askRenewal(hannah, id, { minutes: 60, reason: 'The queue is still long' })
    expect(house.doorbell.rings.at(-1)).toEqual({ queue: 'loan', id })

    expect(await look()).toBe('renewed')
    expect(await loan()).toMatchObject({
      state: 'out',
      until: '2026-11-23T04:57:00.000Z',
      because: 'hannah renewed it.',
    })
    expect(house.story.slice(-2)).toEqual(['loan.requested', 'loan.renewed'])
    later(20)
    expect(await look()).toBe('not-due')
    expect(replicas()).toBe(5)
    later(40)
    expect(await look()).toBe('returned')
    expect(replicas()).toBe(2)
  })

  test('is renewed after its date too, when nobody has given it back yet', async () => {
    const { id, requests, look, replicas, later } = await lent()
    later(61)
    await requests.askRenewal(hannah, id, { minutes: 30, reason: 'Not yet' })
    expect(await look()).toBe('renewed')
    expect(replicas()).toBe(5)
  })

  test('can be asked back after it was renewed', async () => {
    const { id, requests, look, replicas, later } = await lent()
    later(30)
    await requests.askRenewal(hannah, id, { minutes: 60, reason: 'Not yet' })
    await look()
    await requests.askReturn(hannah, id, 'It is quiet now')
    expect(await look()).toBe('returned')
    expect(replicas()).toBe(2)
  })

  test('is renewed when it could not be given back: what was wanted before that is no wish any more', async () => {
    const { cluster, id, loan, requests, look, later } = await lent()
    await requests.askReturn(hannah, id, 'Not needed')
    cluster.elsewhere('prod/api', { replicas: 9 })
    expect(await look()).toBe('overdue')
    later(10)
    await requests.askRenewal(hannah, id, { minutes: 60, reason: 'Somebody scaled it by hand; we look in the morning' })
    expect(await look()).toBe('renewed')
    expect(await look()).toBe('not-due')
    expect(await loan()).toMatchObject({ state: 'out' })
  })
})

describe('a renewal is refused', () => {
  const renew = ({ requests, id }: Awaited<ReturnType<typeof lent>>, minutes: number) =>
    requests.askRenewal(hannah, id, { minutes, reason: 'Please' })

  test('for longer than the approved plan lends at once', async () => {
    await expect(renew(await lent(), 61)).rejects.toMatchObject({ code: 'out-of-range' })
  })

  test('when it would end earlier than it does already', async () => {
    const set = await lent()
    await expect(renew(set, 30)).rejects.toMatchObject({
      code: 'out-of-range',
      message: expect.stringContaining('04:07') as string,
    })
    set.later(30)
    await renew(set, 50)
    // The worker has not heard of the first one yet.
    await expect(renew(set, 40)).rejects.toMatchObject({ code: 'out-of-range' })
  })

  test('when it is on its way back, is back, or somebody wants it back', async () => {
    const set = await lent()
    set.later(30)
    await set.requests.askReturn(hannah, set.id, 'Not needed')
    await expect(renew(set, 60)).rejects.toMatchObject({ code: 'in-progress' })
    await set.look()
    await expect(renew(set, 60)).rejects.toMatchObject({ code: 'already-decided' })
  })
})
