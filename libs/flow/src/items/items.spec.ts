import { each, PortFailure, type EachTerms } from '@firebreak/kit'
import { scaleDeployment } from '@firebreak/kit/verbs'
import { describe, expect, test } from 'vitest'
import { Freezes } from '../freezes.js'
import { Interventions } from '../interventions.js'
import { everyStepCanDie, everyStepCanFail, everyStepTwice } from '../testing/every-step.js'
import { manyHouse, names } from '../testing/many-house.js'
import { rehearse, type Stage } from '../testing/play.js'
import { hannah, House } from '../testing/rehearse.js'
import { itemsOf } from './item-journal.js'

const onStage = (count: number, terms?: EachTerms): Stage => {
  const { cluster, ...rest } = manyHouse(count, terms)
  return { ...rest, effects: () => cluster.effects }
}

async function approved(count: number, terms: EachTerms = {}) {
  const set = manyHouse(count, terms)
  const house = new House(set.readers, set.hands, [set.recipe])
  const plan = await house.approved('scale-many', {})
  const look = () =>
    house.ledger.read(async (books) => {
      const [run] = await books.runs.where({ plan_id: plan })
      const [step] = await books.steps.where({ run_id: run!.id })
      return { run: run!, step: step!, items: await itemsOf(books, step!) }
    })
  const carryOut = (worker?: string) => house.worker(worker).runner.carryOut(plan)
  const replicas = () => names.slice(0, count).map((name) => set.cluster.at(`prod/${name}`)?.replicas)
  return { ...set, house, plan, look, carryOut, replicas }
}

/** Does something in the world at the nth entry of this type, just before it is committed. */
function at(house: House, type: string, nth: number, act: () => void): void {
  let seen = 0
  house.ledger.beforeCommit = (drafts) => {
    if (drafts.some((draft) => draft.type === type) && ++seen === nth) act()
  }
}

describe('a step over many items', () => {
  test('is approved item by item, done one after the other, and tells of each', async () => {
    const { house, plan, look, carryOut, replicas } = await approved(3)
    const { body } = (await house.ledger.read((books) => books.plans.get(plan)))!
    expect(body!.blast_radius).toEqual({ targets: 3, steps: 1, items: 3 })
    // What a yes in advance would have to cover.
    expect(body!.steps[0]).toMatchObject({ before: { replicas: 2 }, after: { replicas: 5, each: 3 } })
    expect(body!.steps[0]!.says).toBe(
      '3 times, one after the other: Scale deployment prod/a from 2 to 5 replicas; and 2 more',
    )
    expect(body!.steps[0]!.items!.map(({ says }) => says)[2]).toBe('Scale deployment prod/c from 2 to 5 replicas')

    expect(await carryOut()).toBe('succeeded')
    expect(replicas()).toEqual([5, 5, 5])
    const { step, items } = await look()
    expect(step).toMatchObject({ state: 'done', items: 3, items_done: 3 })
    const done = { state: 'done', attempt: 1, before: { replicas: 2 }, after: { replicas: 5 } }
    expect(items).toMatchObject([done, done, done])
    expect(house.story.filter((type) => /^(step|item)/.test(type))).toEqual(
      ['step.planned', 'step.intended', 'item.done', 'item.done', 'item.done', 'step.done'],
    ) // prettier-ignore
    const ended = house.ledger.log.find(({ type }) => type === 'step.done')!
    expect(ended.detail).toMatchObject({
      items: 3,
      items_done: 3,
      items_digest: expect.stringMatching(/^sha256:/) as unknown,
    })
  })

  test('stops at the first failure, and takes back what it did, in reverse', async () => {
    const { cluster, house, look, carryOut, replicas } = await approved(4)
    at(house, 'item.done', 2, () => cluster.failNext('forbidden'))
    expect(await carryOut()).toBe('undone')
    expect(replicas()).toEqual([2, 2, 2, 2])
    const { items } = await look()
    expect(items.map(({ state }) => state)).toEqual(['undone', 'undone', 'failed', 'failed'])
    expect(items[3]).toMatchObject({ attempt: 0, because: expect.stringMatching(/^Not begun/) as unknown })
    const back = house.ledger.log.filter(({ type }) => type === 'item.undone').map(({ target }) => target)
    expect(back).toEqual(['deployment:prod/b', 'deployment:prod/a'])
  })

  test('bears as many failures as the plan allows, and names them', async () => {
    const { cluster, house, look, carryOut, replicas } = await approved(4, { stop_above_percent: 25 })
    at(house, 'item.done', 1, () => cluster.failNext('forbidden'))
    expect(await carryOut()).toBe('succeeded')
    expect(replicas()).toEqual([5, 2, 5, 5])
    expect((await look()).step).toMatchObject({ state: 'done', items_done: 3, because: /Not done: item 2 \(/ })
  })

  test('names what could not be taken back', async () => {
    const { cluster, house, look, carryOut } = await approved(3)
    at(house, 'item.done', 2, () => cluster.failNext('forbidden'))
    house.clock.onSleep = () => undefined
    const before = house.ledger.beforeCommit
    house.ledger.beforeCommit = (drafts) => {
      before(drafts)
      if (drafts.some(({ type }) => type === 'step.undoing')) cluster.failNext('forbidden')
    }
    expect(await carryOut()).toBe('needs-a-person')
    expect((await look()).run.because).toMatch(/Could not be taken back: step 1 \(item 2 \(/)
    expect((await look()).items.map(({ state }) => state)).toEqual(['undone', 'kept', 'failed'])
  })

  test('is frozen after the item that it is in', async () => {
    const { house, look, carryOut, replicas } = await approved(3)
    let declared: Promise<unknown> | undefined
    at(house, 'item.done', 1, () => {
      declared = new Freezes(house.world).declare(
        { kind: 'person', id: 'sam', auth: 'session', roles: ['security'] },
        { scopes: ['house:everything'], reason: 'a leak' },
      )
    })
    expect(await carryOut()).toBe('frozen')
    await declared
    const { step, items } = await look()
    const done = items.filter(({ state }) => state === 'done').length
    expect(done).toBeLessThan(3)
    expect(replicas().filter((n) => n === 5)).toHaveLength(done)
    expect(step).toMatchObject({ state: 'failed', items_done: done })
    expect(house.story.slice(-3)).toEqual(['target.freed', 'target.freed', 'target.freed'])
  })

  test.each(['go-on', 'take-back'] as const)('asks a person about an item that nobody can tell: %s', async (then) => {
    const { cluster, hands, house, look, carryOut, replicas } = await approved(3)
    const scale = hands.cluster.scale.bind(hands.cluster)
    let calls = 0
    hands.cluster.scale = async (...args) => {
      const done = await scale(...args)
      if (++calls !== 2) return done
      for (let look = 0; look < 6; look++) cluster.failNext('unreachable', { of: 'reader' })
      throw new PortFailure('timeout', 'no answer')
    }
    expect(await carryOut()).toBe('needs-a-person')
    const asked = await look()
    expect(asked.run.because).toMatch(/^Step 1 is unknown: item 2 /)
    expect(asked.items.map(({ state }) => state)).toEqual(['done', 'unknown', 'intended'])
    const answers = new Interventions(house.world, house.doorbell)
    await answers.answer(hannah, asked.run.id, { verdict: 'in-place', then }, 'I looked')
    expect(await carryOut('worker-2')).toBe(then === 'go-on' ? 'succeeded' : 'undone')
    expect(replicas()).toEqual(then === 'go-on' ? [5, 5, 5] : [2, 2, 2])
    expect(cluster.effects).toHaveLength(then === 'go-on' ? 3 : 4)
  })
})

describe('a ramp', () => {
  const ramp = { ramp: { most: 4, pause_s: 60 } }

  test('goes in waves of 1, 2, 4, and waits between them without a tenure or a worker', async () => {
    const { house, look, carryOut } = await approved(8, ramp)
    const waves: number[] = []
    for (const size of [1, 3, 7]) {
      expect(await carryOut()).toBe('waiting')
      const { run, items } = await look()
      expect(items.filter(({ state }) => state === 'done')).toHaveLength(size)
      expect((await house.ledger.read((books) => books.tenures.get(run.id)))!.holder).toBe('')
      expect(await carryOut()).toBe('waiting')
      house.clock.forward(60_000)
      waves.push(size)
    }
    expect(await carryOut()).toBe('succeeded')
    expect(house.story).not.toContain('run.taken-over')
    expect(house.story.filter((type) => type === 'step.wave')).toHaveLength(3)
  })

  test.each([false, true])('is cancelled in a pause at once (take back: %s)', async (undo) => {
    const { house, look, carryOut, replicas } = await approved(4, ramp)
    expect(await carryOut()).toBe('waiting')
    const { run } = await look()
    await new Interventions(house.world, house.doorbell).cancel(hannah, run.id, { undo, reason: 'the wrong ones' })
    expect(await carryOut()).toBe(undo ? 'undone' : 'cancelled')
    expect(replicas()).toEqual([undo ? 2 : 5, 2, 2, 2])
    expect((await look()).items.map(({ state }) => state).slice(1)).toEqual(['skipped', 'skipped', 'skipped'])
  })

  test('stops in the wave whose failures are too many', async () => {
    const { cluster, look, carryOut } = await approved(8, { ...ramp, stop_above_percent: 30 })
    cluster.failNext('forbidden')
    expect(await carryOut()).toBe('failed')
    expect((await look()).step.because).toMatch(/more than 30 percent failed: item 1 /)
    expect((await look()).items.filter(({ attempt }) => attempt > 0)).toHaveLength(1)
  })

  test('a time-out holds during a pause: what was done is taken back', async () => {
    const { house, look, carryOut, replicas } = await approved(4, { ...ramp, within_s: 130 })
    expect(await carryOut()).toBe('waiting')
    house.clock.forward(200_000)
    expect(await carryOut()).toBe('undone')
    expect(replicas()).toEqual([2, 2, 2, 2])
    expect((await look()).step.because).toBe(null)
  })
})

describe('a recipe of a step over two items, in waves', () => {
  const waves = { ramp: { most: 2, pause_s: 30 } }
  everyStepTwice(() => onStage(2, waves))
  everyStepCanFail(() => onStage(2, waves))
  everyStepCanDie(() => onStage(2, waves))
})

describe('a recipe of a step over three items that bears failures', () => {
  everyStepCanFail(() => onStage(3, { stop_above_percent: 40 }))
})

test('a worker that died in the middle: the next one looks at the item in the air, and does the rest', async () => {
  const played = await rehearse(onStage(3), { mishap: { at: 'call', nth: 2, how: 'dies after' } })
  expect(played).toMatchObject({ outcome: 'succeeded', items: [{}, { because: 'Found in place.' }, {}] })
  expect(played.effects).toHaveLength(3)
})

describe('a step that lends its items', () => {
  const lent = { loan_minutes: 60 }
  const loansOf = ({ house }: Awaited<ReturnType<typeof approved>>) =>
    house.ledger.read((books) => books.loans.where({}))

  everyStepTwice(() => onStage(2, lent))
  everyStepCanFail(() => onStage(2, lent))
  everyStepCanDie(() => onStage(2, lent))

  test('puts each on loan, and each comes back by itself; one that cannot is told alone', async () => {
    const set = await approved(3, lent)
    expect(await set.carryOut()).toBe('succeeded')
    const loans = await loansOf(set)
    expect(loans.map(({ state, target, args }) => [state, target, args['to']])).toEqual(
      ['a', 'b', 'c'].map((name) => ['out', `deployment:prod/${name}`, 5]),
    )
    set.house.clock.forward(61 * 60_000)
    const worker = set.house.worker()
    expect(await worker.loans.giveBack(loans[0]!.id)).toBe('returned')
    expect(set.replicas()).toEqual([2, 5, 5])
    set.cluster.elsewhere('prod/b', { replicas: 7 })
    expect(await worker.loans.giveBack(loans[1]!.id)).toBe('overdue')
    expect(await worker.loans.giveBack(loans[2]!.id)).toBe('returned')
    expect(set.replicas()).toEqual([2, 7, 2])
  })

  test('takes them back with its run: nothing is on loan any more', async () => {
    const set = await approved(3, lent)
    at(set.house, 'item.done', 2, () => set.cluster.failNext('forbidden'))
    expect(await set.carryOut()).toBe('undone')
    expect((await loansOf(set)).map(({ state }) => state)).toEqual(['returned', 'returned'])
    expect(set.replicas()).toEqual([2, 2, 2])
  })

  test('what a freeze keeps from being taken back is overdue, by the name of the freeze', async () => {
    const set = await approved(3, lent)
    const { house, cluster } = set
    at(house, 'item.done', 2, () => cluster.failNext('forbidden'))
    const before = house.ledger.beforeCommit
    let declared: Promise<{ id: string }> | undefined
    house.ledger.beforeCommit = (drafts) => {
      before(drafts)
      if (drafts.some(({ type }) => type === 'item.undone'))
        declared ??= new Freezes(house.world).declare(
          { kind: 'person', id: 'sam', auth: 'session', roles: ['security'] },
          { scopes: ['house:everything'], reason: 'a leak' },
        )
    }
    expect(await set.carryOut()).toBe('frozen')
    const { id } = (await declared)!
    expect(await loansOf(set)).toMatchObject([
      { state: 'overdue', held_by: id },
      { state: 'returned', held_by: null },
    ])
    expect(set.replicas()).toEqual([5, 2, 2])
  })

  test('an item that a person found in place is on loan, too', async () => {
    const set = await approved(2, lent)
    const { cluster, hands, house } = set
    const scale = hands.cluster.scale.bind(hands.cluster)
    let calls = 0
    hands.cluster.scale = async (...args) => {
      const done = await scale(...args)
      if (++calls !== 2) return done
      for (let look = 0; look < 6; look++) cluster.failNext('unreachable', { of: 'reader' })
      throw new PortFailure('timeout', 'no answer')
    }
    expect(await set.carryOut()).toBe('needs-a-person')
    const { run } = await set.look()
    const answer = { verdict: 'in-place', then: 'go-on' } as const
    await new Interventions(house.world, house.doorbell).answer(hannah, run.id, answer, 'I looked')
    expect(await set.carryOut('worker-2')).toBe('succeeded')
    expect((await loansOf(set)).map(({ target }) => target)).toEqual(['deployment:prod/a', 'deployment:prod/b'])
  })
})

describe('each refuses', () => {
  const one = { deployment: 'prod/a', uid: 'u', from: 2, to: 5 }
  test.each([
    ['an empty selection', [], {}, /nothing was selected/],
    ['the same twice', [one, one], {}, /item 2 stands there twice/],
    ['more than a person can approve', Array.from({ length: 1001 }, (_, to) => ({ ...one, to })), {}, /at most 1000/],
    [
      'pauses that do not fit',
      [one, { ...one, to: 6 }],
      { ramp: { most: 1, pause_s: 90 }, within_s: 60 },
      /do not fit/,
    ],
    [
      'more on loan than one transaction writes down',
      Array.from({ length: 201 }, (_, to) => ({ ...one, to })),
      { loan_minutes: 5 },
      /lends at most 200/,
    ],
    ['parts of a percent', [one], { stop_above_percent: 0.5 }, /not a whole number/],
  ])('%s', (_, items, terms, why) => {
    expect(() => each(scaleDeployment, items, terms)).toThrow(why)
  })
})
