import {
  formatVkey,
  parseCheckpoint,
  parseNote,
  parseVkey,
  signaturesBy,
  type SigningKey,
  type VerifierKey,
} from '@firebreak/audit-log'
import { rows, type Tx } from './connection.js'
import { newestCheckpoint } from './reads.js'
import { LogRefused } from './refusal.js'

/** A key of the log, and how it came into force. */
export interface LogKey {
  /** Checkpoints of at least this many entries are signed with it, until the next one's. */
  position: number
  key: VerifierKey
  how: 'first' | 'rotated' | 'succeeded'
}

/** The log's keys, oldest first; empty for a log that has not begun. */
export async function logKeys(tx: Tx): Promise<LogKey[]> {
  const found = await rows<{ position: string; vkey: string; how: LogKey['how'] }>(
    tx,
    'select position, vkey, how from audit.log_key order by position',
  )
  return found.map(({ how, position, vkey }) => ({ position: Number(position), key: parseVkey(vkey), how }))
}

/** Written in the transaction that covers the entry which says it. */
export async function addLogKey(tx: Tx, { how, key, position }: LogKey): Promise<void> {
  await tx.query('insert into audit.log_key (position, vkey, how) values ($1, $2, $3)', [
    position,
    formatVkey(key),
    how,
  ])
}

export const sameKey = (a: VerifierKey, b: VerifierKey): boolean => formatVkey(a) === formatVkey(b)

/**
 * The log's keys as its database tells them. A new log begins with the configured key; one of before this table, with
 * the key that signed its newest checkpoint, which must be one of those at hand.
 */
export async function knownKeys(tx: Tx, mine: readonly SigningKey[]): Promise<readonly [LogKey, ...LogKey[]]> {
  const [first, ...later] = await logKeys(tx)
  if (first) return [first, ...later]
  const key = (await signerOfNewest(tx, mine)) ?? mine[0]!
  await addLogKey(tx, { position: 0, key, how: 'first' })
  return [{ position: 0, key, how: 'first' }]
}

async function signerOfNewest(tx: Tx, mine: readonly SigningKey[]): Promise<SigningKey | undefined> {
  const newest = await newestCheckpoint(tx)
  if (!newest) return undefined
  const note = parseNote(newest.note)
  const signer = mine.find((key) => signaturesBy(note, key).length > 0)
  if (signer) return signer
  const { origin, size } = parseCheckpoint(note.text)
  throw new LogRefused(
    'WRONG_KEY',
    `the newest checkpoint of ${origin}, over ${size} entries, was signed with another key than ${formatVkey(mine[0]!)}. ` +
      `Start the sequencer with the key that signed it, or give that one too as FIREBREAK_LOG_OLD_KEY_FILE`,
  )
}

/** Signs as one origin, with whichever key is in force at a size. */
export class Signers {
  constructor(
    readonly mine: readonly SigningKey[],
    readonly origin: string,
  ) {}

  /** @throws LogRefused `WRONG_KEY`, where the key in force is not at hand */
  at(keys: readonly LogKey[], size: number): SigningKey {
    const own = keys.filter(({ key }) => key.name === this.origin)
    // Before its first entry a successor shows itself to the notary, with the key that it is about to bring.
    const inForce = (own.findLast(({ position }) => position <= size) ?? own[0])?.key ?? this.mine[0]!
    const found = this.mine.find((key) => sameKey(key, inForce))
    if (found) return found
    throw new LogRefused(
      'WRONG_KEY',
      `checkpoints of ${size} entries are signed with ${formatVkey(inForce)}, which is not the key that this sequencer was given. ` +
        `Start it with that key`,
    )
  }
}
