import {
  consistencyProof,
  inclusionProof,
  nodesFromTiles,
  rootAt,
  type ReadNode,
  type Tile,
} from '@firebreak/audit-log'
import { rows, type Tx } from './connection.js'

/** A published checkpoint: signed by the log, cosigned by the notary. */
export interface PublishedCheckpoint {
  /** Number of entries that it covers. */
  size: number
  /** 32 bytes. */
  root: Uint8Array
  /** The signed note of the log alone. */
  note: string
  /** The same note with the notary's cosignature: what others should be given. */
  cosigned: string
  published_at: Date
}

/** The newest checkpoint, or undefined as long as none has been published. */
export async function newestCheckpoint(tx: Tx): Promise<PublishedCheckpoint | undefined> {
  const [row] = await rows<Omit<PublishedCheckpoint, 'size'> & { size: string }>(
    tx,
    'select size, root, note, cosigned, published_at from audit.checkpoint order by size desc limit 1',
  )
  return row && { ...row, size: Number(row.size) }
}

/** An entry in the log: its place, and its exact bytes. */
export interface CoveredEntry {
  position: number
  body: Uint8Array
}

/** An entry that was covered is not there any more, which nothing in this database may do. */
export class LogHole extends Error {
  constructor(readonly position: number) {
    super(`the log has no entry at position ${position}`)
    this.name = 'LogHole'
  }
}

/** How much of the log is held in memory at once by entriesBetween, in bytes, a single entry (64 KiB) aside. */
const PAGE_BYTES = 4 * 1024 * 1024
const PAGE_ENTRIES = 1_000

/**
 * The entries at positions [from, to), in order, in constant memory. Read page by page with a key (never OFFSET): it may be
 * left at any point and taken up again at the next position. Throws LogHole, rather than jump over one.
 */
export async function* entriesBetween(tx: Tx, from: number, to: number): AsyncGenerator<CoveredEntry, void, undefined> {
  for (let next = from; next < to;) {
    const page = await rows<{ position: string; body: Uint8Array }>(
      tx,
      `select position, body from (
         select position, body, sum(octet_length(body)) over (order by position) - octet_length(body) as before
         from (select l.position, e.body
               from audit.leaf l join audit.entry e on (e.era, e.xid, e.id) = (l.era, l.xid, l.id)
               where l.position >= $1 and l.position < $2 order by l.position limit $3) as page
       ) as measured where before < $4 order by position`,
      [next, to, PAGE_ENTRIES, PAGE_BYTES],
    )
    if (page.length === 0) throw new LogHole(next)
    for (const { position, body } of page) {
      if (Number(position) !== next) throw new LogHole(next)
      yield { position: next++, body }
    }
  }
}

/** Hashes of a tile, 32 bytes each; a partial tile is the prefix of the row. Throws where the log is not that large. */
export async function readTile(tx: Tx, { level, index, width }: Tile): Promise<Uint8Array> {
  const [row] = await rows<{ hashes: Uint8Array }>(
    tx,
    'select substr(hashes, 1, $3::int * 32) as hashes from audit.tile where level = $1 and idx = $2 and width >= $3::int',
    [level, index, width],
  )
  if (!row) throw new Error(`the log has no tile ${index} of level ${level} with ${width} hashes`)
  return row.hashes
}

/** The root of the first `older` of `size` leaves. */
export const rootOf = (tx: Tx, older: number, size: number): Promise<Uint8Array> =>
  rootAt(older, size, (tile) => readTile(tx, tile))

export interface ProofReader {
  /** Audit path of the entry at `position` in the tree of the first `size` entries, nearest sibling first. */
  inclusion(position: number, size: number): Promise<Uint8Array[]>
  /** Proof that the first `size1` entries are a prefix of the first `size2`; `size1` from 1. */
  consistency(size1: number, size2: number): Promise<Uint8Array[]>
}

/** Proofs from the tiles: a handful of index look-ups each, however large the log. Holds what it read; make one per request. */
export function proofReader(tx: Tx): ProofReader {
  const nodes = nodeReader(tx)
  return {
    inclusion: (position, size) => inclusionProof(position, size, nodes(size)),
    consistency: (size1, size2) => consistencyProof(size1, size2, nodes(size2)),
  }
}

/** Each tile is read once, and one after another: a transaction has one connection, and that one statement at a time. */
function nodeReader(tx: Tx): (size: number) => ReadNode {
  const tiles = new Map<string, Promise<Uint8Array>>()
  let last: Promise<unknown> = Promise.resolve()
  const read = (tile: Tile): Promise<Uint8Array> => {
    const key = `${tile.level}/${tile.index}/${tile.width}`
    let hashes = tiles.get(key)
    if (!hashes) {
      hashes = last.then(() => readTile(tx, tile))
      last = hashes.catch(() => undefined)
      tiles.set(key, hashes)
    }
    return hashes
  }
  return (size) => nodesFromTiles(size, read)
}
