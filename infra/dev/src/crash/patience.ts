import { setTimeout as sleep } from 'node:timers/promises'
import { Refused } from '@firebreak/flow'

/** Somebody was faster: the next look will show it. */
export const unlessRefused = (error: unknown) => {
  if (!(error instanceof Refused)) throw error
}

/** Whoever looks through a crash sees nothing for a while, and looks again. */
export async function seen<T>(
  what: string,
  look: () => Promise<T | undefined>,
  patienceMs = 120_000,
  every = 60,
): Promise<T> {
  const deadline = performance.now() + patienceMs
  let last: unknown
  for (;;) {
    const found = await look().catch((error: unknown) => void (last = error))
    if (found !== undefined) return found
    if (performance.now() > deadline)
      throw new Error(
        `waited ${patienceMs / 1_000} s for ${what}${last instanceof Error ? `; last: ${last.message}` : ''}`,
      )
    await sleep(every)
  }
}

/** Tries until it does not break on a connection. What was refused stays refused. */
export function throughCrashes<T>(work: () => Promise<T>): Promise<T> {
  let refused: unknown
  return seen('Postgres', async () => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refused = error
      return refusedMark as T
    }
  }).then((found) => {
    if (found === refusedMark) throw refused
    return found
  })
}

const refusedMark: unknown = Symbol('refused')
