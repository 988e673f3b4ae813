import { append, advisoryLock, streamLengths, type Draft as StoredDraft } from '@firebreak/audit-store'
import { Ledger, lockOrder, type Books, type Draft, type Locks, type WriteBooks } from '@firebreak/flow'
import { v7 as uuidv7 } from 'uuid'
import { DataSource, type EntityManager } from 'typeorm'
import { refuseNewerSchema } from './migrate.js'
import { FreezeBook, PostgresBook, type Querier } from './postgres-book.js'
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

/** The record, in Postgres. One `write` is one READ COMMITTED transaction on one connection. */
export class PostgresLedger extends Ledger {
  constructor(
    private readonly source: DataSource,
    private readonly options: { now: () => Date; newEntryId?: () => string },
  ) {
    super()
  }

  override write<T>(work: (books: WriteBooks) => Promise<T>): Promise<T> {
    return this.source.transaction('READ COMMITTED', async (manager) => {
      const transaction = new Transaction(manager)
      const result = await work(transaction.books)
      // The entries go last and together: one round trip, just before the commit that makes them and the change true.
      await transaction.flush({ now: this.options.now(), newId: this.options.newEntryId ?? uuidv7 })
      return result
    })
  }

  override read<T>(work: (books: Books) => Promise<T>): Promise<T> {
    return work(
      booksOn(this.source.manager, () => {
        throw new Error('a read cannot change anything: use write')
      }),
    )
  }
}

/** One transaction: what it has locked, whether it has written, and what it will append. */
class Transaction {
  private wrote = false
  private reached = -1
  private readonly streams = new Set<string>()
  private readonly drafts: Draft[] = []

  constructor(private readonly manager: EntityManager) {}

  get books(): WriteBooks {
    return {
      ...booksOn(this.manager, () => (this.wrote = true)),
      lock: (locks) => this.lock(locks),
      audit: {
        append: (...drafts) => {
          for (const { stream } of drafts)
            if (!this.streams.has(stream))
              throw new Error(`the stream ${stream} was not locked before it was appended to`)
          this.drafts.push(...drafts)
        },
        count: (streams) => {
          for (const stream of streams)
            if (!this.streams.has(stream)) throw new Error(`the stream ${stream} was not locked before it was counted`)
          return streamLengths(this.manager, streams)
        },
      },
    }
  }

  private async lock(locks: Locks): Promise<void> {
    if (this.wrote) throw new Error('locks are taken before the first write of a transaction')
    for (const [order, space] of lockOrder.entries()) {
      const names = locks[space] ?? []
      if (names.length === 0) continue
      if (order < this.reached) throw new Error(`a ${space} lock comes before a ${lockOrder[this.reached]} lock`)
      this.reached = order
      if (space === 'shared') await advisoryLock(this.manager, 'scope', names, 'shared')
      else await advisoryLock(this.manager, space, names, 'exclusive')
      if (space === 'stream') for (const name of names) this.streams.add(name)
    }
  }

  async flush(context: { now: Date; newId: () => string }): Promise<void> {
    if (this.drafts.length > 0) await append(this.manager, this.drafts as StoredDraft[], context)
  }
}

function booksOn(db: Querier, writing: () => void): Books {
  const freezes = new FreezeBook(db, tables.freezes, writing)
  return {
    deliveries: new PostgresBook(db, tables.deliveries, writing),
    alerts: new PostgresBook(db, tables.alerts, writing),
    incidents: new PostgresBook(db, tables.incidents, writing),
    requests: new PostgresBook(db, tables.requests, writing),
    plans: new PostgresBook(db, tables.plans, writing),
    approvals: new PostgresBook(db, tables.approvals, writing),
    runs: new PostgresBook(db, tables.runs, writing),
    steps: new PostgresBook(db, tables.steps, writing),
    tenures: new PostgresBook(db, tables.tenures, writing),
    targetLocks: new PostgresBook(db, tables.targetLocks, writing),
    loans: new PostgresBook(db, tables.loans, writing),
    observations: new PostgresBook(db, tables.observations, writing),
    targetStates: new PostgresBook(db, tables.targetStates, writing),
    exports: new PostgresBook(db, tables.exports, writing),
    votes: new PostgresBook(db, tables.votes, writing),
    freezes,
    enforcements: new PostgresBook(db, tables.enforcements, writing),
    frozen: (scopes) => freezes.over(scopes),
    maintenanceRuns: new PostgresBook(db, tables.maintenanceRuns, writing),
    people: new PostgresBook(db, tables.people, writing),
    roleGrants: new PostgresBook(db, tables.roleGrants, writing),
    apiKeys: new PostgresBook(db, tables.apiKeys, writing),
    sessions: new PostgresBook(db, tables.sessions, writing),
  }
}
