import { excerpt, namespaceOf, PortFailure, type ClusterReader, type JobQueue, type WorkloadRef } from '@firebreak/kit'
import { mainContainer } from './reading.js'

/** Logs of so many pods of a worker are read, and so much of each: what a job that failed a while ago left there. */
const MOST_PODS = 5
const LOG = { tail: 5_000, limit_bytes: 1_048_576 }
/** Lines that one plan quotes of one job, and letters of each. */
const [MOST_LINES, MOST_LETTERS] = [5, 200]

/** What the pods that work on a queue said in their logs. */
export interface WorkerSaid {
  pods: number
  pods_read: number
  /** Why there is less than there could be; null when all was read. Nothing depends on these logs but a reader's patience. */
  gap: string | null
  /** The last lines that name a job by its id, redacted; none for a job that nobody mentioned. */
  of(job: string): string[]
}

/** Reads the logs of a queue's worker. A queue without one (a Job of the cluster has pods of its own) has nothing to read. */
export async function workerSaid(cluster: ClusterReader, { worker }: JobQueue): Promise<WorkerSaid> {
  if (worker === undefined) return { pods: 0, pods_read: 0, gap: null, of: () => [] }
  const lines: string[] = []
  let [pods, pods_read, gap]: [number, number, string | null] = [0, 0, null]
  try {
    const there = await cluster.podsOf(worker)
    pods = there.length
    for (const { name, containers } of there.slice(0, MOST_PODS)) {
      const ref: WorkloadRef = `${namespaceOf(worker)}/${name}`
      const found = await cluster.logs(ref, { ...LOG, ...mainContainer({ containers }) })
      lines.push(...(found?.lines ?? []))
      if (found) pods_read++
    }
    if (pods > MOST_PODS) gap = `${pods} pods, and ${MOST_PODS} were read`
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error
    gap = excerpt(error.message, MOST_LETTERS)
  }
  return {
    pods,
    pods_read,
    gap,
    of: (job) => {
      const names = namesJob(job)
      return lines.filter(names).slice(-MOST_LINES).map((line) => excerpt(line, MOST_LETTERS)) // prettier-ignore
    },
  }
}

/** Whether a line has this id in it, and not a longer one that begins or ends so. */
function namesJob(id: string): (line: string) => boolean {
  const part = /[\w-]/
  return (line) => {
    for (let at = line.indexOf(id); at >= 0; at = line.indexOf(id, at + 1))
      if (!part.test(line[at - 1] ?? '') && !part.test(line[at + id.length] ?? '')) return true
    return false
  }
}
