import { rows } from '@firebreak/audit-store'
import type { Book, Freeze, LastRun, Match, QuietWindow, Request, Run } from '@firebreak/flow'
import type { Breath } from './breath.js'
import type { ColumnKind, Table } from './tables.js'

/** One table as a book: six statements, built from the table's own list of columns. */
export class PostgresBook<Row extends { id: string }> implements Book<Row> {
  private readonly columns: readonly (keyof Row & string)[]
  private readonly list: string
  /** JSON has no bytes. */
  private readonly hasBytes: boolean

  constructor(
    protected readonly db: Breath,
    private readonly table: Table<Row>,
    /** Takes each write: whoever owns the transaction decides when to wait for it. */
    private readonly write: (written: () => Promise<unknown>) => void,
  ) {
    const { columns, list, hasBytes } = outlineOf(table)
    this.columns = columns as readonly (keyof Row & string)[]
    this.list = list
    this.hasBytes = hasBytes
  }

  async get(id: string): Promise<Row | undefined> {
    return (await this.select('id = $1', [id]))[0]
  }

  async where(match: Match<Row>): Promise<Row[]> {
    const { condition, params } = this.condition(match)
    return this.select(condition, params)
  }

  async last(match: Match<Row>): Promise<Row | undefined> {
    const { condition, params } = this.condition(match)
    return (await this.select(condition, params, 'id desc limit 1'))[0]
  }

  async ids(match: Match<Row>, { after, limit }: { after: string; limit: number }): Promise<string[]> {
    const { condition, params } = this.condition(match)
    const sql = `select id from ${this.name} where ${condition} and id > $${params.length + 1} order by id limit $${params.length + 2}`
    return (await rows<{ id: string }>(this.db, sql, [...params, after, limit])).map(({ id }) => id)
  }

  add(...added: Row[]): Promise<void> {
    const [only, second] = added
    if (!only) return Promise.resolve()
    if (second) {
      // However many they are, it is one statement, and the same one.
      const all = this.hasBytes ? added.map((row) => this.asJson(row)) : added
      const sql = `insert into ${this.name} (${this.list}) select ${this.list} from json_populate_recordset(null::${this.name}, $1)`
      this.write(() => this.db.query(sql, [JSON.stringify(all)]))
      return Promise.resolve()
    }
    const insert = (row: Row) => {
      const params = this.columns.map((column) => toSql(this.table.columns[column], row[column]))
      const places = params.map((_, at) => `$${at + 1}`)
      return this.db.query(`insert into ${this.name} (${this.list}) values (${places.join(', ')})`, params)
    }
    for (const row of added) this.write(() => insert(row))
    return Promise.resolve()
  }

  change(id: string, columns: Partial<Omit<Row, 'id'>>): Promise<void> {
    return this.set('id = $1', 'count(*)', id, columns, `there is no ${this.table.name} ${id} to change`)
  }

  changeAll(ids: readonly string[], columns: Partial<Omit<Row, 'id'>>): Promise<void> {
    const [all, missing] = [
      [...new Set(ids)],
      `of ${ids.length} rows of ${this.table.name} not each is there to change`,
    ]
    return all.length === 0
      ? Promise.resolve()
      : this.set('id = any($1)', '(count(*) = cardinality($1))::int', all, columns, missing)
  }

  /** @param found what Postgres makes a zero of where a row is not there, which then fails with `missing` */
  private set(
    condition: string,
    found: string,
    wanted: unknown,
    columns: Partial<Omit<Row, 'id'>>,
    missing: string,
  ): Promise<void> {
    const entries = Object.entries(columns) as [keyof Row & string, unknown][]
    if (entries.length === 0) return Promise.resolve()
    const sets = entries.map(([column], at) => `${quote(column)} = $${at + 2}`)
    const params = entries.map(([column, value]) => toSql(this.table.columns[column], value))
    // The commit may be said before this is answered: what is not there has to fail in Postgres.
    const sql = `with changed as (update ${this.name} set ${sets.join(', ')} where ${condition} returning true) select 1 / ${found} from changed`
    this.write(() =>
      this.db.query(sql, [wanted, ...params]).catch((error: unknown) => {
        const isNone = (error as { code?: unknown } | null)?.code === DIVISION_BY_ZERO
        throw isNone ? new Error(missing) : error
      }),
    )
    return Promise.resolve()
  }

  remove(...ids: string[]): Promise<void> {
    if (ids.length === 0) return Promise.resolve()
    const { condition, params } = this.condition({ id: ids } as unknown as Match<Row>)
    this.write(() => this.db.query(`delete from ${this.name} where ${condition}`, params))
    return Promise.resolve()
  }

  /** JSON has no bytes: they are spelled out, as Postgres reads them. */
  private asJson(row: Row): Record<string, unknown> {
    const entries = this.columns.map((column) => {
      const value = row[column]
      return [column, value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value]
    })
    return Object.fromEntries(entries) as Record<string, unknown>
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
      const values: unknown[] = Array.isArray(wanted) ? wanted : [wanted]
      if (values.length > MOST_SPELLED_OUT) {
        params.push(values)
        conditions.push(`"${column}" = any($${params.length})`)
        continue
      }
      const terms = values.map((value) => (isWord(column, value) ? `'${value}'` : `$${params.push(value)}`))
      conditions.push(terms.length === 0 ? 'false' : `"${column}" in (${terms.join(', ')})`)
    }
    return { condition: conditions.join(' and ') || 'true', params }
  }

  protected async select(condition: string, params: unknown[], order = 'id'): Promise<Row[]> {
    const sql = `select ${this.list} from ${this.name} where ${condition} order by ${order}`
    const found = this.hasBytes ? rows<Record<string, unknown>>(this.db, sql, params) : this.db.ask(sql, params)
    return (await found).map((row) => this.read(row))
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

  async countOver(scopes: readonly string[]): Promise<number> {
    const [counted] = await rows<{ n: number }>(
      this.db,
      'select count(*)::int as n from flow."freeze" where scopes ?| $1::text[]',
      [scopes],
    )
    return counted!.n
  }

  toLift(now: string): Promise<Freeze[]> {
    // A `case`, because it is worked off in its order: no lift of a freeze that is over is weighed again.
    return this.select(
      `case (select e.state from flow.enforcement e where e.id = "freeze".id)
         when 'lifted' then false
         when 'lifting' then true
         else exists (select from flow.request r where r.kind = 'lift' and r.subject = "freeze".id
           and flow.why_not_lift(r.id, "freeze".id, $1::timestamptz) is null)
       end`,
      [now],
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

/** Requests are asked for by the run that they want taken back, too. */
export class RequestBook extends PostgresBook<Request> {
  revertsOf(run: string): Promise<Request[]> {
    return this.select(`kind = 'plan' and body ->> 'reverts' = $1`, [run])
  }
}

/** Runs are asked for by what they touched, too. */
export class RunBook extends PostgresBook<Run> {
  frozenToPlan(): Promise<Run[]> {
    return this.select(
      `id in (select r.id from flow.run r join flow.enforcement e on e.id = r.frozen_by and e.state = 'lifted'
         left join flow.incident i on i.id = r.incident_id
       where r.frozen_by is not null and r.state = 'frozen' and (i.id is null or r.frozen_undoing or i.state in ('open', 'acknowledged'))
         -- What is on loan comes back by itself. Of the rest something must be there to take back.
         and (r.frozen_undoing is not true or (
           exists (select from flow.step s where s.run_id = r.id and s.loan_minutes is null
             and (s.state = 'done' or s.state = 'failed' and s.items_done > 0))
           and not exists (select from flow.loan l where l.run_id = r.id and l.state <> 'returned')))
         and not exists (select from flow.request q where q.id = 'pln_' || split_part(r.id, '_', 2))
         and not exists (select from flow.plan p where p.incident_id = r.incident_id and p.recipe_id = r.recipe_id and p.state = 'proposed')
       limit 100)`,
      [],
    )
  }

  endedOf(
    recipe: string,
    { since, before, limit }: { since: string; before: string | null; limit: number },
  ): Promise<Run[]> {
    return this.select(
      'recipe_id = $1 and ended_at > $2 and ($3::text is null or id < $3)',
      [recipe, since, before, limit],
      'id desc limit $4',
    )
  }

  async startedByThemselves(since: string): Promise<{ recipe: string; targets: string[] }[]> {
    return rows(
      this.db,
      `select r.recipe_id as recipe, array(select distinct t #>> '{}' from jsonb_path_query(p.body, '$.steps[*].targets[*]') t) as targets
       from flow.run r join flow.plan p on p.id = r.plan_id where r.standing is not null and r.started_at >= $1`,
      [since],
    )
  }

  async startsUnder(standing: string, since: string): Promise<string[]> {
    const started = await rows<{ started_at: Date }>(
      this.db,
      'select started_at from flow.run where standing = $1 and started_at > $2 order by started_at',
      [standing, since],
    )
    return started.map(({ started_at }) => started_at.toISOString())
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

interface Outline {
  columns: readonly string[]
  list: string
  hasBytes: boolean
}
/** Every transaction has its own books; what they have in common is made once. */
const outlines = new WeakMap<object, Outline>()

function outlineOf<Row>(table: Table<Row>): Outline {
  const known = outlines.get(table)
  if (known) return known
  const columns = Object.keys(table.columns)
  const hasBytes = Object.values(table.columns).includes('bytes')
  const outline = { columns, list: columns.map(quote).join(', '), hasBytes }
  outlines.set(table, outline)
  return outline
}

const DIVISION_BY_ZERO = '22012'

/**
 * A short list is part of the statement: so Postgres knows how long it is when it has not seen the values, and plans the
 * statement once. Longer ones would make too many statements.
 */
const MOST_SPELLED_OUT = 8

/**
 * A state or a kind is a word of the house, of which there are few: it stands in the statement, so that an index over
 * one of them serves it whatever else is asked.
 */
const isWord = (column: string, value: unknown): value is string =>
  (column === 'state' || column === 'kind') && typeof value === 'string' && /^[a-z]+(?:-[a-z]+)*$/.test(value)

const quote = (name: string): string => `"${name}"`

function toSql(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  return kind === 'json' ? JSON.stringify(value) : value
}

function fromSql(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (kind === 'time') return new Date(value as Date | string).toISOString()
  return kind === 'int' ? Number(value) : value
}
