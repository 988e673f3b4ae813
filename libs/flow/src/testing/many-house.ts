import { defineRecipe, each, type EachTerms, type Json, type Recipe } from '@firebreak/kit'
import { FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { scaleDeployment } from '@firebreak/kit/verbs'
import { z } from 'zod'

export const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const

/** A recipe with one step over several deployments, each of which gets five replicas. */
function scaleMany(count: number, terms: EachTerms): Recipe {
  return defineRecipe({
    id: 'scale-many',
    version: 1,
    title: 'Scale many',
    page: 'high-api-latency',
    meaning: 'Too few replicas.',
    impact: 'Users wait.',
    stage: 'propose',
    approval: { tier: 'T1', roles: ['sre'], people: 1 },
    params: z.strictObject({}),
    diagnose: async ({ cluster }) => ({
      found: (await Promise.all(names.slice(0, count).map((n) => cluster.deployment(`prod/${n}`)))) as unknown as Json,
    }),
    stopIf: [],
    guards: () => [],
    plan: ({ found }) => [
      each(
        scaleDeployment,
        (found as { ref: string; uid: string }[]).map(({ ref, uid }) => ({ deployment: ref, uid, from: 2, to: 5 })),
        terms,
      ),
    ],
    verify: { within_s: 1, says: () => 'It helps.', holds: async () => ({ holds: true, says: 'It helped.' }) },
  }) as unknown as Recipe
}

/** Deployments `prod/a`, `prod/b`, … of two replicas each, and a recipe that gives each of them five. */
export function manyHouse(count: number, terms: EachTerms = {}) {
  const cluster = new FakeCluster()
  for (const name of names.slice(0, count)) cluster.deploy(`prod/${name}`, { replicas: 2 })
  const readers = fakeReaders({ cluster: cluster.reader, metrics: new FakeMetrics(), directory: new FakeDirectory([]) })
  return { recipe: scaleMany(count, terms), cluster, readers, hands: fakeHands({ cluster: cluster.hands }) }
}
