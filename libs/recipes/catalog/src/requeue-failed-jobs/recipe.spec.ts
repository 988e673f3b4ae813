import { everyStepCanDie, everyStepCanFail, everyStepTwice, rehearse, type Stage } from '@firebreak/flow/testing'
import type { JobQueue, Recipe } from '@firebreak/kit'
import {
  aHouseOfThings,
  aPng,
  aQueue,
  aService,
  FakeCluster,
  FakeDirectory,
  fakeHands,
  FakeJobQueues,
  FakeObjectStore,
  fakeReaders,
} from '@firebreak/kit/testing'
import { describe, expect, test } from 'vitest'
import { requeueFailedJobs } from './recipe.js'

const recipe = requeueFailedJobs as unknown as Recipe
const pointsAt = (key: string) => ({ bucket: 'documents', key })

/** A queue whose worker does what waits whenever somebody looks, as long as the input is there. */
class World {
  readonly store = new FakeObjectStore().bucket('documents').bucket('outputs')
  readonly queues = new FakeJobQueues()
  readonly queue: JobQueue
  /** What the worker says of a job whose input is there; undefined: it makes the output. */
  breaks: (key: string) => string | undefined = () => undefined
  working = true
  cluster = new FakeCluster()

  constructor(different: Partial<JobQueue> = {}) {
    this.queue = aQueue(different)
  }

  /** Jobs that point at `incomming/…`, whose inputs lie at `incoming/…`. */
  misspelt(...names: string[]): this {
    for (const name of names) {
      this.store.place('documents', `incoming/${name}`, aPng(name))
      this.queues.fail('batch', {
        id: `job-${name}`,
        data: pointsAt(`incomming/${name}`),
        reason: `NoSuchKey: s3://documents/incomming/${name}`,
      })
    }
    return this
  }

  /** A pod works on the queue. */
  staffed() {
    this.cluster.deploy('prod/batch', { replicas: 1 })
    return { cluster: this.cluster, pod: 'prod/batch-0' as const }
  }

  work(): void {
    if (!this.working) return
    this.queues.work('batch', ({ data }) => {
      const { key } = data as { key: string }
      const why = this.breaks(key)
      if (why === undefined) this.store.place('outputs', `${key.split('/').at(-1)}.json`, key)
      return why
    })
  }

  stage(more: Partial<Stage> = {}): Stage {
    const work = () => this.work()
    const failedJob = this.queues.reader.failedJob.bind(this.queues.reader)
    this.queues.reader.failedJob = (queue, id) => (work(), failedJob(queue, id))
    return {
      recipe,
      readers: fakeReaders({
        cluster: this.cluster.reader,
        queues: this.queues.reader,
        objects: this.store.reader,
        directory: new FakeDirectory([aService()], aHouseOfThings({ queues: [this.queue] })),
      }),
      hands: fakeHands({ queues: this.queues.hands }),
      effects: () => this.queues.effects,
      labels: { service: 'batch' },
      ...more,
    }
  }
}

const facts = async (world: World, params: object = {}, labels: Record<string, string> = { service: 'batch' }) =>
  requeueFailedJobs.diagnose(world.stage().readers, { labels }, requeueFailedJobs.params.parse(params))

/** Why a plan is not made, or undefined. */
async function stopped(world: World, params: object = {}): Promise<string | undefined> {
  const parsed = requeueFailedJobs.params.parse(params)
  const found = await facts(world, params)
  return requeueFailedJobs.stopIf.find(({ when }) => when(found, parsed))?.because
}

describe('found', () => {
  test('jobs are grouped by what they failed of, with an example and its log', async () => {
    const world = new World().misspelt('a.png', 'b.png')
    world.queues.fail('batch', { id: 'torn', data: pointsAt('incoming/c.png'), reason: 'corrupted input: s3://documents/c', log: ['at read'] }) // prettier-ignore
    expect((await facts(world)).causes).toEqual([
      { cause: 'NoSuchKey: ‹path›', count: 2, example: 'NoSuchKey: s3://documents/incomming/b.png', log: [], worker: [], jobs: ['job-b.png', 'job-a.png'] }, // prettier-ignore
      { cause: 'corrupted input: ‹path›', count: 1, example: 'corrupted input: s3://documents/c', log: ['at read'], worker: [], jobs: ['torn'] }, // prettier-ignore
    ])
  })

  test('the log of its worker is quoted where it names a job: its last lines, without secrets, and no other job', async () => {
    const world = new World().misspelt('a.png', 'b.png')
    const { cluster, pod } = world.staffed()
    const lines = Array.from({ length: 9 }, (_, at) => `job job-a.png: try ${at}, password=hunter22`)
    for (const line of [...lines, 'job job-a.png2 is another', 'xjob-a.png too', 'nobody']) cluster.say(pod, line)
    const { causes, worker_log } = await facts(world)
    expect(causes[0]!.worker).toEqual(lines.slice(-5).map((line) => line.replace('hunter22', '‹secret›')))
    expect(worker_log).toEqual({ pods: 1, pods_read: 1, gap: null })
  })

  test('a log that cannot be read keeps nobody from queueing again, and is told as a gap', async () => {
    const world = new World().misspelt('a.png')
    world.staffed().cluster.failNext('forbidden', { of: 'reader' })
    const { fit, worker_log } = await facts(world)
    expect(fit).toHaveLength(1)
    expect(worker_log).toMatchObject({ pods_read: 0, gap: expect.stringContaining('forbidden') as string })
  })

  test('each is left out for its own reason', async () => {
    const world = new World({ most_payload_bytes: 100, poison_after: 3 }).misspelt('fit.png', 'done.png')
    world.store.place('outputs', 'done.png.json', 'there')
    const { queues } = world
    const input = pointsAt('incoming/fit.png')
    world.store.place('documents', 'incoming/torn.png', aPng('torn').subarray(0, 10))
    queues.fail('batch', { id: 'torn', data: pointsAt('incoming/torn.png') })
    queues.fail('batch', { id: 'gone', data: pointsAt('incoming/gone.png') })
    queues.fail('batch', { id: 'odd', data: undefined, bytes: 7 })
    queues.fail('batch', { id: 'large', data: undefined, bytes: 30_000_000 })
    queues.fail('batch', { id: 'nowhere', data: { page: 3 } })
    queues.fail('batch', { id: 'list', data: ['incoming/fit.png'] })
    queues.fail('batch', { id: 'poison', data: input, attempts: 3, reason: 'page 3 is odd', earlier: ['page 1 is odd', 'page 2 is odd'] }) // prettier-ignore
    world.store.place('documents', 'incoming/unlucky.png', aPng('unlucky'))
    queues.fail('batch', {
      id: 'unlucky',
      data: pointsAt('incoming/unlucky.png'),
      attempts: 3,
      reason: 'page 3 is odd',
      earlier: ['no answer'],
    })
    const { fit, left_out } = await facts(world)
    expect(fit.map(({ id }) => id).sort()).toEqual(['job-fit.png', 'unlucky'])
    expect(Object.fromEntries(left_out.map(({ id, because }) => [id, because]))).toEqual({
      'job-done.png': 'its output done.png.json is there already',
      gone: 'its input incoming/gone.png: it is not there',
      torn: 'its input incoming/torn.png: it is a png without its end',
      odd: 'poison: its data are no JSON',
      large: 'poison: its data are 30000000 bytes, and 100 are allowed',
      nowhere: 'poison: its data name no input of this queue (key)',
      list: 'poison: its data name no input of this queue (key)',
      poison: 'poison: it has failed 3 times in the same way',
    })
  })

  test('of two jobs that make the same output one goes', async () => {
    const world = new World().misspelt('a.png', 'b.png')
    world.queues.fail('batch', { id: 'twin', data: pointsAt('incoming/a.png') })
    const { fit, left_out } = await facts(world)
    expect(fit.map(({ output }) => output.key).sort()).toEqual(['a.png.json', 'b.png.json'])
    expect(left_out.map(({ because }) => because)).toEqual([expect.stringMatching(/^it makes the same output as job (twin|job-a.png)$/)]) // prettier-ignore
  })

  test('attempts with a pointer that was wrong poison nobody: they could end in no other way', async () => {
    const world = new World({ poison_after: 3 })
    world.store.place('documents', 'incoming/a.png', aPng('a'))
    const [reason, earlier] = ['NoSuchKey', ['NoSuchKey', 'NoSuchKey']]
    world.queues.fail('batch', { id: 'wrong', data: pointsAt('incomming/a.png'), attempts: 3, reason, earlier })
    world.queues.fail('batch', { id: 'right', data: pointsAt('incoming/a.png'), attempts: 3, reason, earlier })
    const { fit, left_out } = await facts(world)
    expect([fit.map(({ id }) => id), left_out.map(({ id }) => id)]).toEqual([['wrong'], ['right']])
  })

  test('a pointer out of the prefix of the inputs, or with characters that nobody sees, names no input', async () => {
    const world = new World({ inputs: { ...new World().queue.inputs, prefix: 'incoming/' } })
    for (const key of ['results/a.png', 'incoming/a\u202egnp.exe', 'incoming/a\nb'])
      world.queues.fail('batch', { id: `job-${key.length}`, data: pointsAt(key) })
    const { fit, left_out } = await facts(world)
    expect(fit).toEqual([])
    for (const { because } of left_out) expect(because).toBe('poison: its data name no input of this queue (key)')
    expect(left_out).toHaveLength(3)
  })

  test('a queue is picked by the house, whatever the alert calls it', async () => {
    const world = new World().misspelt('a.png')
    expect((await facts(world, {}, { queue: 'batch' })).queue.name).toBe('batch')
    for (const labels of [{ queue: 'other' }, { service: 'api' }, {}] as Record<string, string>[])
      await expect(facts(world, {}, labels)).rejects.toThrow('the house knows batch (firebreak.yaml, queues)')
    await expect(facts(world, { queue: '../x' })).rejects.toThrow('there is no queue "../x"')
  })

  test('a secret in an error does not come into the plan', async () => {
    const world = new World()
    world.queues.fail('batch', { id: 'x', data: pointsAt('a'), reason: 'cannot reach redis://:hunter22@queue:6379' })
    expect(JSON.stringify(await facts(world))).not.toContain('hunter22')
  })
})

describe('stopped', () => {
  test('when nothing has failed', async () =>
    expect(await stopped(new World())).toMatch(/^No job of the queue has failed/))

  test('when a job that was named has not failed', async () => {
    const world = new World().misspelt('a.png')
    expect(await stopped(world, { jobs: ['job-a.png', 'job-z.png'] })).toMatch(/^A job that was named is not there/)
    expect(await stopped(world, { jobs: ['job-a.png'] })).toBeUndefined()
  })

  test('when all of them are wanted, and it is not said how many, or not right', async () => {
    const world = new World().misspelt('a.png', 'b.png')
    for (const params of [{ all: true }, { all: true, count: 3 }, { count: 1 }])
      expect(await stopped(world, params)).toMatch(/^Count-mismatch/)
    expect(await stopped(world, { all: true, count: 2 })).toBeUndefined()
  })

  test('when all of them are wanted, and there are more than a plan holds', async () => {
    const world = new World().misspelt(...Array.from({ length: 201 }, (_, at) => `${at}.png`))
    expect(await stopped(world, { all: true, count: 201 })).toMatch(
      /^There are more failed jobs than one plan can hold/,
    )
    const found = await facts(world)
    expect([found.fit.length, found.not_looked_at]).toEqual([200, 1])
  })

  test('when no job has the cause', async () => {
    const world = new World().misspelt('a.png')
    expect(await stopped(world, { cause: 'something else' })).toMatch(/^Empty-selection/)
    expect(await stopped(world, { cause: 'NoSuchKey: ‹path›' })).toBeUndefined()
  })

  test('when none is fit', async () => {
    const world = new World()
    world.queues.fail('batch', { id: 'odd', data: undefined, bytes: 7 })
    expect(await stopped(world)).toMatch(/^None of the failed jobs is fit/)
  })

  test('an empty selection is refused before anybody looks', () => {
    const { error } = requeueFailedJobs.params.safeParse({ jobs: [] })
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'empty-selection: name at least one job, or leave the list out',
    ])
  })
})

const five = ['a.png', 'b.png', 'c.png', 'd.png', 'e.png']

describe('fixed', () => {
  test('a few go ahead, the rest follow at the rate of the house, each with its pointer put right', async () => {
    const world = new World({ canary: 2, per_minute: 12 }).misspelt(...five)
    const { outcome, plan, items, effects, story } = await rehearse(world.stage())
    expect(outcome).toBe('succeeded')
    // Each job is a state of its own: the second is not found as the first was left.
    expect(story).not.toContain('target.moved')
    const [step, ...more] = plan.body!.steps
    expect(more).toEqual([])
    // Twelve in a minute are two in ten seconds.
    expect(step!.pace).toMatchObject({ first: 2, most: 2, pause_s: 10, stop_above_percent: 0 })
    expect(items.map(({ state }) => state)).toEqual(Array(5).fill('done'))
    expect(effects).toHaveLength(5)
    expect(effects).toContainEqual({ method: 'retry', args: ['batch', 'job-a.png', pointsAt('incoming/a.png')] })
  })

  test.each([
    [{ canary: 50, per_minute: 10 }, {}, { first: 50, most: 50, pause_s: 300, within_s: 7_800 }],
    [{ canary: 1, per_minute: 1 }, {}, { first: 1, most: 1, pause_s: 60, within_s: 15_600 }],
    [{ canary: 3, per_minute: 7 }, { pause_s: 60 }, { first: 3, most: 7, pause_s: 60, within_s: 3_600 }],
    [{ canary: 2, per_minute: 600 }, { pause_s: 1 }, { first: 2, most: 10, pause_s: 1, within_s: 3_600 }],
  ])('no more than the house allows go in a minute: %j %j', async (different, wish, pace) => {
    const world = new World(different).misspelt(...Array.from({ length: 120 }, (_, at) => `${at}.png`))
    const [step] = requeueFailedJobs.plan(await facts(world, wish), requeueFailedJobs.params.parse(wish))
    expect(step!.pace).toEqual({ ...pace, stop_above_percent: 0 })
    expect((pace.most * 60) / pace.pause_s).toBeLessThanOrEqual(different.per_minute)
  })

  test('the plan says what becomes of each job', async () => {
    const { plan } = await rehearse(new World().misspelt('a.png').stage())
    expect(plan.body!.steps[0]!.items!.map(({ says }) => says)).toEqual([
      'Queue job job-a.png of batch again (incoming/a.png), with key incoming/a.png in place of incomming/a.png',
    ])
  })

  test('played a second time it finds nothing to do', async () => {
    const world = new World().misspelt('a.png')
    expect((await rehearse(world.stage())).outcome).toBe('succeeded')
    expect(await stopped(world)).toMatch(/^No job of the queue has failed/)
    expect(world.queues.effects).toHaveLength(1)
  })

  test('those that go ahead fail again: the rest stays where it is, and what was queued is named', async () => {
    const world = new World({ canary: 2 }).misspelt(...five)
    world.breaks = (key) => `the database is down, said ${key}`
    const { outcome, run, items, effects } = await rehearse(world.stage())
    expect(outcome).toBe('needs-a-person')
    expect(effects).toHaveLength(2)
    expect(items.map(({ state }) => state)).toEqual(['kept', 'kept', 'failed', 'failed', 'failed'])
    expect(items[2]!.because).toMatch(/job job-e\.png, which went ahead, failed again: the database is down/)
    expect(run!.because).toMatch(/step 1/i)
  })

  test('those that go ahead are not through: the rest is tried again, and then stays where it is', async () => {
    const world = new World({ canary: 1 }).misspelt(...five)
    world.working = false
    const { outcome, items, effects } = await rehearse(world.stage())
    expect(outcome).toBe('needs-a-person')
    expect(effects).toHaveLength(1)
    expect(items[1]!.because).toMatch(/which went ahead, is still waiting \(throttled\)/)
  })

  test('those that go ahead wait behind others: as long as somebody works on the queue the rest waits, and has not failed', async () => {
    const world = new World({ canary: 1 }).misspelt(...five)
    const { counts } = world.queues.reader
    let looks = 0
    // A worker is busy with other jobs, and comes to ours in the end.
    world.working = false
    world.queues.reader.counts = async (queue) => {
      const found = await counts.call(world.queues.reader, queue)
      if (++looks > 3) world.working = true
      world.work()
      return { ...found, active: 1 }
    }
    const { outcome, items, effects, story } = await rehearse(world.stage())
    expect(outcome).toBe('succeeded')
    expect(effects).toHaveLength(5)
    expect(items.map(({ attempt }) => attempt)).toEqual(Array(5).fill(1))
    expect(story.filter((type) => type === 'run.waiting').length).toBeGreaterThan(2)
  })

  test('a job that is done meanwhile is not made twice', async () => {
    const world = new World({ canary: 1 }).misspelt('a.png', 'b.png')
    world.breaks = (key) => {
      // Somebody else makes the output of the other one.
      if (key.endsWith('b.png')) world.store.place('outputs', 'a.png.json', 'by hand')
      return undefined
    }
    const { items, effects } = await rehearse(world.stage())
    expect(effects).toHaveLength(1)
    expect(items[1]!.because).toMatch(/the output a\.png\.json of job job-a\.png is there/)
  })
})

describe('whatever happens', () => {
  const stage = () => new World({ canary: 1, per_minute: 600 }).misspelt('a.png', 'b.png', 'c.png').stage()
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})
