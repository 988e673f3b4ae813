import { rows, type Tx } from '@firebreak/audit-store'

/** Where traces go on, in Postgres beside the record: a job that is lost loses none. Written apart from what it is about. */
export class PostgresTraces {
  constructor(private readonly db: Tx) {}

  async keep(id: string, traceparent: string): Promise<void> {
    await this.db.query(
      `insert into flow.trace (id, traceparent) values ($1, $2)
       on conflict (id) do update set traceparent = excluded.traceparent, at = now()`,
      [id, traceparent],
    )
  }

  async find(id: string): Promise<string | undefined> {
    const sql = 'select traceparent from flow.trace where id = $1'
    const [row] = await rows<{ traceparent: string }>(this.db, sql, [id])
    return row?.traceparent
  }
}
