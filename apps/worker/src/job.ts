import type { QueueName } from '@firebreak/flow'
import { Following, type Context, type Log } from '@firebreak/telemetry'
import type { Job } from 'bull'
import { z } from 'zod'
import type { WorkerMetrics } from './metrics/metrics.js'

/** The account is read by what makes lines and spans of it, and by nobody else. */
const payload = z.strictObject({
  id: z.string().min(1).max(100),
  request_id: z.unknown().optional(),
  traceparent: z.unknown().optional(),
})

/** Which thing a queue's ids are ids of: a run is asked for by its plan. */
const THING: Partial<Record<QueueName, keyof Context>> = { plan: 'plan', run: 'plan', loan: 'loan', export: 'export' }

/**
 * Takes jobs from the queues. The id is all that is used of one; Redis is outside: what is in it is parsed, and is never an
 * instruction. On whose account it was rung goes into lines, entries and spans.
 */
export class Jobs {
  constructor(
    private readonly following: Following,
    private readonly log: Pick<Log, 'debug'>,
    private readonly metrics: Pick<WorkerMetrics, 'job'>,
  ) {}

  async take(queue: QueueName, job: Job<unknown>, work: (id: string) => Promise<string>): Promise<string> {
    const { id, ...account } = payload.parse(job.data)
    const thing = THING[queue]
    // A run goes on from the yes that let it; where the sweep found it, that may be from the plan itself.
    const places = queue === 'run' ? [`run:${id}`, `plan:${id}`] : [`${queue}:${id}`]
    return this.following.taken(account, places, thing ? { [thing]: id } : {}, async () => {
      const outcome = await this.metrics.job(queue, () => work(id))
      this.log.debug(`${queue} ${id}: ${outcome}`)
      return outcome
    })
  }
}
