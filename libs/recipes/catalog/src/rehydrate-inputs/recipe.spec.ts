import { everyStepCanDie, everyStepCanFail, everyStepTwice, rehearse, type Stage } from '@firebreak/flow/testing'
import type { JobQueue, Recipe } from '@firebreak/kit'
import {
  aHouseOfThings,
  aPng,
  aQueue,
  aService,
  FakeDirectory,
  fakeHands,
  FakeJobQueues,
  FakeObjectStore,
  fakeReaders,
} from '@firebreak/kit/testing'
import { describe, expect, test } from 'vitest'
import { rehydrateInputs } from './recipe.js'

class World {
  readonly store = new FakeObjectStore().bucket('documents')
  readonly queues = new FakeJobQueues()
  readonly queue: JobQueue

  constructor(different: Partial<JobQueue> = {}) {
    this.queue = aQueue(different)
  }

  /** A failed job, whose input has had these versions, the oldest first; `undefined` is a deletion. */
  input(name: string, ...versions: (Uint8Array | undefined)[]): this {
    for (const content of versions) this.store.write('documents', `incoming/${name}`, content)
    this.queues.fail('batch', { id: `job-${name}`, data: { key: `incoming/${name}` }, reason: 'torn' })
    return this
  }

  stage(more: Partial<Stage> = {}): Stage {
    return {
      recipe: rehydrateInputs as unknown as Recipe,
      readers: fakeReaders({
        queues: this.queues.reader,
        objects: this.store.reader,
        directory: new FakeDirectory([aService()], aHouseOfThings({ queues: [this.queue] })),
      }),
      hands: fakeHands({ objects: this.store.hands }),
      effects: () => this.store.effects,
      labels: { service: 'batch' },
      ...more,
    }
  }
}

const whole = aPng('whole')
const torn = whole.subarray(0, 10)
const facts = (world: World, params: object = {}) =>
  rehydrateInputs.diagnose(
    world.stage().readers,
    { labels: { service: 'batch' } },
    rehydrateInputs.params.parse(params),
  )

async function stopped(world: World, params: object = {}): Promise<string | undefined> {
  const found = await facts(world, params)
  return rehydrateInputs.stopIf.find(({ when }) => when(found, rehydrateInputs.params.parse(params)))?.because
}

/** What became of each input, in the words of the plan. */
async function judged(world: World): Promise<Record<string, string>> {
  const { fit, left_out } = await facts(world)
  return Object.fromEntries([
    ...fit.map(({ key, fault, to }) => [key, `${fault}: ${to.version}`] as const),
    ...left_out.map(({ input, because }) => [input, because] as const),
  ])
}

describe('found', () => {
  test('the newest version that is whole comes back, whatever lies above it', async () => {
    const other = aPng('older')
    const world = new World()
      .input('torn', other, whole, torn)
      .input('twice-torn', other, torn, new Uint8Array())
      .input('deleted', whole, undefined)
      .input('foreign', whole, Uint8Array.from([0x4d, 0x5a]))
    const versions = async (name: string) =>
      (await world.store.reader.versions('documents', `incoming/${name}`)).reverse()
    expect(await judged(world)).toEqual({
      'incoming/torn': `it is a png without its end: ${(await versions('torn'))[1]!.version}`,
      'incoming/twice-torn': `it is empty: ${(await versions('twice-torn'))[0]!.version}`,
      'incoming/deleted': `it is not there: ${(await versions('deleted'))[0]!.version}`,
      'incoming/foreign': `it is of an unknown format, and png can be read: ${(await versions('foreign'))[0]!.version}`,
    })
  })

  test('what needs nothing, or has nothing to come back, is left out', async () => {
    const world = new World().input('whole', whole).input('never-whole', torn, torn).input('nowhere')
    world.queues.fail('batch', { id: 'no-pointer', data: { page: 3 } })
    expect(await judged(world)).toEqual({
      'incoming/whole': 'it is there and whole',
      'incoming/never-whole': 'it is a png without its end, and none of its 1 older versions is whole',
      'incoming/nowhere': 'it is not there, and the bucket keeps no versions of it',
    })
  })

  test('an input that several jobs wait for is restored once', async () => {
    const world = new World().input('torn', whole, torn)
    world.queues.fail('batch', { id: 'another', data: { key: 'incomming/torn' } })
    const { fit } = await facts(world)
    expect(fit).toHaveLength(1)
    expect(fit[0]!.jobs).toEqual(['another', 'job-torn'])
  })

  test('a version that is larger than is read is not read', async () => {
    const world = new World({ inputs: { ...aQueue().inputs, most_bytes: 12 } }).input('large', whole, torn)
    expect(await judged(world)).toEqual({
      'incoming/large': 'it is a png without its end, and none of its 1 older versions is whole',
    })
  })
})

describe('stopped', () => {
  test('when nothing has failed', async () =>
    expect(await stopped(new World())).toMatch(/^No job of the queue has failed/))

  test('when a job that was named has not failed', async () => {
    const world = new World().input('torn', whole, torn)
    expect(await stopped(world, { jobs: ['job-torn', 'nobody'] })).toMatch(/^A job that was named is not there/)
    expect(await stopped(world, { jobs: ['job-torn'] })).toBeUndefined()
  })

  test('when no input can be restored', async () =>
    expect(await stopped(new World().input('whole', whole))).toMatch(/^No input can be restored/))

  test('an empty selection is refused before anybody looks', () =>
    expect(rehydrateInputs.params.safeParse({ jobs: [] }).error?.issues[0]?.message).toMatch(/^empty-selection/))
})

describe('fixed', () => {
  const two = () => new World().input('torn', whole, torn).input('deleted', whole, undefined)

  test('each input has the digest of its older version, and every version is still there', async () => {
    const world = two()
    const before = await world.store.reader.versions('documents', 'incoming/torn')
    const { outcome, story } = await rehearse(world.stage())
    expect(outcome).toBe('succeeded')
    expect(story).not.toContain('target.moved')
    for (const key of ['incoming/torn', 'incoming/deleted'])
      expect(await world.store.reader.read({ bucket: 'documents', key }, 100)).toEqual(whole)
    expect((await world.store.reader.versions('documents', 'incoming/torn')).slice(1)).toMatchObject(
      before.map(({ version }) => ({ version })),
    )
  })

  test('played a second time it finds nothing to do', async () => {
    const world = two()
    await rehearse(world.stage())
    expect(await stopped(world)).toMatch(/^No input can be restored/)
  })

  test('when it does not help, what was torn is torn again, and what was deleted is gone', async () => {
    const world = two()
    const { outcome } = await rehearse(world.stage(), { helps: false })
    expect(outcome).toBe('undone')
    expect(await world.store.reader.read({ bucket: 'documents', key: 'incoming/torn' }, 100)).toEqual(torn)
    expect(await world.store.reader.head({ bucket: 'documents', key: 'incoming/deleted' })).toBeUndefined()
  })
})

describe('whatever happens', () => {
  const stage = () => new World().input('torn', whole, torn).input('deleted', whole, undefined).stage()
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})
