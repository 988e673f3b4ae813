import { Refused, WORKER_SIGN, type Observation } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import { pageOf } from '../http/reading.js'
import { select } from '../http/select.js'

/** What the worker last saw of the watched systems. It may be old, so each says its age. */
export class TargetsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly now: () => Date,
  ) {}

  async page({ kind, limit, after }: { kind?: string | undefined; limit: number; after?: string | undefined }) {
    const rows = await select<Observation>(
      this.source,
      `select * from flow.observation where ($1::text is null or id > $1) and id <> $3
         and ($4::text is null or starts_with(id, $4 || ':')) order by id limit $2`,
      [after ?? null, limit + 1, WORKER_SIGN, kind ?? null],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: items.map((row) => this.view(row)), next }
  }

  async one(target: string) {
    const [row] = await select<Observation>(this.source, 'select * from flow.observation where id = $1', [target])
    if (!row || target === WORKER_SIGN)
      throw new Refused('not-found', `The worker has not seen a target ${target.slice(0, 200)}.`)
    return this.view(row)
  }

  private view({ id, value, at }: Observation) {
    return { target: id, value, at, age_ms: Math.max(0, this.now().getTime() - Date.parse(at)) }
  }
}
