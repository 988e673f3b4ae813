import {
  defineRecipe,
  type Hands,
  type Json,
  type JsonObject,
  type Readers,
  type Recipe,
  type Verb,
} from '@firebreak/kit'
import { FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { scaleDeployment, verbs } from '@firebreak/kit/verbs'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  everyStepCanDie,
  everyStepCanFail,
  everyStepTwice,
  faultsWhenDying,
  faultsWhenFailing,
  faultsWhenTwice,
} from './every-step.js'
import { rehearse, type Stage } from './play.js'

/** A recipe that scales two deployments, one after the other. */
const scaleBoth: Recipe = defineRecipe({
  id: 'scale-both',
  version: 1,
  title: 'Scale both',
  page: 'high-api-latency',
  meaning: 'Too few replicas.',
  impact: 'Users wait.',
  stage: 'propose',
  approval: { tier: 'T2', roles: ['sre'], people: 1 },
  params: z.strictObject({ verb: z.string().default('scale-deployment') }),
  diagnose: async ({ cluster }) => ({
    one: (await cluster.deployment('prod/one')) as unknown as Json,
    two: (await cluster.deployment('prod/two')) as unknown as Json,
  }),
  stopIf: [],
  guards: () => [],
  plan: (facts, { verb }) =>
    (['one', 'two'] as const).map((name) => {
      const { ref, uid } = facts[name] as { ref: string; uid: string }
      return { ...scaleDeployment({ deployment: ref, uid, from: 2, to: 5 }), verb }
    }),
  verify: { within_s: 10, says: () => 'It helps.', holds: async () => ({ holds: true, says: 'It helped.' }) },
}) as unknown as Recipe

function stage(verb = 'scale-deployment'): Stage {
  const cluster = new FakeCluster()
  for (const ref of ['prod/one', 'prod/two'] as const) cluster.deploy(ref, { replicas: 2 })
  return {
    recipe: scaleBoth,
    readers: fakeReaders({ cluster: cluster.reader, metrics: new FakeMetrics(), directory: new FakeDirectory([]) }),
    hands: fakeHands({ cluster: cluster.hands }),
    effects: () => cluster.effects,
    params: { verb },
  }
}

describe('a recipe of good verbs', () => {
  everyStepTwice(() => stage())
  everyStepCanFail(() => stage())
  everyStepCanDie(() => stage())
})

test('a play is the whole way, on the real engine', async () => {
  expect(await rehearse(stage())).toMatchObject({
    outcome: 'succeeded',
    before: [{ replicas: 2 }, { replicas: 2 }],
    after: [{ replicas: 5 }, { replicas: 5 }],
    calls: ['cluster.scale', 'cluster.scale'],
    steps: [{ state: 'done' }, { state: 'done' }],
  })
  expect(await rehearse(stage(), { helps: false })).toMatchObject({ outcome: 'undone', after: [{ replicas: 2 }, {}] })
})

test('the second step fails: the first is taken back', async () => {
  const played = await rehearse(stage(), { mishap: { at: 'call', nth: 2, how: 'forbidden' } })
  expect(played).toMatchObject({ outcome: 'undone', after: [{ replicas: 2 }, { replicas: 2 }] })
})

test('the worker dies after an effect: the next one finds it, and says so', async () => {
  const played = await rehearse(stage(), { mishap: { at: 'call', nth: 2, how: 'dies after' } })
  expect(played).toMatchObject({ outcome: 'succeeded', steps: [{}, { state: 'done', because: 'Found in place.' }] })
  expect(played.effects).toHaveLength(2)
  expect(played.story).toContain('run.taken-over')
})

describe('finds a verb', () => {
  const good = scaleDeployment.definition as unknown as Verb<{ deployment: 'a/b' }>

  /** Puts a broken verb among the good ones, for one test. */
  function broken(different: Partial<Verb<{ deployment: 'a/b' }>>): () => Stage {
    ;(verbs as Map<string, unknown>).set('broken', { ...good, id: 'broken', ...different })
    return () => stage('broken')
  }
  afterEach(() => void (verbs as Map<string, unknown>).delete('broken'))

  /** Three more than there are, whatever was planned. */
  const threeMore = async (hands: Hands, readers: Readers, args: { deployment: 'a/b' }): Promise<JsonObject> => {
    const found = (await readers.cluster.deployment(args.deployment))!
    return hands.cluster.scale(found.ref, found.replicas + 3, found.resource_version)
  }

  test('that does it again', async () => {
    const make = broken({ do: threeMore, probe: async () => 'not-in-place' })
    expect(await faultsWhenTwice(make)).toContainEqual(expect.stringMatching(/step 1 \(broken\) can be done again/))
    expect(await faultsWhenDying(make)).toContainEqual(
      expect.stringMatching(/call 1 \(cluster.scale\) dies after: 3 effects where 2 were asked for/),
    )
  })

  test('whose probe never finds what it did', async () => {
    const make = broken({ probe: async () => 'not-in-place' })
    expect(await faultsWhenTwice(make)).toContainEqual(
      expect.stringMatching(/step 1 \(broken\) is done, and its probe says that it is not/),
    )
  })

  test('whose probe says yes before anything was done: its effect is lost', async () => {
    const make = broken({ probe: async () => 'in-place' })
    expect(await faultsWhenDying(make)).toContainEqual(
      expect.stringMatching(/call 1 .* dies before: it succeeded with 1 of 2 effects: one is lost/),
    )
  })

  test('that says it took back what it left', async () => {
    const undo = { says: () => 'Nothing', do: async () => ({}), probe: async () => 'in-place' as const }
    const make = broken({ undo })
    await expect(faultsWhenFailing(make)).rejects.toThrow(/the run is undone, and step 1 left {"replicas":5} behind/)
  })

  test('that stops half-way and calls it a failure', async () => {
    // Two effects in one step: when the second is refused, the first one stays, and nobody takes it back.
    const make = broken({
      do: async (hands, readers, args) => {
        const { ref, replicas, resource_version } = (await readers.cluster.deployment(args.deployment))!
        const half = await hands.cluster.scale(ref, replicas + 1, resource_version)
        return hands.cluster.scale(ref, 5, half.resource_version)
      },
    })
    expect(await faultsWhenFailing(make)).toContainEqual(
      expect.stringMatching(
        /call 2 \(cluster.scale\) forbidden: the run is failed, and step 1 left {"replicas":3} behind/,
      ),
    )
  })
})

test('a stage on which nothing is done proves nothing, and says so', async () => {
  await expect(faultsWhenTwice(() => ({ ...stage(), effects: () => [] }))).rejects.toThrow(
    /counts none of what they do/,
  )
})
