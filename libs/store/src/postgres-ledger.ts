import {
  append,
  advisoryLock,
  advisoryLocks,
  streamLengths,
  type Draft as StoredDraft,
  type Tx,
  type Wanted,
} from '@firebreak/audit-store'
import { Ledger, lockOrder, type Books, type Locks, type WriteBooks } from '@firebreak/flow'
import type { EventEmitter } from 'node:events'
import { DataSource } from 'typeorm'
import { SKIPPED, UNHEARD } from './batch.js'
import { Breath } from './breath.js'
import { refuseNewerSchema } from './migrate.js'
import { newUuid } from './new-id.js'
import { FreezeBook, PostgresBook, QuietBook, RequestBook, RunBook } from './postgres-book.js'
import { prepared, type Client } from './prepared.js'
import { recordOf } from './recipe-record.js'
import { tables } from './tables.js'

/** A pool of connections with the rights of the role in the URL. The caller initialises and destroys it. */
export function openStore(url: string, options: { applicationName: string; poolSize?: number }): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: options.applicationName,
    poolSize: options.poolSize ?? 10,
    installExtensions: false,
    connectTimeoutMS: 3_000,
    // A statement does not wait for the answer to the one before it, where its caller does not.
    extra: {
      pipeline: true,
      // Whoever takes a connection listens for its end a moment after it was handed over: one that ends within that moment
      // would be nobody's, and end the process. What it was doing is told to whoever asked.
      onConnect: (client: EventEmitter) => void client.on('error', () => undefined),
    },
    // A connection that Postgres closed under us is the pool's business: the next query takes another.
    poolErrorHandler: () => undefined,
  })
}

/**
 * Opens the store for a process that is about to work with it.
 * @throws NewerSchema when a newer version has migrated the database: this one would guess at its columns
 */
export async function openKnownStore(...store: Parameters<typeof openStore>): Promise<DataSource> {
  const source = await openStore(...store).initialize()
  try {
    await refuseNewerSchema(source)
    return source
  } catch (error) {
    await source.destroy()
    throw error
  }
}

export interface LedgerOptions {
  now: () => Date
  /** On whose account something is done now: each entry says it that does not say it by itself. */
  account?: () => Pick<StoredDraft, 'request_id' | 'trace_id'>
  /** Told of the entries of a transaction when it is committed. Must not throw. */
  committed?: (entries: readonly StoredDraft[]) => void
}

/**
 * The record, in Postgres. One `write` is one READ COMMITTED transaction on one connection. What does not depend on an answer
 * does not wait for it: statements go out in the order in which they are said (pg's pipeline mode), the last writes, their
 * entries and the commit in one breath. A round trip costs more than most statements.
 */
export class PostgresLedger extends Ledger {
  constructor(
    private readonly source: DataSource,
    private readonly options: LedgerOptions,
  ) {
    super()
  }

  override write<T>(work: (books: WriteBooks) => Promise<T>): Promise<T> {
    return this.connected(async (db, drop) => {
      const transaction = new Transaction(db, this.options.account)
      try {
        transaction.said(db.query('begin isolation level read committed'))
        const result = await work(transaction.books)
        await transaction.commit({ now: this.options.now(), newId: newUuid })
        if (transaction.drafts.length > 0) this.options.committed?.(transaction.drafts)
        return result
      } catch (error) {
        // In one breath with a statement that fails it would not be carried out.
        await transaction.answered()
        // Where the connection is gone, the transaction is, too; where it is not, nobody is to go on in this one.
        await Promise.resolve(db.query('rollback')).catch(drop)
        throw await transaction.faultBefore(error)
      }
    })
  }

  override read<T>(work: (books: Books) => Promise<T>): Promise<T> {
    return this.connected((db) =>
      work(
        booksOn(db, () => {
          throw new Error('a read cannot change anything: use write')
        }),
      ),
    )
  }

  /** @param work is given what ends the connection, so that the pool opens another instead of it */
  private async connected<T>(work: (db: Breath, drop: () => void) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner()
    try {
      const client = (await runner.connect()) as Client & { end(): Promise<void> }
      return await work(new Breath(prepared(client)), () => void client.end().catch(() => undefined))
    } finally {
      await runner.release()
    }
  }
}

const isAborted = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code
  return code === SKIPPED || code === UNHEARD
}

/** How many entries streams have that begin. */
const NONE = Promise.resolve(new Map<string, number>())

/** One transaction: what it has locked, whether it has written, and what it will append. */
class Transaction {
  private wrote = false
  private reached = -1
  private readonly streams = new Map<string, Promise<Map<string, number>>>()
  readonly drafts: StoredDraft[] = []
  /** Said to Postgres and not waited for yet. */
  private readonly waiting: Promise<unknown>[] = []

  constructor(
    private readonly db: Breath,
    private readonly account: LedgerOptions['account'],
  ) {}

  get books(): WriteBooks {
    return {
      ...booksOn(this.db, (write) => {
        this.wrote = true
        this.said(write())
      }),
      lock: (locks) => this.lock(locks),
      tryKey: (name) => this.tryKey(name),
      audit: {
        append: (...drafts) => {
          for (const { stream } of drafts)
            if (!this.streams.has(stream))
              throw new Error(`the stream ${stream} was not locked before it was appended to`)
          const account = this.account?.()
          this.drafts.push(...(drafts as StoredDraft[]).map((draft) => (account ? { ...account, ...draft } : draft)))
        },
        begin: (...streams) => {
          for (const name of streams) this.streams.set(name, NONE)
        },
        count: (streams) => {
          for (const stream of streams)
            if (!this.streams.has(stream)) throw new Error(`the stream ${stream} was not locked before it was counted`)
          return streamLengths(this.db, streams)
        },
      },
    }
  }

  /** Its failure is the transaction's, and told when it is waited for. */
  said(statement: Promise<unknown>): void {
    statement.catch(() => undefined)
    this.waiting.push(statement)
  }

  /** When everything that was said has ended, well or not. */
  async answered(): Promise<void> {
    await Promise.allSettled(this.waiting)
  }

  /** Whatever is said after a statement that failed is told no more than that one did: this finds what that one was told. */
  async faultBefore(error: unknown): Promise<unknown> {
    if (!isAborted(error)) return error
    const ends = await Promise.allSettled(this.waiting)
    const faults = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
    return faults.find((fault) => !isAborted(fault)) ?? error
  }

  private async lock(locks: Locks): Promise<void> {
    if (this.wrote) throw new Error('locks are taken before the first write of a transaction')
    const wanted: Wanted[] = []
    for (const [order, space] of lockOrder.entries()) {
      const names = locks[space] ?? []
      if (names.length === 0) continue
      if (order < this.reached) throw new Error(`a ${space} lock comes before a ${lockOrder[this.reached]} lock`)
      this.reached = order
      wanted.push(space === 'shared' ? { space: 'scope', names, mode: 'shared' } : { space, names, mode: 'exclusive' })
    }
    const taken = advisoryLocks(this.db, wanted)
    this.said(taken)
    if (locks.stream) {
      // How long they are is asked right behind their locks, and stays true until the end.
      const lengths = streamLengths(this.db.asking, locks.stream)
      this.said(lengths)
      for (const name of locks.stream) this.streams.set(name, lengths)
    }
    await taken
  }

  private tryKey(name: string): Promise<boolean> {
    if (this.wrote || this.reached > 0) throw new Error('a key is tried before every other lock and write')
    const held = advisoryLock(this.db, 'key', [name], 'try')
    this.said(held)
    return held
  }

  /**
   * The entries go last and together, and the commit that makes them and the change true is said in one breath with them: of
   * a transaction in which anything failed, Postgres makes a rollback of it.
   */
  async commit(context: { now: Date; newId: () => string }): Promise<void> {
    if (this.drafts.length > 0) {
      const lengths = new Map<string, number>()
      for (const { stream } of this.drafts) lengths.set(stream, (await this.streams.get(stream))?.get(stream) ?? 0)
      let said = 0
      const telling: Tx = { query: (...statement) => (said++, this.db.query(...statement)) }
      const entries = append(telling, this.drafts, { ...context, lengths })
      this.said(entries)
      // A draft that does not fit its type is never said, and personal values are said after their entries.
      if (said === 0 || this.drafts.some(({ personal }) => personal)) await entries
    }
    const end = this.db.query('commit') as Promise<{ command: string }>
    this.said(end)
    await Promise.all(this.waiting)
    if ((await end).command !== 'COMMIT') throw new Error('a statement of this transaction had failed, and nobody told')
  }
}

function booksOn(db: Breath, write: (written: () => Promise<unknown>) => void): Books {
  const freezes = new FreezeBook(db, tables.freezes, write)
  const quietWindows = new QuietBook(db, tables.quietWindows, write)
  const requests = new RequestBook(db, tables.requests, write)
  const runs = new RunBook(db, tables.runs, write)
  return {
    deliveries: new PostgresBook(db, tables.deliveries, write),
    alerts: new PostgresBook(db, tables.alerts, write),
    incidents: new PostgresBook(db, tables.incidents, write),
    acknowledgements: new PostgresBook(db, tables.acknowledgements, write),
    requests,
    plans: new PostgresBook(db, tables.plans, write),
    approvals: new PostgresBook(db, tables.approvals, write),
    runs,
    steps: new PostgresBook(db, tables.steps, write),
    stepItems: new PostgresBook(db, tables.stepItems, write),
    tenures: new PostgresBook(db, tables.tenures, write),
    targetLocks: new PostgresBook(db, tables.targetLocks, write),
    loans: new PostgresBook(db, tables.loans, write),
    observations: new PostgresBook(db, tables.observations, write),
    figures: new PostgresBook(db, tables.figures, write),
    targetStates: new PostgresBook(db, tables.targetStates, write),
    exports: new PostgresBook(db, tables.exports, write),
    votes: new PostgresBook(db, tables.votes, write),
    standingApprovals: new PostgresBook(db, tables.standingApprovals, write),
    freezes,
    enforcements: new PostgresBook(db, tables.enforcements, write),
    frozen: (scopes) => freezes.over(scopes),
    freezesOver: (scopes) => freezes.countOver(scopes),
    liftsToCarryOut: (now) => freezes.toLift(now),
    frozenRunsToPlan: () => runs.frozenToPlan(),
    revertsOf: (run) => requests.revertsOf(run),
    breakGlass: new PostgresBook(db, tables.breakGlass, write),
    breakGlassDecisions: new PostgresBook(db, tables.breakGlassDecisions, write),
    breakGlassUses: new PostgresBook(db, tables.breakGlassUses, write),
    breakGlassReviews: new PostgresBook(db, tables.breakGlassReviews, write),
    quietWindows,
    quiet: (scopes, at) => quietWindows.openOver(scopes, at),
    spentBudgets: new PostgresBook(db, tables.spentBudgets, write),
    startedByThemselves: (since) => runs.startedByThemselves(since),
    startsUnder: (standing, since) => runs.startsUnder(standing, since),
    lastRunOn: (targets, since) => runs.lastOn(targets, since),
    endedRunsOf: (recipe, page) => runs.endedOf(recipe, page),
    recordOf: (recipeDigest) => recordOf(db, recipeDigest),
    maintenanceRuns: new PostgresBook(db, tables.maintenanceRuns, write),
    people: new PostgresBook(db, tables.people, write),
    roleGrants: new PostgresBook(db, tables.roleGrants, write),
    apiKeys: new PostgresBook(db, tables.apiKeys, write),
    sessions: new PostgresBook(db, tables.sessions, write),
    idempotency: new PostgresBook(db, tables.idempotency, write),
  }
}
