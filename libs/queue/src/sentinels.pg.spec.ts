import { temporarySentinels, type WatchedRedis } from '@firebreak/dev'
import { queues } from '@firebreak/flow'
import Queue from 'bull'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BullDoorbell, queueKey, queueOptions } from './index.js'

let redis: WatchedRedis
let bells: Queue.Queue[]
beforeEach(async () => {
  redis = await temporarySentinels()
  bells = []
}, 180_000)
afterEach(async () => {
  await Promise.all(bells.map((bell) => bell.close(true).catch(() => undefined)))
  await redis.stop()
})

const patience = { timeout: 30_000, interval: 20 }

/** One who rings and one who listens, each with connections of its own. */
function ringing() {
  const open = () => {
    const bell = new Queue(queueKey('run'), queueOptions(redis.url))
    bell.on('error', () => undefined)
    bells.push(bell)
    return bell
  }
  const heard: string[] = []
  void open().process((job) => void heard.push((job.data as { id: string }).id))
  const unheard: string[] = []
  const doorbell = new BullDoorbell(
    new Map([
      [queues[0], open()],
      ['run', open()],
    ]),
    (_, id) => unheard.push(id),
  )
  /** Rings until it is heard, as the sweep does. */
  const rung = (id: string) =>
    vi.waitFor(async () => {
      await doorbell.ring('run', id)
      expect(heard).toContain(id)
    }, patience)
  return { rung, unheard }
}

test('a master that dies is followed by its replica, and the bell is heard again', async () => {
  const { rung } = ringing()
  await rung('before')
  const old = await redis.master()
  await redis.killMaster()
  await rung('after')
  expect(await redis.master()).not.toBe(old)
}, 180_000)

test('a master that hangs keeps its connections; they are left for the new one all the same', async () => {
  const { rung } = ringing()
  await rung('before')
  const old = await redis.master()
  const goOn = await redis.freezeMaster()
  await rung('meanwhile')
  expect(await redis.master()).not.toBe(old)
  goOn()
  await rung('after')
}, 180_000)
