import type { QueueName } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { select } from '../http/select.js'
import type { Dependency } from './health.schema.js'

type Dependency = z.infer<typeof Dependency>

/** Older than this, the worker or the sequencer has a problem. The sequencer signs every 60 s at the least. */
const WORKER_QUIET_MS = 30_000
const LOG_QUIET_MS = 120_000
const PATIENCE_MS = 1_500

/** Asks the doorbell whether anybody is at the other end. */
export abstract class RedisPulse {
  /** Resolves when Redis answers. */
  abstract ping(): Promise<unknown>
  /** Jobs of a queue, by where they are. */
  abstract waiting(queue: QueueName): Promise<Record<string, number>>
}

/** What this API depends on, and how long ago each was last seen well. Asked without a sign-in, so it says no more than that. */
export class HealthCheck {
  private redisSeen: Date | undefined

  constructor(
    private readonly source: DataSource,
    private readonly redis: RedisPulse,
    private readonly now: () => Date,
  ) {}

  async dependencies(): Promise<{ ready: boolean; dependencies: Dependency[] }> {
    const [record, redis] = await Promise.all([this.record(), this.doorbell()])
    return { ready: record[0]!.ok, dependencies: [record[0]!, redis, ...record.slice(1)] }
  }

  private async record(): Promise<Dependency[]> {
    try {
      const [row] = await inTime(
        select<{ checkpoint: string | null; observed: string | null }>(
          this.source,
          `select (select published_at from audit.checkpoint order by size desc limit 1) as checkpoint,
                  (select max(at) from flow.observation) as observed`,
        ),
      )
      return [
        { name: 'postgres', ok: true, age_ms: 0, says: 'answers' },
        this.aged('log', row?.checkpoint ?? null, LOG_QUIET_MS, 'the newest checkpoint was published'),
        this.aged('worker', row?.observed ?? null, WORKER_QUIET_MS, 'the worker last looked'),
      ]
    } catch {
      const says = 'not known: Postgres does not answer'
      return [
        { name: 'postgres', ok: false, age_ms: null, says: 'does not answer' },
        { name: 'log', ok: false, age_ms: null, says },
        { name: 'worker', ok: false, age_ms: null, says },
      ]
    }
  }

  private async doorbell(): Promise<Dependency> {
    const ok = await inTime(this.redis.ping()).then(
      () => true,
      () => false,
    )
    if (ok) this.redisSeen = this.now()
    const age_ms = this.redisSeen ? this.now().getTime() - this.redisSeen.getTime() : null
    return { name: 'redis', ok, age_ms, says: ok ? 'answers' : 'does not answer: work waits for the worker’s sweep' }
  }

  private aged(name: Dependency['name'], at: string | null, most: number, what: string): Dependency {
    if (at === null) return { name, ok: false, age_ms: null, says: `nothing yet` }
    const age_ms = Math.max(0, this.now().getTime() - Date.parse(at))
    return { name, ok: age_ms <= most, age_ms, says: `${what} ${Math.round(age_ms / 1000)} s ago` }
  }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), PATIENCE_MS)
  })
  return Promise.race([work, patience]).finally(() => clearTimeout(timer))
}
