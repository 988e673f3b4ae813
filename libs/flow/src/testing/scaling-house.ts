import { defineRecipe, type Recipe } from '@firebreak/kit'
import { aService, FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { scaleDeployment } from '@firebreak/kit/verbs'
import { z } from 'zod'
import type { Limits } from '../limits.js'
import { House } from './rehearse.js'

/** A recipe of the smallest kind that changes something: asks for five replicas, for an hour. */
export const addReplicas: Recipe = defineRecipe({
  id: 'add-replicas',
  version: 1,
  title: 'Add replicas',
  page: 'high-api-latency',
  meaning: 'Too few replicas.',
  impact: 'Users wait.',
  stage: 'propose',
  approval: { tier: 'T1', roles: ['sre'], people: 1 },
  params: z.strictObject({}),
  diagnose: async ({ cluster, metrics }) => {
    const found = await cluster.deployment('prod/api')
    return { uid: found?.uid ?? '', replicas: found?.replicas ?? 0, p95_ms: (await metrics.value('p95')) ?? 0 }
  },
  stopIf: [{ when: ({ p95_ms }) => p95_ms < 500, because: 'It is fast enough.' }],
  guards: () => [
    { fact: 'uid', same: true },
    { fact: 'replicas', same: true },
  ],
  plan: ({ uid, replicas }) => [
    scaleDeployment({ deployment: 'prod/api', uid, from: replicas, to: 5 }, { loan_minutes: 60 }),
  ],
  verify: {
    within_s: 60,
    says: () => 'p95 is under 500 ms.',
    holds: async ({ metrics }) => {
      const p95 = (await metrics.value('p95')) ?? 0
      return { holds: p95 < 500, says: `p95 is ${p95} ms.` }
    },
  },
}) as unknown as Recipe

/** The same for good: what is lent is given back, and not taken back. */
export const addReplicasForGood: Recipe = {
  ...addReplicas,
  plan: ({ uid, replicas }) => [
    scaleDeployment({ deployment: 'prod/api', uid: uid as string, from: replicas as number, to: 5 }),
  ],
}

/** A house with one slow deployment of two replicas; five replicas make it fast, unless told otherwise. */
export function scalingHouse({
  helps = true,
  recipes = [addReplicas],
  limits = {},
}: { helps?: boolean; recipes?: Recipe[]; limits?: Partial<Limits> } = {}) {
  const cluster = new FakeCluster()
  cluster.deploy('prod/api', { replicas: 2 })
  const metrics = new FakeMetrics().follow('p95', () =>
    helps && (cluster.at('prod/api')?.ready ?? 0) >= 5 ? 120 : 2_400,
  )
  const readers = fakeReaders({ cluster: cluster.reader, metrics, directory: new FakeDirectory([aService()]) })
  return { cluster, metrics, house: new House(readers, fakeHands({ cluster: cluster.hands }), recipes, limits) }
}
