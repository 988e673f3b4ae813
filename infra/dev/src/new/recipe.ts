import { camel, intoIndex, title, type Skeleton } from './skeleton.js'

/** A recipe of the catalogue: it compiles, looks, and proposes nothing yet. */
export function recipeSkeleton(id: string): Skeleton {
  const folder = `libs/recipes/catalog/src/${id}`
  const name = camel(id)
  return {
    files: {
      [`${folder}/recipe.ts`]: recipe(id, name),
      [`${folder}/recipe.spec.ts`]: spec(id, name),
      [`${folder}/rehearsal.ts`]: rehearsal,
    },
    edits: [
      {
        file: 'libs/recipes/catalog/src/index.ts',
        line: name,
        edit: intoIndex(
          `import { ${name} } from './${id}/recipe.js'`,
          name,
          /(\n {2}\[)([^\]]*)(\]\.map\(\(recipe\) =>)/,
        ),
      },
      {
        file: 'libs/recipes/catalog/src/rehearsals.ts',
        line: `['${id}', ${name}]`,
        edit: intoIndex(
          `import { rehearsals as ${name} } from './${id}/rehearsal.js'`,
          `['${id}', ${name}]`,
          /(= new Map\(\[)([\s\S]*)(\]\)\n)$/,
        ),
      },
    ],
    next: [
      `1. Write ${folder}/recipe.ts from top to bottom, as the page of the runbook goes, and make its spec pass:`,
      `   npx vitest run ${folder}`,
      `2. Its page in runbook/: \`${id}\` is ready there; in runbook/coverage.yaml its duty is covered.`,
      `3. ${folder}/rehearsal.ts: how the sandbox makes it happen. Then npm run format, and`,
      '   npx vitest run libs/recipes/catalog says what is still missing; at last the line for versions.json.',
    ],
  }
}

const recipe = (id: string, name: string) => `import { defineRecipe } from '@firebreak/kit'
import { z } from 'zod'

export const ${name} = defineRecipe({
  id: '${id}',
  version: 1,
  title: '${title(id)}',
  page: 'unclassified',

  meaning: 'Not written yet: what it means that this happens.',
  impact: 'Not written yet: what users feel of it.',

  stage: 'propose',
  approval: { tier: 'T1', roles: ['sre'], people: 1 },

  params: z.strictObject({}),

  async diagnose({ cluster }) {
    const deployment = await cluster.deployment('prod/api')
    return { found: deployment !== undefined }
  },

  stopIf: [{ when: ({ found }) => !found, because: 'What it is about is not there.' }],

  guards: () => [{ fact: 'found', same: true }],

  // Steps are verbs, from '@firebreak/kit/verbs'.
  plan: () => [],

  verify: {
    within_s: 120,
    says: () => 'Not written yet: what it means that it helped.',
    holds: async () => ({ holds: false, says: 'Not written yet.' }),
  },
})
`

const spec = (
  id: string,
  name: string,
) => `import { everyStepCanDie, everyStepCanFail, everyStepTwice, rehearse, type Stage } from '@firebreak/flow/testing'
import type { Recipe } from '@firebreak/kit'
import { aService, FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { expect, test } from 'vitest'
import { ${name} } from './recipe.js'

/** What it is about, among fakes: it finds something to do here, and it helps. */
function stage(): Stage {
  const cluster = new FakeCluster()
  cluster.deploy('prod/api', { replicas: 2 })
  const metrics = new FakeMetrics()
  return {
    recipe: ${name} as unknown as Recipe,
    readers: fakeReaders({ cluster: cluster.reader, metrics, directory: new FakeDirectory([aService()]) }),
    hands: fakeHands({ cluster: cluster.hands }),
    effects: () => cluster.effects,
    labels: { service: 'api' },
  }
}

test('proposes what is to be done', async () => {
  const { plan } = await rehearse(stage())
  expect(plan.body!.steps, 'not written yet: the plan of ${id} proposes no step').not.toHaveLength(0)
})

everyStepTwice(stage)
everyStepCanFail(stage)
everyStepCanDie(stage)
`

const rehearsal = `import type { Rehearsal } from '../rehearsal.js'

/** Once it helps, and once it does not and is taken back. \`npm run rehearse -- --list\` names what can be broken. */
export const rehearsals: readonly Rehearsal[] = []
`
