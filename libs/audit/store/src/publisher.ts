import {
  cosignedAt,
  EMPTY_ROOT,
  formatCheckpoint,
  formatNote,
  formatSignature,
  NoteError,
  parseNote,
  signaturesBy,
  signNote,
  type Note,
  type VerifierKey,
} from '@firebreak/audit-log'
import { zombie, type Cursor } from './batch.js'
import { rows, type Tx } from './connection.js'
import type { Cosigner, CosignerAnswer } from './cosigner.js'
import type { LogKey, Signers } from './log-keys.js'
import { newestCheckpoint, proofReader } from './reads.js'
import { LogRefused } from './refusal.js'

/** No cosignature for now: the notary is away, or does not know this log. Leaves go on without it. */
export class NotCosigned extends Error {
  constructor(why: string, cause?: unknown) {
    super(why, { cause })
    this.name = 'NotCosigned'
  }
}

/** The notary that this log is shown to. */
export interface TrustedNotary {
  vkey: VerifierKey
  cosigner: Cosigner
}

/**
 * Signs what has been covered, has it cosigned, and publishes it: nothing without the notary's yes becomes a checkpoint.
 * One publisher per time of leading: what it knows of the notary begins with the leaves that were there when it took the lead.
 */
export class Publisher {
  #notarySize: number | undefined
  #published: number | undefined

  constructor(
    readonly signers: Signers,
    /** Asked each time: the notary writes its vkey when it first starts, which may be after us. */
    readonly notary: () => TrustedNotary,
    readonly epoch: number,
    /** Leaves at the moment of taking the lead. A notary that knew more then has seen a longer log than this one. */
    readonly leavesAtStart: number,
  ) {}

  /** Whether the notary has said that this is the log that it knows. Before that nothing is covered. */
  get met(): boolean {
    return this.#notarySize !== undefined
  }

  /** Size of the newest checkpoint published under this origin; -1: none; undefined before the notary was met. */
  get published(): number | undefined {
    return this.#published
  }

  /**
   * Publishes a checkpoint of the whole range where none is published. Safe after a crash anywhere: leaves without a
   * checkpoint get one now; a notary that has answered already gives the same size another cosignature.
   * @throws LogRefused `LOG_REGRESSED`, `LOG_FORKED`; any other error: not now, ask again later
   */
  async publish(tx: Tx, { keys, range }: Cursor): Promise<void> {
    if (this.#notarySize === undefined || this.#published === undefined) {
      throw new Error('the notary has not been met: nothing is published')
    }
    const size = range.size
    if (size <= this.#published || size === 0) return

    const root = range.root()
    const note = this.#sign(keys, size, root)
    let answer = await this.#ask(tx, this.#notarySize, size, note)
    if (answer.kind === 'elsewhere') {
      // It has signed since: for a sequencer before us, or for us, and the answer was lost on the way.
      if (answer.size > size) throw await this.#beyond(tx, size, answer.size)
      this.#notarySize = answer.size
      answer = await this.#ask(tx, this.#notarySize, size, note)
    }
    const cosigned = this.#cosigned(note, answer)
    this.#notarySize = size
    await tx.query(
      'insert into audit.checkpoint (size, root, note, cosigned) values ($1, $2, $3, $4) on conflict (size) do nothing',
      [size, Buffer.from(root), note, cosigned],
    )
    this.#published = size
  }

  /**
   * Learns how far the notary is before anything new is covered or signed, by showing it what it may have seen already:
   * the last published note, or the empty log, of which there is only one.
   */
  async meet(tx: Tx, { keys, range }: Cursor): Promise<void> {
    const newest = await newestCheckpoint(tx)
    if (newest && newest.size > this.leavesAtStart) throw regressed(this.leavesAtStart, newest.size, 'checkpoint table')
    // What a log of before us has published is nothing that the notary knows under our name.
    const last = newest?.note.startsWith(`${this.signers.origin}\n`) ? newest : undefined
    const [size, note] = last ? [last.size, last.note] : [0, this.#sign(keys, 0, EMPTY_ROOT)]
    const answer = await this.#show(size, [], note)
    this.#published = last?.size ?? -1
    if (answer.kind !== 'elsewhere') {
      this.#cosigned(note, answer)
      this.#notarySize = size
      return
    }
    // Less than we published: a new notary, which starts from nothing. More than we have: we are the old ones. In between,
    // an answer was lost, or its history is another one: what we have is shown to it, and not published.
    if (answer.size > this.leavesAtStart) throw await this.#beyond(tx, this.leavesAtStart, answer.size)
    const whole = this.#sign(keys, range.size, range.root())
    this.#cosigned(whole, await this.#ask(tx, answer.size, range.size, whole))
    this.#notarySize = range.size
  }

  /** The notary knows a longer log. Either another sequencer has taken the lead, or this database is an old copy. */
  async #beyond(tx: Tx, leaves: number, notarySize: number): Promise<LogRefused> {
    const [cursor] = await rows<{ leader_epoch: string }>(tx, 'select leader_epoch from audit.cursor')
    return Number(cursor?.leader_epoch) === this.epoch ? regressed(leaves, notarySize, 'notary') : zombie()
  }

  #sign(keys: readonly LogKey[], size: number, root: Uint8Array): string {
    const text = formatCheckpoint({ origin: this.signers.origin, size, root })
    return formatNote({ text, signatures: [signNote(text, this.signers.at(keys, size))] })
  }

  async #ask(tx: Tx, from: number, size: number, note: string): Promise<CosignerAnswer> {
    const proof = from === 0 || from === size ? [] : await proofReader(tx).consistency(from, size)
    return this.#show(from, proof, note)
  }

  async #show(from: number, proof: readonly Uint8Array[], note: string): Promise<CosignerAnswer> {
    try {
      return await this.notary().cosigner.addCheckpoint(from, proof, note)
    } catch (error) {
      throw new NotCosigned(`the notary cannot be reached: ${innermost(error).message}`, error)
    }
  }

  /** The note with the cosignature of our notary under it. Lines of others are left out: nobody here trusts their keys. */
  #cosigned(note: string, answer: CosignerAnswer): string {
    if (answer.kind === 'forked') {
      throw new LogRefused(
        'LOG_FORKED',
        `the notary holds another history of ${this.signers.origin} (${answer.why}). Keep database and notary as they are: ` +
          `one of the two was changed, and people have to find out which`,
      )
    }
    if (answer.kind === 'refused') throw new NotCosigned(`the notary refuses: ${answer.why}`)
    if (answer.kind === 'elsewhere') throw new NotCosigned(`the notary moved to ${answer.size} while it was asked`)
    const { vkey } = this.notary()
    const whole = readAnswer(note + answer.lines, vkey)
    if (!whole) throw new NotCosigned(`the notary's answer is not signed by ${vkey.name}`)
    return note + signaturesBy(whole, vkey).map(formatSignature).join('')
  }
}

/** fetch says only that it failed; what it wraps says why. */
const innermost = (error: unknown): Error => {
  const { cause } = error as Error
  return cause instanceof Error ? innermost(cause) : (error as Error)
}

/** Undefined where what came back is no note, or this key did not cosign it. The notary is outside: it may answer anything. */
function readAnswer(source: string, vkey: VerifierKey): Note | undefined {
  try {
    const whole = parseNote(source)
    return cosignedAt(whole, vkey) === undefined ? undefined : whole
  } catch (error) {
    if (error instanceof NoteError) return undefined
    throw error
  }
}

function regressed(leaves: number, size: number, who: string): LogRefused {
  return new LogRefused(
    'LOG_REGRESSED',
    `this log has ${leaves} leaves, but the ${who} knows ${size}: the database is an old copy, or leaves were removed. ` +
      `Nothing is signed. Restore the newest copy; where it is lost, two people approve a successor log`,
  )
}
