import { hash } from 'node:crypto'
import { rows, type Tx } from './connection.js'

/**
 * What an advisory lock can stand for. The number is the first half of the key given to Postgres, so that a stream and a
 * scope of one name never meet, and it is the order in which one transaction takes them.
 */
export const LOCK_SPACES = { key: 1, delivery: 2, group: 3, scope: 4, stream: 5, target: 6, budget: 7 } as const

export type LockSpace = keyof typeof LOCK_SPACES

/** `exclusive` and `shared` wait (up to the role's lock_timeout); `try` is exclusive and answers at once. */
export type LockMode = 'exclusive' | 'shared' | 'try'

/** Locks of one space that one statement takes. */
export interface Wanted {
  space: LockSpace
  names: readonly string[]
  mode: LockMode
}

const MODES = { exclusive: 0, shared: 1, try: 2 } as const satisfies Record<LockMode, number>

/** A transaction took a lock after it had written. A bug of the caller, never a matter for the user. */
export class LockedTooLate extends Error {
  constructor(space: LockSpace) {
    super(
      `a ${space} lock was asked for after the first write of its transaction: take every lock first, ` +
        `else entries land in the log before their predecessors`,
    )
    this.name = 'LockedTooLate'
  }
}

/**
 * Takes advisory locks for the rest of the transaction, all in one statement: in the order given, and in each space sorted by
 * the number given to Postgres, not by name: that is the order in which two transactions could meet crosswise. Two names may
 * share a number (32 bits of SHA-256): they then wait for each other needlessly, and nothing else happens.
 *
 * Must come before anything that assigns a transaction id (a write, `FOR UPDATE`, `FOR SHARE`): a transaction that has its
 * xid and then waits lands in the log before the one it waited for. Throws LockedTooLate otherwise.
 * Read what the locks protect in a later statement; in READ COMMITTED that one sees what the last holder wrote.
 *
 * @returns true when all are held; false only with mode `try` (some may be held: give the transaction up)
 */
export async function advisoryLocks(tx: Tx, wanted: readonly Wanted[]): Promise<boolean> {
  const locks = wanted.flatMap(({ space, names, mode }) =>
    [...new Set(names.map(lockNumber))].sort((a, b) => a - b).map((number) => ({ space, number, mode })),
  )
  const [first] = locks
  if (!first) return true
  // Row by row, in the order of the lists; a CASE asks for one of the three and for no other.
  const answers = await rows<{ late: boolean; held: boolean }>(
    tx,
    `select pg_current_xact_id_if_assigned() is not null as late, case mode
         when 0 then pg_advisory_xact_lock(space, number) is not null
         when 1 then pg_advisory_xact_lock_shared(space, number) is not null
         else pg_try_advisory_xact_lock(space, number) end as held
     from unnest($1::int[], $2::int[], $3::int[]) as wanted (space, number, mode)`,
    [
      locks.map(({ space }) => LOCK_SPACES[space]),
      locks.map(({ number }) => number),
      locks.map(({ mode }) => MODES[mode]),
    ],
  )
  if (answers.some((answer) => answer.late)) throw new LockedTooLate(first.space)
  return answers.every((answer) => answer.held)
}

/** Takes the locks of `names` in one space; otherwise as `advisoryLocks`. */
export const advisoryLock = (tx: Tx, space: LockSpace, names: readonly string[], mode: LockMode): Promise<boolean> =>
  advisoryLocks(tx, [{ space, names, mode }])

/** Locks the streams that this transaction will append to (`plan:…`, `run:…`). Before its first write, all in one call. */
export async function lockStreams(tx: Tx, streams: readonly string[]): Promise<void> {
  await advisoryLock(tx, 'stream', streams, 'exclusive')
}

/** The second half of the key: the first four bytes of SHA-256, as the signed 32 bits that Postgres takes. */
const lockNumber = (name: string): number => hash('sha256', name, 'buffer').readInt32BE(0)
