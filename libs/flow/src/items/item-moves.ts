import { waveEnd } from '@firebreak/kit'
import type { RunStep, StepItem } from '../rows.js'
import { time } from '../world.js'

/** What to do next with a step over many items. A value, decided from the journal alone, like a `Move`. */
export type ItemMove =
  /** Its effect was tried and nobody recorded how that ended: look first. */
  | { kind: 'settle'; item: StepItem }
  | { kind: 'do'; item: StepItem }
  /** Commit the intent of all of these, then make their effects one after the other. */
  | { kind: 'claim'; items: StepItem[] }
  /** The pause between two waves: nobody holds anything until then. */
  | { kind: 'wait'; until: string }
  /** `cut`: something outside the step ended it before it was through. */
  | { kind: 'end'; state: 'done' | 'failed' | 'unknown'; because: string | null; cut: boolean }

/** Decides the next move forward. `cut`: why nothing more may be begun; what is in the air is looked at all the same. */
export function nextItem(step: RunStep, items: readonly StepItem[], now: Date, cut: string | undefined): ItemMove {
  const tried = items.find(({ state, attempt }) => state === 'intended' && attempt > 0)
  if (tried) return { kind: 'settle', item: tried }
  const unknown = items.filter(({ state }) => state === 'unknown')
  if (unknown.length > 0) return end('unknown', `${said(unknown)}.`)
  if (cut !== undefined) return { ...end('failed', `${progress(items)}: ${cut}`), cut: true }

  const { first, most, pause_s, stop_above_percent, within_s } = step.pace!
  const failed = items.filter(({ state }) => state === 'failed')
  const begun = items.filter(({ state }) => state !== 'pending' && state !== 'skipped').length
  const soFar = waveEnd(step.pace!, items.length, Math.max(begun, 1))
  if (failed.length * 100 > stop_above_percent * soFar)
    return end('failed', `${progress(items)}, and more than ${stop_above_percent} percent failed: ${said(failed)}.`)
  const left = items.filter(({ state }) => state === 'pending' || state === 'intended')
  if (left.length === 0) return end('done', failed.length === 0 ? null : `Not done: ${said(failed)}.`)
  const deadline = later(step.intended_at ?? time(now), within_s)
  if (step.intended_at !== null && time(now) >= deadline)
    return end('failed', `${progress(items)} when its ${within_s} s were over.`)

  const next = left.find(({ state }) => state === 'intended')
  if (next) return { kind: 'do', item: next }
  const last = items.reduce<string>((at, { ended_at }) => (ended_at !== null && ended_at > at ? ended_at : at), '')
  const goesOn = last && later(last, pause_s)
  // A time-out holds during a pause, too.
  if (goesOn > time(now)) return { kind: 'wait', until: goesOn < deadline ? goesOn : deadline }
  const upTo = waveEnd({ first, most, pause_s, stop_above_percent, within_s }, items.length, begun + 1)
  return { kind: 'claim', items: left.slice(0, upTo - begun) }
}

export type ItemUndo =
  | { kind: 'settle'; item: StepItem }
  | { kind: 'undo'; item: StepItem }
  | { kind: 'end'; state: 'undone' | 'kept'; because: string | null }

/** The way back, in reverse. */
export function nextUndo(items: readonly StepItem[]): ItemUndo {
  const next = items.findLast(({ state }) => state === 'done')
  if (next) return { kind: next.undo_intended_at === null ? 'undo' : 'settle', item: next }
  const kept = items.filter(({ state }) => state === 'kept')
  return kept.length === 0
    ? { kind: 'end', state: 'undone', because: null }
    : { kind: 'end', state: 'kept', because: `${said(kept)}.` }
}

const end = (state: 'done' | 'failed' | 'unknown', because: string | null) => ({
  kind: 'end' as const,
  state,
  because,
  cut: false,
})

const progress = (items: readonly StepItem[]): string =>
  `${items.filter(({ state }) => state === 'done').length} of ${items.length} items were done`

/** The first of them by name; a person finds the rest in the journal. */
function said(items: readonly StepItem[]): string {
  const named = items.slice(0, 5).map(({ number, because }) => `item ${number} (${because ?? 'no reason'})`)
  return named.join(', ') + (items.length > 5 ? ` and ${items.length - 5} more` : '')
}

const later = (at: string, seconds: number): string => time(new Date(new Date(at).getTime() + seconds * 1000))
