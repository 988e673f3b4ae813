import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporaryRedis } from '@firebreak/dev'
import { jobQueuesContract } from '@firebreak/kit/testing'
import { startSandbox } from '@firebreak/sandbox'
import Bull from 'bull'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { BullMqHands, BullMqReader } from '../bullmq/queues.js'
import { BullHands, BullReader } from './queues.js'

let redis: Awaited<ReturnType<typeof temporaryRedis>>
beforeAll(async () => void (redis = await temporaryRedis()))
afterAll(() => redis.stop())

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function opened() {
  const [reader, hands] = [new BullReader({ redisUrl: redis.url }), new BullHands({ redisUrl: redis.url })]
  closing.push(
    () => reader.close(),
    () => hands.close(),
  )
  return { reader, hands }
}

/** A worker of Bull's own: what a failure leaves behind is what Bull writes. */
async function failNext(owner: Bull.Queue, reason: string): Promise<unknown> {
  const job = (await owner.getNextJob())!
  await job.moveToFailed(new Error(reason))
  return job.data
}

jobQueuesContract('the BullMQ adapter on a Redis', async () => {
  const queue = `test-${randomUUID()}`
  const redisUrl = redis.url
  const ports = { reader: new BullMqReader({ redisUrl }), hands: new BullMqHands({ redisUrl }) }
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null })
  const owner = new Queue(queue, { connection })
  // A worker that takes nothing by itself.
  const worker = new Worker(queue, null, { connection, autorun: false })
  const fail = async (reason: string): Promise<unknown> => {
    const job = await worker.getNextJob('token')
    await job.moveToFailed(new Error(reason), 'token')
    return job.data
  }
  closing.push(
    () => ports.reader.close(),
    () => ports.hands.close(),
    () => connection.disconnect(),
    () => worker.close(true),
    () => owner.close(),
  )
  return {
    ...ports,
    queue,
    fail: async (id, data, reason) => {
      await owner.add('read-document', data, { jobId: id })
      await fail(reason)
    },
    failNext: fail,
    spoil: async (id, text) => void (await connection.hset(`bull:${queue}:${id}`, 'data', text)),
  }
})

test('looking at a BullMQ queue writes nothing into it, and a paused one gets nothing', async () => {
  const queue = `test-${randomUUID()}`
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null })
  const [reader, hands] = [new BullMqReader({ redisUrl: redis.url }), new BullMqHands({ redisUrl: redis.url })]
  closing.push(
    () => reader.close(),
    () => hands.close(),
    () => connection.disconnect(),
  )
  await reader.counts(queue)
  await reader.failed(queue, 5)
  await reader.stateOf(queue, 'x')
  expect(await connection.keys(`bull:${queue}:*`)).toEqual([])

  await connection.hset(`bull:${queue}:meta`, 'paused', 1)
  const job = { id: 'new', name: 'read', data: {} }
  await expect(hands.submit(queue, job)).rejects.toMatchObject({ kind: 'conflict' })
  expect(await connection.keys(`bull:${queue}:*`)).toEqual([`bull:${queue}:meta`])
})

jobQueuesContract('the Bull adapter on a Redis', async () => {
  const queue = `test-${randomUUID()}`
  const ports = opened()
  const owner = new Bull(queue, redis.url)
  closing.push(() => owner.close())
  return {
    ...ports,
    queue,
    fail: async (id, data, reason) => {
      await owner.add('read-document', data, { jobId: id })
      await failNext(owner, reason)
    },
    failNext: (reason) => failNext(owner, reason),
    spoil: async (id, text) => void (await owner.client.hset(owner.toKey(id), 'data', text)),
  }
})

const waiting = { timeout: 20_000, interval: 20 }

test('the batch queue of the sandbox: inputs are put right, and jobs go through', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-batch-'))
  const sandbox = await startSandbox({ dir, speed: 10, redisUrl: redis.url })
  closing.push(async () => {
    await sandbox.stop()
    await rm(dir, { recursive: true })
  })
  const { reader, hands } = opened()
  sandbox.break('batch-failing')
  await vi.waitFor(async () => expect((await reader.failed('batch', 50)).length).toBeGreaterThanOrEqual(12), waiting)
  const failed = await reader.failed('batch', 50)
  const reasons = new Set(failed.map(({ reason }) => reason.split(':')[0]!))
  expect(reasons).toEqual(new Set(['NoSuchKey', 'corrupted input', 'the worker does not know the schema "invoice-v9"']))

  const pointer = failed.find(({ reason }) => reason.startsWith('NoSuchKey'))!
  const { bucket, key } = pointer.data as { bucket: string; key: string }
  const right = { bucket, key: key.replace('incomming', 'incoming') }
  await hands.submit('batch', { id: `again-${pointer.id}`, name: pointer.name, data: right })
  await vi.waitFor(async () => expect(await reader.stateOf('batch', `again-${pointer.id}`)).toBe('completed'), waiting)
  await hands.remove('batch', pointer.id)

  const poison = failed.find(({ reason }) => reason.includes('schema'))!
  await hands.retry('batch', poison.id)
  await vi.waitFor(async () => expect(await reader.stateOf('batch', poison.id)).toBe('failed'), waiting)

  sandbox.mend('batch-failing')
  await vi.waitFor(async () => expect(await reader.counts('batch')).toMatchObject({ failed: 0 }), waiting)
})

test('nobody there is unreachable, and no error shows the password', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const reader = new BullReader({ redisUrl: `redis://:secret-password@127.0.0.1:${port}`, timeoutMs: 300 })
  closing.push(() => reader.close())
  const failure = await reader.counts('batch').catch((error: unknown) => error as Error)
  expect(failure).toMatchObject({ name: 'PortFailure', kind: 'unreachable' })
  expect(JSON.stringify(failure) + String((failure as Error).stack)).not.toContain('secret-password')
})

test('a queue name cannot reach into another queue, and an id is no number', async () => {
  const { reader, hands } = opened()
  await expect(reader.counts('batch:failed')).rejects.toMatchObject({ kind: 'invalid' })
  await expect(hands.submit('batch', { id: '17', name: 'x', data: {} })).rejects.toMatchObject({ kind: 'invalid' })
})

/** In front of the Redis: while it is held, no answer comes through, and while it is away nobody gets there. */
async function heldUp() {
  const answering = new Set<Socket>()
  const server = createServer((asking) => {
    const answers = connect(Number(new URL(redis.url).port), '127.0.0.1')
    answering.add(answers)
    asking.pipe(answers)
    answers.on('data', (bytes) => asking.write(bytes))
    for (const [one, other] of [[asking, answers], [answers, asking]] as const)
      one.on('error', () => undefined).on('close', () => other.destroy()) // prettier-ignore
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  closing.push(() => server.close())
  const away = async () => {
    for (const one of answering) one.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  const url = new URL(redis.url)
  url.port = String(port)
  const hold = (on: boolean) => {
    for (const one of answering) if (on) one.pause(); else one.resume() // prettier-ignore
  }
  return { url: url.href, hold, away, back: () => listen(port) }
}
const aWhile = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test.each([
  { which: 'Bull', Hands: BullHands, Reader: BullReader },
  { which: 'BullMQ', Hands: BullMqHands, Reader: BullMqReader },
])('what $which was asked for and was too late is not done later', async ({ which, Hands, Reader }) => {
  const queue = `test-${randomUUID()}`
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null })
  const owner = which === 'Bull' ? new Bull(queue, redis.url) : new Queue(queue, { connection })
  const reader = new Reader({ redisUrl: redis.url })
  const { url, hold, away, back } = await heldUp()
  const open = () => {
    const hands = new Hands({ redisUrl: url, timeoutMs: 400 })
    closing.push(() => hands.close())
    return hands
  }
  closing.push(
    () => reader.close(),
    () => connection.disconnect(),
    () => owner.close(),
  )
  const before = { put: 'wrong' }
  await owner.add('read-document', before, { jobId: 'late' })
  if (owner instanceof Queue) {
    const worker = new Worker(queue, null, { connection, autorun: false })
    closing.push(() => worker.close(true))
    await (await worker.getNextJob('token')).moveToFailed(new Error('no'), 'token')
  } else await failNext(owner, 'no')

  const hands = open()
  await expect(hands.retry(queue, 'none')).rejects.toMatchObject({ kind: 'not-found' })
  for (const ask of [() => hands.retry(queue, 'late', { put: 'right' }), () => hands.remove(queue, 'late')]) {
    hold(true)
    await expect(ask()).rejects.toMatchObject({ kind: 'timeout' })
    hold(false)
    await aWhile(200)
  }
  expect(await reader.failedJob(queue, 'late')).toMatchObject({ data: before })

  await away()
  for (const [nth, one] of [hands, open()].entries())
    await expect(one.submit(queue, { id: `new-${nth}`, name: 'read-document', data: {} })).rejects.toMatchObject({
      kind: 'unreachable',
    })
  await back()
  await aWhile(1_500)
  for (const id of ['new-0', 'new-1']) expect(await reader.stateOf(queue, id)).toBeUndefined()
  await hands.retry(queue, 'late', { put: 'right' })
  expect(await reader.stateOf(queue, 'late')).toBe('waiting')
})
