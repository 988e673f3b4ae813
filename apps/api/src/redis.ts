import { queues, type Doorbell, type QueueName } from '@firebreak/flow'
import { BullDoorbell, queueKey, queueOptions } from '@firebreak/queue'
import type { Following } from '@firebreak/telemetry'
import Queue from 'bull'
import { RedisPulse } from './health/health.js'

/** The doorbell, and whether Redis hears it. A Redis that is away is said once, not with every try. */
export function ringing(
  redisUrl: string,
  say: (line: string) => void,
  following?: Pick<Following, 'rung'>,
): { doorbell: Doorbell; pulse: RedisPulse; close: () => Promise<void> } {
  const bells = new Map(queues.map((name) => [name, new Queue(queueKey(name), queueOptions(redisUrl))]))
  const quiet = new Set<string>()
  for (const [name, bell] of bells) {
    bell.on('error', (error) => {
      if (!quiet.has(name)) say(`Redis (${name}): ${error.message}`)
      quiet.add(name)
    })
    bell.client.on('ready', () => quiet.delete(name))
  }
  const pulse = new (class extends RedisPulse {
    override ping = () => bells.get('plan')!.client.ping()
    override waiting = async (queue: QueueName) => ({ ...(await bells.get(queue)!.getJobCounts()) })
  })()
  const doorbell = new BullDoorbell(
    bells,
    (queue, id, why) => say(`nobody heard the bell of ${queue} for ${id} (${why}); the sweep will find it`),
    following && ((queue, id) => following.rung(`${queue}:${id}`)),
  )
  const close = async () => void (await Promise.allSettled([...bells.values()].map((bell) => bell.close(true))))
  return { doorbell, pulse, close }
}
