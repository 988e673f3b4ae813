import {
  cosign,
  EMPTY_ROOT,
  formatSignature,
  NoteError,
  parseCheckpoint,
  parseNote,
  same,
  unbase64,
  base64,
  verifyConsistency,
  verifyNote,
  type Checkpoint,
  type Note,
  type SigningKey,
  type VerifierKey,
} from '@firebreak/audit-log'

/** What the notary remembers: the largest tree of each log that it has signed. */
export abstract class NotaryMemory {
  /** Undefined: this log was never signed. */
  abstract recall(origin: string): { size: number; root: Uint8Array } | undefined
  /** Returns only when the disk has it: what is not remembered through a power cut must not be answered. */
  abstract remember(origin: string, size: number, root: Uint8Array): Promise<void>
}

/** As HTTP has it (C2SP tlog-witness). */
export interface NotaryReply {
  status: 200 | 400 | 403 | 404 | 409 | 422
  contentType: 'text/plain; charset=utf-8' | 'text/x.tlog.size'
  body: string
}

/** tlog-witness: a client sends no more. */
const MAX_PROOF_LINES = 63

/**
 * Cosigns checkpoints that extend what it has signed before, and nothing else: C2SP tlog-witness, `add-checkpoint`, for the
 * logs whose keys it was given. It never goes back, whatever happens to the log's database.
 */
export class Notary {
  #turn: Promise<unknown> = Promise.resolve()

  /**
   * `logs`: the keys whose signature counts, asked each time; a log's origin is the name of its key, and it may have several.
   * `now`: the clock of the cosignatures.
   */
  constructor(
    readonly key: SigningKey,
    readonly logs: () => readonly VerifierKey[],
    readonly memory: NotaryMemory,
    readonly now: () => Date,
  ) {}

  /** Looking, deciding and remembering are one turn: two at a time could roll back what the other has signed. */
  addCheckpoint(request: Uint8Array): Promise<NotaryReply> {
    const turn = this.#turn.then(() => this.#add(request))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #add(request: Uint8Array): Promise<NotaryReply> {
    let parsed
    try {
      parsed = parseRequest(request)
    } catch (error) {
      return say(400, (error as Error).message)
    }
    const { oldSize, proof, note, checkpoint } = parsed

    const keys = this.logs().filter(({ name }) => name === checkpoint.origin)
    if (keys.length === 0) return say(404, 'this notary does not know that origin')
    try {
      verifyNote(note, keys)
    } catch (error) {
      if (error instanceof NoteError) return say(403, error.message)
      throw error
    }
    const { size, root } = checkpoint
    if (oldSize > size) return say(400, 'the old size is above the size of the checkpoint')
    const known = this.memory.recall(checkpoint.origin) ?? { size: 0, root: EMPTY_ROOT }
    if (oldSize !== known.size) return conflict(known.size)
    if (size === known.size && !same(root, known.root))
      return size === 0 ? say(422, 'an empty tree has another root') : conflict(known.size)
    if (!extendsFrom(known, checkpoint, proof))
      return say(422, 'the proof does not show that this checkpoint extends the last one')

    await this.memory.remember(checkpoint.origin, size, root)
    const cosignature = cosign(note.text, this.key, Math.floor(this.now().getTime() / 1000))
    return { status: 200, contentType: 'text/plain; charset=utf-8', body: formatSignature(cosignature) }
  }
}

/** Every tree extends the empty one, and RFC 6962 has no proof of that: then none may be sent. */
function extendsFrom(
  known: { size: number; root: Uint8Array },
  { size, root }: Checkpoint,
  proof: readonly Uint8Array[],
): boolean {
  if (known.size === 0) return proof.length === 0
  return verifyConsistency({ size1: known.size, size2: size, root1: known.root, root2: root, proof })
}

interface AddCheckpoint {
  oldSize: number
  proof: Uint8Array[]
  note: Note
  checkpoint: Checkpoint
}

/** `old <size>`, proof lines, an empty line, the signed note. */
export function formatRequest(oldSize: number, proof: readonly Uint8Array[], note: string): string {
  return `old ${oldSize}\n${proof.map((hash) => `${base64(hash)}\n`).join('')}\n${note}`
}

/** Anybody can reach the notary's port: whatever does not parse exactly is refused, with the reason. */
function parseRequest(bytes: Uint8Array): AddCheckpoint {
  const source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  const blank = source.indexOf('\n\n')
  if (blank === -1) throw new Error('a request is an old size, proof lines, an empty line and a checkpoint')
  const [first = '', ...lines] = source.slice(0, blank).split('\n')
  const old = /^old (0|[1-9]\d{0,15})$/.exec(first)
  if (!old || !Number.isSafeInteger(Number(old[1]))) throw new Error('the first line is "old <size>"')
  if (lines.length > MAX_PROOF_LINES) throw new Error(`a proof has at most ${MAX_PROOF_LINES} lines`)
  const proof = lines.map((line) => {
    const hash = unbase64(line)
    if (hash.length !== 32) throw new Error('a proof line is 32 bytes in base64')
    return hash
  })
  const note = parseNote(source.slice(blank + 2))
  return { oldSize: Number(old[1]), proof, note, checkpoint: parseCheckpoint(note.text) }
}

const conflict = (size: number): NotaryReply => ({ status: 409, contentType: 'text/x.tlog.size', body: `${size}\n` })
const say = (status: 400 | 403 | 404 | 422, sentence: string): NotaryReply => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${sentence}\n`,
})
