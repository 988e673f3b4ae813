import type { Backlog, Follower, QueueName, Waiting } from '@firebreak/flow'
import type { LedgerOptions } from '@firebreak/store'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

type Entries = Parameters<NonNullable<LedgerOptions['committed']>>[0]

/** Entries that say how a step, or a run, ended or stands still; the last word is the outcome. */
const STEP = /^step\.(done|failed|unknown|undone|kept|skipped)$/
const RUN = /^run\.(succeeded|failed|undone|cancelled|frozen|stale|needs-a-person|taken-over)$/

/**
 * What this worker does itself, since it was started. What the house has come to stands in the record, and is told by the API:
 * that is right also where a worker was started a moment ago.
 */
export class WorkerMetrics {
  readonly registry = new Registry()
  private readonly jobs = new Histogram({
    name: 'firebreak_worker_job_seconds',
    help: 'Jobs that this worker took from a queue, whether they failed, and how long they took.',
    labelNames: ['queue', 'outcome'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers: [this.registry],
  })
  private readonly underWay = new Gauge({
    name: 'firebreak_worker_jobs_under_way',
    help: 'Jobs that this worker has in hand.',
    labelNames: ['queue'],
    registers: [this.registry],
  })
  private readonly work = new Histogram({
    name: 'firebreak_worker_work_seconds',
    help: 'Pieces of work from alert to repair, and how long they took; verb only of steps.',
    labelNames: ['work', 'recipe', 'verb'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers: [this.registry],
  })
  private readonly steps = new Counter({
    name: 'firebreak_worker_steps_total',
    help: 'Steps that this worker brought to an end, as it stands in the journal.',
    labelNames: ['recipe', 'verb', 'outcome'],
    registers: [this.registry],
  })
  private readonly runs = new Counter({
    name: 'firebreak_worker_runs_total',
    help: 'Runs that ended under this worker, that came to ask a person, or that it took over from another.',
    labelNames: ['recipe', 'outcome'],
    registers: [this.registry],
  })
  private readonly found = new Counter({
    name: 'firebreak_worker_sweep_finds_total',
    help: 'What sweeps of this worker found that nobody had in hand: now and then one; many are rings that got lost.',
    labelNames: ['queue'],
    registers: [this.registry],
  })
  private readonly sweptAt = new Gauge({
    name: 'firebreak_worker_last_sweep_timestamp_seconds',
    help: 'When this worker last asked the record what there is to do.',
    registers: [this.registry],
  })
  private readonly unheard = new Counter({
    name: 'firebreak_worker_rings_unheard_total',
    help: 'Rings of this worker that Redis did not take.',
    labelNames: ['queue'],
    registers: [this.registry],
  })
  private readonly unseen = new Counter({
    name: 'firebreak_worker_looks_failed_total',
    help: 'Looks at a target of the watched systems that saw nothing.',
    registers: [this.registry],
  })

  constructor(private readonly now: () => Date) {
    collectDefaultMetrics({ register: this.registry, prefix: 'firebreak_worker_' })
  }

  /** A job is taken, and done or not. */
  async job<T>(queue: QueueName, work: () => Promise<T>): Promise<T> {
    const end = this.jobs.startTimer({ queue })
    this.underWay.inc({ queue })
    try {
      const done = await work()
      end({ outcome: 'done' })
      return done
    } catch (error) {
      end({ outcome: 'failed' })
      throw error
    } finally {
      this.underWay.dec({ queue })
    }
  }

  /** What a transaction of this worker wrote, once it is true. */
  committed(entries: Entries): void {
    for (const { type, recipe, detail } of entries) {
      const of = { recipe: recipe?.id ?? 'unknown' }
      const step = STEP.exec(type)?.[1]
      const { verb } = (detail ?? {}) as { verb?: unknown }
      if (step) this.steps.inc({ ...of, verb: typeof verb === 'string' ? verb : 'unknown', outcome: step })
      const run = RUN.exec(type)?.[1]
      if (run) this.runs.inc({ ...of, outcome: run })
    }
  }

  ringUnheard(queue: QueueName): void {
    this.unheard.inc({ queue })
  }

  lookFailed(): void {
    this.unseen.inc()
  }

  /**
   * A backlog whose finds are counted. What the last sweep had found too is not: a plan that a freeze, the stop switch or a
   * quiet time holds back is found by every sweep, and no ring of it got lost.
   */
  counting(backlog: Backlog): Pick<Backlog, 'find'> {
    let before = new Set<string>()
    return {
      find: async (now: Date): Promise<Waiting[]> => {
        const waiting = await backlog.find(now)
        const found = new Set(waiting.map(({ id, queue }) => `${queue}:${id}`))
        for (const { id, queue } of waiting) if (!before.has(`${queue}:${id}`)) this.found.inc({ queue })
        before = found
        this.sweptAt.set(this.now().getTime() / 1000)
        return waiting
      },
    }
  }

  /** A follower that also takes the time of what it follows. */
  timing(follower: Follower): Follower {
    return {
      bind: () => follower.bind(),
      during: async (what, facts, work) => {
        const { recipe = '', verb = '' } = facts
        const end = this.work.startTimer({ work: what, recipe, verb })
        try {
          return await follower.during(what, facts, work)
        } finally {
          end()
        }
      },
    }
  }
}
