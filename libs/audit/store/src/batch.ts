import { setImmediate as breath } from 'node:timers/promises'
import {
  CompactRange,
  concat,
  decodeEntry,
  leafHash,
  NoteError,
  readRotation,
  same,
  tileOf,
  type EntryBody,
} from '@firebreak/audit-log'
import { rows, type Tx } from './connection.js'
import { addLogKey, sameKey, type LogKey } from './log-keys.js'
import { LogRefused } from './refusal.js'

/** Where the log ends, and up to which entry it has been taken. `xid` and `id` are text: they may exceed 2^53. */
export interface Cursor {
  epoch: number
  era: number
  range: CompactRange
  last: { era: number; xid: string; id: string }
  /** The log's keys up to where it ends, oldest first. */
  keys: readonly LogKey[]
}

/** An entry that its transaction has committed and no leaf covers. */
interface PendingEntry {
  era: number
  xid: string
  id: string
  recorded_at: Date
  entry_id: string
  stream_id: string
  stream_seq: string
  type: string
  about: string
  body: Uint8Array
  leaf_hash: Uint8Array
}

type Ruling = Extract<EntryBody, { type: 'log.succeeded' | 'log.key-rotated' }>

/** An entry whose bytes were hashed again and read: what stands beside them is true. */
export interface VerifiedEntry extends Placed {
  recorded_at: Date
  hash: Uint8Array
  /** Of the few kinds that the log itself acts on; what the others say is nothing to it. */
  ruling?: Ruling
}

/** How many bodies are held in memory at once, in bytes. */
const BATCH_BYTES = 16 * 1024 * 1024

/**
 * The next entries of the log, each verified. In slices, with a breath after each: under backlog this goes on while Postgres
 * writes the leaves of the batch before, and its answers must be taken.
 * @param limit of entries
 * @throws LogRefused `ENTRY_REFUSED`
 */
export async function nextBatch(tx: Tx, cursor: Cursor, limit: number): Promise<VerifiedEntry[]> {
  const entries = await pendingEntries(tx, cursor, limit)
  const verified: VerifiedEntry[] = []
  for (let from = 0; from < entries.length; from += SLICE) {
    if (from > 0) await breath()
    for (const entry of entries.slice(from, from + SLICE)) verified.push(verify(entry))
  }
  return verified
}

/** Entries verified in one go: some milliseconds. */
const SLICE = 200

/**
 * The next entries of the log, in its order. Only of transactions older than every transaction that still runs: an xid is
 * given at the first write and an entry becomes visible at the commit, so whoever takes simply what is visible jumps over
 * those that started earlier and commit later. Entries of an earlier era have all finished, whatever their xids say. The
 * first entry of a successor has its place before its turn (handover.ts).
 */
async function pendingEntries(tx: Tx, { era, last }: Cursor, limit: number): Promise<PendingEntry[]> {
  return rows<PendingEntry>(
    tx,
    `select era, xid, id, recorded_at, entry_id, stream_id, stream_seq, type, about, body, leaf_hash from (
       select *, sum(octet_length(body)) over (order by era, xid, id) - octet_length(body) as before
       from (select * from audit.entry e
             where not (type = 'log.succeeded' and exists (select from audit.leaf l where l.entry_id = e.entry_id)) and (era, xid, id) > ($1::int, $2::xid8, $3::bigint)
               and (xid < pg_snapshot_xmin(pg_current_snapshot()) or era < $4::int)
             order by era, xid, id limit $5) as next
     ) as measured where before < $6 order by era, xid, id`,
    [last.era, last.xid, last.id, era, limit, BATCH_BYTES],
  )
}

/**
 * Makes leaves of entries: leaves, tiles and cursor in one transaction, so that a crash leaves all or nothing.
 * @returns the cursor after it; the given one is not changed
 * @throws LogRefused: `ENTRY_REFUSED` before anything is written; `ZOMBIE` where another sequencer has taken the lead
 */
export async function cover(tx: Tx, cursor: Cursor, entries: readonly VerifiedEntry[]): Promise<Cursor> {
  const fresh = rotations(cursor, entries)
  const { era, xid, id } = entries.at(-1)!
  const last = { era, xid, id }
  await tx.query('begin')
  try {
    const hashes = entries.map(({ hash }) => hash)
    const range = await extend(tx, cursor, { entries, hashes, last })
    for (const key of fresh) await addLogKey(tx, key)
    await tx.query('commit')
    return { ...cursor, range, last, keys: [...cursor.keys, ...fresh] }
  } catch (error) {
    await Promise.resolve(tx.query('rollback')).catch(() => undefined)
    throw asRefusal(error)
  }
}

interface Leaves {
  entries: readonly Placed[]
  hashes: readonly Uint8Array[]
  /** Up to which entry all have been taken, these included. */
  last: Cursor['last']
}

/** Leaves, tiles and cursor, inside the caller's transaction; the range after them. Throws `ZOMBIE`. */
export async function extend(tx: Tx, cursor: Cursor, { entries, hashes, last }: Leaves): Promise<CompactRange> {
  const from = cursor.range.size
  const range = CompactRange.from(from, cursor.range.hashes())
  const grown = new GrownTiles()
  for (const hash of hashes) range.append(hash, (level, index, node) => grown.add(level, index, node))
  // First, because it is the fence: it waits for a leader that is still committing, and finds nothing where one followed us.
  const moved = await rows(
    tx,
    `update audit.cursor set next_position = $3, last_era = $4, last_xid = $5::xid8, last_id = $6, compact_range = $7
     where leader_epoch = $1 and next_position = $2 returning true`,
    [cursor.epoch, from, range.size, last.era, last.xid, last.id, bytea(concat(...range.hashes()))],
  )
  if (moved.length === 0) throw zombie()
  await insertLeaves(tx, from, entries, hashes)
  await grown.write(tx)
  return range
}

export const zombie = () =>
  new LogRefused(
    'ZOMBIE',
    'another sequencer leads this log; this one stops. Nothing is lost; start it again to stand by',
  )

/**
 * The leaf hash, from the bytes as they were read: a body that differs from its hash, or says otherwise than its row, was
 * edited or forged, and must not get the log's signature.
 */
function verify(entry: PendingEntry): VerifiedEntry {
  const hash = leafHash(entry.body)
  if (!same(hash, entry.leaf_hash)) throw refused(entry, 'its body does not have the hash that stands beside it')
  let body
  try {
    body = decodeEntry(entry.body)
  } catch (error) {
    throw refused(entry, (error as Error).message)
  }
  const said = [body.entry_id, body.stream, String(body.stream_seq), body.type, body.about]
  const stands = [entry.entry_id, entry.stream_id, entry.stream_seq, entry.type, entry.about]
  const names = ['entry_id', 'stream', 'stream_seq', 'type', 'about']
  const odd = names.filter((_, i) => said[i] !== stands[i])
  if (odd.length > 0) throw refused(entry, `its body and its row differ in ${odd.join(', ')}`)
  const { era, xid, id, entry_id, recorded_at } = entry
  const placed = { era, xid, id, entry_id, recorded_at, hash }
  return rules(body) ? { ...placed, ruling: body } : placed
}

const rules = (body: EntryBody): body is Ruling => body.type === 'log.succeeded' || body.type === 'log.key-rotated'

/**
 * The keys that these entries bring into force. Every process may append entries, and only two keys can make a rotation:
 * one that does not verify, or hands over what was not in force, was forged.
 */
function rotations(cursor: Cursor, entries: readonly VerifiedEntry[]): LogKey[] {
  const fresh: LogKey[] = []
  for (const [i, { ruling }] of entries.entries()) {
    if (!ruling) continue
    if (ruling.type === 'log.succeeded') throw refused(entries[i]!, 'only the sequencer itself begins a successor')
    const known = [...cursor.keys, ...fresh]
    const inForce = known.at(-1)!.key
    try {
      const rotation = readRotation(ruling.detail)
      if (ruling.stream !== 'log') throw new NoteError('key', 'a rotation stands in the stream "log"')
      if (!sameKey(rotation.old, inForce)) throw new NoteError('key', 'it hands over a key that is not in force')
      if (known.some(({ key }) => sameKey(key, rotation.new))) throw new NoteError('key', 'it brings back an older key')
      fresh.push({ position: cursor.range.size + i + 1, key: rotation.new, how: 'rotated' })
    } catch (error) {
      if (error instanceof NoteError) throw refused(entries[i]!, error.message)
      throw error
    }
  }
  return fresh
}

/** Where an entry stands among the rows. */
export type Placed = Pick<PendingEntry, 'era' | 'xid' | 'id' | 'entry_id'>

function refused({ era, xid, id, entry_id }: Placed, why: string): LogRefused {
  return new LogRefused(
    'ENTRY_REFUSED',
    `entry ${entry_id} (era ${era}, xid ${xid}, id ${id}) is refused: ${why}. Nothing after it is covered until people have ` +
      `looked: somebody wrote to the log around the program. Keep the database as it is`,
  )
}

/** The one constraint that an entry can break only here: its id, which no index holds where it is written. */
function asRefusal(error: unknown): unknown {
  const { code, constraint, detail } = error as { code?: string; constraint?: string; detail?: string }
  if (code !== '23505' || constraint !== 'leaf_entry_id_key') return error
  return new LogRefused('ENTRY_REFUSED', `two entries have one entry_id: ${detail ?? ''} Keep the database as it is`)
}

async function insertLeaves(
  tx: Tx,
  from: number,
  entries: readonly Placed[],
  hashes: readonly Uint8Array[],
): Promise<void> {
  await tx.query(
    `insert into audit.leaf (position, era, xid, id, entry_id, leaf_hash)
     select $1::bigint + place - 1, era, xid::xid8, id, entry_id, leaf_hash
     from unnest($2::int[], $3::text[], $4::bigint[], $5::uuid[], $6::bytea[])
       with ordinality as leaf (era, xid, id, entry_id, leaf_hash, place)`,
    [
      from,
      entries.map((e) => e.era),
      entries.map((e) => e.xid),
      entries.map((e) => e.id),
      entries.map((e) => e.entry_id),
      hashes.map(bytea),
    ],
  )
}

interface GrownTile {
  level: number
  index: number
  /** Hashes that it had before. */
  had: number
  hashes: Uint8Array[]
}

/** What a batch adds to the tiles: new ones, and at most one a level that goes on. */
class GrownTiles {
  readonly #tiles = new Map<string, GrownTile>()

  /** Of the tree's nodes, those of every eighth level stand in tiles. */
  add(level: number, index: number, hash: Uint8Array): void {
    if (level % 8 !== 0) return
    const at = tileOf(level / 8, index)
    const key = `${at.level}/${at.index}`
    const tile = this.#tiles.get(key) ?? { level: at.level, index: at.index, had: at.offset, hashes: [] }
    tile.hashes.push(hash)
    this.#tiles.set(key, tile)
  }

  async write(tx: Tx): Promise<void> {
    const tiles = [...this.#tiles.values()]
    const columns = (some: GrownTile[]) => [
      some.map((tile) => tile.level),
      some.map((tile) => tile.index),
      some.map((tile) => tile.hashes.length),
      some.map((tile) => bytea(concat(...tile.hashes))),
    ]
    const begun = tiles.filter((tile) => tile.had === 0)
    await tx.query(
      `insert into audit.tile (level, idx, width, hashes)
       select * from unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bytea[])`,
      columns(begun),
    )
    const continued = tiles.filter((tile) => tile.had > 0)
    const widened = await rows(
      tx,
      `with more as (
         select * from unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bytea[], $5::smallint[]) as m (level, idx, width, hashes, had)
       ), widened as (
         update audit.tile t set width = t.width + m.width, hashes = t.hashes || m.hashes
         from more m where (t.level, t.idx, t.width) = (m.level, m.idx, m.had) returning t.level
       ) select level from widened`,
      [...columns(continued), continued.map((tile) => tile.had)],
    )
    if (widened.length !== continued.length) {
      throw new LogRefused(
        'LOG_DAMAGED',
        'a tile is not as wide as the cursor says. Keep the database as it is, and restore a good copy',
      )
    }
  }
}

const bytea = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
