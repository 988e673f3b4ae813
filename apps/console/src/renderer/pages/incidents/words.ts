import type { BreakGlass, Incident, IncidentSummary, Plan, Run, RunStep } from '../../api/view.js'

/** States as people say them. The words of the record stay in the data. */
export const incidentState = ({ state, phase }: Pick<IncidentSummary, 'state' | 'phase'>): string =>
  state === 'resolved' || state === 'closed' || phase === 'none' ? state : `${state}, ${phase}`

export const planState: Record<Plan['state'], string> = {
  requested: 'being made',
  proposed: 'proposed',
  approved: 'approved',
  stopped: 'the recipe says stop',
  failed: 'could not be made',
  used: 'carried out',
  refused: 'refused',
  stale: 'stale',
  expired: 'expired',
  cancelled: 'cancelled',
}

export const breakGlassState: Record<BreakGlass['state'], string> = {
  asked: 'asked for',
  granted: 'granted',
  refused: 'refused',
  expired: 'not used in time',
  used: 'used',
  reviewed: 'reviewed',
  overdue: 'used, and its review is overdue',
}

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

/** What pressing twice will do, in one sentence that can be read without the page around it. */
export function armedSentence(plan: Plan, incident: Incident): string {
  const steps = plan.body?.steps ?? []
  const minutes = [...new Set(steps.flatMap(({ loan_minutes }) => (loan_minutes === null ? [] : [loan_minutes])))]
  const back = minutes.length === 0 ? '' : `, given back after ${minutes.join(' and ')} min`
  return `${steps.map(({ says }) => says).join('; then ')}, in ${place(incident)}${back}`
}

/** A guard as a sentence about its fact. */
export function guardSays(guard: Record<string, unknown>): string {
  if (guard['same'] === true) return 'must stay the same'
  const parts = [
    typeof guard['at_least'] === 'number' ? `at least ${guard['at_least']}` : '',
    typeof guard['at_most'] === 'number' ? `at most ${guard['at_most']}` : '',
  ].filter((part) => part !== '')
  return parts.length > 0 ? `must be ${parts.join(' and ')}` : JSON.stringify(guard)
}

/** `sha256:9c41…e2f0`: enough to compare by eye, beside the whole to copy. */
export const shortDigest = (digest: string): string => digest.replace(/^(sha256:.{6}).*(.{6})$/, '$1…$2')
