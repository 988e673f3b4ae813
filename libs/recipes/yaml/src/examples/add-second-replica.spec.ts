import { readFileSync } from 'node:fs'
import { everyStepCanDie, everyStepCanFail, everyStepTwice, rehearse, type Stage } from '@firebreak/flow/testing'
import { FakeCluster, FakeDirectory, FakeMetrics, fakeHands, fakeReaders } from '@firebreak/kit/testing'
import { describe, expect, test } from 'vitest'
import { readRecipe } from '../index.js'

const file = 'add-second-replica.yaml'
const text = readFileSync(new URL(`../../examples/${file}`, import.meta.url), 'utf8')
const recipe = readRecipe(text, file)

/** Three workers that run alone, one that does not, one that somebody switched off; and one of another namespace. */
function batch(alone = 3) {
  const cluster = new FakeCluster()
  for (const name of ['ocr', 'resize', 'score'].slice(0, alone)) cluster.deploy(`batch/${name}`, { replicas: 1 })
  cluster.deploy('batch/train', { replicas: 4 })
  cluster.deploy('batch/retired', { replicas: 0 })
  cluster.deploy('prod/api', { replicas: 1 })
  const readers = fakeReaders({ cluster: cluster.reader, metrics: new FakeMetrics(), directory: new FakeDirectory([]) })
  const stage: Stage = { recipe, readers, hands: fakeHands({ cluster: cluster.hands }), effects: () => cluster.effects }
  return { cluster, readers, stage, facts: () => recipe.diagnose(readers, { labels: {} }, {}) }
}

describe('carried out', () => {
  const stage = () => batch(2).stage
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})

test('every worker that runs alone is an item that people approve, and no other', async () => {
  const played = await rehearse(batch().stage)
  expect(played.plan.body!.steps).toMatchObject([
    {
      verb: 'scale-deployment',
      items: ['ocr', 'resize', 'score'].map((name) => ({
        says: `Scale deployment batch/${name} from 1 to 2 replicas`,
      })),
      pace: { first: 1, most: 3, pause_s: 10, within_s: 900 },
    },
  ])
  expect(played).toMatchObject({
    outcome: 'succeeded',
    after: [{ 1: { replicas: 2 }, 2: { replicas: 2 }, 3: { replicas: 2 } }],
    run: { because: 'No deployment of the namespace runs alone any more; 3 did.' },
  })
  expect(played.story.filter((type) => type === 'run.waiting')).toHaveLength(1)
})

test('stops where nothing runs alone, and while a rollout is in progress', async () => {
  const stopped = async (made: ReturnType<typeof batch>) => {
    const facts = await made.facts()
    return recipe.stopIf.find(({ when }) => when(facts, {}))?.because
  }
  expect(await stopped(batch())).toBeUndefined()
  expect(await stopped(batch(0))).toMatch(/No deployment/)
  const rolling = batch()
  rolling.cluster.elsewhere('batch/train', { updated: 1 })
  expect(await stopped(rolling)).toMatch(/rollout/)
})

test('does not act where the condition leaves nothing', async () => {
  const made = batch(0)
  expect(() => recipe.plan({ all: [], alone: 0 }, {})).toThrow('each scale-deployment: nothing was selected')
  expect(made.cluster.effects).toEqual([])
})

test('each item is on loan where the step says for how long', async () => {
  const lent = readRecipe(text.replace('    do: scale', '    loan_minutes: 30\n    do: scale'), file)
  const played = await rehearse({ ...batch(2).stage, recipe: lent })
  expect(played.loans.map(({ state, target }) => [state, target])).toEqual([
    ['out', 'deployment:batch/ocr'],
    ['out', 'deployment:batch/resize'],
  ])
})

const EACH = 'each: { of: all, where: item.replicas == 1, ramp: { most: 4, pause_s: 10 }, within_s: 900 }'
test.each<[string, [string, string], string]>([
  ['a list that there is not', ['of: all', 'of: al'], 'each.of: found "al", expected one of all; did you mean all?'],
  ['a fact that is no list', ['of: all', 'of: alone'], 'each.of: found "alone", expected one of all'],
  ['a field that no item has', ['item.replicas == 1', 'item.replica == 1'], 'found "item.replica"'],
  [
    'a condition by an alert',
    ['item.replicas == 1', "'item.ref == labels.x'"],
    'each.where: found items that an alert would choose',
  ],
  ['no wave at all', ['most: 4', 'most: 0'], 'each.ramp.most: found 0'],
  ['a name', [EACH, `${EACH}\n    name: many`], 'name: found the name of a step over many'],
  [
    'an argument of the wrong kind',
    ["from: '${item.replicas}'", "from: '${item.ref}'"],
    'with.from: found an expression that gives a text',
  ],
  ['item outside of it', [`- ${EACH}\n    do:`, '- do:'], 'found "item"'],
])('%s is a fault with its line', (_, [from, to], fault) => {
  const changed = text.replace(from, () => to)
  expect(changed).not.toBe(text)
  expect(() => readRecipe(changed, file)).toThrow(fault)
})
