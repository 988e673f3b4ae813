import { Dice } from './dice.js'

/** What happens at one moment, and to whom. */
export interface Blow {
  victim: 'sequencer' | 'Postgres' | 'notary' | 'worker' | 'writer'
  /** As the closing table calls it. */
  how: string
  does:
    | 'kill'
    | 'kill-all'
    | 'stop'
    /** Stopped, Postgres killed meanwhile, and continued when that is back: a leader that wakes up without its session. */
    | 'stop-and-kill-postgres'
    /** One server process instead of the whole: Postgres ends every session and recovers. */
    | 'kill-a-session'
    /** The notary signs, and its answer is lost on the way. */
    | 'lose-answer'
  /** Milliseconds that a stop lasts: from, to. */
  for?: readonly [number, number]
}

/** Who is silent for longer has lost what it held. Much shorter than in earnest, so that two hundred moments fit. */
export const PATIENCE = {
  /** `idle_session_timeout` of the sequencer: its lead is a lock of its session. */
  leadMs: 2_000,
  /** `idle_in_transaction_session_timeout` of all who write. */
  transactionMs: 1_500,
  tenureS: 2,
  /** How long the sequencer waits for the notary (`HttpCosigner`). */
  notaryMs: 3_000,
} as const

const SHORT = [150, 1_200] as const

/** Each victim's blows, as often as they stand here. */
const BLOWS: Readonly<Record<Blow['victim'], readonly Blow[]>> = {
  sequencer: [
    { victim: 'sequencer', how: 'kill -9', does: 'kill' },
    { victim: 'sequencer', how: 'kill -9', does: 'kill' },
    { victim: 'sequencer', how: 'kill -9, all of them', does: 'kill-all' },
    { victim: 'sequencer', how: 'SIGSTOP', does: 'stop', for: SHORT },
    { victim: 'sequencer', how: 'SIGSTOP past the lead', does: 'stop', for: [2_300, 3_300] },
    { victim: 'sequencer', how: 'SIGSTOP, Postgres killed', does: 'stop-and-kill-postgres', for: [0, 600] },
  ],
  Postgres: [
    { victim: 'Postgres', how: 'kill -9', does: 'kill' },
    { victim: 'Postgres', how: 'kill -9', does: 'kill' },
    { victim: 'Postgres', how: 'kill -9 of one session', does: 'kill-a-session' },
    { victim: 'Postgres', how: 'SIGSTOP', does: 'stop', for: SHORT },
    { victim: 'Postgres', how: 'SIGSTOP past timeouts', does: 'stop', for: [2_000, 3_500] },
  ],
  notary: [
    { victim: 'notary', how: 'kill -9', does: 'kill' },
    { victim: 'notary', how: 'kill -9', does: 'kill' },
    { victim: 'notary', how: 'SIGSTOP', does: 'stop', for: SHORT },
    { victim: 'notary', how: 'SIGSTOP past patience', does: 'stop', for: [3_200, 3_800] },
    { victim: 'notary', how: 'its answer is lost', does: 'lose-answer' },
    { victim: 'notary', how: 'its answer is lost', does: 'lose-answer' },
  ],
  worker: [
    { victim: 'worker', how: 'kill -9', does: 'kill' },
    { victim: 'worker', how: 'kill -9', does: 'kill' },
    { victim: 'worker', how: 'kill -9, all of them', does: 'kill-all' },
    { victim: 'worker', how: 'SIGSTOP', does: 'stop', for: SHORT },
    { victim: 'worker', how: 'SIGSTOP past the tenure', does: 'stop', for: [2_300, 3_300] },
  ],
  writer: [{ victim: 'writer', how: 'kill -9', does: 'kill' }],
}

/** How often each is the victim in a round. */
const ROUND: readonly Blow['victim'][] = [
  'sequencer', 'Postgres', 'notary', 'worker', 'sequencer', 'Postgres', 'worker', 'notary', 'sequencer', 'Postgres', 'writer',
] // prettier-ignore

export interface Moment extends Blow {
  /** Milliseconds of peace before it. */
  after: number
  /** Of a stop. */
  lasts: number
  /** Of several, which one. */
  who: number
  /** False: the next moment comes while this one is being recovered from. */
  patient: boolean
}

/** Blows without end: every victim has its turn in every round, and every blow before one comes again. */
export function* dealt<Victim extends string, Dealt>(
  blows: Readonly<Record<Victim, readonly Dealt[]>>,
  round: readonly Victim[],
  dice: Dice,
): Generator<Dealt, never> {
  const decks = new Map<Victim, Dealt[]>()
  for (;;) {
    for (const victim of dice.shuffled(round)) {
      const left = decks.get(victim)?.length ? decks.get(victim)! : dice.shuffled(blows[victim])
      decks.set(victim, left.slice(1))
      yield left[0]!
    }
  }
}

/** The same moments for the same seed. */
export function momentsOf(seed: number, many: number): Moment[] {
  const dice = new Dice(seed)
  const blows = dealt(BLOWS, ROUND, dice)
  const chosen = Array.from({ length: many }, (): Moment => {
    const blow = blows.next().value
    return {
      ...blow,
      after: dice.between(20, 700),
      lasts: blow.for ? dice.between(...blow.for) : 0,
      who: dice.between(0, 99),
      patient: dice.chance(0.8),
    }
  })
  // Whatever comes last is waited for, and so is told.
  return chosen.map((moment, at) => (at === chosen.length - 1 ? { ...moment, patient: true } : moment))
}
