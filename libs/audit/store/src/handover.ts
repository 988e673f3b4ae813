import { hex, leafHash, same, signRotation, successionDigest, type SigningKey } from '@firebreak/audit-log'
import { append, type AppendContext, type Draft } from './append.js'
import { extend, zombie, type Cursor, type Placed } from './batch.js'
import { rows, type Tx } from './connection.js'
import { addLogKey, sameKey, type LogKey } from './log-keys.js'
import { lockStreams } from './locks.js'
import { newestCheckpoint, rootOf } from './reads.js'
import { LogRefused } from './refusal.js'

/**
 * How the log goes over to another key: by a rotation, which both keys sign; or, where the log itself cannot go on, by a
 * successor of another name, which people have approved.
 */
export type Handover = { kind: 'rotation'; from: SigningKey } | { kind: 'succession'; from: LogKey; request: string }

/** What has to happen before this sequencer may sign; undefined: nothing. Throws LogRefused where nothing would do. */
export async function handoverTo(
  tx: Tx,
  key: SigningKey,
  oldKey: SigningKey | undefined,
  keys: readonly LogKey[],
): Promise<Handover | undefined> {
  const inForce = keys.at(-1)!
  const otherCluster = await clusterOf(tx)
  if (key.name !== inForce.key.name) {
    const before = keys.find((one) => one.key.name === key.name)
    if (before) {
      throw new LogRefused(
        'WRONG_KEY',
        `${key.name} was succeeded by ${inForce.key.name} and signs nothing any more. Start the sequencer with the key of ${inForce.key.name}`,
      )
    }
    const approved = await approvedSuccession(tx, key.name)
    if (approved) return { kind: 'succession', from: inForce, request: approved.request }
    throw new LogRefused(
      'NOT_APPROVED',
      `this log is ${inForce.key.name}, the key is of ${key.name}. Where ${inForce.key.name} can go on, start with its key. Where it cannot, ` +
        `ask for ${key.name} as its successor (POST /v1/audit/successor); two people of Security approve it, neither of whom asked, ` +
        `with roles that are a day old; then start again`,
    )
  }
  if (otherCluster) {
    throw new LogRefused(
      'OTHER_CLUSTER',
      `this log was written in the Postgres cluster ${otherCluster.stored}, this one is ${otherCluster.here}: it was restored through SQL, and ` +
        `transaction ids start anew. Go back to the old cluster, or a copy of its files; where it is lost, two people approve a successor log`,
    )
  }
  if (sameKey(key, inForce.key)) return undefined
  if (keys.some((one) => sameKey(one.key, key))) {
    throw new LogRefused(
      'WRONG_KEY',
      `this key of ${key.name} was given up for another one. Start the sequencer with the newer key`,
    )
  }
  if (oldKey && sameKey(oldKey, inForce.key)) return { kind: 'rotation', from: oldKey }
  throw new LogRefused(
    'WRONG_KEY',
    `this is not the key that ${key.name} signs with. To change the key, give the old one too (FIREBREAK_LOG_OLD_KEY_FILE): the two ` +
      `sign the change together. Where the old one is lost, two people approve a successor log under another name`,
  )
}

/** Undefined where this database was written in the cluster that it is in. */
async function clusterOf(tx: Tx): Promise<{ here: string; stored: string } | undefined> {
  const [system] = await rows<{ here: string; stored: string }>(
    tx,
    'select s.system_identifier as here, c.system_identifier as stored from pg_control_system() s, audit.cursor c',
  )
  if (!system) throw new LogRefused('LOG_DAMAGED', 'audit.cursor has no row. Restore a good copy of the database')
  return system.here === system.stored ? undefined : system
}

/** Appends the entry of the rotation, unless a leader before us has: it comes into force where it is covered. */
export async function rotate(
  tx: Tx,
  cursor: Cursor,
  [old, fresh]: [SigningKey, SigningKey],
  context: AppendContext,
): Promise<void> {
  const draft: Draft = {
    stream: 'log',
    type: 'log.key-rotated',
    about: `log:${fresh.name}`,
    actor: { kind: 'process', id: 'sequencer' },
    detail: signRotation(old, fresh),
  }
  await within(tx, cursor, ['log'], async () => {
    const { era, id, xid } = cursor.last
    // Whoever led before may have got as far as this; its transaction is over, for the stream is ours.
    const [waiting] = await rows(
      tx,
      `select true from audit.entry where (era, xid, id) > ($1::int, $2::xid8, $3::bigint) and type = 'log.key-rotated' limit 1`,
      [era, xid, id],
    )
    if (!waiting) await append(tx, [draft], context)
  })
}

/**
 * Begins the successor: its first entry takes the place behind all that is left of the old log, whatever waits to be
 * covered, so that everything under the new name stands behind it. All in one transaction; the cursor after it.
 */
export async function succeed(
  tx: Tx,
  cursor: Cursor,
  { from, request }: Extract<Handover, { kind: 'succession' }>,
  key: SigningKey,
  context: AppendContext,
): Promise<Cursor> {
  return within(tx, cursor, ['log', `successor:${request}`], async () => {
    // Read again: the stream of the request is locked now, and nobody says no any more.
    const approved = await approvedSuccession(tx, key.name)
    if (approved?.request !== request)
      throw new LogRefused('NOT_APPROVED', `the approval of ${key.name} was taken back`)
    await refuseUnfit(tx, approved, from, cursor.range.size)
    const [moved] = await rows<{ era: number }>(
      tx,
      `update audit.cursor set era = audit.current_era(), system_identifier = (select system_identifier from pg_control_system()),
         home_since = pg_postmaster_start_time()
       where leader_epoch = $1 returning era`,
      [cursor.epoch],
    )
    if (!moved) throw zombie()
    const kept = cursor.range.size
    const { digest, old_origin, old_root, old_size, reason } = approved
    const draft: Draft = {
      stream: 'log',
      type: 'log.succeeded',
      about: `log:${key.name}`,
      actor: { kind: 'process', id: 'sequencer' },
      ...(reason === '' ? {} : { reason }),
      approvals: approved.approvals.map(({ by, id }) => ({ id, by, over: digest })),
      detail: {
        old_origin,
        old_size,
        old_root,
        new_origin: key.name,
        kept,
        kept_root: hex(cursor.range.root()),
        request,
      },
    }
    const [entry] = await append(tx, [draft], context)
    const [placed] = await rows<Placed>(
      tx,
      'select era, xid, id, entry_id from audit.entry where entry_id = $1 and stream_id = $2 order by stream_seq desc limit 1',
      [entry!.entry_id, 'log'],
    )
    const leaves = { entries: [placed!], hashes: [leafHash(entry!.body)], last: cursor.last }
    const range = await extend(tx, cursor, leaves)
    const fresh: LogKey = { position: kept + 1, key, how: 'succeeded' }
    await addLogKey(tx, fresh)
    return { ...cursor, era: moved.era, range, keys: [...cursor.keys, fresh] }
  })
}

/** Entries about the succession that no leaf covers: without them nobody could see that it was approved. */
export async function unprovenApprovals(tx: Tx, request: string): Promise<boolean> {
  const [open] = await rows(
    tx,
    `select true from audit.entry e where stream_id = $1 and not exists (select from audit.leaf l where l.entry_id = e.entry_id) limit 1`,
    [`successor:${request}`],
  )
  return open !== undefined
}

interface Approved {
  request: string
  old_origin: string
  old_size: number
  /** Hexadecimal. */
  old_root: string
  reason: string
  digest: string
  approvals: { id: string; by: string }[]
}

/**
 * The newest succession to this name that two people of Security have approved. Counted by the database, out of tables
 * that the sequencer may not read; the digest is taken once more here, over what it answers.
 */
async function approvedSuccession(tx: Tx, newOrigin: string): Promise<Approved | undefined> {
  const [found] = await rows<Omit<Approved, 'old_size'> & { old_size: string }>(
    tx,
    'select request, old_origin, old_size::text, old_root, reason, digest, approvals from flow.approved_successor($1)',
    [newOrigin],
  )
  if (!found) return undefined
  const approved = { ...found, old_size: Number(found.old_size) }
  const { old_origin, old_root, old_size, reason, request } = approved
  const digest = successionDigest({ old_origin, old_size, old_root, new_origin: newOrigin, reason, request })
  if (digest === approved.digest) return approved
  throw new LogRefused(
    'NOT_APPROVED',
    `what was approved (${approved.digest}) is not what the request ${request} says now (${digest})`,
  )
}

/** People approved over what they knew. It must be about this log, as it is. */
async function refuseUnfit(tx: Tx, approved: Approved, from: LogKey, leaves: number): Promise<void> {
  const unfit = (why: string) =>
    new LogRefused('NOT_APPROVED', `the request ${approved.request} does not fit this log: ${why}. Ask for a new one`)
  if (approved.old_origin !== from.key.name) throw unfit(`it is about ${approved.old_origin}, this is ${from.key.name}`)
  const newest = await newestCheckpoint(tx)
  if (newest && newest.size > leaves) {
    throw new LogRefused(
      'LOG_DAMAGED',
      `there is a checkpoint of ${newest.size} entries and ${leaves} leaves: leaves were removed. Restore a good copy of the database`,
    )
  }
  if (newest && newest.size > approved.old_size) {
    throw unfit(`it knew of ${approved.old_size} entries, and ${newest.size} are published`)
  }
  if (approved.old_size > leaves) return
  if (!same(await rootOf(tx, approved.old_size, leaves), Buffer.from(approved.old_root, 'hex'))) {
    throw new LogRefused(
      'LOG_FORKED',
      `the first ${approved.old_size} entries here are not those of the checkpoint that people have seen. Keep the database as it is: ` +
        `one of the two was changed, and people have to find out which`,
    )
  }
}

/** One transaction of the leader: its locks first, and nothing where somebody else leads by now. */
async function within<T>(tx: Tx, { epoch }: Cursor, streams: readonly string[], work: () => Promise<T>): Promise<T> {
  await tx.query('begin')
  try {
    await lockStreams(tx, streams)
    const [lead] = await rows<{ leader_epoch: string }>(tx, 'select leader_epoch from audit.cursor')
    if (Number(lead?.leader_epoch) !== epoch) throw zombie()
    const result = await work()
    await tx.query('commit')
    return result
  } catch (error) {
    await Promise.resolve(tx.query('rollback')).catch(() => undefined)
    throw error
  }
}
