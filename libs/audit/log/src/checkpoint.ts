import { base64, unbase64 } from './bytes.js'
import { NoteError } from './note.js'

/** C2SP tlog-checkpoint: what the log says of itself, up to a size. */
export interface Checkpoint {
  origin: string
  /** Number of entries. */
  size: number
  /** 32 bytes. */
  root: Uint8Array
}

/** The text to be signed: `<origin>\n<size>\n<base64 root>\n`. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (origin === '' || origin.includes('\n')) throw new NoteError('note', 'an origin is one line that is not empty')
  if (!Number.isSafeInteger(size) || size < 0) throw new NoteError('note', `no log has the size ${size}`)
  if (root.length !== 32) throw new NoteError('note', 'a root hash has 32 bytes')
  return `${origin}\n${size}\n${base64(root)}\n`
}

/**
 * A checkpoint from a note's text. Extension lines are refused: our logs write none, no monitor can audit them, and a
 * line that nobody reads is a place to hide something.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, end, ...rest] = text.split('\n')
  if (!origin || size === undefined || root === undefined || end !== '' || rest.length > 0) {
    throw new NoteError('note', 'a checkpoint has three lines: origin, size, root hash')
  }
  if (!/^(?:0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw new NoteError('note', 'the size of a checkpoint is a decimal number without leading zeros')
  }
  let hash
  try {
    hash = unbase64(root)
  } catch {
    hash = new Uint8Array()
  }
  if (hash.length !== 32) throw new NoteError('note', 'the root hash of a checkpoint is 32 bytes in base64')
  return { origin, size: Number(size), root: hash }
}
