import type { WorkloadRef } from '@firebreak/kit'
import { expect, test } from 'vitest'
import { LoanRequests } from './loan-wishes.js'
import { hannah } from './testing/rehearse.js'
import { scalingHouse } from './testing/scaling-house.js'

type Set = ReturnType<typeof scalingHouse>

/** The process of a worker is stopped when its nth look at the target was answered, and continued when `meanwhile` is over. */
function stopAtLook({ cluster, house }: Set, nth: number, meanwhile: () => Promise<unknown>): void {
  const look = cluster.reader.deployment.bind(cluster.reader)
  let looks = 0
  cluster.reader.deployment = async (ref: WorkloadRef) => {
    const answer = await look(ref)
    if (++looks === nth) {
      house.clock.forward(5_000)
      await meanwhile()
    }
    return answer
  }
}

const scaled = ({ cluster }: Set) => cluster.effects.map(({ args }) => args[1])

test('stopped between its look and its change while another one did it and took it back, a worker touches nothing', async () => {
  const set = scalingHouse({ helps: false })
  const plan = await set.house.approved('add-replicas', {})
  // The diagnosis, the picture before, and the look of the verb itself.
  stopAtLook(set, 3, () => set.house.worker('worker-2').runner.carryOut(plan))
  expect(await set.house.worker('worker-1').runner.carryOut(plan)).toBe('elsewhere')
  expect(scaled(set)).toEqual([5, 2])
})

test('stopped in the middle of giving a loan back, it leaves the next run alone that borrowed as much', async () => {
  const set = scalingHouse()
  const { house } = set
  expect(await house.worker().runner.carryOut(await house.approved('add-replicas', {}))).toBe('succeeded')
  const [loan] = await house.ledger.read((books) => books.loans.where({}))
  await new LoanRequests(house.world, house.doorbell).askReturn(hannah, loan!.id, 'It is over')
  // The picture before, and the look of the verb itself.
  stopAtLook(set, 2, async () => {
    expect(await house.worker('worker-2').loans.giveBack(loan!.id)).toBe('returned')
    expect(await house.worker('worker-2').runner.carryOut(await house.approved('add-replicas', {}))).toBe('succeeded')
  })
  expect(await house.worker('worker-1').loans.giveBack(loan!.id)).toBe('elsewhere')
  expect(scaled(set)).toEqual([5, 2, 5])
})

test('when the record is away between its look and its change, nothing is done and nothing is made of it', async () => {
  const set = scalingHouse({ helps: false })
  const { house } = set
  const plan = await house.approved('add-replicas', {})
  const read = house.ledger.read.bind(house.ledger)
  // The look of the verb that takes it back: the way there has had three, and one more was for the picture afterwards.
  stopAtLook(set, 6, async () => {
    house.ledger.read = () => Promise.reject(new Error('Postgres is away'))
  })
  await expect(house.worker('worker-1').runner.carryOut(plan)).rejects.toThrow('Postgres is away')
  house.ledger.read = read
  house.clock.forward(5_000)
  expect(await house.worker('worker-2').runner.carryOut(plan)).toBe('undone')
  expect(scaled(set)).toEqual([5, 2])
})
