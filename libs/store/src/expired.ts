import type { Tx } from '@firebreak/audit-store'

/**
 * Clears away sessions that are over and answers that were kept for their day. Postgres itself lets nobody clear away more:
 * by its own clock, whatever the clock of the caller says.
 */
export async function clearExpired(db: Tx): Promise<void> {
  for (const table of ['session', 'idempotency'])
    await db.query(
      `delete from flow.${table} where id = any(array(select id from flow.${table} where expires_at < now() order by expires_at limit 1000))`,
    )
}
