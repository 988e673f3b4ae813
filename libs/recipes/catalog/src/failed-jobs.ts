import type { FailedJob, Readers } from '@firebreak/kit'

/** Failed jobs that one plan looks at. More is more than a person reads; the next plan takes the rest. */
export const MOST_LOOKED_AT = 200

/** The failed jobs of a queue that were named, each once and as far as they are there; otherwise the newest of all. */
export async function lookedAt(
  { queues }: Readers,
  queue: string,
  ids: readonly string[] | undefined,
): Promise<FailedJob[]> {
  if (ids === undefined) return queues.failed(queue, MOST_LOOKED_AT)
  const found: FailedJob[] = []
  for (const id of new Set(ids)) {
    const job = await queues.failedJob(queue, id)
    if (job) found.push(job)
  }
  return found
}
