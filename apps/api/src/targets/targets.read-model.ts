import { Refused, WORKER_SIGN, type Figure, type Observation } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import { pageOf } from '../http/reading.js'
import { select } from '../http/select.js'
import { figuresWhere, figureView, thinned } from './figures.js'

/** Seconds between two points of a figure that is told among many. */
const SPARSE_S = 120

/** What the worker last saw of the watched systems. It may be old, so each says its age. */
export class TargetsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly now: () => Date,
  ) {}

  /** What changed of each before its last change is told of one target alone: of a whole cluster it is most of the answer. */
  async page({ kind, limit, after }: { kind?: string | undefined; limit: number; after?: string | undefined }) {
    const rows = await select<Observation>(
      this.source,
      `select id, value - 'changes' as value, at from flow.observation where ($1::text is null or id > $1) and id <> $3
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

  /** Figures of one target, whole. None, of one that nothing is measured of. */
  async figuresOf(target: string) {
    const rows = await select<Figure>(this.source, figuresWhere('target = $1'), [target])
    return { items: rows.map((row) => figureView(row, this.now())) }
  }

  /** One figure of every target that has it, as far as a small drawing shows it. A target has one row of it here: its key. */
  async figuresNamed({ name, limit, after }: { name: string; limit: number; after?: string | undefined }) {
    const rows = await select<Figure>(
      this.source,
      `${figuresWhere(`value->>'name' = $1 and ($2::text is null or target > $2)`)} limit $3`,
      [name, after ?? null, limit + 1],
    )
    const { items, next } = pageOf(
      rows.map((row) => ({ ...row, id: row.target })),
      limit,
    )
    return { items: items.map((row) => thinned(figureView(row, this.now()), SPARSE_S)), next }
  }

  private view({ id, value, at }: Observation) {
    return { target: id, value, at, age_ms: Math.max(0, this.now().getTime() - Date.parse(at)) }
  }
}
