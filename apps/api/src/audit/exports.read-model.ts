import { completenessOf, orderFromJson, Refused, type Export, type ExportKind } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'

type Row = {
  [Column in keyof Omit<Export, 'id' | 'by' | 'kind' | 'filter' | 'completeness'>]: Export[Column] | null
} & {
  id: string
  by: string
  reason: string
  asked_at: string
  /** As it was asked for. */
  order: unknown
}

const EXPORT = `
  select q.id, q."by", q.reason, q.at as asked_at, q.body as "order", e.state, e.entries, e.size::int8::text as size,
         e.sha256, e.manifest, e.checkpoint_size::text as checkpoint_size, e.position::text as position,
         e.total::text as total, e.because, e.started_at, e.ended_at
  from flow.request q left join flow.export e on e.id = q.id where q.kind = 'export'`

/** What can be proven from its own bytes. */
const EVIDENCE: ReadonlySet<ExportKind> = new Set(['evidence-bundle', 'ndjson', 'tiles'])

/** Exports as screens show them. A request that no worker has taken up is queued. */
export class ExportsReadModel {
  constructor(private readonly source: DataSource) {}

  async page({ limit, after }: { limit: number; after?: string | undefined }, by: Caller) {
    const rows = await select<Row>(
      this.source,
      `${EXPORT} and ($1::text is null or q.id < $1) order by q.id desc limit $2`,
      [after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  async one(id: string, by: Caller) {
    const [view] = await this.views(await select<Row>(this.source, `${EXPORT} and q.id = $1`, [id]), by)
    if (!view) throw new Refused('not-found', `There is no export ${id}.`)
    return view
  }

  private async views(rows: Row[], by: Caller) {
    const names = await nameOf(this.source)
    return rows.map(({ by: asker, order: asked, position, total, ...row }) => {
      const order = orderFromJson(asked)
      const state = row.state ?? ('queued' as const)
      const wait = state !== 'ready' && { code: 'in-progress' as const, reason: `The export is ${state}.` }
      return {
        ...row,
        kind: order.kind,
        completeness: completenessOf(order),
        filter: order.filter,
        evidence: EVIDENCE.has(order.kind),
        state,
        progress: { done: Number(position ?? 0), total: Number(total ?? 0) },
        asked_by: names(asker),
        entries: row.entries ?? 0,
        size: Number(row.size ?? 0),
        checkpoint_size: Number(row.checkpoint_size ?? 0),
        may: { download: mayNow(order.disclose ? 'audit.disclose' : 'audit.export', by, wait) },
      }
    })
  }
}
