import type { DataSource } from 'typeorm'

/** Rows of one SELECT; times come as the RFC 3339 texts that the rest of the house speaks. */
export async function select<Row>(source: DataSource, sql: string, params: unknown[] = []): Promise<Row[]> {
  const rows: Record<string, unknown>[] = await source.query(sql, params)
  for (const row of rows)
    for (const [column, value] of Object.entries(row)) if (value instanceof Date) row[column] = value.toISOString()
  return rows as Row[]
}
