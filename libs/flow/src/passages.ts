import { Refused } from './refused.js'

/**
 * Which state follows which. A change that is not here is refused, and refused again by the database: the function
 * `flow.may_pass` in the migrations holds the same table, and a spec compares the two.
 * The first state of each list of a thing's states is not implied: `starts` names how a row may begin.
 */
export const passages = {
  delivery: { starts: ['stored', 'processed', 'refused'], stored: ['processed', 'refused'] },
  alert: { starts: ['firing', 'resolved'], firing: ['resolved'], resolved: ['firing'] },
  incident: {
    starts: ['open'],
    open: ['acknowledged', 'resolved'],
    acknowledged: ['resolved'],
    resolved: ['open', 'closed'],
  },
  plan: {
    // `requested` and `planning` are not stored: they are a request without a plan (README, Decisions).
    starts: ['proposed', 'stopped', 'failed'],
    proposed: ['used', 'refused', 'stale', 'expired', 'cancelled'],
  },
  run: {
    starts: ['running'],
    queued: ['running', 'cancelled', 'frozen', 'stale'],
    running: ['waiting', 'verifying', 'cancelling', 'failed', 'frozen', 'needs-a-person'],
    waiting: ['running', 'cancelling', 'failed', 'frozen'],
    verifying: ['succeeded', 'failed', 'cancelling', 'needs-a-person'],
    cancelling: ['cancelled', 'undoing', 'needs-a-person'],
    failed: ['undoing', 'needs-a-person'],
    undoing: ['undone', 'frozen', 'needs-a-person'],
    'needs-a-person': ['running', 'verifying', 'undoing', 'failed'],
  },
  step: {
    starts: ['pending'],
    pending: ['intended', 'skipped'],
    intended: ['done', 'failed', 'unknown'],
    failed: ['intended', 'undone', 'kept'],
    unknown: ['intended', 'done', 'failed'],
    done: ['undone', 'kept'],
  },
  loan: {
    starts: ['out'],
    out: ['returning', 'overdue', 'out'],
    overdue: ['returning', 'out'],
    returning: ['returned', 'overdue'],
  },
  export: {
    starts: ['running'],
    queued: ['running'],
    running: ['ready', 'failed', 'queued'],
  },
  standing_approval: { starts: ['given'], given: ['revoked'] },
  // Derived states of a freeze that wait for people (lift-asked) are not stored.
  enforcement: {
    starts: ['enforcing'],
    enforcing: ['enforced', 'partial', 'lifting'],
    partial: ['enforced', 'lifting'],
    enforced: ['slipped', 'lifting'],
    slipped: ['enforced', 'partial', 'lifting'],
    lifting: ['lifted', 'partial'],
  },
  maintenance_run: {
    starts: ['due'],
    due: ['running', 'late', 'excepted'],
    late: ['running', 'excepted'],
    running: ['done', 'failed'],
    failed: ['running'],
  },
} as const satisfies Record<string, { starts: readonly string[] } & Record<string, readonly string[]>>

export type Thing = keyof typeof passages

/** Whether `thing` may go from one state to the next; `from` null asks whether a row may begin as `to`. */
export function mayPass(thing: Thing, from: string | null, to: string): boolean {
  const table: Record<string, readonly string[]> = passages[thing]
  return (table[from ?? 'starts'] ?? []).includes(to)
}

/** Refuses a passage that is not in the table: somebody else was faster, or the caller is wrong. */
export function assertPassage(thing: Thing, id: string, from: string, to: string): void {
  if (!mayPass(thing, from, to))
    throw new Refused('superseded', `The ${thing} ${id} is ${from}; from there it cannot become ${to}.`)
}
