import { BatchV1Api, CoreV1Api, type V1Job } from '@kubernetes/client-node'
import {
  JobQueuesHands,
  JobQueuesReader,
  PortFailure,
  type FailedJob,
  type JobsOfQueue,
  type QueueCounts,
} from '@firebreak/kit'
import { asked, found, listed } from '../asked.js'
import { connect, type ConnectionOptions } from '../connection.js'
import { ATTEMPT_OF, attemptIn, firstAttempt, labelled, linesOf, nextAttempt, type Attempt } from './attempts.js'
import { lastWordsOf, type LastWords } from './last-words.js'

const fieldManager = 'firebreak'

/** Which Jobs each queue of the house is, by the queue's name. */
export type JobsByQueue = ReadonlyMap<string, JobsOfQueue>

/** Looks at Jobs of the cluster as queues. Needs get and list on jobs and cronjobs, list on pods, and get on their logs. */
export class KubernetesJobsReader extends JobQueuesReader {
  readonly #batch: BatchV1Api
  readonly #core: CoreV1Api

  /** `kubeconfig` is a path. `timeoutMs` holds for each call. */
  constructor(
    kubeconfig: string,
    private readonly queues: JobsByQueue,
    options: ConnectionOptions = { timeoutMs: 5_000 },
  ) {
    super()
    this.#batch = connect(BatchV1Api, kubeconfig, options)
    this.#core = connect(CoreV1Api, kubeconfig, options)
  }

  async counts(queue: string): Promise<QueueCounts> {
    const counts: QueueCounts = { waiting: 0, active: 0, delayed: 0, failed: 0 }
    for (const line of (await this.#lines(queue)).values()) {
      const { state } = line.at(-1)!
      if (state !== 'completed') counts[state]++
    }
    return counts
  }

  async nextSince(queue: string): Promise<number | undefined> {
    const newest = [...(await this.#lines(queue)).values()].map((line) => line.at(-1)!)
    const made = newest.flatMap(({ state, made_ms }) => (state === 'waiting' && made_ms > 0 ? [made_ms] : []))
    return made.length === 0 ? undefined : Math.min(...made)
  }

  async failed(queue: string, limit: number): Promise<FailedJob[]> {
    const failed = [...(await this.#lines(queue)).values()].filter((line) => line.at(-1)!.state === 'failed')
    const newest = failed.sort((a, b) => b.at(-1)!.failed_ms - a.at(-1)!.failed_ms).slice(0, Math.max(0, limit))
    return this.#told(queue, newest)
  }

  async failedJob(queue: string, id: string): Promise<FailedJob | undefined> {
    const line = await this.attemptsOf(queue, id)
    if (line.at(-1)?.state !== 'failed') return undefined
    return (await this.#told(queue, [line]))[0]
  }

  async stateOf(queue: string, id: string) {
    return (await this.attemptsOf(queue, id)).at(-1)?.state
  }

  /** The Jobs of one job of the queue, the newest last; none for one that is not there, or of another queue. */
  async attemptsOf(queue: string, id: string): Promise<Attempt[]> {
    const jobs = this.jobsOf(queue)
    const { namespace } = jobs
    const name = labelled(id)
    const [first, later] = await Promise.all([
      found(`read job ${namespace}/${name}`, () => this.#batch.readNamespacedJob({ namespace, name })),
      this.#list(namespace, `${ATTEMPT_OF}=${name}`),
    ])
    const line = [...(first ? [first] : []), ...later].flatMap((one) => attemptIn(jobs, one) ?? [])
    return line.filter(({ task }) => task === id).sort((a, b) => a.nth - b.nth)
  }

  /** @throws PortFailure `not-found` for a queue that is none of the cluster's */
  jobsOf(queue: string): JobsOfQueue {
    const jobs = this.queues.get(queue)
    if (jobs) return jobs
    throw new PortFailure('not-found', `the house does not say which Jobs queue ${JSON.stringify(queue.slice(0, 100))} is (firebreak.yaml, queues.….jobs)`) // prettier-ignore
  }

  async #lines(queue: string): Promise<Map<string, Attempt[]>> {
    const jobs = this.jobsOf(queue)
    const selector = Object.entries(jobs.labels).map(([key, value]) => `${key}=${value}`)
    const items = await this.#list(jobs.namespace, selector.join(','))
    return linesOf(items.flatMap((item) => attemptIn(jobs, item) ?? []))
  }

  async #list(namespace: string, labelSelector: string): Promise<V1Job[]> {
    const items = await listed(`list the jobs of ${namespace}`, (at) =>
      this.#batch.listNamespacedJob({ namespace, ...(labelSelector === '' ? {} : { labelSelector }), ...at }),
    )
    return items as V1Job[]
  }

  async #told(queue: string, lines: readonly Attempt[][]): Promise<FailedJob[]> {
    const { namespace } = this.jobsOf(queue)
    const names = lines.flatMap((line) => line.filter(({ state }) => state === 'failed').map(({ name }) => name))
    const words = await lastWordsOf(this.#core, namespace, names)
    return lines.map((line) => toFailed(queue, line, words))
  }
}

const MOST_EARLIER = 20

function toFailed(queue: string, line: readonly Attempt[], words: ReadonlyMap<string, LastWords[]>): FailedJob {
  const { task: id, name, data, because, failed_ms } = line.at(-1)!
  // Only what its newest attempt said is why it failed now: an older one may have had another pointer.
  const [newest, ...before] = words.get(name) ?? []
  const older = line.slice(0, -1).toReversed().flatMap((one) => (words.get(one.name) ?? [{ said: one.because }])) // prettier-ignore
  return {
    queue,
    id,
    name,
    data,
    bytes: Buffer.byteLength(JSON.stringify(data)),
    reason: newest?.said ?? because,
    earlier: [...before, ...older].map(({ said }) => said).slice(0, MOST_EARLIER),
    log: newest?.log ?? ['its pods are gone, and their logs with them'],
    attempts: line.reduce((sum, { failed }) => sum + failed, 0),
    failed_ms,
  }
}

/** Makes Jobs of the cluster anew. Needs create on jobs, and delete for `remove`, which no verb of the catalogue says. */
export class KubernetesJobsHands extends JobQueuesHands {
  readonly #batch: BatchV1Api

  /** `reader` looks with its own credentials: the hands only write. */
  constructor(
    kubeconfig: string,
    private readonly reader: KubernetesJobsReader,
    options: ConnectionOptions = { timeoutMs: 10_000 },
  ) {
    super()
    this.#batch = connect(BatchV1Api, kubeconfig, options)
  }

  async retry(queue: string, id: string, data?: unknown): Promise<void> {
    await this.#make(queue, nextAttempt((await this.#failedLine(queue, id)).at(-1)!, data))
  }

  async remove(queue: string, id: string): Promise<void> {
    const { namespace } = this.reader.jobsOf(queue)
    // The newest last: whoever dies in between leaves a job that has failed, and none that looks new.
    for (const { name, made_from } of await this.#failedLine(queue, id)) {
      const body = { propagationPolicy: 'Background', preconditions: { uid: made_from.metadata?.uid ?? '' } }
      await found(`delete job ${namespace}/${name}`, () => this.#batch.deleteNamespacedJob({ name, namespace, body }))
    }
  }

  /** Of the template of the queue's CronJob. A queue that is told by labels alone has none: `PortFailure('invalid')`. */
  async submit(queue: string, { id, data }: { id: string; name: string; data: unknown }): Promise<void> {
    const { namespace, cron_job: name } = this.reader.jobsOf(queue)
    if (name === undefined)
      throw new PortFailure('invalid', `queue ${queue} names no cron_job: there is no template to make a Job from`)
    if ((await this.reader.attemptsOf(queue, id)).length > 0) return
    const from = await asked(`read cronjob ${namespace}/${name}`, () =>
      this.#batch.readNamespacedCronJob({ namespace, name }),
    )
    const { metadata, spec } = from.spec.jobTemplate
    const given = { ...(metadata ? { metadata } : {}), ...(spec ? { spec } : {}) }
    await this.#make(queue, firstAttempt(id, { name, uid: from.metadata!.uid! }, given, data)).catch(
      async (error: PortFailure) => {
        // Somebody was quicker, and it is the same job.
        if (error.kind === 'conflict' && (await this.reader.attemptsOf(queue, id)).length > 0) return
        throw error
      },
    )
  }

  async #make(queue: string, body: V1Job): Promise<void> {
    const { namespace } = this.reader.jobsOf(queue)
    await asked(`make job ${namespace}/${body.metadata?.name}`, () =>
      this.#batch.createNamespacedJob({ namespace, body, fieldManager }),
    )
  }

  async #failedLine(queue: string, id: string): Promise<Attempt[]> {
    const line = await this.reader.attemptsOf(queue, id)
    const newest = line.at(-1)
    if (!newest) throw new PortFailure('not-found', `job ${id} of ${queue} is not there`)
    if (newest.state !== 'failed')
      throw new PortFailure('conflict', `job ${id} of ${queue} is ${newest.state}, not failed`)
    return line
  }
}
