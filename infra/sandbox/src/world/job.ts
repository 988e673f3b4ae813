/** What a Job's controller sees. Counts of pods; times in milliseconds of the sandbox. */
export interface JobSight {
  completions: number
  parallelism: number
  backoffLimit: number
  suspended: boolean
  active: number
  succeeded: number
  failed: number
  /** How long it has run, and how long it may (`Infinity`: for ever). */
  runsForMs: number
  deadlineMs: number
  /** How long ago a pod of it failed. */
  sinceFailureMs: number
}

export interface JobMoves {
  create: number
  /** Active pods to take away: all of them, or the surplus. */
  remove: number
  ends?: 'Complete' | 'BackoffLimitExceeded' | 'DeadlineExceeded'
}

/** How long a Job waits after its nth failure; it doubles, and it is shorter than in Kubernetes (10 s). */
const BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 30_000

/** One pass of a Job's controller. */
export function jobMoves(sight: JobSight): JobMoves {
  const { completions, parallelism, backoffLimit, suspended, active, succeeded, failed } = sight
  if (succeeded >= completions) return { create: 0, remove: active, ends: 'Complete' }
  if (failed > backoffLimit) return { create: 0, remove: active, ends: 'BackoffLimitExceeded' }
  if (suspended) return { create: 0, remove: active }
  if (sight.runsForMs >= sight.deadlineMs) return { create: 0, remove: active, ends: 'DeadlineExceeded' }
  const wanted = Math.min(parallelism, completions - succeeded)
  if (active > wanted) return { create: 0, remove: active - wanted }
  const backoff = failed === 0 ? 0 : Math.min(BACKOFF_MS * 2 ** (failed - 1), LONGEST_BACKOFF_MS)
  return { create: sight.sinceFailureMs >= backoff ? wanted - active : 0, remove: 0 }
}
