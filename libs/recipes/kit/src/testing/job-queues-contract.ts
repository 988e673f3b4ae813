import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PortFailure, type JobQueuesHands, type JobQueuesReader } from '../ports.js'

/** One world to hold job queues to their contract in. */
export interface JobQueuesWorld {
  reader: JobQueuesReader
  hands: JobQueuesHands
  /** A queue without a worker and without jobs. */
  queue: string
  /** A job was given this, and failed because of that; called again, it is a later one. */
  fail(id: string, data: unknown, reason: string): Promise<void>
  /** A worker takes the next job that waits, and it fails because of that. Answers what it was given. */
  failNext(reason: string): Promise<unknown>
  /** Puts text in the place of a failed job's data, round every client. Missing where these are no text of its owner's. */
  spoil?(id: string, text: string): Promise<void>
  /** Jobs are given texts by name, and nothing deeper. */
  flat?: true
  takeDown?(): Promise<void>
  close?(): Promise<void>
}

/** What every adapter of job queues keeps. */
export function jobQueuesContract(name: string, open: () => Promise<JobQueuesWorld>): void {
  describe(`${name} keeps the job queues contract`, () => {
    let world: JobQueuesWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())

    const counts = () => world.reader.counts(world.queue)
    const ids = async (limit: number) => (await world.reader.failed(world.queue, limit)).map(({ id }) => id)

    test('failed jobs are listed with what they were given and why they failed, the newest first', async () => {
      await world.fail('one', { bucket: 'documents', key: 'a' }, 'NoSuchKey: a')
      await world.fail('two', world.flat ? { name: 'ünï' } : { nested: [1, 'ünï'] }, 'torn')
      expect(await ids(10)).toEqual(['two', 'one'])
      expect(await ids(1)).toEqual(['two'])
      expect(await world.reader.failedJob(world.queue, 'one')).toEqual({
        queue: world.queue,
        id: 'one',
        name: expect.any(String) as string,
        data: { bucket: 'documents', key: 'a' },
        bytes: '{"bucket":"documents","key":"a"}'.length,
        reason: 'NoSuchKey: a',
        earlier: [],
        log: expect.any(Array) as string[],
        attempts: 1,
        failed_ms: expect.any(Number) as number,
      })
      expect(await counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 2 })
    })

    test('a queue that nobody has filled is empty', async () => {
      expect(await counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 })
      expect(await ids(10)).toEqual([])
      expect(await world.reader.failedJob(world.queue, 'nobody')).toBeUndefined()
      expect(await world.reader.stateOf(world.queue, 'nobody')).toBeUndefined()
    })

    test('the job that is next in turn says since when it is there', async () => {
      expect(await world.reader.nextSince(world.queue)).toBeUndefined()
      await world.fail('one', { key: 'a' }, 'why')
      expect(await world.reader.nextSince(world.queue)).toBeUndefined()
      await world.hands.retry(world.queue, 'one')
      const since = await world.reader.nextSince(world.queue)
      expect(since).toBeGreaterThan(0)
      await world.hands.submit(world.queue, { id: 'two', name: 'job', data: { key: 'b' } })
      expect(await world.reader.nextSince(world.queue)).toBe(since)
    })

    test('a retried job waits again, once', async () => {
      await world.fail('one', { key: 'a' }, 'why')
      await world.hands.retry(world.queue, 'one')
      expect(await counts()).toMatchObject({ waiting: 1, failed: 0 })
      expect(await world.reader.stateOf(world.queue, 'one')).toBe('waiting')
      expect(await world.reader.failedJob(world.queue, 'one')).toBeUndefined()
      await expect(world.hands.retry(world.queue, 'one')).rejects.toSatisfy(is('conflict'))
      expect(await counts()).toMatchObject({ waiting: 1, failed: 0 })
    })

    test('a retried job may be given other data, and is the same job', async () => {
      const more = world.flat ? 'x' : [1]
      await world.fail('one', { key: 'wrong', more }, 'NoSuchKey: wrong')
      await world.hands.retry(world.queue, 'one', { key: 'right', more })
      expect(await world.failNext('torn')).toEqual({ key: 'right', more })
      expect(await world.reader.failedJob(world.queue, 'one')).toMatchObject({
        data: { key: 'right', more },
        reason: 'torn',
        earlier: ['NoSuchKey: wrong'],
        attempts: 2,
      })
    })

    test('a job that fails again has failed at another time', async () => {
      await world.fail('one', {}, 'why')
      const first = (await world.reader.failedJob(world.queue, 'one'))!
      await world.hands.retry(world.queue, 'one')
      // Times are milliseconds.
      await new Promise((resolve) => setTimeout(resolve, 3))
      await world.failNext('why')
      expect((await world.reader.failedJob(world.queue, 'one'))!.failed_ms).toBeGreaterThan(first.failed_ms)
    })

    test('one whose data are no JSON is listed without them, hides no other, and is not touched', async (it) => {
      if (!world.spoil) return it.skip('nobody writes data that are no JSON here')
      await world.fail('whole', { key: 'a' }, 'why')
      await world.fail('odd', { key: 'b' }, 'why')
      await world.spoil('odd', '{"key": ')
      // Both may have failed within one millisecond: which is the newer cannot be told.
      const listed = await world.reader.failed(world.queue, 10)
      expect(listed.find(({ id }) => id === 'odd')).toMatchObject({ data: undefined, bytes: 8, reason: 'why' })
      expect(listed.find(({ id }) => id === 'whole')).toMatchObject({ data: { key: 'a' } })
      await expect(world.hands.retry(world.queue, 'odd')).rejects.toSatisfy(is('invalid'))
      expect(await counts()).toMatchObject({ waiting: 0, failed: 2 })
    })

    test('one with 30 MB of data is listed without them', async (it) => {
      if (!world.spoil) return it.skip('nothing as large is kept here')
      await world.fail('large', {}, 'why')
      await world.spoil('large', JSON.stringify({ key: 'x'.repeat(30_000_000) }))
      const [large] = await world.reader.failed(world.queue, 10)
      expect(large).toMatchObject({ id: 'large', data: undefined, bytes: 30_000_010 })
      await expect(world.hands.retry(world.queue, 'large')).rejects.toSatisfy(is('invalid'))
    })

    test('a removed job is gone', async () => {
      await world.fail('one', {}, 'why')
      await world.hands.remove(world.queue, 'one')
      expect(await counts()).toMatchObject({ waiting: 0, failed: 0 })
      await expect(world.hands.remove(world.queue, 'one')).rejects.toSatisfy(is('not-found'))
    })

    test('a job that is not failed is not removed', async () => {
      await world.hands.submit(world.queue, { id: 'new', name: 'read', data: {} })
      await expect(world.hands.remove(world.queue, 'new')).rejects.toSatisfy(is('conflict'))
      expect(await world.reader.stateOf(world.queue, 'new')).toBe('waiting')
    })

    test('the same job submitted twice is one job', async () => {
      const job = { id: 'new', name: 'read', data: { key: 'right' } }
      await world.hands.submit(world.queue, job)
      await world.hands.submit(world.queue, job)
      expect(await counts()).toMatchObject({ waiting: 1 })
      expect(await world.reader.stateOf(world.queue, 'new')).toBe('waiting')
    })

    test('what is not there cannot be retried', async () => {
      await expect(world.hands.retry(world.queue, 'nobody')).rejects.toSatisfy(is('not-found'))
    })

    test('queues that are down are unreachable', async (it) => {
      if (!world.takeDown) return it.skip('they cannot be taken down here')
      await world.takeDown()
      await expect(counts()).rejects.toSatisfy(is('unreachable'))
    })
  })
}

const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind
