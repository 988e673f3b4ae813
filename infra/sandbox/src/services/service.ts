import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dice } from '../dice.js'
import type { Fault } from '../faults.js'
import type { Family } from '../monitors/metrics.js'

/**
 * One pretend service. A new one is a class that keeps this, a line in `services.ts`, and a line in `faults.ts` with
 * what can be broken about it.
 */
export interface PretendService {
  /** Answers under `/service/<name>/`. */
  readonly name: string
  /** First parts of paths that it answers besides, because the protocol that it speaks wants them: `s3`, `mlflow`. */
  readonly roots?: readonly string[]
  /** Time passes: milliseconds of the sandbox. Everything that it does by itself it does here, with its own dice. */
  step(elapsedMs: number): void
  /** What the monitors see now. Called at each step: it must be cheap. */
  measure(): Family[]
  /** One request. What it throws is answered with 500. */
  answer?(call: Call): void | Promise<void>
  /** Somebody broke something, or mended it; `site.broken` says the new state already. Not every fault is its own. */
  broke?(fault: Fault): void
  mended?(fault: Fault): void
  /** What must outlive the process, as JSON; handed to the constructor of the next one. */
  save?(): unknown
  /** Back to the beginning. */
  reset(): void
  stop?(): Promise<void>
}

/** A request, with the path behind `/service/<name>` or behind the root. */
export interface Call {
  request: IncomingMessage
  response: ServerResponse
  url: URL
  /** Decoded by nobody yet; begins with `/`. */
  path: string
}

/** What a container of a pod, or of a template, runs. */
export interface Container {
  image: string
  env: Readonly<Record<string, string>>
}

/** Where a service stands: everything that it may know of the world around it. */
export interface Site {
  /** Its own: what one service throws moves no other. */
  readonly dice: Dice
  readonly seed: number
  /** The sandbox's folder. */
  readonly dir: string
  /** How many times faster than the wall clock the sandbox runs. */
  readonly speed: number
  /** Where a Bull queue may live. */
  readonly redisUrl: string | undefined
  broken(fault: Fault): boolean
  print(line: string): void
  /** A line in the log of a Deployment's pods. */
  log(deployment: string, line: string): void
  /** Something changed that must outlive the process. */
  touch(): void
  readonly cluster: ClusterView
}

/** The cluster as a service meets it, in the namespace `prod`. */
export interface ClusterView {
  replicas(deployment: string): { replicas: number; ready: number }
  /** The ids of its pods that are ready. */
  readyPods(deployment: string): string[]
  /** One for each ready pod. */
  serving(deployment: string): Container[]
  template(deployment: string): Container | undefined
  /** What a person at a terminal would do with `kubectl set image`. */
  setImage(deployment: string, image: string): void
  /** One of its ready pods dies and is started again. Answers whether there was one. */
  crash(deployment: string): boolean
  /** The data of a ConfigMap, or undefined where there is none. */
  configMap(name: string): Readonly<Record<string, string>> | undefined
  /** Does a NetworkPolicy let its pods send nothing to anybody? */
  mayNotSend(deployment: string): boolean
  /** A Job, unless there is one of that name. Each pod runs for so many seconds of the sandbox, and ends so. */
  runJob(
    name: string,
    job: {
      parallelism: number
      seconds: number
      exitCode: number
      log?: string
      /** Its label `app`; its name when left out. */
      app?: string
      env?: Readonly<Record<string, string>>
    },
  ): void
  /** Every Job with this label `app`, with what its container is told. */
  jobs(app: string): { name: string; env: Readonly<Record<string, string>>; failed: boolean }[]
  /** What the pods of Jobs with this label `app` do. Asked again and again while one runs: it says the same each time. */
  simulateJobs(
    app: string,
    program: (env: Readonly<Record<string, string>>) => { exitCode: number; lines: readonly string[] },
  ): void
  removeJob(name: string): void
  /** Pods of a Job that run now; a suspended one has none. */
  jobPods(name: string): number
}
