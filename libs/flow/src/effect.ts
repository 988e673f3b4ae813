import { verbNamed } from '@firebreak/kit/verbs'
import {
  PortFailure,
  type Effect,
  type Hands,
  type JsonObject,
  type Probe,
  type Readers,
  type Verb,
} from '@firebreak/kit'
import { NotHeld } from './fenced.js'
import type { Closed } from './gate.js'
import { reasonOf } from './planner.js'
import type { StepState } from './rows.js'

/** How an outside effect ended, as far as can be told. */
export type Outcome =
  | { kind: 'done'; output: JsonObject; found: boolean }
  /**
   * Without effect so far. `again` when the outside was only busy, `wait_ms` for how long it said so; `late` when a call of
   * ours got no answer and may still take effect.
   */
  | { kind: 'failed'; because: string; again: boolean; late: boolean; wait_ms?: number }
  /** Nobody can tell: a person has to look. */
  | { kind: 'unknown'; because: string }

/** Not made at all: a freeze or the stop switch was there when it was about to be. */
export interface Withheld {
  kind: 'held'
  closed: Closed
}

/** What a step does, forward or back. */
export type Direction = 'do' | 'undo'

/** What the journal says of an effect that ended like this. */
export function endOf(
  direction: Direction,
  outcome: Outcome,
): Extract<StepState, 'done' | 'failed' | 'unknown' | 'undone' | 'kept'> {
  if (direction === 'undo') return outcome.kind === 'done' ? 'undone' : 'kept'
  return outcome.kind
}

export interface Doing {
  verb: string
  args: JsonObject
}

/** The definition of a step's verb. A verb that is not known is a plan of a newer version: refuse rather than guess. */
export function verbOf(doing: Doing): Verb {
  const verb = verbNamed(doing.verb)
  if (!verb) throw new Error(`This worker does not know the verb ${doing.verb}: it is older than the plan. Update it.`)
  return verb
}

function effectOf(doing: Doing, direction: Direction): Effect<unknown> | undefined {
  const verb = verbOf(doing)
  if (direction === 'do') return verb
  return 'none' in verb.undo ? undefined : verb.undo
}

/**
 * Makes one outside effect. A time-out is not a failure: whenever the outside may have changed although the call
 * failed, the probe decides.
 */
export async function makeEffect(
  hands: Hands,
  readers: Readers,
  doing: Doing,
  direction: Direction,
  patiently?: Patience,
): Promise<Outcome> {
  const effect = effectOf(doing, direction)
  if (!effect) return { kind: 'failed', because: noWayBack(doing), again: false, late: false }
  try {
    return { kind: 'done', output: await effect.do(hands, readers, doing.args), found: false }
  } catch (error) {
    // Somebody else's by now, or the record is away: whoever has the tenure then decides what becomes of it.
    if (error instanceof NotHeld) throw error.cause
    if (!(error instanceof PortFailure)) return { kind: 'unknown', because: reasonOf(error) }
    if (error.ambiguous) return settleEffect(readers, doing, direction, reasonOf(error), patiently)
    const { retryAfterMs, retryable: again } = error
    const wait = retryAfterMs === undefined ? {} : { wait_ms: retryAfterMs }
    return { kind: 'failed', because: reasonOf(error), again, late: false, ...wait }
  }
}

/**
 * Why what is on loan must not come back yet: its verb looked outside and says so, or could not look. Undefined when nothing
 * speaks against it. Nothing was changed.
 */
export async function notYet(readers: Readers, doing: Doing): Promise<Outcome | undefined> {
  try {
    const because = await verbOf(doing).notYet?.(readers, doing.args)
    return because === undefined ? undefined : { kind: 'failed', because, again: false, late: false }
  } catch (error) {
    const because = `Whether it may come back could not be told: ${reasonOf(error)}. See to that, then ask for it again, or renew it.`
    return { kind: 'failed', because, again: error instanceof PortFailure && error.retryable, late: false }
  }
}

/** Looks again for a while where the outside is away or busy, and then throws what it said. */
export type Patience = <T>(look: () => Promise<T>) => Promise<T>

/**
 * Looks whether an effect that may have happened is there: after a time-out, and after a take-over. Whatever took the answer
 * away may still be there: it looks with patience, for otherwise every restart of an API server would need a person.
 */
export async function settleEffect(
  readers: Readers,
  doing: Doing,
  direction: Direction,
  why: string,
  patiently: Patience = (look) => look(),
): Promise<Outcome> {
  const effect = effectOf(doing, direction)
  if (!effect) return { kind: 'failed', because: noWayBack(doing), again: false, late: false }
  let probe: Probe
  try {
    probe = await patiently(() => effect.probe(readers, doing.args))
  } catch (error) {
    const looked = `the probe failed too: ${reasonOf(error)}`
    return { kind: 'unknown', because: `${why}; ${looked}. Look at the target: it may be as it was, or as planned` }
  }
  if (probe === 'in-place') return { kind: 'done', output: {}, found: true }
  if (probe === 'not-in-place') return { kind: 'failed', because: why, again: true, late: true }
  return { kind: 'unknown', because: `${why}; the target is neither as it was nor as it should be` }
}

/** The longest that anybody is left alone because they asked for it. Milliseconds. */
const LONGEST_WAIT = 30_000

/** How long before a further try: longer each time, and as long as the outside asked for. Milliseconds. */
export const pauseBefore = (nth: number, wait_ms = 0): number =>
  Math.max(200 * 2 ** nth, Math.min(wait_ms, LONGEST_WAIT))

/**
 * Makes an effect, and again while the outside is only busy. When an earlier call may have come through late, a target
 * that is no longer as planned may be our own doing: the probe decides, not the refusal.
 *
 * @param tries how many more times
 * @param before told before each further try; the intent is written down anew. What it answers instead ends the trying: the
 *   effect is held; but what an earlier call may have done late is looked for first
 */
export async function keepTrying<Held extends Withheld = never>(
  make: () => Promise<Outcome | Held>,
  settle: (why: string) => Promise<Outcome>,
  tries: number,
  before: (nth: number, wait_ms?: number) => Promise<Held | undefined>,
  first?: Outcome,
): Promise<Outcome | Held> {
  let outcome: Outcome | Held = first ?? (await make())
  let late = outcome.kind === 'failed' && outcome.late
  for (let nth = 1; nth <= tries && outcome.kind === 'failed' && outcome.again; nth++) {
    const failed = outcome
    outcome = (await before(nth, failed.wait_ms)) ?? (await make())
    if (late && (outcome.kind === 'held' || (outcome.kind === 'failed' && !outcome.again))) {
      const settled = await settle(outcome.kind === 'failed' ? outcome.because : failed.because)
      if (settled.kind !== 'failed') outcome = settled
    }
    late ||= outcome.kind === 'failed' && outcome.late
  }
  return outcome
}

function noWayBack(doing: Doing): string {
  const { undo } = verbOf(doing)
  return 'none' in undo ? undo.none : ''
}

/** The state of the target as evidence; an unreadable target is a reason not to start. */
export const stateOf = (readers: Readers, doing: Doing): Promise<JsonObject> => verbOf(doing).state(readers, doing.args)
