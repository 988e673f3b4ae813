import { isDeepStrictEqual } from 'node:util'
import { jobMoves } from '../../world/job.js'
import { isControlledBy, isOver, isReady, stamp, type Condition, type Job, type Pod } from '../objects.js'
import { jobs, pods } from '../resources.js'
import { condition, keep, type Ground, type Weather } from './ground.js'
import { finish, makePod, start } from './pods.js'
import { refusal } from './quotas.js'

const COMPONENT = 'job-controller'
/** How long a Job's pod takes to start, and how long it runs when nobody says. Milliseconds of the sandbox. */
const START_MS = 200
const RUN_MS = 2_000

/** What the program in a Job's pod does: how long it runs, how it ends, and what it says. */
export interface Run {
  runsMs: number
  exitCode: number
  lines?: readonly string[]
}

/** Without a program that somebody simulates, annotations of the pod say how it ends. */
export function annotatedRun({ metadata: { annotations = {} } }: Pod): Run {
  const number = (key: string, otherwise: number) => {
    const value = Number(annotations[`sandbox.firebreak.dev/${key}`] ?? otherwise)
    return Number.isFinite(value) && value >= 0 ? value : otherwise
  }
  const log = annotations['sandbox.firebreak.dev/log']
  return {
    runsMs: number('run-seconds', RUN_MS / 1_000) * 1_000,
    exitCode: number('exit-code', 0),
    ...(log === undefined ? {} : { lines: log.split('\n') }),
  }
}

/** Runs Jobs: pods until enough of them succeeded, or too many failed. A suspended Job has none. */
export class Jobs {
  /** What a Job's pod does; whoever simulates a batch system puts its own here. */
  runs: (pod: Pod) => Run = annotatedRun
  /** In the sandbox's time, by uid: since when a Job or a pod runs, when a pod of a Job last failed, when a Job ended. */
  readonly #since = new Map<string, number>()
  readonly #failedAt = new Map<string, number>()
  readonly #endedAt = new Map<string, number>()
  readonly #refusedAt = new Map<string, number>()

  constructor(private readonly ground: Ground) {}

  step(now: number, weather: Weather): void {
    for (const job of this.ground.store.list(jobs)) {
      if (conditionOf(job, 'Complete') || conditionOf(job, 'Failed')) this.#expire(job, now)
      else this.#reconcile(job, now, weather)
    }
  }

  #reconcile(job: Job, now: number, { neverReady }: Weather): void {
    const { store, recorder } = this.ground
    const { uid } = job.metadata
    for (const pod of this.#podsOf(job)) if (!isOver(pod) && !neverReady) this.#live(job, pod, now)
    const mine = this.#podsOf(job)
    const active = mine.filter((pod) => !isOver(pod))
    const { parallelism, completions, backoffLimit, suspend = false, activeDeadlineSeconds } = job.spec
    const { create, remove, ends } = jobMoves({
      completions,
      parallelism,
      backoffLimit,
      suspended: suspend,
      active: active.length,
      succeeded: mine.filter(({ status }) => status.phase === 'Succeeded').length,
      failed: mine.filter(({ status }) => status.phase === 'Failed').length,
      runsForMs: now - this.#sinceWhen(uid, now),
      deadlineMs: activeDeadlineSeconds === undefined ? Infinity : activeDeadlineSeconds * 1_000,
      sinceFailureMs: now - (this.#failedAt.get(uid) ?? -Infinity),
    })
    for (let made = 0; made < create && this.#letIn(job, now); made++) {
      const { metadata } = makePod(this.ground, job, job.spec.template)
      recorder.say(job, COMPONENT, 'Normal', 'SuccessfulCreate', `Created pod: ${metadata.name}`)
    }
    for (const { metadata } of active.toReversed().slice(0, remove)) {
      store.delete(pods, metadata.namespace ?? '', metadata.name)
      recorder.say(job, COMPONENT, 'Normal', 'SuccessfulDelete', `Deleted pod: ${metadata.name}`)
    }
    if (suspend) this.#since.delete(uid)
    if (ends) this.#endedAt.set(uid, now)
    this.#report(job, ends)
  }

  /** A pod of a Job starts after a while, and ends when its program does. */
  #live(job: Job, pod: Pod, now: number): void {
    const age = now - this.#sinceWhen(pod.metadata.uid, now)
    if (!isReady(pod)) {
      if (age < START_MS) return
      const started = start(this.ground, pod)
      for (const line of this.runs(started).lines ?? []) this.ground.logs.write(started, line)
      return
    }
    const { runsMs, exitCode } = this.runs(pod)
    if (age < START_MS + runsMs) return
    finish(this.ground, pod, { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' })
    this.#since.delete(pod.metadata.uid)
    if (exitCode !== 0) this.#failedAt.set(job.metadata.uid, now)
  }

  #report(job: Job, ends: string | undefined): void {
    const mine = this.#podsOf(job)
    const count = (holds: (pod: Pod) => boolean) => mine.filter(holds).length
    const [active, ready] = [count((pod) => !isOver(pod)), count(isReady)]
    const { conditions: known, startTime, completionTime } = job.status
    const suspended = job.spec.suspend === true && ends === undefined
    const told = ends === undefined ? suspension(job, suspended) : outcome(ends)
    const conditions = told
      ? [...(known ?? []).filter(({ type }) => type !== told.type), condition(known, told, 'plain')]
      : known
    const began = startTime ?? stamp()
    const [succeeded, failed] = [
      count(({ status }) => status.phase === 'Succeeded'),
      count(({ status }) => status.phase === 'Failed'),
    ]
    const status = {
      ...(active > 0 ? { active } : {}),
      ready,
      ...(succeeded > 0 ? { succeeded } : {}),
      ...(failed > 0 ? { failed } : {}),
      ...(suspended ? {} : { startTime: began }),
      ...(ends === 'Complete' ? { completionTime: completionTime ?? stamp() } : {}),
      ...(conditions ? { conditions } : {}),
    }
    if (isDeepStrictEqual(status, job.status)) return
    const kept = keep(this.ground, jobs, job, { ...job, status })
    const news = told && known?.find(({ type }) => type === told.type)?.status !== (told.holds ? 'True' : 'False')
    if (!told || !news) return
    const kind = told.type === 'Failed' ? 'Warning' : 'Normal'
    this.ground.recorder.say(kept, COMPONENT, kind, told.event, told.message)
  }

  /** Asked once a second, as long as a quota keeps pods out. */
  #letIn(job: Job, now: number): boolean {
    const { uid, namespace = '', name } = job.metadata
    if (now - (this.#refusedAt.get(uid) ?? -Infinity) < 1_000) return false
    const why = refusal(this.ground, namespace, job.spec.template)
    if (why === undefined) return this.#refusedAt.delete(uid) || true
    this.#refusedAt.set(uid, now)
    const message = `Error creating: pods "${name}-" is forbidden: ${why}`
    this.ground.recorder.say(job, COMPONENT, 'Warning', 'FailedCreate', message)
    return false
  }

  /** A Job that is over goes by itself when it says after which time. */
  #expire({ metadata: { name, namespace = '', uid }, spec: { ttlSecondsAfterFinished } }: Job, now: number): void {
    const ended = this.#endedAt.get(uid) ?? now
    this.#endedAt.set(uid, ended)
    if (ttlSecondsAfterFinished !== undefined && now - ended >= ttlSecondsAfterFinished * 1_000)
      this.ground.store.delete(jobs, namespace, name)
  }

  #podsOf({ metadata: { namespace, uid } }: Job): Pod[] {
    return this.ground.store.list(pods, namespace).filter((pod) => isControlledBy(pod, uid))
  }

  #sinceWhen(uid: string, now: number): number {
    const since = this.#since.get(uid) ?? now
    this.#since.set(uid, since)
    return since
  }
}

export const conditionOf = ({ status: { conditions = [] } }: Job, type: string): Condition | undefined =>
  conditions.find((known) => known.type === type && known.status === 'True')

interface Told {
  type: string
  holds: boolean
  reason: string
  message: string
  event: string
}

/** A Job that was never suspended says nothing about it. */
function suspension({ status: { conditions = [] } }: Job, suspended: boolean): Told | undefined {
  if (!suspended && !conditions.some(({ type }) => type === 'Suspended')) return undefined
  const [reason, event] = suspended ? ['JobSuspended', 'Suspended'] : ['JobResumed', 'Resumed']
  return { type: 'Suspended', holds: suspended, reason, message: `Job ${suspended ? 'suspended' : 'resumed'}`, event }
}

function outcome(ends: string): Told {
  if (ends === 'Complete')
    return { type: 'Complete', holds: true, reason: 'CompletionsReached', message: 'Job completed', event: 'Completed' }
  const message =
    ends === 'DeadlineExceeded'
      ? 'Job was active longer than specified deadline'
      : `Job has reached the specified backoff limit`
  return { type: 'Failed', holds: true, reason: ends, message, event: ends }
}
