import type { EvidenceRules } from '../directory.js'
import { excerpt } from '../excerpt.js'
import { namespaceOf, PortFailure, type Pod, type Readers, type WorkloadRef } from '../ports.js'
import type { JsonObject } from '../verb.js'
import { EvidenceBundle } from './bundle.js'
import { IdFinder } from './ids.js'

/** Of one log; of one namespace; of one queue; of all ids of traces. */
const [LOG, EVENTS, JOBS, TRACES] = [{ tail: 2_000, limit_bytes: 262_144 }, 500, 50, 20]
/** Of all Deployments together: those whose containers died first. */
const MOST_PODS = 20
/** A system that does not answer is asked so often, and then left alone. */
const MOST_TIMEOUTS = 2

/** Where evidence is looked for, as the plan says it. */
export type EvidenceWish = {
  name: string
  service: string
  /** The window: from there until it is looked. Wall time in milliseconds, and the same in whole minutes. */
  since_ms: number
  minutes: number
  deployments: WorkloadRef[]
  queues: string[]
  /** Instant queries, by what they are of. */
  metrics: { of: string; query: string }[]
}

/**
 * Looks at everything that the wish names, and writes down what it saw and what it could not see: the system that is down
 * may be the one that knows most. Changes nothing.
 *
 * @throws PortFailure('unreachable') where nothing at all could be seen
 */
export async function collectEvidence(
  readers: Readers,
  wish: EvidenceWish,
  rules: EvidenceRules,
): Promise<{ content: string; contents: JsonObject }> {
  const looking = new Looking(readers, wish, rules)
  return looking.all()
}

/** A span as JSON, so that each of its values is looked at by its name; what is none is a line of text. */
function spanOf(text: string): JsonObject | string {
  try {
    return { span: JSON.parse(text) as JsonObject }
  } catch {
    return text
  }
}

class Looking {
  private readonly bundle: EvidenceBundle
  private readonly ids: IdFinder
  private readonly timeouts = new Map<string, number>()

  constructor(
    private readonly readers: Readers,
    private readonly wish: EvidenceWish,
    rules: EvidenceRules,
  ) {
    this.bundle = new EvidenceBundle(rules.hide)
    // What is hidden in its line must not be told as an id.
    const told = Object.entries(rules.ids).map(([kind, names]) => [
      kind,
      names.filter((name) => !this.bundle.hides(name)),
    ])
    this.ids = new IdFinder(Object.fromEntries(told) as EvidenceRules['ids'])
  }

  async all(): Promise<{ content: string; contents: JsonObject }> {
    // What goes first when pods are made anew is looked at first.
    const pods = await this.workloads()
    await this.logs(pods)
    await this.events()
    await this.jobs()
    await this.metrics()
    await this.traces()
    if (this.bundle.isEmpty)
      throw new PortFailure(
        'unreachable',
        `nothing of ${this.wish.service} could be looked at: there is no evidence to keep`,
      )
    const ids = this.ids.found()
    for (const [kind, seen] of Object.entries(ids)) this.bundle.add(`${kind}_ids`, `${kind} ids`, seen)
    const { name, service, since_ms, minutes } = this.wish
    return this.bundle.finish({ name, service, since_ms, minutes })
  }

  private async workloads(): Promise<{ ref: WorkloadRef; pod: Pod }[]> {
    const found: { ref: WorkloadRef; pod: Pod }[] = []
    for (const ref of this.wish.deployments) {
      const seen = await this.tried('cluster', `deployment ${ref}`, async () => ({
        deployment: await this.readers.cluster.deployment(ref),
        rollout: await this.readers.cluster.rollout(ref),
        pods: await this.readers.cluster.podsOf(ref),
      }))
      if (!seen) continue
      if (!seen.deployment) this.bundle.gap(`deployment ${ref}`, 'it is not there')
      else {
        const { replicas, ready, uid } = seen.deployment
        const { state = '', why = null, generation = 0, containers = [] } = seen.rollout ?? {}
        // Variables are left out: that is where secrets lie that somebody should have put elsewhere.
        const images = containers.map(({ name, image }) => `${name}=${image}`)
        this.bundle.add('objects', `deployment ${ref}`, [
          { uid, replicas, ready, generation, rollout: state, why, images },
        ])
      }
      this.bundle.add('objects', `pods of ${ref}`, seen.pods as unknown as JsonObject[])
      found.push(...seen.pods.map((pod) => ({ ref, pod })))
    }
    const order = found.sort((a, b) => b.pod.restarts - a.pod.restarts)
    for (const { ref, pod } of order.slice(MOST_PODS))
      this.bundle.gap(`the logs of ${namespaceOf(ref)}/${pod.name}`, `there are more than ${MOST_PODS} pods`)
    return order.slice(0, MOST_PODS)
  }

  private async logs(pods: readonly { ref: WorkloadRef; pod: Pod }[]): Promise<void> {
    for (const { ref, pod } of pods) {
      const at: WorkloadRef = `${namespaceOf(ref)}/${pod.name}`
      for (const { name, restarts } of pod.containers) {
        const container = pod.containers.length > 1 ? { container: name } : {}
        if (restarts > 0)
          await this.log(`last log of ${at} ${name}`, 'previous_logs', at, { ...LOG, ...container, previous: true })
        await this.log(`log of ${at} ${name}`, 'logs', at, { ...LOG, ...container, since_s: this.wish.minutes * 60 })
      }
    }
  }

  private async log(
    of: string,
    kind: string,
    pod: WorkloadRef,
    asked: Parameters<Readers['cluster']['logs']>[1],
  ): Promise<void> {
    const read = await this.tried('cluster', of, async () => ({ log: await this.readers.cluster.logs(pod, asked) }))
    if (!read) return
    if (!read.log) return this.bundle.gap(of, 'there is none')
    const { lines, cut } = read.log
    for (const line of lines) this.ids.look(line)
    if (this.bundle.add(`${kind.replace(/s$/, '')}_lines`, of, lines) > 0)
      this.bundle.add(kind, of, [{ lines: lines.length, cut }])
    if (cut)
      this.bundle.gap(`the rest of the ${of}`, `only ${LOG.tail} lines and ${LOG.limit_bytes} bytes of a log are read`)
  }

  private async events(): Promise<void> {
    for (const namespace of new Set(this.wish.deployments.map(namespaceOf))) {
      const of = `events of ${namespace}`
      const events = await this.tried('cluster', of, () => this.readers.cluster.events(namespace, { limit: EVENTS }))
      const inside = (events ?? []).filter(({ last_ms }) => last_ms >= this.wish.since_ms)
      this.bundle.add('events', of, inside as unknown as JsonObject[])
      if (events?.length === EVENTS && inside.length === EVENTS)
        this.bundle.gap(`older ${of}`, `only the newest ${EVENTS} are read`)
    }
  }

  private async jobs(): Promise<void> {
    for (const queue of this.wish.queues) {
      const of = `queue ${queue}`
      const seen = await this.tried('queues', of, async () => ({
        counts: await this.readers.queues.counts(queue),
        failed: await this.readers.queues.failed(queue, JOBS),
      }))
      if (!seen) continue
      this.bundle.add('queues', of, [{ ...seen.counts }])
      const failed = seen.failed.filter(({ failed_ms }) => failed_ms >= this.wish.since_ms)
      // What a job was given is its owner's, and stays in the queue.
      const told = failed.map(({ id, name, bytes, reason, attempts, failed_ms, log }) => ({
        ...{ id, name, bytes, reason, attempts, failed_ms },
        log: [...log],
      }))
      this.bundle.add('failed_jobs', `failed jobs of ${queue}`, told)
      for (const { id, reason, log } of failed) {
        this.ids.note('job', excerpt(id, 100))
        for (const line of [reason, ...log]) this.ids.look(line)
      }
      if (seen.counts.failed > seen.failed.length)
        this.bundle.gap(
          `older failed jobs of ${queue}`,
          `${seen.counts.failed} have failed, and the newest ${JOBS} are read`,
        )
    }
  }

  private async metrics(): Promise<void> {
    for (const { of, query } of this.wish.metrics) {
      const read = await this.tried('metrics', of, async () => ({ value: await this.readers.metrics.value(query) }))
      if (read && read.value === undefined) this.bundle.gap(of, 'nobody measures it')
      // As text: a figure need not be whole.
      else if (read) this.bundle.add('metrics', of, [{ query, value: String(read.value) }])
    }
  }

  private async traces(): Promise<void> {
    const wanted = (this.ids.found()['trace'] ?? []).filter(({ id }) => /^[0-9a-f]{16,32}$/i.test(id))
    for (const { id } of wanted.slice(0, TRACES)) {
      const of = `trace ${id}`
      const read = await this.tried('traces', of, async () => ({ spans: await this.readers.traces.trace(id) }))
      if (read && !read.spans) this.bundle.gap(of, 'the traces do not have it')
      else if (read?.spans && this.bundle.add('spans', of, read.spans.map(spanOf)) > 0)
        this.bundle.add('traces', of, [{ spans: read.spans.length }])
    }
    if (wanted.length > TRACES)
      this.bundle.gap(`${wanted.length - TRACES} more traces`, `the ${TRACES} that the logs name most are read`)
  }

  /** A system that cannot be read is a gap, and no reason to keep nothing. One that hangs would hang for each question. */
  private async tried<T extends object>(system: string, of: string, look: () => Promise<T>): Promise<T | undefined> {
    const silent = this.timeouts.get(system) ?? 0
    if (silent >= MOST_TIMEOUTS) return void this.bundle.gap(of, `${system} had no answer in time before`)
    try {
      return await look()
    } catch (error) {
      if (!(error instanceof PortFailure)) throw error
      if (error.kind === 'timeout') this.timeouts.set(system, silent + 1)
      this.bundle.gap(of, `it could not be read: ${error.message} (${error.kind})`)
      return undefined
    }
  }
}
