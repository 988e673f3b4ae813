import {
  defineRecipe,
  each,
  excerpt,
  fingerprint,
  inputFault,
  outputKey,
  pointerOf,
  queueOf,
  type FailedJob,
  type JobQueue,
  type Readers,
} from '@firebreak/kit'
import { requeueJob } from '@firebreak/kit/verbs'
import { z } from 'zod'
import { lookedAt, MOST_LOOKED_AT } from '../failed-jobs.js'
import { workerSaid, type WorkerSaid } from '../worker-said.js'

export const requeueFailedJobs = defineRecipe({
  id: 'requeue-failed-jobs',
  version: 5,
  title: 'Queue failed jobs again',
  page: 'batch-failures',

  meaning: 'Jobs of a queue have failed, and wait for somebody: a pointer was wrong, or what they need was down.',
  impact: 'Results are late or missing. Whoever queues again what was half done makes results twice.',

  stage: 'propose',
  approval: { tier: 'T2', roles: ['sre', 'ml'], people: 1 },

  params: z.strictObject({
    queue: z.string().min(1).max(100).exactOptional().meta({
      title: 'Queue',
      description: 'Which queue of the house. Left out: the one that belongs to the service of the alert.',
    }),
    jobs: z
      .array(z.string().min(1).max(200))
      .min(1, 'empty-selection: name at least one job, or leave the list out')
      .max(MOST_LOOKED_AT)
      .exactOptional()
      .meta({ title: 'Jobs', description: 'Ids of failed jobs. Left out: all that are fit to be queued again.' }),
    cause: z.string().min(1).max(200).exactOptional().meta({
      title: 'Cause',
      description: 'Only jobs that failed like this: a cause as an earlier plan names it.',
    }),
    all: z.boolean().default(false).meta({
      title: 'All of them',
      description: 'Every failed job, whatever its cause. The number of them has to be given too.',
    }),
    count: z.int().min(1).max(100_000).exactOptional().meta({
      title: 'Number of failed jobs',
      description: 'How many failed jobs there are, as you have counted them.',
    }),
    pause_s: z.int().min(1).max(600).default(10).meta({
      title: 'Seconds between waves',
      description: 'So long a wave has to come through before the next one goes.',
    }),
  }),

  async diagnose(readers, trigger, params) {
    const queue = queueOf(readers.directory, params.queue, trigger.labels)
    const counts = await readers.queues.counts(queue.name)
    const found = await lookedAt(readers, queue.name, params.jobs)
    const judged = []
    for (const job of found) judged.push(await judge(readers, queue, job))
    onceEach(judged)
    const worker = await workerSaid(readers.cluster, queue)
    const chosen = judged.filter(({ cause }) => params.cause === undefined || cause === params.cause)
    return {
      queue: {
        name: queue.name,
        service: queue.service,
        environment: queue.environment,
        kind: queue.kind,
        canary: queue.canary,
        per_minute: queue.per_minute,
      },
      waiting: counts.waiting,
      active: counts.active,
      failed: counts.failed,
      /** Of the failed ones, those that this plan does not speak of. */
      not_looked_at: Math.max(0, counts.failed - found.length),
      not_found: (params.jobs ?? []).filter((id) => !found.some((job) => job.id === id)),
      causes: groupsOf(judged, worker),
      worker_log: { pods: worker.pods, pods_read: worker.pods_read, gap: worker.gap },
      fit: chosen.flatMap(({ fit }) => (fit ? [fit] : [])),
      left_out: chosen.flatMap(({ id, left_out }) => (left_out === null ? [] : [{ id, because: left_out }])),
    }
  },

  stopIf: [
    {
      when: ({ failed }) => failed === 0,
      because: 'No job of the queue has failed: there is nothing to queue again.',
    },
    {
      when: ({ not_found }) => not_found.length > 0,
      because:
        'A job that was named is not there, or has not failed: look at the queue again and name those that have.',
    },
    {
      when: ({ failed }, { all, count }) => (all || count !== undefined) && count !== failed,
      because:
        'Count-mismatch: so many jobs have not failed. Count them again, and say how many: somebody may have been quicker.',
    },
    {
      when: ({ not_looked_at }, { all }) => all && not_looked_at > 0,
      because: 'There are more failed jobs than one plan can hold: leave `all` out, and plan again for the rest.',
    },
    {
      when: ({ fit, left_out }, { cause }) => cause !== undefined && fit.length + left_out.length === 0,
      because: 'Empty-selection: no failed job has this cause. A plan names the causes that there are.',
    },
    {
      when: ({ fit, failed }) => failed > 0 && fit.length === 0,
      because:
        'None of the failed jobs is fit to be queued again: each has its output already, is poison, or has no input that can be read.',
    },
  ],

  // What moves meanwhile is looked at job by job, right before each is touched.
  guards: () => [{ fact: 'queue.name', same: true }],

  plan({ queue, fit }, { pause_s }) {
    const canary = fit.slice(0, queue.canary)
    const after = canary.map(({ id, output }) => ({ id, output }))
    const items = fit.map((job, at) => ({ queue: queue.name, ...job, after: at < canary.length ? [] : after }))
    const pace = paceOf(queue.per_minute, canary.length, pause_s)
    const ramp = { first: canary.length, ...pace }
    const waves = Math.ceil(items.length / pace.most) + 10
    return [each(requeueJob, items, { ramp, within_s: Math.max(3_600, waves * pace.pause_s * 2) })]
  },

  verify: {
    within_s: 120,
    says: ({ queue, fit }) =>
      `Each of the ${fit.length} jobs of ${queue.name} has come through, and its output is there.`,

    async holds({ queues, objects }, { queue, fit }) {
      const there: string[] = []
      const again: string[] = []
      for (const { id, output } of fit) {
        if (await objects.head(output)) there.push(id)
        else if (await queues.failedJob(queue.name, id)) again.push(id)
      }
      const failed = again.length === 0 ? '' : `, and ${again.slice(0, 5).join(', ')} failed again`
      return {
        holds: there.length === fit.length,
        says: `${there.length} of ${fit.length} outputs are there${failed}.`,
      }
    },
  },
})

/**
 * How large a wave is, in jobs, and how long the pause after it, in seconds: no more than `perMinute` go, counted over a
 * wave and its pause. What goes ahead is one wave, however slow the queue; the pause grows with it.
 */
function paceOf(perMinute: number, canary: number, pause_s: number) {
  const most = Math.max(1, canary, Math.floor((perMinute * pause_s) / 60))
  return { most, pause_s: Math.max(pause_s, Math.ceil((most * 60) / perMinute)) }
}

/** A job of which a plan can be made, or why not. */
interface Judged {
  id: string
  cause: string
  reason: string
  log: string[]
  fit: {
    id: string
    failed_ms: number
    input: { bucket: string; key: string }
    pointer: { field: string; from: string; to: string } | null
    output: { bucket: string; key: string }
  } | null
  left_out: string | null
}

/** Poison first: what it holds is not to be trusted. Then whether its work is done, and whether it can be. */
async function judge({ objects }: Readers, queue: JobQueue, job: FailedJob): Promise<Judged> {
  const cause = fingerprint(job.reason)
  const judged = { id: job.id, cause, reason: excerpt(job.reason), log: job.log.map((line) => excerpt(line)) }
  const leftOut = (left_out: string): Judged => ({ ...judged, fit: null, left_out })
  const pointer = pointerOf(queue, job.data)
  const corrected = pointer !== undefined && pointer.from !== pointer.to
  const poison = poisonIn(queue, job, cause, corrected)
  if (poison !== undefined) return leftOut(`poison: ${poison}`)
  if (!pointer) return leftOut(`poison: its data name no input of this queue (${queue.inputs.pointer})`)
  const { to } = pointer
  const output = { bucket: queue.outputs.bucket, key: outputKey(queue.outputs.key, to) }
  if (await objects.head(output)) return leftOut(`its output ${output.key} is there already`)
  const input = { bucket: queue.inputs.bucket, key: to }
  const fault = await inputFault({ objects }, queue, to)
  if (fault !== undefined) return leftOut(`its input ${to}: ${fault}`)
  const { id, failed_ms } = job
  const fit = { id, failed_ms, input, pointer: pointer.from === to ? null : pointer, output }
  return { ...judged, fit, left_out: null }
}

/** Two jobs for one output would make it twice, and the first may still be at work when the second looks: one of them goes. */
function onceEach(judged: Judged[]): void {
  const goes = new Map<string, string>()
  for (const one of judged) {
    if (!one.fit) continue
    const output = `${one.fit.output.bucket}/${one.fit.output.key}`
    const other = goes.get(output)
    if (other === undefined) goes.set(output, one.id)
    else Object.assign(one, { fit: null, left_out: `it makes the same output as job ${other}` })
  }
}

function poisonIn(
  queue: JobQueue,
  { bytes, data, attempts, earlier }: FailedJob,
  cause: string,
  corrected: boolean,
): string | undefined {
  if (bytes > queue.most_payload_bytes)
    return `its data are ${bytes} bytes, and ${queue.most_payload_bytes} are allowed`
  if (data === undefined) return 'its data are no JSON'
  // As far as the queue still knows what the attempts before have said. With a wrong pointer they could say nothing else.
  if (!corrected && attempts >= queue.poison_after && earlier.every((reason) => fingerprint(reason) === cause))
    return `it has failed ${attempts} times in the same way`
  return undefined
}

/** The largest first. What the worker's own log says is quoted of the newest job that it names. */
function groupsOf(judged: readonly Judged[], worker: WorkerSaid) {
  const groups = new Map<string, Judged[]>()
  for (const one of judged) groups.set(one.cause, [...(groups.get(one.cause) ?? []), one])
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([cause, jobs]) => ({
      cause,
      count: jobs.length,
      example: jobs[0]!.reason,
      log: jobs[0]!.log,
      worker:
        jobs
          .slice(0, 20)
          .map(({ id }) => worker.of(id))
          .find((lines) => lines.length > 0) ?? [],
      jobs: jobs.slice(0, 20).map(({ id }) => id),
    }))
}
