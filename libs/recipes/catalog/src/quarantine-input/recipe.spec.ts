import { everyStepCanDie, everyStepCanFail, everyStepTwice, rehearse, type Stage } from '@firebreak/flow/testing'
import type { JobQueue, Recipe, Things } from '@firebreak/kit'
import {
  aHouseOfThings,
  aPng,
  aQueue,
  aService,
  FakeDirectory,
  fakeHands,
  FakeMetrics,
  FakeObjectStore,
  fakeReaders,
} from '@firebreak/kit/testing'
import { describe, expect, test } from 'vitest'
import { quarantineInput } from './recipe.js'

const RATE = 'ocr_error_rate_percent{engine="primary"}'
const whole = aPng('whole')
const torn = whole.subarray(0, 10)

class World {
  readonly store = new FakeObjectStore().bucket('documents').bucket('quarantine')
  /** What is measured falls when nothing torn lies there any more. */
  readonly metrics = new FakeMetrics()

  constructor(
    private readonly different: Partial<JobQueue> = {},
    private readonly things: Partial<Things> = {},
  ) {
    for (const at of [1, 2, 3, 4]) this.store.place('documents', `incoming/whole-${at}.png`, whole)
    this.metrics.follow(RATE, () => (this.tornLeft() ? 42 : 2))
  }

  torn(...names: string[]): this {
    for (const name of names) this.store.place('documents', `incoming/${name}`, torn)
    return this
  }

  private tornLeft(): boolean {
    return [...this.store.keys('documents').keys()].some((key) => {
      const held = this.store.held({ bucket: 'documents', key })
      return held !== undefined && !key.includes('whole')
    })
  }

  stage(more: Partial<Stage> = {}): Stage {
    const things = aHouseOfThings({ queues: [aQueue(this.different)], ...this.things })
    return {
      recipe: quarantineInput as unknown as Recipe,
      readers: fakeReaders({
        objects: this.store.reader,
        metrics: this.metrics,
        directory: new FakeDirectory([aService()], things),
      }),
      hands: fakeHands({ objects: this.store.hands }),
      effects: () => this.store.effects,
      labels: { service: 'ocr' },
      ...more,
    }
  }
}

const facts = (world: World, params: object = {}, labels: Record<string, string> = { service: 'ocr' }) =>
  quarantineInput.diagnose(world.stage().readers, { labels }, quarantineInput.params.parse(params))

async function stopped(world: World, params: object = {}): Promise<string | undefined> {
  const found = await facts(world, params)
  return quarantineInput.stopIf.find(({ when }) => when(found, quarantineInput.params.parse(params)))?.because
}

describe('found', () => {
  test('each input that nobody can read, and why; what is whole stays', async () => {
    const world = new World().torn('torn.png')
    world.store.place('documents', 'incoming/empty.png', '')
    world.store.place('documents', 'incoming/foreign.bin', 'MZ')
    world.store.place('documents', 'elsewhere/torn.png', torn)
    const { bad, listed, measured } = await facts(world)
    expect(Object.fromEntries(bad.map(({ key, because }) => [key, because]))).toEqual({
      'incoming/torn.png': 'it is a png without its end',
      'incoming/empty.png': 'it is empty',
      'incoming/foreign.bin': 'it is of an unknown format, and png can be read',
    })
    expect(listed).toBe(7)
    expect(measured).toMatchObject({ engine: 'primary', percent: 42, threshold: 10 })
  })

  test('of very many inputs the newest are read', async () => {
    const world = new World()
    for (let at = 0; at < 250; at++) world.store.place('documents', `incoming/whole-x${at}.png`, whole)
    world.torn('a-new-one.png')
    const found = await facts(world)
    expect([found.listed, found.looked_at, found.bad.length]).toEqual([255, 200, 1])
  })

  test('the queue is that which feeds the OCR of the alert', async () => {
    expect((await facts(new World())).queue.name).toBe('batch')
    await expect(facts(new World(), {}, { service: 'api' })).rejects.toThrow('the house knows batch')
  })

  test('a queue without a quarantine is refused, with what to write and where', async () => {
    await expect(facts(new World({ quarantine: undefined }))).rejects.toThrow('firebreak.yaml, queues.batch.quarantine')
  })
})

describe('stopped', () => {
  test('when every input is whole', async () =>
    expect(await stopped(new World())).toMatch(/^Every input that was looked at/))

  test('when an input that was named is not there, or no input', async () => {
    const world = new World().torn('torn.png')
    world.store.place('documents', 'elsewhere/torn.png', torn)
    for (const key of ['incoming/nothing', 'elsewhere/torn.png'])
      expect(await stopped(world, { keys: ['incoming/torn.png', key] })).toMatch(
        /^An input that was named is not there/,
      )
    expect(await stopped(world, { keys: ['incoming/torn.png'] })).toBeUndefined()
  })

  test('when more than half cannot be read: then it is not the inputs', async () => {
    const world = new World().torn('a', 'b', 'c', 'd')
    expect(await stopped(world)).toBeUndefined()
    world.torn('e')
    expect(await stopped(world)).toMatch(/^More than half of the inputs cannot be read/)
    const keys = ['a', 'b', 'c', 'd', 'e'].map((name) => `incoming/${name}`)
    expect(await stopped(world, { keys }), 'whoever names them has looked').toBeUndefined()
  })

  test('when there are so many that the newest are not known', async () => {
    const world = new World()
    for (let at = 0; at < 1_000; at++) world.store.place('documents', `incoming/whole-x${at}.png`, whole)
    world.torn('z-the-newest.png')
    expect(await stopped(world)).toMatch(/^There are 1000 inputs or more/)
    expect(await stopped(world, { keys: ['incoming/z-the-newest.png'] })).toBeUndefined()
  })

  test('an empty selection is refused before anybody looks', () =>
    expect(quarantineInput.params.safeParse({ keys: [] }).error?.issues[0]?.message).toMatch(/^empty-selection/))
})

describe('fixed', () => {
  test('they lie aside, byte by byte, and the error rate is back', async () => {
    const world = new World().torn('a.png', 'b.png')
    const { outcome, plan, run, story } = await rehearse(world.stage())
    expect(outcome).toBe('succeeded')
    expect(story).not.toContain('target.moved')
    expect(plan.body!.steps[0]!.items!.map(({ says }) => says)).toContain(
      'Move incoming/a.png from documents aside to quarantine/batch/incoming/a.png: it is a png without its end',
    )
    expect(await world.store.reader.read({ bucket: 'quarantine', key: 'batch/incoming/a.png' }, 100)).toEqual(torn)
    expect(await world.store.reader.head({ bucket: 'documents', key: 'incoming/a.png' })).toBeUndefined()
    expect(run!.because).toBe('2 of 2 inputs are aside. 2 % cannot be read (primary, at most 10 %).')
    expect(await stopped(world)).toMatch(/^Every input that was looked at/)
  })

  test('when the rate stays high they come back, and nothing is left aside', async () => {
    const world = new World().torn('a.png')
    world.metrics.set(RATE, 42)
    const { outcome } = await rehearse(world.stage())
    expect(outcome).toBe('undone')
    expect(await world.store.reader.read({ bucket: 'documents', key: 'incoming/a.png' }, 100)).toEqual(torn)
    expect(await world.store.reader.objects('quarantine', '', 10)).toEqual([])
  })

  test('a rate that nobody measures is not one that is back', async () => {
    const world = new World().torn('a.png')
    world.metrics.set(RATE, undefined)
    expect((await rehearse(world.stage())).outcome).toBe('undone')
  })

  test('a house without OCR has only the inputs to look at', async () => {
    const world = new World({}, { ocr: [] }).torn('a.png')
    const { outcome, run } = await rehearse(world.stage({ labels: { service: 'batch' } }))
    expect([outcome, run!.because]).toEqual(['succeeded', '1 of 1 inputs are aside.'])
  })
})

describe('whatever happens', () => {
  const stage = () => new World().torn('a.png', 'b.png').stage()
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})
