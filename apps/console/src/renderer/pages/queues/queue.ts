import { bag, bags, missedBy, number, text, type Bag } from '../../api/observed.js'
import type { Observation } from '../../api/view.js'

/*
 * A job queue as the worker wrote it down. What is not there (an older worker, a queue that nobody could read) is not known,
 * and is never shown as a zero.
 */

export interface Group {
  /** The fingerprint of what they failed of: what `requeue-failed-jobs` takes as its `cause`. */
  cause: string
  count: number
  /** What the newest of them said. */
  example: string
  firstAt: string | null
  lastAt: string | null
  mostAttempts: number | null
  /** Ids of some of them, the newest first. */
  jobs: string[]
}

export interface JobQueue {
  /** The target, `queue:batch`: its identity in a list. */
  id: string
  name: string
  service: string | null
  environment: string | null
  kind: string | null
  canary: number | null
  perMinute: number | null
  waiting: number | null
  /** Since when the waiting job is there that is next in turn, RFC 3339; null when none waits, or nobody knows. */
  nextSince: string | null
  active: number | null
  delayed: number | null
  failed: number | null
  /** Null: why jobs failed is not known. */
  failures: { at: string; lookedAt: number; groups: Group[] } | null
  at: string
  missed: boolean
}

/**
 * Queues as rows, in the order of their names.
 *
 * @param observations those of kind `queue`
 * @param looked when the worker last looked
 */
export const queuesOf = (observations: readonly Observation[], looked: string | null): JobQueue[] =>
  observations.map(({ target, value, at }) => ({
    ...{ id: target, name: target.replace(/^queue:/, ''), at, missed: missedBy(looked, at) },
    ...{ service: text(value['service']), environment: text(value['environment']), kind: text(value['kind']) },
    ...{ canary: number(value['canary']), perMinute: number(value['per_minute']), waiting: number(value['waiting']) },
    nextSince: text(value['next_since']),
    ...{ active: number(value['active']), delayed: number(value['delayed']), failed: number(value['failed']) },
    failures: failuresOf(bag(value['failures'])),
  }))

function failuresOf(found: Bag | null): JobQueue['failures'] {
  const [at, lookedAt] = [text(found?.['at']), number(found?.['looked_at'])]
  if (at === null || lookedAt === null) return null
  const groups = bags(found?.['groups']).flatMap((group) => {
    const [cause, count] = [text(group['cause']), number(group['count'])]
    if (cause === null || count === null) return []
    const jobs = Array.isArray(group['jobs']) ? group['jobs'].filter((id) => typeof id === 'string') : []
    return {
      ...{ cause, count, jobs, example: text(group['example']) ?? '', mostAttempts: number(group['most_attempts']) },
      ...{ firstAt: text(group['first_at']), lastAt: text(group['last_at']) },
    }
  })
  return { at, lookedAt, groups }
}

/** Milliseconds within which a failure means that its cause is still there. */
const STILL = 120_000

/** Whether the cause of a group is still there: one that has just failed again would fail again. */
export function stillFails({ lastAt }: Pick<Group, 'lastAt'>, now: Date): 'yes' | 'no' | 'not known' {
  if (lastAt === null) return 'not known'
  return now.getTime() - Date.parse(lastAt) < STILL ? 'yes' : 'no'
}

/** How much of the failed jobs the groups speak of: `all 12`, `the newest 200 of 14,022`. */
export function windowSays({ failed, failures }: Pick<JobQueue, 'failed' | 'failures'>): string {
  if (failures === null) return 'why they failed is not known'
  if (failed === null || failures.lookedAt >= failed) return `all ${failures.lookedAt}`
  return `the newest ${failures.lookedAt} of ${failed.toLocaleString('en-GB')}`
}

/** How a group goes, by the canary of its queue: some ahead, and the rest when these have come through. */
export function canarySays(count: number, { canary }: Pick<JobQueue, 'canary'>): string {
  if (canary === null) return ''
  if (count <= canary) return count === 1 ? 'it goes by itself' : 'they go at once'
  return `${canary} ${canary === 1 ? 'goes' : 'go'} ahead; the rest follows when ${canary === 1 ? 'it has' : 'these have'} come through`
}

/** How long queueing a group again takes at least, by the pace of its queue. Minutes; null where that is not known. */
export const minutesFor = (count: number, { perMinute }: Pick<JobQueue, 'perMinute'>): number | null =>
  perMinute === null || perMinute === 0 ? null : Math.max(1, Math.ceil(count / perMinute))

/** Both, as far as they are known: `it goes by itself, 1 min at least`. */
export function goesSays(count: number, queue: Pick<JobQueue, 'canary' | 'perMinute'>): string {
  const minutes = minutesFor(count, queue)
  return [canarySays(count, queue), minutes === null ? '' : `${minutes} min at least`]
    .filter((part) => part !== '')
    .join(', ')
}
