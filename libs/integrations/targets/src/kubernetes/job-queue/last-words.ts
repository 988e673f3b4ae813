import type { CoreV1Api } from '@kubernetes/client-node'
import { plainLine, PortFailure, type WorkloadRef } from '@firebreak/kit'
import { z } from 'zod'
import { listed } from '../asked.js'
import { read, texts, time } from '../parse.js'
import { podLog } from '../pod-log.js'

/*
 * Why pods of Jobs failed: their own last words, as far as the cluster still has them.
 */

/** Names in one selector: an address has its length. */
const AT_ONCE = 40
/** Pods of one Job whose logs are read, the newest first, and how many logs at a time. */
const [MOST_PODS, MOST_READING] = [3, 8]
const LOG = { tail: 40, limit_bytes: 262_144 }
const [MOST_LINES, MOST_LETTERS] = [8, 300]

const pod = z.object({
  metadata: z.object({ name: z.string().min(1), labels: texts }),
  status: z
    .object({
      phase: z.string().default(''),
      reason: z.string().default(''),
      message: z.string().default(''),
      startTime: time,
      containerStatuses: z
        .array(
          z.object({
            name: z.string(),
            state: z
              .object({
                terminated: z
                  .object({
                    exitCode: z.int(),
                    reason: z.string().default(''),
                    message: z.string().default(''),
                    finishedAt: time,
                  })
                  .nullish(),
              })
              .prefault({}),
          }),
        )
        .default([]),
    })
    .prefault({}),
})
type Pod = z.output<typeof pod>

/** What one pod that failed said. */
export interface LastWords {
  /** Its last error, in a line. */
  said: string
  /** The end of its log. */
  log: string[]
}

/** By the name of the Job, of each the pods that failed, the newest first. A Job whose pods are gone has none. */
export async function lastWordsOf(core: CoreV1Api, namespace: string, jobs: readonly string[]) {
  const failed: Pod[] = []
  for (let at = 0; at < jobs.length; at += AT_ONCE) {
    const labelSelector = `job-name in (${jobs.slice(at, at + AT_ONCE).join(',')})`
    const items = await listed(`list the pods of the jobs of ${namespace}`, (page) =>
      core.listNamespacedPod({ namespace, labelSelector, ...page }),
    )
    failed.push(...items.map((item) => read(pod, item, 'Pod')).filter(({ status }) => status.phase === 'Failed'))
  }
  const wanted = jobs.flatMap((job) =>
    failed
      .filter(({ metadata }) => metadata.labels['job-name'] === job)
      .sort(newestFirst)
      .slice(0, MOST_PODS)
      .map((one) => ({ job, one })),
  )
  const words = new Map<string, LastWords[]>()
  for (let at = 0; at < wanted.length; at += MOST_READING) {
    const some = wanted.slice(at, at + MOST_READING)
    const read = await Promise.all(some.map(({ one }) => wordsOf(core, namespace, one)))
    for (const [nth, { job }] of some.entries()) words.set(job, [...(words.get(job) ?? []), read[nth]!])
  }
  return words
}

const endOf = ({ status }: Pod) =>
  status.containerStatuses.reduce((end, { state }) => Math.max(end, state.terminated?.finishedAt ?? 0), status.startTime ?? 0) // prettier-ignore

const newestFirst = (a: Pod, b: Pod) => endOf(b) - endOf(a) || (a.metadata.name < b.metadata.name ? 1 : -1)

async function wordsOf(core: CoreV1Api, namespace: string, { metadata, status }: Pod): Promise<LastWords> {
  const ended = status.containerStatuses.filter(({ state }) => state.terminated)
  const broken = ended.find(({ state }) => state.terminated!.exitCode !== 0) ?? ended[0]
  const { exitCode, reason = '', message = '' } = broken?.state.terminated ?? {}
  const ref: WorkloadRef = `${namespace}/${metadata.name}`
  const log = await linesOf(core, ref, broken?.name)
  const because = reason === '' || reason === 'Error' ? `exit code ${exitCode ?? 'unknown'}` : `${reason}, exit code ${exitCode}` // prettier-ignore
  // One that was killed never got to say why: what it said before that is no reason.
  if (reason === 'OOMKilled' || status.reason !== '')
    return { said: plainLine([status.reason || because, status.message].filter(Boolean).join(': '), 1_000), log: log.lines } // prettier-ignore
  const said = errorIn(message.split('\n')) ?? errorIn(log.lines)
  return { said: said ?? because, log: log.lines.length > 0 ? log.lines : log.gap }
}

/** A log that cannot be read is a gap, and is told as one; a cluster that is busy or away is asked again by whoever asked. */
async function linesOf(core: CoreV1Api, ref: WorkloadRef, container: string | undefined) {
  try {
    const found = await podLog(core, ref, { ...LOG, ...(container === undefined ? {} : { container }) })
    const lines = (found?.lines ?? []).filter((line) => line.trim() !== '')
    return { lines: lines.slice(-MOST_LINES).map((line) => plainLine(line, MOST_LETTERS)), gap: [] }
  } catch (error) {
    if (!(error instanceof PortFailure) || error.retryable) throw error
    return { lines: [], gap: [`its log cannot be read: ${error.message.slice(0, MOST_LETTERS)}`] }
  }
}

const SAYS_SO =
  /error|exception|fatal|panic|fail|cannot|could not|denied|no such|not found|timed? ?out|refused|corrupt/i
/** Lines of a stack, which say where and not what. */
const FRAME = /^\s+at |^\s*File "|^\s*\.{3}|^goroutine |^Traceback /

/** The line in which a program says why it ends: the last one that sounds like an error, otherwise the last. */
export function errorIn(lines: readonly string[]): string | undefined {
  const said = lines.filter((line) => line.trim() !== '' && !FRAME.test(line)).map((line) => line.trim())
  return said.findLast((line) => SAYS_SO.test(line)) ?? said.at(-1)
}
