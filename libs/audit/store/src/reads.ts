import {
  consistencyProof,
  inclusionProof,
  nodesFromTiles,
  rootAt,
  type ReadNode,
  type Disclosure,
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

/** The checkpoint of exactly this size, or undefined where none was published. */
export async function checkpointAt(tx: Tx, size: number): Promise<PublishedCheckpoint | undefined> {
  const [row] = await rows<Omit<PublishedCheckpoint, 'size'>>(
    tx,
    'select root, note, cosigned, published_at from audit.checkpoint where size = $1',
    [size],
  )
  return row && { ...row, size }
}

/**
 * At most `most` checkpoints that are older than the one of `size`, smallest first, each with its cosignature: the two
 * around each change of the key (of the newest ones), the rest spread over the log. Of a log that this one has succeeded,
 * none. The same log gives the same ones, whenever it is asked. One look-up in the index each.
 */
export async function olderCheckpoints(tx: Tx, size: number, most: number): Promise<string[]> {
  const found = await rows<{ cosigned: string }>(
    tx,
    `with own as (
       select coalesce(max(position), 1) as first from audit.log_key where how = 'succeeded' and position <= $1::bigint
     ), change as (
       select position from audit.log_key, own where how = 'rotated' and position between own.first and $1::bigint
       order by position desc limit $2::int / 4
     ), spread as (
       select $2::int - 2 * count(*)::int as places from change
     ), wanted as (
       select $1::bigint * place / (places + 1) as upto from spread, generate_series(1, places) as place
       union all select position - 1 from change
     ), chosen as (
       select c.size from wanted, own, lateral (
         select size from audit.checkpoint where size <= wanted.upto and size >= own.first order by size desc limit 1
       ) as c
       union select c.size from change, lateral (
         select size from audit.checkpoint where size >= change.position order by size limit 1
       ) as c
     ) select size, cosigned from audit.checkpoint join chosen using (size) where size < $1::bigint order by size`,
    [size, most],
  )
  return found.map(({ cosigned }) => cosigned)
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
 *
 * A page is a range of positions and not a LIMIT: where the statistics are old (a log that has just grown), Postgres takes
 * the rest of the log for small, joins all of it and sorts, for every page anew.
 */
export async function* entriesBetween(tx: Tx, from: number, to: number): AsyncGenerator<CoveredEntry, void, undefined> {
  for (let next = from; next < to;) {
    const page = await rows<{ position: string; body: Uint8Array }>(
      tx,
      `select position, body from (
         select position, body, sum(octet_length(body)) over (order by position) - octet_length(body) as before
         from (select l.position, e.body
               from audit.leaf l join audit.entry e on (e.era, e.xid, e.id) = (l.era, l.xid, l.id)
               where l.position >= $1 and l.position < $2) as page
       ) as measured where before < $3 order by position`,
      [next, Math.min(to, next + PAGE_ENTRIES), PAGE_BYTES],
    )
    if (page.length === 0) throw new LogHole(next)
    for (const { position, body } of page) {
      if (Number(position) !== next) throw new LogHole(next)
      yield { position: next++, body }
    }
  }
}

/** Which entries to read, by what the database knows without their bodies. */
export interface EntryFilter {
  types?: readonly string[] | undefined
  /** When they were recorded. The body's own time is the writer's, and a little earlier. */
  recorded?: { from?: Date | undefined; to?: Date | undefined } | undefined
}

/** How many places of the log one statement looks at, where few of them may be wanted. */
const WINDOW = 20_000

/**
 * The entries at positions [from, to) that a filter finds, in order, in constant memory; bodies of others are not read.
 * Told after each page up to where it has looked, also where nothing was found.
 */
export async function* entriesFound(
  tx: Tx,
  from: number,
  to: number,
  { recorded, types }: EntryFilter,
  looked: (upTo: number) => void = () => undefined,
): AsyncGenerator<CoveredEntry, void, undefined> {
  for (let next = from; next < to;) {
    const end = Math.min(to, next + WINDOW)
    const page = await rows<{ position: string; body: Uint8Array; more: boolean }>(
      tx,
      `select position, body, more from (
         select position, body, count(*) over () = $6::int as more,
                sum(octet_length(body)) over (order by position) - octet_length(body) as before
         from (select l.position, e.body
               from audit.leaf l join audit.entry e on (e.era, e.xid, e.id) = (l.era, l.xid, l.id)
               where l.position >= $1 and l.position < $2
                 and ($3::text[] is null or e.type = any ($3))
                 and ($4::timestamptz is null or e.recorded_at >= $4) and ($5::timestamptz is null or e.recorded_at < $5)
               order by l.position limit $6) as page
       ) as measured where before < $7 order by position`,
      [next, end, types ?? null, recorded?.from ?? null, recorded?.to ?? null, PAGE_ENTRIES, PAGE_BYTES],
    )
    const read = page.reduce((bytes, { body }) => bytes + body.length, 0)
    // A page that was cut, by number or by bytes, goes on behind its last entry.
    const cut = page[0] !== undefined && (page[0].more || read >= PAGE_BYTES)
    for (const { body, position } of page) yield { position: Number(position), body }
    next = cut ? Number(page.at(-1)!.position) + 1 : end
    looked(next)
  }
}

/** Where the entries of these streams stand in the log, ascending, of those at positions [from, to). */
export async function positionsOf(tx: Tx, streams: readonly string[], from: number, to: number): Promise<number[]> {
  const found = await rows<{ position: string }>(
    tx,
    `select l.position from audit.entry e join audit.leaf l on (l.era, l.xid, l.id) = (e.era, e.xid, e.id)
     where e.stream_id = any ($1) and l.position >= $2 and l.position < $3 order by l.position`,
    [streams, from, to],
  )
  return found.map(({ position }) => Number(position))
}

/** The entries at these positions, ascending, in constant memory. Throws where the log has none. */
export async function* entriesAt(tx: Tx, positions: readonly number[]): AsyncGenerator<CoveredEntry, void, undefined> {
  for (let at = 0; at < positions.length;) {
    const page = await rows<{ position: string; body: Uint8Array }>(
      tx,
      `select position, body from (
         select position, body, sum(octet_length(body)) over (order by position) - octet_length(body) as before
         from (select l.position, e.body
               from audit.leaf l join audit.entry e on (e.era, e.xid, e.id) = (l.era, l.xid, l.id)
               where l.position = any ($1::bigint[])) as page
       ) as measured where before < $2 order by position`,
      [positions.slice(at, at + PAGE_ENTRIES), PAGE_BYTES],
    )
    if (page.length === 0) throw new Error(`the log has no entry at position ${positions[at]}`)
    for (const { body, position } of page) {
      if (Number(position) !== positions[at]) throw new Error(`the log has no entry at position ${positions[at]}`)
      yield { position: positions[at++]!, body }
    }
  }
}

/** The personal values of these entries that are still there, in no order. */
export async function disclosuresOf(tx: Tx, entryIds: readonly string[]): Promise<Disclosure[]> {
  return rows<Disclosure>(
    tx,
    'select entry_id, path, salt, value from audit.disclosure where entry_id = any ($1::uuid[])',
    [entryIds],
  )
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
