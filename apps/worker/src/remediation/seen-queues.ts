import {
  excerpt,
  fingerprint,
  type FailedJob,
  type JobQueue,
  type JobQueuesReader,
  type JsonObject,
} from '@firebreak/kit'

/*
 * What is written down of a job queue: how many jobs wait, and what the failed ones failed of, grouped by the same
 * fingerprint by which `requeue-failed-jobs` takes a group.
 */

/** Failed jobs that are looked at, the newest: what a plan looks at, too. */
const MOST_LOOKED_AT = 200
/** Groups and ids that a person would read. */
const [MOST_GROUPS, MOST_IDS] = [50, 20]
/** Why jobs failed costs more to read than how many: when the number stays the same, not more often than this. Milliseconds. */
const AGAIN_AFTER = 30_000

/** Failures as they were last read, and for which number of failed jobs that holds. */
interface Known {
  failed: number
  readMs: number
  failures: JsonObject
}

/** Looks at the queues of the house, and remembers why jobs failed. */
export class SeenQueues {
  readonly #known = new Map<string, Known>()

  constructor(
    private readonly queues: JobQueuesReader,
    private readonly now: () => Date,
  ) {}

  /** One look. `failures.at` says when those were read, which may be before the counts. Throws what the queues throw. */
  async look({ name, service, environment, kind, canary, per_minute }: JobQueue): Promise<JsonObject> {
    const counts = await this.queues.counts(name)
    const next = counts.waiting === 0 ? undefined : await this.queues.nextSince(name)
    return {
      ...{ service, environment, kind, canary, per_minute },
      ...counts,
      next_since: next === undefined ? null : new Date(next).toISOString(),
      failures: await this.#failures(name, counts.failed),
    }
  }

  async #failures(queue: string, failed: number): Promise<JsonObject> {
    const now = this.now()
    const known = this.#known.get(queue)
    if (known?.failed === failed && now.getTime() - known.readMs < AGAIN_AFTER) return known.failures
    const jobs = failed === 0 ? [] : await this.queues.failed(queue, MOST_LOOKED_AT)
    const failures = { at: now.toISOString(), looked_at: jobs.length, groups: groupsOf(jobs) }
    this.#known.set(queue, { failed, readMs: now.getTime(), failures })
    return failures
  }
}

/** Those of one cause together, the largest group first. Texts are those of others: short, and without what looks like a secret. */
export function groupsOf(jobs: readonly FailedJob[]) {
  const groups = new Map<string, FailedJob[]>()
  for (const job of jobs) {
    const cause = fingerprint(job.reason)
    groups.set(cause, [...(groups.get(cause) ?? []), job])
  }
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, MOST_GROUPS)
    .map(([cause, [newest, ...others]]) => {
      const all = [newest!, ...others]
      const times = all.map(({ failed_ms }) => failed_ms)
      return {
        cause,
        count: all.length,
        example: excerpt(newest!.reason),
        first_at: new Date(Math.min(...times)).toISOString(),
        last_at: new Date(Math.max(...times)).toISOString(),
        most_attempts: Math.max(...all.map(({ attempts }) => attempts)),
        jobs: all.slice(0, MOST_IDS).map(({ id }) => id.slice(0, 200)),
      }
    })
}
