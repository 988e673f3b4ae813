import type { Run, RunStep } from './rows.js'

/**
 * What to do next with a run. A value, decided from the journal alone: a worker that has just taken a run over decides
 * as the one that died would have.
 */
export type Move =
  /** Commit the intent of a step, then make its effect. */
  | { kind: 'do'; step: RunStep }
  /** A step was intended and nobody recorded how it ended: look whether its effect is there. */
  | { kind: 'settle'; step: RunStep }
  | { kind: 'begin-verify' }
  | { kind: 'verify' }
  | { kind: 'begin-undo' }
  | { kind: 'undo'; step: RunStep }
  /** An undo was intended and nobody recorded how it ended. */
  | { kind: 'settle-undo'; step: RunStep }
  /** Somebody asked to cancel, and no effect is in the air. */
  | { kind: 'begin-cancel' }
  /** What was not begun is skipped, and the run ends. */
  | { kind: 'end-cancel' }
  | { kind: 'end'; state: 'undone' | 'failed' | 'needs-a-person'; because: string }
  /** It waited between two waves of a step, and the time has come. */
  | { kind: 'go-on' }
  /** Nothing for a worker: the run is over, or waits for a person. */
  | { kind: 'rest' }

/** What somebody who cancels a run wants of what it has changed so far: taken back, or left as it is. */
export interface Cancel {
  undo: boolean
}

/** Whether there is something to take back: a step over many items may have failed with some of them done. */
export const changed = ({ state, items_done }: Pick<RunStep, 'state' | 'items_done'>): boolean =>
  state === 'done' || (state === 'failed' && items_done > 0)

/** Decides the next move. Pure. `cancel`: somebody asked to. */
export function nextMove(run: Run, steps: readonly RunStep[], now: Date, cancel?: Cancel): Move {
  switch (run.state) {
    case 'running': {
      // Cancelling waits for the effect in the air: how that ended has to stand in the journal.
      const move = forward(steps)
      return cancel && move.kind !== 'settle' && move.kind !== 'end' ? { kind: 'begin-cancel' } : move
    }
    case 'waiting':
      // The step that it waits in ends as cancelled by itself.
      if (cancel) return forward(steps)
      return run.goes_on_at !== null && new Date(run.goes_on_at) > now ? { kind: 'rest' } : { kind: 'go-on' }
    case 'verifying':
      return cancel ? { kind: 'begin-cancel' } : { kind: 'verify' }
    case 'cancelling':
      return cancel?.undo && steps.some(changed) ? { kind: 'begin-undo' } : { kind: 'end-cancel' }
    case 'failed':
      // What failed is taken back within the approved digest; a run that changed nothing has nothing to take back, and
      // one that a person ended is over.
      return run.ended_at === null && steps.some(changed) ? { kind: 'begin-undo' } : { kind: 'rest' }
    case 'undoing':
      return backward(steps)
    default:
      return { kind: 'rest' }
  }
}

function forward(steps: readonly RunStep[]): Move {
  for (const step of steps) {
    if (step.state === 'done' || step.state === 'skipped') continue
    if (step.state === 'pending') return { kind: 'do', step }
    if (step.state === 'intended') return { kind: 'settle', step }
    if (step.state === 'failed')
      return { kind: 'end', state: 'failed', because: `Step ${step.number} failed: ${step.because}` }
    return { kind: 'end', state: 'needs-a-person', because: `Step ${step.number} is ${step.state}: ${step.because}` }
  }
  return { kind: 'begin-verify' }
}

function backward(steps: readonly RunStep[]): Move {
  for (const step of [...steps].reverse()) {
    if (!changed(step)) continue
    return step.undo_intended_at === null ? { kind: 'undo', step } : { kind: 'settle-undo', step }
  }
  const kept = steps.filter(({ state }) => state === 'kept')
  return kept.length === 0
    ? { kind: 'end', state: 'undone', because: 'Everything that the run had changed was taken back.' }
    : {
        kind: 'end',
        state: 'needs-a-person',
        because: `Could not be taken back: ${kept.map(({ number, because }) => `step ${number} (${because})`).join('; ')}`,
      }
}
