import type { RunFilter, Verdict } from '../../api/runs.js'
import type { Run, RunStep } from '../../api/view.js'

/** States as people say them. The words of the record stay in the data. */
export const runState: Record<Run['state'], string> = {
  queued: 'waiting for a worker',
  running: 'running',
  waiting: 'waiting before the next step',
  verifying: 'verifying',
  cancelling: 'stopping',
  cancelled: 'stopped',
  failed: 'failed',
  undoing: 'undoing',
  undone: 'undone',
  succeeded: 'verified',
  frozen: 'frozen',
  stale: 'stale',
  'needs-a-person': 'needs a person',
}

/** Ended, and how: what the mark in front of it says. */
export const runMark = (state: Run['state']): string =>
  state === 'succeeded'
    ? '✓'
    : ['failed', 'needs-a-person', 'frozen', 'stale'].includes(state)
      ? '✗'
      : ['cancelled', 'undone'].includes(state)
        ? '↩'
        : '…'

/** What stands in the ring of a step; what has not ended has an empty ring, or a turning one. */
export const stepMark: Record<RunStep['state'], string> = {
  pending: '',
  intended: '',
  done: '✓',
  failed: '✗',
  unknown: '?',
  undone: '↩',
  kept: '•',
  skipped: '–',
}

export const stepState: Record<RunStep['state'], string> = {
  pending: 'not begun',
  intended: 'being done',
  done: 'done',
  failed: 'failed',
  unknown: 'not known whether it was done',
  undone: 'undone',
  kept: 'left as it is',
  skipped: 'skipped',
}

/** The items of a step, most telling first: `6 done, 1 failed, 1 not begun of 8`. */
export function itemsSay({ count, states }: NonNullable<RunStep['items']>): string {
  const order: RunStep['state'][] = ['done', 'failed', 'unknown', 'intended', 'undone', 'kept', 'skipped', 'pending']
  const known = Object.values(states).reduce((sum, n) => sum + n, 0)
  const all: Record<string, number> = { ...states, pending: (states['pending'] ?? 0) + Math.max(0, count - known) }
  const parts = order.filter((state) => (all[state] ?? 0) > 0).map((state) => `${all[state]} ${stepState[state]}`)
  return `${parts.join(', ')} of ${count}`
}

/** What a person who looked may answer a run that stands still, and what comes of each. */
export const verdicts = (unknown: boolean): { verdict: Verdict; label: string; means: string }[] => [
  ...(unknown
    ? ([
        {
          verdict: { verdict: 'in-place', then: 'go-on' },
          label: 'It is in place: go on',
          means: 'You looked, and its effect is there. The run goes on with what comes after it.',
        },
        {
          verdict: { verdict: 'in-place', then: 'take-back' },
          label: 'It is in place: take everything back',
          means: 'You looked, and its effect is there. The run undoes it, and what it did before.',
        },
        {
          verdict: { verdict: 'not-in-place' },
          label: 'It is not in place',
          means: 'You looked, and nothing of it is there. The run has failed, and undoes what it did before.',
        },
      ] as const)
    : []),
  {
    verdict: { verdict: 'look-again' },
    label: 'Look again',
    means: 'You mended something outside. The worker looks, and goes on from what it finds.',
  },
  {
    verdict: { verdict: 'put-right' },
    label: 'I put it right by hand',
    means: 'The run has failed, nothing more is touched, and what it held is free for others.',
  },
]

/** The steps of which nobody knows whether they were done. */
export const unknownSteps = ({ steps }: Pick<Run, 'steps'>): RunStep[] =>
  steps.filter(({ state }) => state === 'unknown')

/** What stopping with undo takes back, the last step first; null where nothing is there to take back. */
export function takesBack({ steps }: Pick<Run, 'steps'>): string | null {
  const undone = steps
    .filter(({ state }) => state === 'done' || state === 'intended')
    .toReversed()
    .map(({ says, undo_says }) => undo_says ?? `${says} stays: it has no undo`)
  return undone.length === 0 ? null : undone.join('; then ')
}

/** How long a run took, or takes so far. Milliseconds. */
export const took = ({ started_at, ended_at }: Pick<Run, 'started_at' | 'ended_at'>, now: Date): number =>
  (ended_at === null ? now.getTime() : Date.parse(ended_at)) - Date.parse(started_at)

/** What of a list somebody filtered, as the sentence "No run …" ends: `has failed, of recipe scale-api`. */
export function filterSays({ state, recipe, incident }: RunFilter): string {
  const parts = [
    state === undefined ? '' : `is “${runState[state]}”`,
    recipe === undefined ? '' : `is of recipe ${recipe}`,
    incident === undefined ? '' : `is of incident ${incident}`,
  ]
  return parts.filter((part) => part !== '').join(' and ')
}

/** Targets of a run as one line: the first, and how many more. */
export function targetsSay({ steps }: Pick<Run, 'steps'>): string {
  const [first, ...more] = [...new Set(steps.flatMap(({ targets }) => targets))]
  if (first === undefined) return '–'
  return more.length === 0 ? first : `${first} and ${more.length} more`
}
