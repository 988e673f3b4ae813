import { ClusterHands, PortFailure, type Changed, type WorkloadRef } from '../ports.js'
import type { FakeCluster } from './fake-cluster.js'

/** How the fake cluster is changed. */
export class FakeClusterHands extends ClusterHands {
  constructor(private readonly cluster: FakeCluster) {
    super()
  }

  async scale(ref: WorkloadRef, replicas: number, precondition: string): Promise<Changed> {
    if (!Number.isInteger(replicas) || replicas < 0)
      throw new PortFailure('invalid', `${replicas} is not a number of replicas`)
    return this.cluster.change(
      { method: 'scale', args: [ref, replicas, precondition] },
      `deployment ${ref}`,
      ({ deployments }) => deployments.get(ref),
      precondition,
      (found) => {
        this.#template(ref).generation++
        found.replicas = found.updated = replicas
        found.ready = this.cluster.podsBecomeReady ? replicas : Math.min(found.ready, replicas)
      },
    )
  }

  async setBounds(
    autoscaler: WorkloadRef,
    bounds: { min: number; max: number },
    precondition: string,
  ): Promise<Changed> {
    if (bounds.min < 1 || bounds.max < bounds.min)
      throw new PortFailure('invalid', `${bounds.min}–${bounds.max} are no bounds`)
    return this.cluster.change(
      { method: 'setBounds', args: [autoscaler, bounds, precondition] },
      `autoscaler ${autoscaler}`,
      ({ autoscalers }) => autoscalers.get(autoscaler)?.autoscaler,
      precondition,
      (found) => void Object.assign(found, bounds),
    )
  }

  restart(ref: WorkloadRef, mark: string | null, precondition: string): Promise<Changed> {
    return this.cluster.change(
      { method: 'restart', args: [ref, mark, precondition] },
      `deployment ${ref}`,
      ({ deployments }) => deployments.get(ref),
      precondition,
      () => {
        const template = this.#template(ref)
        if (template.restart_mark === mark) return false
        template.restart_mark = mark
        this.#rollOut(ref)
        return undefined
      },
    )
  }

  setEnv(
    ref: WorkloadRef,
    { container, name, value }: { container: string; name: string; value: string | null },
    precondition: string,
  ): Promise<Changed> {
    return this.cluster.change(
      { method: 'setEnv', args: [ref, { container, name, value }, precondition] },
      `deployment ${ref}`,
      ({ deployments }) => deployments.get(ref),
      precondition,
      () => {
        const found = this.#template(ref).containers.find((one) => one.name === container)
        if (!found) throw new PortFailure('invalid', `deployment ${ref} has no container ${container}`)
        if ((found.env[name] ?? null) === value) return false
        if (value === null) delete found.env[name]
        else found.env[name] = value
        this.#rollOut(ref)
        return undefined
      },
    )
  }

  suspendJob(ref: WorkloadRef, suspended: boolean, precondition: string): Promise<Changed> {
    return this.cluster.change(
      { method: 'suspendJob', args: [ref, suspended, precondition] },
      `job ${ref}`,
      ({ jobs }) => jobs.get(ref),
      precondition,
      (found) => {
        if (found.suspended === suspended) return false
        found.suspended = suspended
        if (found.state !== 'running' && found.state !== 'suspended') return undefined
        found.state = suspended ? 'suspended' : 'running'
        found.active = suspended ? 0 : 1
        return undefined
      },
    )
  }

  suspendCronJob(ref: WorkloadRef, suspended: boolean, precondition: string): Promise<Changed> {
    return this.cluster.change(
      { method: 'suspendCronJob', args: [ref, suspended, precondition] },
      `cronjob ${ref}`,
      ({ cronJobs }) => cronJobs.get(ref),
      precondition,
      (found) => {
        if (found.suspended === suspended) return false
        found.suspended = suspended
        return undefined
      },
    )
  }

  setConfig(ref: WorkloadRef, values: Record<string, string | null>, precondition: string): Promise<Changed> {
    return this.cluster.change(
      { method: 'setConfig', args: [ref, values, precondition] },
      `configmap ${ref}`,
      ({ configMaps }) => configMaps.get(ref),
      precondition,
      (found) => {
        const after = Object.entries({ ...found.data, ...values }).filter(([, value]) => value !== null)
        const data = Object.fromEntries(after) as Record<string, string>
        if (JSON.stringify(data) === JSON.stringify(found.data)) return false
        if (found.immutable) throw new PortFailure('invalid', `configmap ${ref} is immutable`)
        found.data = data
        return undefined
      },
    )
  }

  #template(ref: WorkloadRef) {
    return this.cluster.state.templates.get(ref)!
  }

  /** Pods of the newest template take the place of the others, at once or when `settle` says so. */
  #rollOut(ref: WorkloadRef): void {
    const template = this.#template(ref)
    template.generation++
    if (this.cluster.podsBecomeReady) {
      template.restarts = 0
      // Other pods: what the old ones said went with them.
      const { logs } = this.cluster.state
      for (const key of logs.keys()) if (key.startsWith(`${ref}-`)) logs.delete(key)
    } else this.cluster.state.deployments.get(ref)!.updated = 0
  }
}
