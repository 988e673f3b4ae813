import { defineRecipe, defineVerb, type Verb } from '@firebreak/kit'
import { verbs } from '@firebreak/kit/verbs'
import { z } from 'zod'

/** Three steps that do nothing, each on a target of its own: what is left is what the engine itself costs. */
const args = z.strictObject({ target: z.string() })
const noOp = defineVerb({
  id: 'bench-no-op',
  args,
  says: ({ target }) => `Leaves ${target} as it is`,
  targets: ({ target }) => [target],
  before: () => ({ touched: false }),
  after: () => ({ touched: false }),
  state: () => Promise.resolve({ touched: false }),
  needs: [],
  reversible: 'yes',
  do: () => Promise.resolve({}),
  probe: () => Promise.resolve('in-place'),
  undo: {
    says: ({ target }) => `Leaves ${target} as it was`,
    do: () => Promise.resolve({}),
    probe: () => Promise.resolve('in-place'),
  },
})

/** Known to the processes of the bench alone. */
;(verbs as Map<string, Verb>).set('bench-no-op', noOp.definition)

export const noOpRecipe = defineRecipe({
  id: 'bench-no-op',
  version: 1,
  title: 'Do nothing three times',
  page: 'unclassified',
  meaning: 'Nothing is wrong.',
  impact: 'None.',
  stage: 'propose',
  approval: { tier: 'T1', roles: ['sre'], people: 1 },
  params: z.strictObject({ name: z.string() }),
  diagnose: () => Promise.resolve({ idle: true }),
  stopIf: [],
  guards: () => [{ fact: 'idle', same: true }],
  plan: (_, { name }) => [1, 2, 3].map((nth) => noOp({ target: `bench:${name}-${nth}` })),
  verify: {
    within_s: 60,
    says: () => 'Nothing happened.',
    holds: () => Promise.resolve({ holds: true, says: 'Nothing happened.' }),
  },
})
