import type { Tx } from '@firebreak/audit-store'

/**
 * Clears away sessions that are over, answers that were kept for their day, and traces of a week ago. Of the first two Postgres itself lets nobody clear away more:
 * by its own clock, whatever the clock of the caller says.
 */
export async function clearExpired(db: Tx): Promise<void> {
  for (const table of ['session', 'idempotency'])
    await db.query(
      `delete from flow.${table} where id = any(array(select id from flow.${table} where expires_at < now() order by expires_at limit 1000))`,
    )
  await db.query(
    `delete from flow.trace where id = any(array(select id from flow.trace where at < now() - interval '7 days' order by at limit 1000))`,
  )
}
