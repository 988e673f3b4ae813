import { Refused, whyNotStop, type Enforcement, type Freeze } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'
import type { FreezeQuery } from './freezes.schema.js'

type Row = Freeze & { state: Enforcement['state'] | null }

const FREEZE = 'select f.*, e.state from flow."freeze" f left join flow.enforcement e on e.id = f.id'

/** Freezes as screens show them, and the stop switch. */
export class FreezesReadModel {
  constructor(private readonly source: DataSource) {}

  async page({ limit, after }: z.infer<typeof FreezeQuery>) {
    const rows = await select<Row>(
      this.source,
      `${FREEZE} where ($1::text is null or f.id < $1) order by f.id desc limit $2`,
      [after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items), next }
  }

  async one(id: string) {
    const [view] = await this.views(await select<Row>(this.source, `${FREEZE} where f.id = $1`, [id]))
    if (!view) throw new Refused('not-found', `There is no freeze ${id.slice(0, 100)}.`)
    return view
  }

  async stop(by: Caller) {
    const [last] = await select<{ on: boolean; by: string; reason: string; at: string }>(
      this.source,
      `select (body -> 'on')::boolean as "on", "by", reason, at from flow.request where kind = 'stop' order by id desc limit 1`,
    )
    const on = last?.on ?? false
    const may = {
      press: mayNow('stop.press', by, whyNotStop(on, true)),
      release: mayNow('stop.release', by, whyNotStop(on, false)),
    }
    if (!last || !on) return { on, by: null, reason: null, at: null, may }
    const names = await nameOf(this.source)
    return { ...last, by: names(last.by), may }
  }

  private async views(rows: Row[]) {
    const names = await nameOf(this.source)
    return rows.map(({ by, incident_id, state, ...row }) => ({
      ...row,
      by: names(by),
      incident: incident_id,
      state: state ?? ('enforcing' as const),
    }))
  }
}
