import { expect } from 'vitest'
import { PortFailure, type ClusterHands, type ClusterReader, type WorkloadRef } from '../ports.js'

/** One world to hold a cluster to its contract in. Hooks that a world cannot offer skip their test, visibly. */
export interface ClusterWorld {
  reader: ClusterReader
  hands: ClusterHands
  /** Has two replicas, all ready unless `settles` is false, and no autoscaler. */
  deployment: WorkloadRef
  /** False where no controller runs (a bare API server): pods never come. */
  settles?: boolean
  /** Somebody else changes that Deployment. */
  elsewhere(): Promise<void>
  /** Puts an autoscaler from 2 to 3 there that governs the Deployment. */
  autoscale?(): Promise<WorkloadRef>
  /** Puts a Job there whose one pod says these lines and then runs on, or ends with this code. */
  job?(given: { log?: string; exitCode?: number }): Promise<WorkloadRef>
  /** Puts a CronJob there. */
  cronJob?(): Promise<WorkloadRef>
  /** Puts a ConfigMap there. */
  config?(data: Record<string, string>): Promise<WorkloadRef>
  /** Puts a quota there: CPU in cores as Kubernetes writes them. */
  quota?(hard: Record<string, string>): Promise<WorkloadRef>
  /** Has the Deployment scaled, so that its controller tells of it. */
  events?(): Promise<void>
  /** A container of the Deployment's pods dies again and again. */
  crash?(): Promise<void>
  /** How many changes the world has seen through these hands. */
  effects?(): Promise<number>
  /** The next change takes effect and its answer is lost until the client gives up. */
  loseNextAnswer?(): Promise<void>
  /** The hands lose their rights. */
  forbid?(): Promise<void>
  /** The API cannot be reached, or answers that it is unavailable. */
  takeDown?(): Promise<void>
  close?(): Promise<void>
}

export const waiting = { timeout: 20_000, interval: 20 }

export const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind

export const caught = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable('expected the call to fail'),
    (error: unknown) => error,
  )

/** In a namespace that is not there, or that these credentials may not look into. */
export const nothingIn = async (call: Promise<unknown[]>): Promise<void> => {
  const answer = await call.catch((error: unknown) => error)
  if (answer instanceof PortFailure) expect(answer.kind).toBe('forbidden')
  else expect(answer).toEqual([])
}
