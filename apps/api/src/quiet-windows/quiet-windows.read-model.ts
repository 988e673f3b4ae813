import { quietState, Refused, whyNotCancelWindow, type QuietWindow } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'
import type { QuietWindowQuery } from './quiet-windows.schema.js'

/** Quiet windows as screens show them. */
export class QuietWindowsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly now: () => Date,
  ) {}

  async page({ limit, after }: z.infer<typeof QuietWindowQuery>, by: Caller) {
    const rows = await select<QuietWindow>(
      this.source,
      'select * from flow.quiet_window where ($1::text is null or id < $1) order by id desc limit $2',
      [after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  async one(id: string, by: Caller) {
    const rows = await select<QuietWindow>(this.source, 'select * from flow.quiet_window where id = $1', [id])
    const [view] = await this.views(rows, by)
    if (!view) throw new Refused('not-found', `There is no quiet window ${id.slice(0, 100)}.`)
    return view
  }

  private async views(rows: QuietWindow[], by: Caller) {
    const names = await nameOf(this.source)
    return rows.map(({ cancelled_at, cancelled_because, cancelled_by, ...row }) => {
      const window = { ...row, cancelled_at, cancelled_because, cancelled_by }
      return {
        ...row,
        by: names(row.by),
        state: quietState(window, this.now()),
        cancelled: cancelled_at
          ? { by: names(cancelled_by ?? ''), at: cancelled_at, reason: cancelled_because ?? '' }
          : null,
        may: { cancel: mayNow('quiet.cancel', by, whyNotCancelWindow(window, this.now())) },
      }
    })
  }
}
