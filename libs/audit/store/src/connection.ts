/** Whatever runs SQL inside the caller's transaction: pg's client and TypeORM's EntityManager both are one. */
export interface Tx {
  query(sql: string, params?: unknown[]): Promise<unknown>
}

/**
 * One query, as rows. pg's client answers `{ rows }`, TypeORM's EntityManager answers the rows (or, for UPDATE and DELETE,
 * `[rows, count]`); everything in this library that reads goes through here, so nothing else has to know.
 */
export async function rows<Row>(tx: Tx, sql: string, params: unknown[] = []): Promise<Row[]> {
  const answer = await tx.query(sql, params)
  if (Array.isArray(answer)) {
    const [first, second] = answer as unknown[]
    return (answer.length === 2 && Array.isArray(first) && typeof second === 'number' ? first : answer) as Row[]
  }
  return (answer as { rows: Row[] }).rows
}
