import { setTimeout as sleep } from 'node:timers/promises'
import { WORKER_SIGN } from '@firebreak/flow'
import { withClient } from './database.js'
import type { Load } from './load.js'

/** Nobody waits longer than this for the house to be itself again. */
export const PATIENCE_MS = 60_000

/**
 * Milliseconds from now until the whole way works again: somebody's commit is acknowledged, and a published checkpoint
 * covers that entry. Undefined when it does not happen.
 */
export async function covered(load: Load, databaseUrl: string): Promise<number | undefined> {
  const began = performance.now()
  const inTime = AbortSignal.timeout(PATIENCE_MS)
  const id = await Promise.race([load.nextAcknowledged(), aborted(inTime)])
  if (id === undefined) return undefined
  const covers = await eventually(databaseUrl, inTime, COVERS, [id])
  return covers ? performance.now() - began : undefined
}

/** Likewise until a worker has written something down. */
export async function workersGoOn(databaseUrl: string): Promise<number | undefined> {
  const began = performance.now()
  const inTime = AbortSignal.timeout(PATIENCE_MS)
  const seen = await eventually(databaseUrl, inTime, SEEN, [new Date()])
  return seen ? performance.now() - began : undefined
}

const COVERS = `select from audit.leaf l join audit.checkpoint c on c.size > l.position where l.entry_id = $1 limit 1`
const SEEN = `select from flow.observation where at > $1 and id <> '${WORKER_SIGN}' limit 1`

async function eventually(url: string, inTime: AbortSignal, sql: string, params: unknown[]): Promise<boolean> {
  while (!inTime.aborted) {
    try {
      const found = await withClient(url, async (client) => {
        while (!inTime.aborted) {
          if (((await client.query(sql, params)).rowCount ?? 0) > 0) return true
          await sleep(25)
        }
        return false
      })
      if (found) return true
    } catch {
      await sleep(50)
    }
  }
  return false
}

const aborted = (signal: AbortSignal) =>
  new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
