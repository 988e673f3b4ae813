import { WORKER_SIGN, type QueueName } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { select } from '../http/select.js'
import type { Dependency } from './health.schema.js'

type Dependency = z.infer<typeof Dependency>

/** Older than this, the worker or the sequencer has a problem. The sequencer signs every 60 s at the least. */
const WORKER_QUIET_MS = 30_000
const LOG_QUIET_MS = 120_000
const PATIENCE_MS = 1_500

/** When each was last known to be well, as far as the record knows; null: never. */
interface Signs {
  checkpoint: string | null
  covered: string | null
  worker: string | null
  observed: string | null
}
const NONE: Signs = { checkpoint: null, covered: null, worker: null, observed: null }

/** A log in which nothing happens says that it lives, once a minute; a worker says it also where it sees nothing. */
const SIGNS = `
  select (select published_at from audit.checkpoint order by size desc limit 1) as checkpoint,
    (select e.recorded_at from (select era, xid, id from audit.leaf order by position desc limit 1) l
      join audit.entry e on (e.era, e.xid, e.id) = (l.era, l.xid, l.id)) as covered,
    (select at from flow.observation where id = '${WORKER_SIGN}') as worker,
    (select max(at) from flow.observation where id <> '${WORKER_SIGN}') as observed`

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
  private asking: ReturnType<HealthCheck['ask']> | undefined

  constructor(
    private readonly source: DataSource,
    private readonly redis: RedisPulse,
    private readonly now: () => Date,
  ) {}

  /** Anybody may ask, as often as they like: those who ask while it is being found out have the one answer. */
  dependencies(): Promise<{ ready: boolean; dependencies: Dependency[] }> {
    this.asking ??= this.ask().finally(() => (this.asking = undefined))
    return this.asking
  }

  private async ask(): Promise<{ ready: boolean; dependencies: Dependency[] }> {
    const [record, redis] = await Promise.all([this.record(), this.doorbell()])
    return { ready: record[0]!.ok, dependencies: [record[0]!, redis, ...record.slice(1)] }
  }

  private async record(): Promise<Dependency[]> {
    try {
      const [row] = await inTime(select<Signs>(this.source, SIGNS))
      const { checkpoint, covered, worker, observed } = row ?? NONE
      const sequencer = this.aged('sequencer', covered, LOG_QUIET_MS, 'an entry was last given its place in the log')
      const notary = this.aged('notary', checkpoint, LOG_QUIET_MS, 'it last cosigned a checkpoint')
      return [
        { name: 'postgres', ok: true, age_ms: 0, says: 'answers' },
        this.aged('log', checkpoint, LOG_QUIET_MS, 'the newest checkpoint was published'),
        this.aged('worker', worker, WORKER_QUIET_MS, 'a worker last gave a sign'),
        sequencer,
        // Nobody asks a notary while nobody sequences: that it is silent then says nothing about it.
        notary.ok || sequencer.ok || checkpoint === null
          ? notary
          : { ...notary, says: `${notary.says}; not known: no sequencer asks it` },
        this.aged('observers', observed, WORKER_QUIET_MS, 'a target was last seen'),
      ]
    } catch {
      const says = 'not known: Postgres does not answer'
      const away = (['log', 'worker', 'sequencer', 'notary', 'observers'] as const).map((name) => ({ name, ok: false, age_ms: null, says })) // prettier-ignore
      return [{ name: 'postgres', ok: false, age_ms: null, says: 'does not answer' }, ...away]
    }
  }

  private async doorbell(): Promise<Dependency> {
    const ok = await inTime(this.redis.ping()).then(
      () => true,
      () => false,
    )
    const now = this.now()
    if (ok) this.redisSeen = now
    const age_ms = this.redisSeen ? now.getTime() - this.redisSeen.getTime() : null
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
