import { setTimeout as sleep } from 'node:timers/promises'

const MOST_SECONDS = 10
const LOOK_EVERY_MS = 50

/** RFC 7240: `Prefer: wait=5`. Something else is no preference. */
export function secondsToWait(prefer: string | undefined): number {
  const wait = /(?:^|[,;\s])wait\s*=\s*(\d{1,3})(?:[,;\s]|$)/i.exec(prefer ?? '')?.[1]
  return Math.min(Number(wait ?? 0), MOST_SECONDS)
}

/** Looks until it is made, or the time is over. The record is asked and not the queue: it is what the answer shows. */
export async function untilMade(isMade: () => Promise<boolean>, seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1000
  while (performance.now() < until && !(await isMade())) await sleep(LOOK_EVERY_MS)
}
