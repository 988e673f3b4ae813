import type { Book, Freeze, Match } from '@firebreak/flow'
import type { ColumnKind, Table } from './tables.js'

/** Runs SQL and answers rows: a TypeORM EntityManager is one. */
export interface Querier {
  query(sql: string, params?: unknown[]): Promise<unknown>
}

/** One table as a book: five statements, built from the table's own list of columns. */
export class PostgresBook<Row extends { id: string }> implements Book<Row> {
  private readonly columns: (keyof Row & string)[]

  constructor(
    private readonly db: Querier,
    private readonly table: Table<Row>,
    /** Told before every write: locks must have been taken by then. */
    private readonly writing: () => void,
  ) {
    this.columns = Object.keys(table.columns) as (keyof Row & string)[]
  }

  async get(id: string): Promise<Row | undefined> {
    return (await this.select('id = $1', [id]))[0]
  }

  async where(match: Match<Row>): Promise<Row[]> {
    const { condition, params } = this.condition(match)
    return this.select(condition, params)
  }

  async ids(match: Match<Row>, { after, limit }: { after: string; limit: number }): Promise<string[]> {
    const { condition, params } = this.condition(match)
    const sql = `select id from ${this.name} where ${condition} and id > $${params.length + 1} order by id limit $${params.length + 2}`
    return ((await this.db.query(sql, [...params, after, limit])) as { id: string }[]).map(({ id }) => id)
  }

  async add(...rows: Row[]): Promise<void> {
    if (rows.length === 0) return
    this.writing()
    const params = rows.flatMap((row) => this.columns.map((column) => toSql(this.table.columns[column], row[column])))
    const width = this.columns.length
    const tuples = rows.map((_, at) => `(${this.columns.map((_, column) => `$${at * width + column + 1}`).join(', ')})`)
    await this.db.query(
      `insert into ${this.name} (${this.columns.map(quote).join(', ')}) values ${tuples.join(', ')}`,
      params,
    )
  }

  async change(id: string, columns: Partial<Omit<Row, 'id'>>): Promise<void> {
    const entries = Object.entries(columns) as [keyof Row & string, unknown][]
    if (entries.length === 0) return
    this.writing()
    const sets = entries.map(([column], at) => `${quote(column)} = $${at + 2}`)
    const params = entries.map(([column, value]) => toSql(this.table.columns[column], value))
    const answer = await this.db.query(`update ${this.name} set ${sets.join(', ')} where id = $1`, [id, ...params])
    if (countOf(answer) !== 1) throw new Error(`there is no ${this.table.name} ${id} to change`)
  }

  async remove(id: string): Promise<void> {
    this.writing()
    await this.db.query(`delete from ${this.name} where id = $1`, [id])
  }

  private get name(): string {
    return `flow.${quote(this.table.name)}`
  }

  private condition(match: Match<Row>): { condition: string; params: unknown[] } {
    const conditions: string[] = []
    const params: unknown[] = []
    for (const [column, wanted] of Object.entries(match) as [keyof Row & string, unknown][]) {
      if (wanted === null) {
        conditions.push(`"${column}" is null`)
        continue
      }
      params.push(wanted)
      conditions.push(`"${column}" = ${Array.isArray(wanted) ? `any($${params.length})` : `$${params.length}`}`)
    }
    return { condition: conditions.join(' and ') || 'true', params }
  }

  protected async select(condition: string, params: unknown[]): Promise<Row[]> {
    const sql = `select ${this.columns.map(quote).join(', ')} from ${this.name} where ${condition} order by id`
    const rows = (await this.db.query(sql, params)) as Record<string, unknown>[]
    return rows.map((row) => this.read(row))
  }

  private read(row: Record<string, unknown>): Row {
    return Object.fromEntries(
      this.columns.map((column) => [column, fromSql(this.table.columns[column], row[column])]),
    ) as Row
  }
}

/** Freezes are asked for by what they cover. */
export class FreezeBook extends PostgresBook<Freeze> {
  over(scopes: readonly string[]): Promise<Freeze[]> {
    return this.select(
      `scopes ?| $1::text[] and not exists (select from flow.enforcement e where e.id = "freeze".id and e.state = 'lifted')`,
      [scopes],
    )
  }
}

const quote = (name: string): string => `"${name}"`

/** TypeORM answers `[rows, count]` for an update. */
const countOf = (answer: unknown): number => (Array.isArray(answer) && typeof answer[1] === 'number' ? answer[1] : 0)

function toSql(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  return kind === 'json' ? JSON.stringify(value) : value
}

function fromSql(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (kind === 'time') return (value as Date).toISOString()
  return kind === 'int' ? Number(value) : value
}
