import { base64, unbase64 } from './bytes.js'
import { parseCheckpoint, type Checkpoint } from './checkpoint.js'
import { NoteError, parseNote, type Note } from './note.js'
import { verifyInclusion } from './tree.js'

/**
 * C2SP tlog-proof: that one entry stands in the log, in a text that can be checked without us: its index, the way to the
 * root, and the cosigned checkpoint. A proof for an approval of last year is this file and the policy.
 */
export interface TlogProof {
  /** Of the entry in the log, from 0. */
  index: number
  /** The nearest sibling first. */
  hashes: readonly Uint8Array[]
  /** The signed note, verbatim. */
  checkpoint: string
  /** Not authenticated by anything: nobody may believe it. */
  extra?: Uint8Array
}

const HEAD = 'c2sp.org/tlog-proof@v1'
/** A tree of 2^53 leaves is not higher. */
const MAX_HASHES = 63

export function formatProof({ checkpoint, extra, hashes, index }: TlogProof): string {
  const lines = [HEAD, ...(extra ? [`extra ${base64(extra)}`] : []), `index ${index}`, ...hashes.map(base64)]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/** Syntax alone. Throws NoteError. */
export function parseProof(source: string): TlogProof & { note: Note; said: Checkpoint } {
  const blank = source.indexOf('\n\n')
  if (blank === -1) throw new NoteError('note', 'a proof is its lines, an empty line and a checkpoint')
  const [head, ...lines] = source.slice(0, blank).split('\n')
  if (head !== HEAD) throw new NoteError('note', `a proof begins with ${HEAD}`)
  const extra = lines[0]?.startsWith('extra ')
    ? bytesOf(lines.shift()!.slice('extra '.length), 'the extra data')
    : undefined
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1]
  if (index === undefined || !Number.isSafeInteger(Number(index))) {
    throw new NoteError('note', 'a proof says "index <number>" before its hashes')
  }
  if (lines.length > MAX_HASHES) throw new NoteError('note', `a proof has at most ${MAX_HASHES} hashes`)
  const hashes = lines.map((line) => bytesOf(line, 'a hash'))
  if (!hashes.every(({ length }) => length === 32)) throw new NoteError('note', 'a hash of a proof has 32 bytes')
  const checkpoint = source.slice(blank + 2)
  const note = parseNote(checkpoint)
  return {
    index: Number(index),
    hashes,
    checkpoint,
    ...(extra ? { extra } : {}),
    note,
    said: parseCheckpoint(note.text),
  }
}

/** Whether the proof leads from this leaf to the root that its checkpoint names. Who signed the checkpoint is another question. */
export function leadsToRoot({ hashes, index, said }: ReturnType<typeof parseProof>, leaf: Uint8Array): boolean {
  return verifyInclusion({ index, size: said.size, leaf, root: said.root, proof: hashes })
}

function bytesOf(line: string, what: string): Uint8Array {
  try {
    return unbase64(line)
  } catch {
    throw new NoteError('note', `${what} of a proof is not base64`)
  }
}
