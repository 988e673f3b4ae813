import { setTimeout as pause } from 'node:timers/promises'
import { CompactRange, type SigningKey } from '@firebreak/audit-log'
import { append } from './append.js'
import { cover, nextBatch, type Cursor, type VerifiedEntry } from './batch.js'
import { rows, type Tx } from './connection.js'
import { handoverTo, rotate, succeed, unprovenApprovals, type Handover } from './handover.js'
import { knownKeys, Signers } from './log-keys.js'
import { lockStreams } from './locks.js'
import { NotCosigned, Publisher, type TrustedNotary } from './publisher.js'
import { LogRefused } from './refusal.js'

/** One session with Postgres: the lead is a lock of the session, and must not outlive it on another connection of a pool. */
export interface Session extends Tx {
  end(): Promise<void>
}

export interface SequencerOptions {
  /** A new session as `fb_sequencer`. */
  connect: () => Promise<Session>
  /** The log's key; its name is the origin. Another one than the log has signed with so far: handover.ts. */
  key: SigningKey
  /** The key before, as long as the change to `key` does not stand in the log. */
  oldKey?: SigningKey | undefined
  /** May throw as long as the notary has not started once: then there are no checkpoints yet. */
  notary: () => TrustedNotary
  now: () => Date
  /** UUIDv7, for heartbeats. */
  newId: () => string
  /** One line, for people: what goes on, and what does not. */
  report: (line: string) => void
  /** Milliseconds between two looks when there is nothing to do. */
  lookEvery?: number
  /** Entries a transaction. */
  batch?: number
  /** Milliseconds without an entry after which the log says that it lives. */
  heartbeatEvery?: number
}

/** First half of the leader's lock; apart from the spaces of `locks.ts`, which are small. */
const LEADER = 4_600

/** Milliseconds. */
const STANDBY_LOOK = 1_000
const LEAST_WAIT = 5
const LONGEST_WAIT = 5_000
const LATE = 10_000
/** A checkpoint says that all before it was there; who keeps it does not expect an entry much older to follow. */
const BACKLOG = 60_000

/** `full`: there are more at once; `covered`: that was all for now. */
export type Round = 'full' | 'covered' | 'idle' | 'standby'

interface Leading {
  cursor: Cursor
  publisher: Publisher
  /** Still to be done before anything is covered. */
  handover: Handover | undefined
  /** Of a succession whose approvals are to be covered before the first checkpoint under the new name. */
  unproven: string | undefined
  /** The batch after the one that is being covered. */
  ahead: Promise<VerifiedEntry[]> | undefined
}

/**
 * Turns committed entries into a signed log: leaves and tiles in the database, checkpoints that the notary has cosigned.
 * Any number may run; one leads, the others stand by. Everything is read back from the database when the lead is taken, so
 * that a crash between any two statements is a delay and nothing else.
 */
export class Sequencer {
  readonly #options: Required<Omit<SequencerOptions, 'oldKey'>> & { oldKey?: SigningKey | undefined }
  #session: Session | undefined
  #leading: Leading | undefined
  #waitUntil = 0
  #wait = 0
  #lastEntry = 0
  #lookedForLate = 0
  #late = false

  constructor(options: SequencerOptions) {
    this.#options = { lookEvery: 200, batch: 5_000, heartbeatEvery: 60_000, ...options }
  }

  get leads(): boolean {
    return this.#leading !== undefined
  }

  /**
   * Works until `stop` fires, then finishes what it is in. What passes (Postgres away, the notary away) is waited out.
   * @param ready called once, when it first leads or stands by
   * @throws LogRefused, when going on would be wrong
   */
  async run(stop: AbortSignal, ready: () => void = () => undefined): Promise<void> {
    let said = false
    let failures = 0
    while (!stop.aborted) {
      let wait = this.#options.lookEvery
      const began = this.#time()
      try {
        const found = await this.step()
        if (!said) ready()
        said = true
        failures = 0
        // From one look to the next, not from the end of one: whoever waits to be covered waits for both.
        const left = wait - Math.min(wait, Math.max(0, this.#time() - began))
        wait = found === 'full' ? 0 : found === 'standby' ? STANDBY_LOOK : Math.max(LEAST_WAIT, left)
      } catch (error) {
        await this.#letGo()
        if (error instanceof LogRefused) throw error
        wait = Math.min(LONGEST_WAIT, 200 * 2 ** failures++)
        this.#options.report(`the database does not answer, trying again: ${messageOf(error)}`)
      }
      if (wait > 0) await pause(wait, undefined, { signal: stop }).catch(() => undefined)
    }
    await this.#letGo()
  }

  /** One round: takes the lead where it is free, covers one batch, publishes. For `run`, and for tests that own the clock. */
  async step(): Promise<Round> {
    const session = (this.#session ??= await this.#options.connect())
    const leading = (this.#leading ??= await this.#takeLead(session))
    if (!leading) return 'standby'
    if (!leading.publisher.met && !(await this.#met(session, leading))) return 'idle'
    await this.#handOver(session, leading)
    const entries = await (leading.ahead ?? nextBatch(session, leading.cursor, this.#options.batch))
    leading.ahead = undefined
    const full = entries.length === this.#options.batch
    if (full) this.#readAhead(session, leading, entries.at(-1)!)
    if (entries.length > 0) {
      leading.cursor = await cover(session, leading.cursor, entries)
      this.#lastEntry = this.#time()
    }
    if (!(await this.#holdsBack(session, leading, full ? entries : []))) await this.#publish(session, leading)
    if (entries.length > 0) return full ? 'full' : 'covered'
    await this.#beat(session)
    await this.#watch(session, leading.cursor)
    return 'idle'
  }

  /**
   * Under backlog Postgres looks for the next batch while the nodes of the one at hand are hashed, and this process verifies
   * the next one while Postgres writes: what is wrong with it is told when its turn comes.
   */
  #readAhead(session: Session, leading: Leading, { era, xid, id }: VerifiedEntry): void {
    leading.ahead = nextBatch(session, { ...leading.cursor, last: { era, xid, id } }, this.#options.batch)
    // Whoever waits for it hears of it; with the lead it is forgotten.
    leading.ahead.catch(() => undefined)
  }

  /** Gives up lead and session. */
  async close(): Promise<void> {
    await this.#letGo()
  }

  async #takeLead(session: Session): Promise<Leading | undefined> {
    const [lock] = await rows<{ mine: boolean }>(session, 'select pg_try_advisory_lock($1, 0) as mine', [LEADER])
    if (!lock?.mine) return undefined
    const { key, notary, oldKey, report } = this.#options
    const mine = oldKey ? [key, oldKey] : [key]
    const keys = await knownKeys(session, mine)
    const handover = await handoverTo(session, key, oldKey, keys)
    const cursor = await readCursor(session, keys)
    this.#lastEntry = this.#time()
    this.#waitUntil = this.#wait = 0
    report(`leads ${key.name} from ${cursor.range.size} leaves, epoch ${cursor.epoch}`)
    const publisher = new Publisher(new Signers(mine, key.name), notary, cursor.epoch, cursor.range.size)
    return { cursor, publisher, handover, unproven: undefined, ahead: undefined }
  }

  /**
   * Nothing is covered before the notary has said that this is the log that it knows: leaves that an old copy of the
   * database grew by itself could be told from the old log's by nobody. Whoever has met it goes on without it.
   */
  async #met(session: Session, { cursor, publisher }: Leading): Promise<boolean> {
    await this.#withNotary(cursor.range.size, 'nothing is covered before it has answered', () =>
      publisher.meet(session, cursor),
    )
    return publisher.met
  }

  async #handOver(session: Session, leading: Leading): Promise<void> {
    const { handover } = leading
    if (!handover) return
    const { key, newId, now, report } = this.#options
    const context = { now: now(), newId }
    if (handover.kind === 'rotation') {
      await rotate(session, leading.cursor, [handover.from, key], context)
      report(`hands ${key.name} over to another key; once that is covered, nobody needs the old one`)
    } else {
      const kept = leading.cursor.range.size
      leading.cursor = await succeed(session, leading.cursor, handover, key, context)
      leading.unproven = handover.request
      report(`${key.name} succeeds ${handover.from.key.name}, of which ${kept} entries are kept`)
    }
    leading.handover = undefined
    this.#lastEntry = this.#time()
  }

  /** No checkpoint in the middle of what waited for long, and none of a successor before all see who approved it. */
  async #holdsBack(session: Session, leading: Leading, more: readonly VerifiedEntry[]): Promise<boolean> {
    const last = more.at(-1)
    if (last && this.#time() - last.recorded_at.getTime() > BACKLOG) return true
    if (leading.unproven === undefined) return false
    if (await unprovenApprovals(session, leading.unproven)) return true
    leading.unproven = undefined
    return false
  }

  /** A notary that is away holds up the checkpoint and not the leaves. */
  async #publish(session: Session, { cursor, publisher }: Leading): Promise<void> {
    if (publisher.published === cursor.range.size) return
    const so = `no checkpoint above ${Math.max(0, publisher.published ?? 0)} for now, entries are still covered`
    await this.#withNotary(cursor.range.size, so, () => publisher.publish(session, cursor))
  }

  /** Asks the notary, and asks again later where it is away or refuses. */
  async #withNotary(size: number, meanwhile: string, ask: () => Promise<void>): Promise<void> {
    if (this.#time() < this.#waitUntil) return
    try {
      await ask()
      if (this.#wait > 0) this.#options.report(`the notary cosigns again, at ${size}`)
      this.#wait = 0
    } catch (error) {
      if (!(error instanceof NotCosigned)) throw error
      if (this.#wait === 0) this.#options.report(`${meanwhile}: ${messageOf(error)}`)
      this.#wait = Math.min(LONGEST_WAIT, Math.max(200, this.#wait * 2))
      this.#waitUntil = this.#time() + this.#wait
    }
  }

  /** An entry a minute when there are none, so that silence is evidence of a fault and not of peace. */
  async #beat(session: Session): Promise<void> {
    const idle = this.#time() - this.#lastEntry
    if (idle < this.#options.heartbeatEvery) return
    const { now, newId, key } = this.#options
    await session.query('begin')
    try {
      await lockStreams(session, ['log'])
      const detail = { idle_seconds: Math.floor(idle / 1000) }
      const actor = { kind: 'process' as const, id: 'sequencer' }
      const beat = { stream: 'log', type: 'log.heartbeat' as const, about: `log:${key.name}`, actor, detail }
      await append(session, [beat], { now: now(), newId })
      await session.query('commit')
    } catch (error) {
      await Promise.resolve(session.query('rollback')).catch(() => undefined)
      throw error
    }
    this.#lastEntry = this.#time()
  }

  /** Entries wait behind the oldest open transaction of the whole cluster. Somebody must hear of it. */
  async #watch(session: Session, { last }: Cursor): Promise<void> {
    if (this.#time() - this.#lookedForLate < LATE / 2) return
    this.#lookedForLate = this.#time()
    const [oldest] = await rows<{ waits: number }>(
      session,
      `select (extract(epoch from clock_timestamp() - recorded_at) * 1000)::float8 as waits from audit.entry
       where (era, xid, id) > ($1::int, $2::xid8, $3::bigint) order by era, xid, id limit 1`,
      [last.era, last.xid, last.id],
    )
    const late = (oldest?.waits ?? 0) > LATE
    if (late) {
      this.#options.report(
        `entries have waited ${Math.round(oldest!.waits / 1000)} s to be covered: a transaction of this cluster is open for that long ` +
          `(select pid, usename, xact_start, query from pg_stat_activity where backend_xid is not null order by xact_start)`,
      )
    } else if (this.#late) this.#options.report('entries are covered in time again')
    this.#late = late
  }

  async #letGo(): Promise<void> {
    const session = this.#session
    this.#session = this.#leading = undefined
    await session?.end().catch(() => undefined)
  }

  #time(): number {
    return this.#options.now().getTime()
  }
}

/**
 * Raises the epoch, so that a leader of before writes nothing more, and reads where the log stands. Writers are told in which
 * server it is at home (migrations/004-home.ts).
 */
async function readCursor(tx: Tx, keys: Cursor['keys']): Promise<Cursor> {
  const [row] = await rows<CursorRow>(
    tx,
    `with lead as (
       update audit.cursor set leader_epoch = leader_epoch + 1,
         home_since = case when system_identifier = (select system_identifier from pg_control_system()) then pg_postmaster_start_time() end
       returning leader_epoch, era, next_position, last_era, last_xid, last_id, compact_range
     ) select *, (select coalesce(max(position) + 1, 0) from audit.leaf) as leaves from lead`,
  )
  if (!row) throw new LogRefused('LOG_DAMAGED', 'audit.cursor has no row. Restore a good copy of the database')
  if (row.leaves !== row.next_position) {
    const code = Number(row.leaves) < Number(row.next_position) ? 'LOG_REGRESSED' : 'LOG_DAMAGED'
    throw new LogRefused(
      code,
      `the log has ${row.leaves} leaves, its cursor says ${row.next_position}: leaves were removed or added around the sequencer. ` +
        `Nothing is signed. Keep the database as it is, and restore a good copy`,
    )
  }
  const bytes = row.compact_range
  const hashes = Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32))
  return {
    epoch: Number(row.leader_epoch),
    era: row.era,
    range: CompactRange.from(Number(row.next_position), hashes),
    last: { era: row.last_era, xid: row.last_xid, id: row.last_id },
    keys,
  }
}

interface CursorRow {
  leader_epoch: string
  era: number
  next_position: string
  leaves: string
  last_era: number
  last_xid: string
  last_id: string
  compact_range: Uint8Array
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
