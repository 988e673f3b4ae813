import { posix } from 'node:path'
import { title, type Skeleton } from './skeleton.js'

const SPECS = 'libs/recipes/yaml/src/examples'

/** @param folder where the house keeps its recipes, seen from the checkout */
export function yamlRecipeSkeleton(id: string, folder: string, named: boolean): Skeleton {
  const file = posix.join(folder, `${id}.yaml`)
  const spec = `${SPECS}/${id}.spec.ts`
  return {
    files: {
      [file]: recipe(id, posix.relative(folder, 'libs/recipes/yaml/recipe.schema.json')),
      [spec]: specOf(id, posix.relative(SPECS, file)),
    },
    edits: [],
    next: [
      ...(named ? [] : [`0. Name the folder in firebreak.yaml, or nobody reads it: recipes: { folder: ${folder} }`]),
      `1. Write ${file} from top to bottom, as the page of the runbook goes (libs/recipes/yaml/README.md), and make`,
      `   its spec pass: npx vitest run ${spec}`,
      '2. Add it to recipes.<class> in firebreak.yaml if it is to be suggested when an incident opens.',
    ],
  }
}

const recipe = (id: string, schema: string) => `# yaml-language-server: $schema=${schema}
id: ${id}
version: 1
title: ${title(id)}
page: unclassified

meaning: Not written yet, what it means that this happens.
impact: Not written yet, what users feel of it.

stage: propose
approval: { tier: T1, roles: [sre], people: 1 }

params: {}

diagnose:
  deployment: { read: deployment, ref: prod/api }

stop_if:
  - when: facts.deployment.replicas == 0
    because: It is scaled to zero, so somebody has switched it off.

guards:
  - { fact: deployment.uid, same: true }

# Steps: { do: <verb>, with: { … } }
plan: []

verify:
  within_s: 120
  look:
    deployment: { read: deployment, ref: '\${facts.deployment.ref}' }
  holds: now.deployment.ready > facts.deployment.replicas
  says: Not written yet, what it means that it helped.
`

const specOf = (id: string, file: string) => `import { readFileSync } from 'node:fs'
import { everyStepCanDie, everyStepCanFail, everyStepTwice, rehearse, type Stage } from '@firebreak/flow/testing'
import { aService, FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { expect, test } from 'vitest'
import { readRecipe } from '../index.js'

const text = readFileSync(new URL('${file}', import.meta.url), 'utf8')
const recipe = readRecipe(text, '${id}.yaml')

/** What it is about, among fakes: it finds something to do here, and it helps. */
function stage(): Stage {
  const cluster = new FakeCluster()
  cluster.deploy('prod/api', { replicas: 2 })
  const metrics = new FakeMetrics()
  return {
    recipe,
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
