import type { Incident, IncidentSummary, Run, RunStep } from '../../api/view.js'

/** States as people say them. The words of the record stay in the data. */
export const incidentState = ({ state, phase }: Pick<IncidentSummary, 'state' | 'phase'>): string =>
  state === 'resolved' || state === 'closed' || phase === 'none' ? state : `${state}, ${phase}`

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

/** `PROD`: said in every armed sentence. */
export const place = ({ environment }: Pick<Incident, 'environment'>): string =>
  environment === null ? 'an unnamed environment' : environment.toUpperCase()
