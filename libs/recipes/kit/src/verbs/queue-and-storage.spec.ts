import { beforeEach, describe, expect, test } from 'vitest'
import { fakeHands, FakeJobQueues, FakeObjectStore, fakeReaders } from '../testing/index.js'
import type { Verb } from '../verb.js'
import { requeueJob, restoreObject, setObjectAside, verbs } from './index.js'

/** One of each verb that changes queues or objects, in a world in which it can be done. */
function stage() {
  const store = new FakeObjectStore().bucket('documents').bucket('outputs').bucket('quarantine')
  const queues = new FakeJobQueues()
  const whole = store.place('documents', 'in/a.png', 'whole')
  const torn = store.place('documents', 'in/a.png', 'torn')
  const gone = store.place('documents', 'in/gone/a.png', 'whole')
  store.write('documents', 'in/gone/a.png', undefined)
  const digestOf = (content: string) => `fake:${store.place('outputs', 'only-to-digest', content).etag}`
  const { failed_ms } = queues.fail('batch', { id: 'job-a', data: { key: 'wrong/a.png', page: 3 } })
  const steps = [
    requeueJob({
      queue: 'batch',
      id: 'job-a',
      failed_ms,
      input: { bucket: 'documents', key: 'in/a.png' },
      pointer: { field: 'key', from: 'wrong/a.png', to: 'in/a.png' },
      output: { bucket: 'outputs', key: 'a.png.json' },
      after: [],
    }),
    restoreObject({
      bucket: 'documents',
      key: 'in/a.png',
      now: { version: torn.version!, digest: digestOf('torn') },
      to: { version: whole.version!, digest: digestOf('whole') },
    }),
    restoreObject({
      bucket: 'documents',
      key: 'in/gone/a.png',
      now: null,
      to: { version: gone.version!, digest: digestOf('whole') },
    }),
    setObjectAside({
      from: { bucket: 'documents', key: 'in/a.png' },
      to: { bucket: 'quarantine', key: 'batch/in/a.png' },
      digest: digestOf('torn'),
      because: 'it is a png without its end',
    }),
  ]
  return {
    store,
    queues,
    steps,
    readers: fakeReaders({ queues: queues.reader, objects: store.reader }),
    hands: fakeHands({ queues: queues.hands, objects: store.hands }),
    effects: () => [...queues.effects, ...store.effects],
  }
}

const all = stage().steps.map(({ verb }, at) => ({ verb, at }))

test('every verb that needs nothing of the cluster is tried here, and the one that makes Jobs anew there', () => {
  // What is captured is sealed in a record of its own, and tried with its recipe.
  const others = [...verbs.values()]
    .filter(({ id, needs }) => (needs.length === 0 && id !== 'capture-evidence') || id === 'requeue-job')
    .map(({ id }) => id)
  expect([...new Set(all.map(({ verb }) => verb))].sort()).toEqual(others.sort())
})

describe.each(all)('$verb ($at)', ({ at, verb: id }) => {
  let world: ReturnType<typeof stage>
  let verb: Verb<never>
  let args: never
  beforeEach(() => {
    world = stage()
    verb = verbs.get(id) as unknown as Verb<never>
    args = world.steps[at]!.args as never
  })

  test('goes there, and its probe and its state say where it is', async () => {
    const { readers, hands } = world
    expect(await verb.probe(readers, args)).toBe('not-in-place')
    expect(await verb.state(readers, args)).toEqual(verb.before(args))
    await verb.do(hands, readers, args)
    expect(await verb.probe(readers, args)).toBe('in-place')
    expect(await verb.state(readers, args)).toEqual(verb.after(args))
  })

  test('and back, where there is a way', async () => {
    const { readers, hands } = world
    await verb.do(hands, readers, args)
    if ('none' in verb.undo) return expect(verb.undo.none).toMatch(/^[A-Z].*\.$/)
    expect(await verb.undo.probe(readers, args)).toBe('not-in-place')
    await verb.undo.do(hands, readers, args)
    expect(await verb.undo.probe(readers, args)).toBe('in-place')
    expect(await verb.state(readers, args)).toEqual(verb.before(args))
  })

  test('is not done twice', async () => {
    const { readers, hands, effects } = world
    await verb.do(hands, readers, args)
    const once = effects().length
    await expect(verb.do(hands, readers, args)).rejects.toMatchObject({ name: 'PortFailure' })
    expect(effects()).toHaveLength(once)
  })

  test('says what it does, and names what it touches', () => {
    expect(verb.says(args)).toMatch(/^[A-Z].*a\.png/)
    expect(verb.targets(args)).toEqual([expect.stringMatching(/^(queue:batch|bucket:documents)$/)])
    expect(verb.part!(args)).toBeTruthy()
  })
})

describe('a job', () => {
  const again = (world: ReturnType<typeof stage>) => {
    const { args } = world.steps[0]!
    const verb = requeueJob.definition
    return { verb, args: verb.args.parse(args) }
  }

  test('keeps everything in its data but the pointer', async () => {
    const world = stage()
    const { verb, args } = again(world)
    await verb.do(world.hands, world.readers, args)
    expect(world.queues.effects).toEqual([{ method: 'retry', args: ['batch', 'job-a', { key: 'in/a.png', page: 3 }] }])
  })

  test('that failed again since is another failure: nothing is done, and what was done is told', async () => {
    const world = stage()
    const { verb, args } = again(world)
    await verb.do(world.hands, world.readers, args)
    world.queues.work('batch', () => 'still wrong')
    expect(await verb.probe(world.readers, args)).toBe('in-place')
    await expect(verb.do(world.hands, world.readers, args)).rejects.toThrow('was queued again since it was planned')
  })

  test('whose data were changed by somebody is left alone', async () => {
    const world = stage()
    const { verb, args } = again(world)
    const { failed_ms } = world.queues.fail('batch', { id: 'job-a', data: { key: 'elsewhere' } })
    await expect(verb.do(world.hands, world.readers, { ...args, failed_ms })).rejects.toThrow(
      'is not wrong/a.png any more',
    )
    expect(world.effects()).toEqual([])
  })

  test('that is gone: its output tells whether it was done, and without one a person has to look', async () => {
    const world = stage()
    const { verb, args } = again(world)
    await world.queues.hands.remove('batch', 'job-a')
    expect(await verb.probe(world.readers, args)).toBe('cannot-tell')
    world.store.place('outputs', 'a.png.json', 'done')
    expect(await verb.probe(world.readers, args)).toBe('in-place')
  })

  test('waits for those that go ahead, and is tried again while they are worked on', async () => {
    const world = stage()
    const { verb, args } = again(world)
    const ahead = { ...args, after: [{ id: 'first', output: { bucket: 'outputs', key: 'first.json' } }] }
    const said = () => verb.do(world.hands, world.readers, ahead).catch((error: unknown) => error)
    expect(await said()).toMatchObject({ kind: 'conflict' })
    await world.queues.hands.submit('batch', { id: 'first', name: 'x', data: {} })
    expect(await said()).toMatchObject({ kind: 'throttled', retryable: true })
    world.queues.work('batch')
    // It says that it is done, and has made nothing.
    expect(await said()).toMatchObject({ kind: 'conflict', retryable: false })
    expect(world.queues.effects.map(({ method }) => method)).toEqual(['submit'])
    world.store.place('outputs', 'first.json', 'done')
    expect(await said()).toEqual({})
  })
})

describe('an object', () => {
  /** The torn one, and the verb that restores it or sets it aside. */
  const on = (at: number) => {
    const world = stage()
    const { verb: id, args } = world.steps[at]!
    const verb = verbs.get(id)!
    const object = (bucket: string, key: string) => world.store.reader.digest({ bucket, key })
    return { ...world, verb, args, object, undo: verb.undo as Exclude<typeof verb.undo, { none: string }> }
  }
  const [RESTORE, RESTORE_GONE, ASIDE] = [1, 2, 3]

  test.each([RESTORE, RESTORE_GONE, ASIDE])('that somebody changed since is left alone (%i)', async (at) => {
    const { store, verb, args, readers, hands } = on(at)
    for (const key of ['in/a.png', 'in/gone/a.png']) store.place('documents', key, 'by hand')
    await expect(verb.do(hands, readers, args)).rejects.toThrow(/changed since it was planned/)
    expect(await verb.probe(readers, args)).toBe('cannot-tell')
    expect(store.effects).toEqual([])
  })

  test('that was restored and then changed is not taken back over', async () => {
    const { store, verb, args, undo, readers, hands } = on(RESTORE)
    await verb.do(hands, readers, args)
    store.place('documents', 'in/a.png', 'by hand')
    await expect(undo.do(hands, readers, args)).rejects.toThrow('was changed since it was restored')
  })

  test('that was restored and is torn again as before has nothing to take back', async () => {
    const { store, verb, args, undo, readers, hands } = on(RESTORE)
    await verb.do(hands, readers, args)
    store.place('documents', 'in/a.png', 'torn')
    expect(await undo.do(hands, readers, args)).toEqual({})
    expect(store.effects).toHaveLength(1)
  })

  test('restored keeps every version that there was', async () => {
    const { store, verb, args, readers, hands } = on(RESTORE)
    const before = await store.reader.versions('documents', 'in/a.png')
    await verb.do(hands, readers, args)
    const after = await store.reader.versions('documents', 'in/a.png')
    expect(after.slice(1).map(({ version }) => version)).toEqual(before.map(({ version }) => version))
  })

  test('is moved on when whoever moved it died in between and left two of it', async () => {
    const { store, verb, args, object, readers, hands } = on(ASIDE)
    await hands.objects.copy({ bucket: 'documents', key: 'in/a.png' }, { bucket: 'quarantine', key: 'batch/in/a.png' }, (await store.reader.head({ bucket: 'documents', key: 'in/a.png' }))!.etag) // prettier-ignore
    expect(await verb.probe(readers, args)).toBe('not-in-place')
    await verb.do(hands, readers, args)
    expect(await object('documents', 'in/a.png')).toBeUndefined()
    expect(store.effects.map(({ method }) => method)).toEqual(['copy', 'move'])
  })

  test('does not go over something else that lies aside', async () => {
    const { store, verb, args, readers, hands } = on(ASIDE)
    store.place('quarantine', 'batch/in/a.png', 'another')
    await expect(verb.do(hands, readers, args)).rejects.toThrow('something else lies at batch/in/a.png')
    expect(store.effects).toEqual([])
  })
})
