import pg from 'pg'

/** As much of pg's connection as a batch needs. */
interface Wire {
  stream: { cork(): void; uncork(): void }
  parsedStatements: Record<string, string>
  submittedNamedStatements: Record<string, string>
  sync(): void
  close(statement: { type: 'S'; name: string }): void
}

type Told = (error: Error | null, answer: unknown) => void

/** As much of pg's own class of one statement. */
interface PgQuery {
  submit(wire: Wire): Error | null
  handleRowDescription(message: unknown): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, wire: Wire): void
  handleReadyForQuery(wire: Wire): void
  handleError(error: unknown, wire: Wire): void
}
type Config = { text: string; name?: string; values?: unknown[]; queryMode?: 'extended' }
const { Query } = pg as unknown as { Query: new (config: Config, told?: Told) => PgQuery }

/** One statement. Whoever made it is told how it ended. */
export class Statement extends Query {
  failed = false

  /** @param name by which the connection knows it once it has heard it */
  constructor(
    readonly said: string,
    readonly known: string | undefined,
    values: unknown[],
    told: Told,
  ) {
    super({ text: said, ...(known === undefined ? {} : { name: known }), values, queryMode: 'extended' }, told)
  }

  override handleError(error: unknown, wire: Wire): void {
    this.failed = true
    super.handleError(error, wire)
  }
}

/** in_failed_sql_transaction: what Postgres answers to a statement that comes after one that failed. */
export const SKIPPED = '25P02'

/**
 * invalid_sql_statement_name: and to one that it knows by a name which was first said, in a batch before, behind a failure. It
 * looks for the name before it looks whether the transaction failed.
 */
export const UNHEARD = '26000'

/** The same as `SKIPPED`, of a statement to which Postgres has not come. */
class NotSaid extends Error {
  readonly code = SKIPPED
  constructor(cause: unknown) {
    super('a statement before it failed, so that it was not carried out', { cause })
  }
}

/**
 * Statements that are sent in one go and answered in one go: each ends with its own result, but Postgres is told once that
 * they are all (`Sync`), and so sends once what it has to say. With one `Sync` a statement, as pg does it, each answer is a
 * message of its own, and wakes this process. What comes after a statement that failed is not carried out.
 */
export class Batch extends (Query as unknown as new (config: Config) => object) {
  /** Which one is being answered. */
  private at = 0

  constructor(private readonly statements: Statement[]) {
    super({ text: '' })
  }

  // By these pg notes which statement a connection has heard. (It sets them, too, before there are any.)
  get name(): string | undefined {
    return this.current?.known
  }
  set name(_) {}
  get text(): string {
    return this.current?.said ?? ''
  }
  set text(_) {}

  private get current(): Statement | undefined {
    return this.statements[this.at]
  }

  submit(wire: Wire): null {
    const nothing = { value: () => undefined }
    const unended = Object.create(wire, { sync: nothing, close: nothing }) as Wire
    wire.stream.cork()
    try {
      for (const [nth, one] of this.statements.entries()) {
        const { known } = one
        const isNew = known !== undefined && !(wire.parsedStatements[known] ?? wire.submittedNamedStatements[known])
        const error = one.submit(unended)
        if (error) one.handleError(error, wire)
        if (!one.failed) continue
        // Its text went out before its values were looked at, and whether Postgres comes to it is not known: it forgets it.
        if (isNew) {
          wire.close({ type: 'S', name: known })
          delete wire.submittedNamedStatements[known]
        }
        // It could not be sent, and so nothing behind it is. What is before it is answered as ever.
        const [, ...behind] = this.statements.splice(nth)
        for (const skipped of behind) skipped.handleError(new NotSaid(error), wire)
        break
      }
      wire.sync()
    } finally {
      wire.stream.uncork()
    }
    return null
  }

  handleRowDescription(message: unknown): void {
    this.current?.handleRowDescription(message)
  }

  handleDataRow(message: unknown): void {
    this.current?.handleDataRow(message)
  }

  handleCommandComplete(message: unknown, wire: Wire): void {
    const ended = this.current
    this.at++
    ended?.handleCommandComplete(message, wire)
    ended?.handleReadyForQuery(wire)
  }

  handleReadyForQuery(wire: Wire): void {
    if (this.current) this.handleError(new Error('Postgres has ended the batch before its last statement'), wire)
  }

  handleError(error: unknown, wire: Wire): void {
    const [failed, ...behind] = this.statements.slice(this.at)
    this.at = this.statements.length
    failed?.handleError(error, wire)
    // A connection that is gone is what each of them is told.
    const told = error instanceof pg.DatabaseError ? new NotSaid(error) : error
    for (const one of behind) {
      if (one.known !== undefined) delete wire.submittedNamedStatements[one.known]
      one.handleError(told, wire)
    }
  }
}
