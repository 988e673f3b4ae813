import { performance } from 'node:perf_hooks'
import type pg from 'pg'

/** What pg's client tells whoever has the turn on its connection: the few of its methods that a COPY needs. */
interface Connection {
  query(text: string): void
}

/** Seconds that `COPY … TO STDOUT` takes to bring rows over the wire: the least that any export of them costs. */
export function copyOut(client: pg.Client, sql: string): Promise<{ seconds: number; bytes: number }> {
  const began = performance.now()
  let bytes = 0
  return new Promise((resolve, reject) => {
    const copy = {
      submit: (connection: Connection) => connection.query(sql),
      handleRowDescription: () => undefined,
      handleCopyOutResponse: () => undefined,
      handleCopyData: ({ chunk }: { chunk: Buffer }) => (bytes += chunk.length),
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => resolve({ seconds: (performance.now() - began) / 1_000, bytes }),
      handleError: reject,
    }
    client.query(copy as never)
  })
}
