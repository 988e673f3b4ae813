import { movedGuards, type JsonObject, type PastRun, type Readers, type Recipe, type SmokeSuite } from '@firebreak/kit'
import { RecordedRuns } from '@firebreak/flow'
import { everyStepCanDie, everyStepCanFail, everyStepTwice, hannah, House, type Stage } from '@firebreak/flow/testing'
import { aSuite, FakeDirectory, FakePastRuns, fakeHands, fakeReaders, FakeSmoke } from '@firebreak/kit/testing'
import { describe, expect, test } from 'vitest'
import { smokeTest } from './recipe.js'

const recipe = smokeTest as unknown as Recipe
const BAD = { label: 'invoice' }

/** The suite `model`, green; nothing was tested before but what a test remembers. */
class Well {
  readonly smoke = new FakeSmoke()
    .answers('model', 'health', { ok: true })
    .answers('model', 'golden', { label: 'credit-note' })
    .answers('model', 'unlabelled', { label: 'order' })
  readonly past = new FakePastRuns()
  readonly readers: Readers

  constructor(suites: SmokeSuite[] = [aSuite()]) {
    this.readers = fakeReaders({
      smoke: this.smoke,
      past: this.past,
      directory: new FakeDirectory([], { smoke: suites }),
    })
  }

  async diagnose(wish: JsonObject = { when: 'before' }, labels: Record<string, string> = { service: 'model' }) {
    return smokeTest.diagnose(this.readers, { labels }, smokeTest.params.parse(wish))
  }

  async stopped(wish: JsonObject): Promise<string | undefined> {
    const facts = await this.diagnose(wish)
    return smokeTest.stopIf.find(({ when }) => when(facts, smokeTest.params.parse(wish)))?.because
  }

  async verdict(wish: JsonObject) {
    const facts = await this.diagnose(wish)
    const params = smokeTest.params.parse(wish)
    return { ...(await smokeTest.verify.holds(this.readers, facts, params)), found: smokeTest.findings!(facts, params) }
  }

  /** Remembers what it finds now as the test before the change. */
  async remember(different: Partial<PastRun> = {}, ended_minutes_ago = 5): Promise<this> {
    const facts = await this.diagnose({ when: 'before' })
    const made_at = '2026-11-23T03:07:00.000Z'
    const run = { run: 'run_1', plan: 'pln_1', made_at, state: 'succeeded', because: '', facts, ...different }
    this.past.remember('smoke-test', run, ended_minutes_ago)
    return this
  }
}

const stage = (): Stage => {
  const { readers } = new Well()
  return {
    recipe,
    readers,
    hands: fakeHands(),
    effects: () => [],
    labels: { service: 'model' },
    params: { when: 'before' },
  }
}

describe('carried out', () => {
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})

test('before a change every check passes: it may begin', async () => {
  const it = new Well()
  expect(await it.stopped({ when: 'before' })).toBeUndefined()
  const says = '3 checks of model passed: the change may begin'
  expect(await it.verdict({ when: 'before' })).toEqual({
    holds: true,
    says: `${says}.`,
    found: [{ says, suggests: null }],
  })
})

test('a suite that is red before anything was changed blocks the change, with the words of the check', async () => {
  const it = new Well()
  it.smoke.answers('model', 'golden', BAD)
  const says = 'golden label is "invoice", not "credit-note"'
  expect(await it.verdict({ when: 'before' })).toEqual({
    holds: false,
    says: `model is red before anything was changed, which blocks the change. ${says}.`,
    found: [{ says: `model: ${says}`, suggests: null }],
  })
})

test('after a change that did no harm it says what it was compared with', async () => {
  const it = await new Well().remember()
  expect(await it.stopped({ when: 'after' })).toBeUndefined()
  expect(await it.verdict({ when: 'after' })).toMatchObject({
    holds: true,
    says: '3 checks of model passed, and nothing is worse than before the change (pln_1, 2026-11-23T03:07:00.000Z).',
  })
})

test('a new failure and a golden sample that differs block the change, each by its name', async () => {
  const it = await new Well().remember()
  it.smoke.fails('model', 'health', 'timeout').answers('model', 'unlabelled', { label: 'reminder' })
  const { holds, says, found } = await it.verdict({ when: 'after' })
  expect(holds).toBe(false)
  expect(says).toBe(
    'model is worse than before the change, which blocks it: roll back, and open an incident where there is none. ' +
      'health had no answer in time; unlabelled answers label "reminder", where it was "order" before.',
  )
  expect(found).toHaveLength(2)
})

test('of very many faults the verdict names some and counts the rest', async () => {
  const [, golden] = aSuite().checks
  const checks = Array.from({ length: 50 }, (_, at) => ({ ...golden!, name: `c${at}` }))
  const it = new Well([aSuite({ checks })])
  for (const { name } of checks) it.smoke.answers('model', name, { label: 'x'.repeat(500) })
  const { says } = await it.verdict({ when: 'before' })
  expect(says).toMatch(/c0 label is .*; and 40 more\.$/)
  expect(says.length).toBeLessThan(2_000)
})

test.each([
  ['without one before', async () => new Well(), /^No smoke test of this suite was made before/],
  [
    'with one of another suite',
    async () => new Well().remember({ facts: { suite: { name: 'ocr' }, when: 'before' } }),
    /^No smoke test/,
  ],
  ['with one of long ago', async () => new Well().remember({}, 25 * 60), /or too long ago/],
  [
    'with a red one',
    async () => new Well().remember({ state: 'failed' }),
    /^The suite was red before the change already/,
  ],
] as const)('stops after a change %s', async (_, make, because) => {
  expect(await (await make()).stopped({ when: 'after' })).toMatch(because)
})

test('one of long ago counts where that is asked for, and the service is asked only where there is one', async () => {
  const it = await new Well().remember({}, 25 * 60)
  const asked = it.smoke.asked.length
  await it.stopped({ when: 'after' })
  expect(it.smoke.asked).toHaveLength(asked)
  expect(await it.stopped({ when: 'after', hours: 48 })).toBeUndefined()
})

test.each([
  [
    { when: 'before', suite: 'nobody' },
    {},
    'there is no smoke suite "nobody"; the house knows model, model-2 (firebreak.yaml, smoke)',
  ],
  [{ when: 'before' }, { service: 'model' }, 'has more than one smoke suite: name one of model, model-2'],
  [{ when: 'before' }, { service: 'web', suite: 'model' }, 'no smoke suite belongs to the service "web"'],
  [{ when: 'before' }, {}, 'no suite and no service is named: name one of model, model-2'],
] as const)('%j for an alert with %j names no one suite', async (wish, labels, says) => {
  const it = new Well([aSuite(), aSuite({ name: 'model-2' })])
  await expect(it.diagnose(wish, labels)).rejects.toThrow(says)
})

test.each([
  {},
  { when: 'during' },
  { when: 'before', hours: 0 },
  { when: 'after', hours: 169 },
  { when: 'before', url: 'http://x' },
])('params that are out of range are refused: %j', (wish) =>
  expect(smokeTest.params.safeParse(wish).success).toBe(false),
)

test('another change that has begun meanwhile makes it stale', async () => {
  const it = await new Well().remember()
  const then = await it.diagnose({ when: 'after' })
  await it.remember({ run: 'run_2' })
  expect(movedGuards(smokeTest.guards(then), then, await it.diagnose({ when: 'after' }))).toMatchObject([
    { fact: 'before.run' },
  ])
})

test('before and after on one record: the second finds the first, a regress fails its run, and nobody has to say yes', async () => {
  const it = new Well()
  const readers: Readers = { ...it.readers }
  const house = new House(readers, fakeHands(), [recipe])
  readers.past = new RecordedRuns(house.ledger, house.clock.now)
  const ask = async (when: string) => {
    const { id } = await house.plans.request(hannah, {
      recipe: 'smoke-test',
      params: { when, suite: 'model' },
      reason: 'a node is drained',
    })
    const plan = await house.worker().planner.make(id)
    if (plan?.state !== 'proposed') return plan?.state
    const end = await house.worker().runner.carryOut(id)
    house.clock.forward(60_000)
    const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: id }))
    return `${end}: ${run?.because}`
  }
  expect(await ask('after')).toBe('stopped')
  expect(await ask('before')).toMatch(/^succeeded: 3 checks of model passed/)
  expect(await ask('after')).toMatch(/^succeeded: .*nothing is worse/)
  it.smoke.answers('model', 'unlabelled', { label: 'reminder' })
  expect(await ask('after')).toMatch(/^failed: Not verified within 1 s: .*where it was "order" before\.$/)
  // Nor does asking again make what is worse the new measure.
  expect(await ask('after')).toMatch(/^failed: /)
})
