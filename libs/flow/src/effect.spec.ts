import { PortFailure, type Hands } from '@firebreak/kit'
import { FakeCluster, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { expect, test } from 'vitest'
import { keepTrying, makeEffect, pauseBefore, settleEffect, type Outcome } from './effect.js'

const API = 'prod/api' as const

function world(failure: PortFailure | undefined) {
  const cluster = new FakeCluster()
  const { uid } = cluster.deploy(API, { replicas: 2 })
  const scale = cluster.hands.scale.bind(cluster.hands)
  let left = failure
  cluster.hands.scale = async (...args) => {
    const now = left
    left = undefined
    if (now) throw now
    return scale(...args)
  }
  const readers = fakeReaders({ cluster: cluster.reader })
  const hands: Hands = fakeHands({ cluster: cluster.hands })
  const doing = { verb: 'scale-deployment', args: { deployment: API, uid, from: 2, to: 5 } }
  return { cluster, readers, doing, make: () => makeEffect(hands, readers, doing, 'do') }
}

test('each pause is longer than the last, and as long as the outside asks for, within reason', () => {
  expect([1, 2, 3].map((nth) => pauseBefore(nth))).toEqual([400, 800, 1_600])
  expect([pauseBefore(1, 2_000), pauseBefore(4, 2_000), pauseBefore(1, 3_600_000)]).toEqual([2_000, 3_200, 30_000])
})

test('an outside that is too busy, and says for how long, is left alone for so long', async () => {
  const { make, cluster } = world(new PortFailure('throttled', '429', 2_000))
  const waits: (number | undefined)[] = []
  const outcome = await keepTrying<never>(
    make,
    () => Promise.reject(new Error('nothing was unsure')),
    3,
    async (_, ms) => {
      waits.push(ms)
      return undefined
    },
  )
  expect([outcome.kind, waits, cluster.effects.length]).toEqual(['done', [2_000], 1])
})

test('who cannot look with patience either says where to look', async () => {
  const { readers, doing, cluster } = world(undefined)
  let looks = 0
  const patiently = async <T>(look: () => Promise<T>): Promise<T> => {
    for (;;)
      try {
        return await look()
      } catch (error) {
        if (++looks === 3) throw error
      }
  }
  for (let nth = 0; nth < 3; nth++) cluster.failNext('unreachable', { of: 'reader' })
  const outcome: Outcome = await settleEffect(readers, doing, 'do', 'ECONNRESET', patiently)
  expect(outcome).toMatchObject({ kind: 'unknown', because: expect.stringMatching(/^ECONNRESET; the probe failed too.*Look at the target/) as string }) // prettier-ignore
  expect(await settleEffect(readers, doing, 'do', 'ECONNRESET', patiently)).toMatchObject({
    kind: 'failed',
    again: true,
  })
})
