import { defineRecipe, defineVerb, each, ref, type Recipe, type Step, type Verb } from '@firebreak/kit'
import { FakeDirectory, fakeHands, FakeMetrics, fakeReaders } from '@firebreak/kit/testing'
import { verbs } from '@firebreak/kit/verbs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { everyStepCanDie, everyStepCanFail, everyStepTwice } from './testing/every-step.js'
import { rehearse, type Stage } from './testing/play.js'
import { House } from './testing/rehearse.js'

/** A store that makes keys under names of its own choice, and a consumer that is handed one. */
class Keys {
  readonly effects: string[] = []
  made: string | undefined
  used = 'key-0'
  /** What it made cannot be read back any more. */
  forgets = false

  async make(): Promise<string> {
    if (this.made !== undefined) throw new Error('it was made already')
    this.made = 'key-7f3a'
    this.effects.push('make')
    return this.made
  }
  async drop(): Promise<void> {
    if (this.made === undefined) return
    this.made = undefined
    this.effects.push('drop')
  }
  async hand(key: string): Promise<void> {
    this.used = key
    this.effects.push(`hand ${key}`)
  }
}
const of = (ports: unknown) => (ports as { keys: Keys }).keys
const there = (yes: boolean) => (yes ? 'in-place' : 'not-in-place')

const mint = defineVerb({
  id: 'mint-key',
  args: z.strictObject({ store: z.string() }),
  says: ({ store }) => `Make a new key in ${store}`,
  targets: ({ store }) => [`store:${store}`],
  before: () => ({ keys: 1 }),
  after: () => ({ keys: 2 }),
  state: async (readers) => ({ keys: of(readers).made === undefined ? 1 : 2 }),
  needs: [],
  reversible: 'yes',
  do: async (hands) => ({ key_id: await of(hands).make() }),
  probe: async (readers) => there(of(readers).made !== undefined),
  gives: {
    output: z.strictObject({ key_id: z.string() }),
    recall: async (readers) => ({ key_id: of(readers).forgets ? null : of(readers).made! }),
  },
  undo: {
    says: ({ store }) => `Take the new key of ${store} back`,
    do: async (hands) =>
      of(hands)
        .drop()
        .then(() => ({})),
    probe: async (readers) => there(of(readers).made === undefined),
  },
})

const hand = defineVerb({
  id: 'hand-key',
  args: z.strictObject({ consumer: z.string(), key_id: z.string().regex(/^key-/), tries: z.int().default(3) }),
  says: ({ consumer, key_id }) => `Hand ${key_id} to ${consumer}`,
  targets: ({ consumer }) => [`consumer:${consumer}`],
  before: () => ({ key_id: 'key-0' }),
  after: ({ key_id }) => ({ key_id }),
  state: async (readers) => ({ key_id: of(readers).used }),
  needs: [],
  reversible: 'yes',
  do: async (hands, readers, { key_id }) => {
    if (of(readers).used !== key_id) await of(hands).hand(key_id)
    return {}
  },
  probe: async (readers, { key_id }) => there(of(readers).used === key_id),
  undo: {
    says: ({ consumer, key_id }) => `Take ${key_id} from ${consumer} again`,
    do: async (hands, readers) => {
      if (of(readers).used !== 'key-0') await of(hands).hand('key-0')
      return {}
    },
    probe: async (readers) => there(of(readers).used === 'key-0'),
  },
})

beforeAll(() => {
  for (const { definition } of [mint, hand]) (verbs as Map<string, Verb>).set(definition.id, definition)
})
afterAll(() => {
  for (const { definition } of [mint, hand]) (verbs as Map<string, Verb>).delete(definition.id)
})

const MINTED = mint({ store: 'iam' }, { name: 'mint' })
const rotate = (
  plan: () => Step[] = () => [MINTED, hand({ consumer: 'api', key_id: ref('mint', 'key_id'), tries: 3 })],
) =>
  defineRecipe({
    id: 'rotate',
    version: 1,
    title: 'Rotate',
    page: 'storage-errors',
    meaning: 'It is old.',
    impact: 'None yet.',
    stage: 'propose',
    approval: { tier: 'T1', roles: ['sre'], people: 1 },
    params: z.strictObject({}),
    diagnose: async () => ({}),
    stopIf: [],
    guards: () => [],
    plan,
    verify: { within_s: 5, says: () => 'It is used.', holds: async () => ({ holds: true, says: 'It is used.' }) },
  }) as unknown as Recipe

function stage(recipe = rotate(), keys = new Keys()): Stage & { keys: Keys } {
  const readers = { ...fakeReaders({ metrics: new FakeMetrics(), directory: new FakeDirectory([]) }), keys }
  const port = {
    make: () => keys.make(),
    drop: () => keys.drop(),
    hand: (key: string) => keys.hand(key),
  }
  const hands = { ...fakeHands(), keys: port }
  return { recipe, readers, hands, effects: () => keys.effects, keys }
}

/** What became of the request for a plan. */
async function planned(recipe: Recipe) {
  const { readers, hands } = stage(recipe)
  const house = new House(readers, hands, [recipe])
  const person = { kind: 'person', id: 'hannah', auth: 'session', roles: ['sre'] } as const
  const { id } = await house.plans.request(
    { ...person, roles: ['sre'] },
    { recipe: 'rotate', params: {}, labels: {}, reason: '' },
  )
  return (await house.worker().planner.make(id))!
}

describe('a recipe whose second step uses what the first one gives', () => {
  everyStepTwice(() => stage())
  everyStepCanFail(() => stage())
  everyStepCanDie(() => stage())

  test('is planned with a reference, shown as one, and carried out with what the journal says', async () => {
    const played = await rehearse(stage())
    expect(played.outcome).toBe('succeeded')
    expect(played.plan.body!.steps).toMatchObject([
      { name: 'mint', says: 'Make a new key in iam' },
      {
        args: { key_id: { ref: { step: 'mint', path: 'key_id' } } },
        says: 'Hand ‹key_id of mint› to api',
        after: { key_id: '‹key_id of mint›' },
      },
    ])
    expect(played.effects).toEqual(['make', 'hand key-7f3a'])
    expect(played.steps.map(({ output }) => output)).toEqual([{ key_id: 'key-7f3a' }, null])
    const said = played.log.filter(({ type, detail }) => type === 'step.intended' && detail?.['number'] === 2)
    expect(said).toMatchObject([{ detail: { says: 'Hand key-7f3a to api' } }])
  })

  test('whoever takes over reads back what nobody wrote down', async () => {
    const played = await rehearse(stage(), { mishap: { at: 'call', nth: 1, how: 'dies after' } })
    expect(played).toMatchObject({ outcome: 'succeeded', effects: ['make', 'hand key-7f3a'] })
  })

  test('a person is asked where it cannot be read back: it is neither lost nor made again', async () => {
    const keys = new Keys()
    keys.forgets = true
    const played = await rehearse(stage(rotate(), keys), { mishap: { at: 'call', nth: 1, how: 'dies after' } })
    expect(played).toMatchObject({ outcome: 'needs-a-person', effects: ['make'] })
    expect(played.run!.because).toContain('what it gave could not be read back')
  })
})

test.each<[string, () => Step[], RegExp]>([
  [
    'to a step that there is not',
    () => [hand({ consumer: 'api', key_id: ref('mint', 'key_id'), tries: 1 })],
    /no step before it/,
  ],
  [
    'to a later step',
    () => [hand({ consumer: 'api', key_id: ref('mint', 'key_id'), tries: 1 }), MINTED],
    /step 1 \(hand-key\) refers to mint, and no step before it has that name/,
  ],
  [
    'to what it does not give',
    () => [MINTED, hand({ consumer: 'api', key_id: ref('mint', 'keyid'), tries: 1 })],
    /refers to keyid of mint, and mint-key gives no such text/,
  ],
  [
    'to a step whose verb gives nothing',
    () => [
      hand({ consumer: 'a', key_id: 'key-1', tries: 1 }, { name: 'first' }),
      hand({ consumer: 'b', key_id: ref('first', 'key_id'), tries: 1 }),
    ],
    /hand-key gives no such text/,
  ],
  [
    'in the place of a number',
    () => [MINTED, hand({ consumer: 'api', key_id: 'key-1', tries: ref('mint', 'key_id') as unknown as number })],
    /tries takes no text/,
  ],
  [
    'in the place of what is touched',
    () => [MINTED, hand({ consumer: ref('mint', 'key_id'), key_id: 'key-1', tries: 1 })],
    /would touch what an earlier step gives/,
  ],
  [
    'pasted into a text',
    () => [MINTED, hand({ consumer: 'api', key_id: `key-${ref('mint', 'key_id')}`, tries: 1 })],
    /stands alone/,
  ],
  [
    'beside an argument that does not fit',
    () => [MINTED, hand({ consumer: 7 as unknown as string, key_id: ref('mint', 'key_id'), tries: 1 })],
    /consumer: /,
  ],
  ['to one of two of that name', () => [MINTED, MINTED], /two steps are named mint/],
  [
    'from an item',
    () => [MINTED, each(hand, [{ consumer: 'api', key_id: ref('mint', 'key_id'), tries: 1 }])],
    /items are known beforehand/,
  ],
])('a reference %s fails in planning', async (_, steps, because) => {
  const plan = await planned(rotate(steps))
  expect(plan.state).toBe('failed')
  expect(plan.because).toMatch(because)
})

test('what was given and does not fit the step that uses it is not used: everything is taken back', async () => {
  const keys = new Keys()
  keys.make = async () => {
    keys.effects.push('make')
    return (keys.made = 'no such form')
  }
  const played = await rehearse(stage(rotate(), keys))
  expect(played).toMatchObject({ outcome: 'undone', effects: ['make', 'drop'] })
  expect(played.steps[1]).toMatchObject({
    state: 'failed',
    because: expect.stringMatching(/^What it refers to is not there/) as string,
  })
})
