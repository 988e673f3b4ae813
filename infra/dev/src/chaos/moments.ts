import { PATIENCE, dealt } from '../crash/moments.js'
import { Dice } from '../crash/dice.js'
import type { Seam } from './counting-cluster.js'

/** What happens at one moment of the chaos suite, and to whom. */
export interface Blow {
  victim: 'worker' | 'Redis' | 'Postgres'
  /** As the closing table calls it. */
  how: string
  does: 'kill' | 'kill-all' | 'stop' | 'flush' | 'kill-a-session'
  /** A worker is hit while a call of its is at this place; else at any time. */
  seam?: Seam
  /** Milliseconds that a stop lasts: from, to. Or until another one has done and taken back what it was about to do. */
  for?: readonly [number, number] | 'there-and-back'
  /** What was caught stays on the way for as long as its sender sleeps. */
  late?: true
}

const SHORT = [150, 1_200] as const
/** Long enough for another one to take the run over, end it, and give back what it had lent. */
const PAST_TENURE = [PATIENCE.tenureS * 1_000 + 500, PATIENCE.tenureS * 1_000 + 5_500] as const

/** A stop that waits for something. */
const LONGEST_MS = 12_000

const worker = (
  does: 'kill' | 'kill-all' | 'stop',
  how: string,
  rest: Pick<Blow, 'seam' | 'for' | 'late'> = {},
): Blow => ({
  victim: 'worker',
  how,
  does,
  ...rest,
})

const KILLS: readonly Blow[] = [
  worker('kill', 'kill -9'),
  worker('kill', 'kill -9 before an effect', { seam: 'before' }),
  worker('kill', 'kill -9 before an effect', { seam: 'before' }),
  worker('kill', 'kill -9 after an effect', { seam: 'after' }),
  worker('kill', 'kill -9 after an effect', { seam: 'after' }),
  worker('kill-all', 'kill -9, all of them'),
]

/** What an engine without fences cannot bear: it wakes up, and finds its target as if nothing had been done. */
const PAUSES: readonly Blow[] = [
  worker('stop', '… until it is undone', { seam: 'before', late: true, for: 'there-and-back' }),
]

const STOPS: readonly Blow[] = [
  ...PAUSES,
  worker('stop', '… while it reads', { seam: 'read', for: PAST_TENURE }),
  worker('stop', '… while it reads', { seam: 'read', for: 'there-and-back' }),
  worker('stop', '… before an effect', { seam: 'before', for: PAST_TENURE }),
  worker('stop', '… and its change is late', { seam: 'before', late: true, for: PAST_TENURE }),
  worker('stop', '… after an effect', { seam: 'after', for: PAST_TENURE }),
  worker('stop', 'SIGSTOP', { for: SHORT }),
  worker('stop', 'SIGSTOP past the tenure', { for: PAST_TENURE }),
]

const SERVERS: readonly Blow[] = [
  { victim: 'Redis', how: 'FLUSHALL', does: 'flush' },
  { victim: 'Redis', how: 'FLUSHALL', does: 'flush' },
  { victim: 'Redis', how: 'kill -9, back empty', does: 'kill' },
  { victim: 'Redis', how: 'SIGSTOP', does: 'stop', for: SHORT },
  { victim: 'Postgres', how: 'kill -9', does: 'kill' },
  { victim: 'Postgres', how: 'kill -9 of one session', does: 'kill-a-session' },
  { victim: 'Postgres', how: 'SIGSTOP', does: 'stop', for: SHORT },
]

/** Who hits whom, and the milliseconds of peace that each keeps before a blow. They do not wait for each other. */
const HITTERS = [
  { blows: STOPS, peace: [50, 800] },
  { blows: KILLS, peace: [1_500, 5_000] },
  { blows: SERVERS, peace: [2_000, 6_000] },
] as const

export interface Moment extends Blow {
  /** Milliseconds of peace before it. */
  after: number
  /** Of a stop; at most. */
  lasts: number
  /** Of several, which one. */
  who: number
}

/** The moments of each hitter, without end, the same ones for the same seed. */
export const hittersOf = (seed: number): Generator<Moment>[] =>
  HITTERS.map(({ blows, peace }, at) => moments(blows, peace, new Dice(seed * HITTERS.length + at)))

/** Those of the control. */
export const pausesOf = (seed: number): Generator<Moment> => moments(PAUSES, [50, 400], new Dice(seed))

function* moments(blows: readonly Blow[], peace: readonly [number, number], dice: Dice): Generator<Moment> {
  for (const blow of dealt({ all: blows }, ['all'], dice))
    yield {
      ...blow,
      after: dice.between(...peace),
      lasts: blow.for === undefined ? 0 : blow.for === 'there-and-back' ? LONGEST_MS : dice.between(...blow.for),
      who: dice.between(0, 99),
    }
}
