import { rows, type Tx } from '@firebreak/audit-store'
import type { Book, Freeze, LastRun, Match, QuietWindow, Run } from '@firebreak/flow'
import type { ColumnKind, Table } from './tables.js'

/** One table as a book: five statements, built from the table's own list of columns. */
export class PostgresBook<Row extends { id: string }> implements Book<Row> {
  private readonly columns: (keyof Row & string)[]

  constructor(
    protected readonly db: Tx,
    private readonly table: Table<Row>,
    /** Takes each write: whoever owns the transaction decides when to wait for it. */
    private readonly write: (written: () => Promise<unknown>) => void,
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
    return (await rows<{ id: string }>(this.db, sql, [...params, after, limit])).map(({ id }) => id)
  }

  add(...added: Row[]): Promise<void> {
    if (added.length === 0) return Promise.resolve()
    const params = added.flatMap((row) => this.columns.map((column) => toSql(this.table.columns[column], row[column])))
    const width = this.columns.length
    const tuples = added.map(
      (_, at) => `(${this.columns.map((_, column) => `$${at * width + column + 1}`).join(', ')})`,
    )
    const sql = `insert into ${this.name} (${this.columns.map(quote).join(', ')}) values ${tuples.join(', ')}`
    this.write(() => this.db.query(sql, params))
    return Promise.resolve()
  }

  change(id: string, columns: Partial<Omit<Row, 'id'>>): Promise<void> {
    const entries = Object.entries(columns) as [keyof Row & string, unknown][]
    if (entries.length === 0) return Promise.resolve()
    const sets = entries.map(([column], at) => `${quote(column)} = $${at + 2}`)
    const params = entries.map(([column, value]) => toSql(this.table.columns[column], value))
    // The commit may be said before this is answered: what is not there has to fail in Postgres.
    const sql = `with changed as (update ${this.name} set ${sets.join(', ')} where id = $1 returning true) select 1 / count(*) from changed`
    this.write(() =>
      this.db.query(sql, [id, ...params]).catch((error: unknown) => {
        const isNone = (error as { code?: unknown } | null)?.code === DIVISION_BY_ZERO
        throw isNone ? new Error(`there is no ${this.table.name} ${id} to change`) : error
      }),
    )
    return Promise.resolve()
  }

  remove(id: string): Promise<void> {
    this.write(() => this.db.query(`delete from ${this.name} where id = $1`, [id]))
    return Promise.resolve()
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
    return (await rows<Record<string, unknown>>(this.db, sql, params)).map((row) => this.read(row))
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

/** And so are quiet windows, by what they cover now. */
export class QuietBook extends PostgresBook<QuietWindow> {
  openOver(scopes: readonly string[], at: string): Promise<QuietWindow[]> {
    return this.select('scopes ?| $1::text[] and cancelled_at is null and starts_at <= $2 and ends_at > $2', [
      scopes,
      at,
    ])
  }
}

/** Runs are asked for by what they touched, too. */
export class RunBook extends PostgresBook<Run> {
  async startedByThemselves(since: string): Promise<{ recipe: string; targets: string[] }[]> {
    return rows(
      this.db,
      `select r.recipe_id as recipe, array(select distinct t #>> '{}' from jsonb_path_query(p.body, '$.steps[*].targets[*]') t) as targets
       from flow.run r join flow.plan p on p.id = r.plan_id where r.standing is not null and r.started_at >= $1`,
      [since],
    )
  }

  async lastOn(targets: readonly string[], since: string): Promise<LastRun | undefined> {
    const [last] = await rows<Omit<LastRun, 'ended_at'> & { ended_at: Date }>(
      this.db,
      `select r.id as run, t.target #>> '{}' as target, r.ended_at
       from flow.run r join flow.plan p on p.id = r.plan_id, jsonb_path_query(p.body, '$.steps[*].targets[*]') as t(target)
       where r.ended_at > $2 and t.target #>> '{}' = any($1)
         and exists (select from flow.step s where s.run_id = r.id and s.intended_at is not null)
       order by r.ended_at desc, target limit 1`,
      [targets, since],
    )
    return last && { ...last, ended_at: last.ended_at.toISOString() }
  }
}

const DIVISION_BY_ZERO = '22012'

const quote = (name: string): string => `"${name}"`

function toSql(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  return kind === 'json' ? JSON.stringify(value) : value
}

function fromSql(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (kind === 'time') return (value as Date).toISOString()
  return kind === 'int' ? Number(value) : value
}
