import type { Alert } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { select } from '../http/select.js'
import type { AlertLedger, AlertQuery } from './alerts.schema.js'

/** Alerts as screens list them, and the ledger that shows that none was lost. */
export class AlertsReadModel {
  constructor(private readonly source: DataSource) {}

  async page({ state, incident, limit, after }: z.infer<typeof AlertQuery>) {
    const rows = await select<Alert>(
      this.source,
      `select * from flow.alert
       where ($1::text is null or state = $1) and ($2::text is null or incident_id = $2) and ($3::text is null or id < $3)
       order by id desc limit $4`,
      [state ?? null, incident ?? null, after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: items.map(alertView), next }
  }

  async ledger(): Promise<z.infer<typeof AlertLedger>> {
    const lines = await select<Omit<z.infer<typeof AlertLedger>['items'][number], 'adds_up'>>(
      this.source,
      `select source, count(*)::int as deliveries, sum(received)::int as received,
              coalesce(sum(received) filter (where state = 'stored'), 0)::int as pending,
              sum(opened)::int as opened, sum(joined)::int as joined, sum(repeated)::int as repeated,
              sum(resolved)::int as resolved, sum(suppressed)::int as suppressed, sum(refused)::int as refused,
              max(received_at) as newest_at
       from flow.delivery group by source order by source`,
    )
    const items = lines.map((line) => {
      const { pending, opened, joined, repeated, resolved, suppressed, refused } = line
      return {
        ...line,
        adds_up: line.received === pending + opened + joined + repeated + resolved + suppressed + refused,
      }
    })
    return { items, adds_up: items.every(({ adds_up }) => adds_up) }
  }
}

export const alertView = ({ incident_id, ...alert }: Alert) => ({ ...alert, incident: incident_id })
