import { inspect } from 'node:util'
import { defineRecipe, defineVerb, PortFailure, Secret, type Recipe, type Verb } from '@firebreak/kit'
import {
  FakeCluster,
  FakeCredentials,
  FakeDirectory,
  FakeMetrics,
  fakeHands,
  fakeReaders,
} from '@firebreak/kit/testing'
import { verbs } from '@firebreak/kit/verbs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { House } from './testing/rehearse.js'

const VALUE = 'hunter2-0f1e2d3c4b5a69788796a5b4c3d2e1f0'

/** A store whose password is made anew and handed to a consumer, which may refuse it and say what it was given. */
class World {
  readonly credentials = new FakeCredentials()
  password = 'the old one'
  refuses: 'never' | 'with a failure' | 'with a bug' = 'never'

  readonly mint = this.verb({
    id: 'mint-password',
    says: (handle) => `Make a new password, kept as ${handle}`,
    do: (handle) => this.credentials.put(handle, new Secret(VALUE)),
    there: async (handle) => (await this.credentials.get(handle)) !== undefined,
    undo: (handle) => this.credentials.forget(handle),
  })
  readonly hand = this.verb({
    id: 'hand-password',
    says: (handle) => `Hand the password ${handle} to the consumer`,
    do: async (handle) => {
      const secret = (await this.credentials.get(handle))!
      if (this.refuses === 'with a failure')
        throw new PortFailure('forbidden', `the consumer refuses ${String(secret)}`)
      if (this.refuses === 'with a bug') throw new Error(`${inspect(secret)} ${JSON.stringify({ secret })}`)
      this.password = secret.reveal()
    },
    there: async () => this.password !== 'the old one',
    undo: async () => void (this.password = 'the old one'),
  })

  private verb(how: {
    id: string
    says: (handle: string) => string
    do: (handle: string) => Promise<void>
    there: (handle: string) => Promise<boolean>
    undo: (handle: string) => Promise<void>
  }) {
    const probe = async (handle: string, wanted: boolean) =>
      (await how.there(handle)) === wanted ? 'in-place' : 'not-in-place'
    return defineVerb({
      id: how.id,
      args: z.strictObject({ handle: z.string() }),
      targets: ({ handle }) => [`credential:${handle}`],
      before: () => ({ there: false }),
      after: () => ({ there: true }),
      state: async (_, { handle }) => ({ there: await how.there(handle) }),
      needs: [],
      reversible: 'yes',
      says: ({ handle }) => how.says(handle),
      do: async (_hands, _readers, { handle }) => how.do(handle).then(() => ({ handle })),
      probe: (_, { handle }) => probe(handle, true),
      undo: {
        says: ({ handle }) => `Not: ${how.says(handle)}`,
        do: async (_hands, _readers, { handle }) => how.undo(handle).then(() => ({})),
        probe: (_, { handle }) => probe(handle, false),
      },
    })
  }

  house({ helps = true } = {}): House {
    const recipe = defineRecipe({
      id: 'change-password',
      version: 1,
      title: 'Change the password',
      page: 'storage-errors',
      meaning: 'It is known to somebody.',
      impact: 'They read along.',
      stage: 'propose',
      approval: { tier: 'T1', roles: ['sre'], people: 1 },
      params: z.strictObject({}),
      diagnose: async () => ({ handle: 'store/next' }),
      stopIf: [],
      guards: () => [],
      plan: ({ handle }) => [this.mint({ handle }), this.hand({ handle })],
      verify: {
        within_s: 1,
        says: () => 'The consumer has it.',
        holds: async () => ({ holds: helps && this.password === VALUE, says: 'Looked.' }),
      },
    }) as unknown as Recipe
    const cluster = new FakeCluster()
    const readers = fakeReaders({
      cluster: cluster.reader,
      metrics: new FakeMetrics(),
      directory: new FakeDirectory([]),
    })
    return new House(readers, fakeHands({ cluster: cluster.hands }), [recipe])
  }
}

let world: World
beforeEach(() => {
  world = new World()
  for (const word of [world.mint, world.hand]) (verbs as Map<string, Verb>).set(word.definition.id, word.definition)
})
afterEach(() => {
  for (const word of [world.mint, world.hand]) (verbs as Map<string, Verb>).delete(word.definition.id)
})

/** Everything that the platform wrote down: each table with plans and journal, the log. */
function writtenDown(house: House): string {
  const { tables } = house.ledger as unknown as { tables: Record<string, Map<string, unknown>> }
  const rows = Object.values(tables).flatMap((table) => [...table.values()])
  const log = house.ledger.log
  return JSON.stringify({ rows, log }) + inspect({ rows, log }, { depth: null, maxStringLength: null })
}

async function carriedOut(house: House) {
  const plan = await house.approved('change-password', {})
  return house.worker().runner.carryOut(plan)
}

describe('a secret passes from the verb that makes it to the verb that uses it by its handle', () => {
  test('the value arrives; what is written down has the handle, and nowhere the value', async () => {
    const house = world.house()
    expect(await carriedOut(house)).toBe('succeeded')
    expect(world.password).toBe(VALUE)
    expect(writtenDown(house)).toContain('store/next')
    expect(writtenDown(house)).not.toContain(VALUE)
  })

  test.each(['with a failure', 'with a bug'] as const)(
    'a verb that fails %s and names it names no value',
    async (how) => {
      world.refuses = how
      const house = world.house()
      expect(await carriedOut(house)).toBe(how === 'with a bug' ? 'needs-a-person' : 'undone')
      expect(writtenDown(house)).toContain('[secret]')
      expect(writtenDown(house)).not.toContain(VALUE)
    },
  )

  test('what is taken back is forgotten', async () => {
    const house = world.house({ helps: false })
    expect(await carriedOut(house)).toBe('undone')
    expect(world.password).toBe('the old one')
    expect(await world.credentials.get('store/next')).toBeUndefined()
    expect(writtenDown(house)).not.toContain(VALUE)
  })
})

test('however it is shown, a secret says that it is one', () => {
  const secret = new Secret(VALUE)
  const shown = [String(secret), JSON.stringify({ secret }), inspect({ secret }), inspect(new Map([[1, secret]]))]
  expect(shown.join()).not.toContain(VALUE)
  expect(JSON.stringify(structuredClone({ secret }))).not.toContain(VALUE)
  expect(secret.reveal()).toBe(VALUE)
})
