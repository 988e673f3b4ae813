import { createHash } from 'node:crypto'
import type { Dice } from '../dice.js'
import { Autoscalers } from './controllers/autoscalers.js'
import { CronJobs } from './controllers/cron-jobs.js'
import { Deployments, setsOf } from './controllers/deployments.js'
import type { Ground, Weather } from './controllers/ground.js'
import { Jobs, type Run } from './controllers/jobs.js'
import { crash, type Ending } from './controllers/pods.js'
import { followQuotas } from './controllers/quotas.js'
import { Recorder } from './controllers/recorder.js'
import { podsOf, ReplicaSets } from './controllers/replica-sets.js'
import { collectGarbage, followNamespaces, followServices } from './controllers/surroundings.js'
import { Logs } from './logs.js'
import { autoscalerManifest, born, isRight, manifests, namespaceManifest } from './manifests.js'
import { isOver, isReady, type Deployment, type KubeObject, type Pod } from './objects.js'
import { apiVersionOf } from './resource.js'
import {
  autoscalers,
  clusterRoleBindings,
  deployments,
  namespaces,
  pods,
  resourceQuotas,
  resources,
} from './resources.js'
import type { Store } from './store.js'

export type { Weather } from './controllers/ground.js'
export type { Run } from './controllers/jobs.js'

/**
 * The controllers: they look at what is asked for in the store, and move what there is towards it. What runs in the
 * pods is somebody else's to simulate: through `logs`, `crash` and `runs`.
 */
export class Cluster {
  readonly logs = new Logs()
  /** Which rights `begin` gives. */
  get givenRights(): string {
    return createHash('sha256')
      .update(JSON.stringify(manifests().filter(isRight)))
      .digest('hex')
  }
  readonly #ground: Ground
  readonly #deployments: Deployments
  readonly #replicaSets: ReplicaSets
  readonly #jobs: Jobs
  readonly #cronJobs: CronJobs
  readonly #autoscalers: Autoscalers
  #litter = true
  /** Which controllers cannot go on, and why. */
  readonly #stuck = new Map<string, string>()

  constructor(
    private readonly store: Store,
    dice: Dice,
    private readonly seed: string,
  ) {
    this.#ground = { store, recorder: new Recorder(store, seed), logs: this.logs, dice, seed }
    this.#deployments = new Deployments(this.#ground)
    this.#replicaSets = new ReplicaSets(this.#ground)
    this.#jobs = new Jobs(this.#ground)
    this.#cronJobs = new CronJobs(this.#ground, Date.now())
    this.#autoscalers = new Autoscalers(this.#ground)
    store.listen(({ type, object }) => {
      if (type !== 'DELETED') return
      this.#litter = true
      if (object.kind === pods.kind) this.logs.forget(object)
    })
  }

  /** Puts the world back to its beginning: the manifests of `infra/k8s`, every pod ready. */
  begin(): void {
    for (const resource of resources)
      for (const { metadata } of this.store.list(resource))
        if (resource.plural !== 'namespaces' || !FIRST_NAMESPACES.includes(metadata.name))
          this.store.delete(resource, metadata.namespace ?? '', metadata.name)
    for (const name of FIRST_NAMESPACES) if (!this.store.get(namespaces, '', name)) this.create(namespaceManifest(name))
    for (const manifest of manifests()) this.create(manifest)

    this.#ground.recorder.muted = true
    const calm = { neverReady: false, utilisation: 0 }
    followNamespaces(this.#ground)
    do {
      this.#deployments.step(0)
      this.#replicaSets.step(0, calm, true)
    } while (this.store.list(deployments).some(({ spec, status }) => (status.readyReplicas ?? 0) < spec.replicas))
    this.#deployments.step(0)
    followServices(this.#ground)
    this.#ground.recorder.muted = false
  }

  /** Does anybody have rights here? A world of a sandbox that knew no Roles forbids everything to everybody. */
  hasRules(): boolean {
    return this.store.list(clusterRoleBindings).length > 0
  }

  /** A world that was saved by another sandbox knows the rights of its day: from now on those of today hold. */
  renewRights(): void {
    for (const resource of resources.filter((one) => isRight({ apiVersion: apiVersionOf(one) })))
      for (const { metadata } of this.store.list(resource))
        this.store.delete(resource, metadata.namespace ?? '', metadata.name)
    for (const manifest of manifests().filter(isRight)) this.create(manifest)
  }

  /** Puts an object there as if it had been applied by an operator. Throws for a kind that the sandbox does not keep. */
  create(manifest: {
    apiVersion: string
    kind: string
    metadata: { name: string; namespace?: string }
    spec?: object
  }): KubeObject {
    const resource = resources.find(
      (known) => known.kind === manifest.kind && apiVersionOf(known) === manifest.apiVersion,
    )
    if (!resource) throw new Error(`the sandbox keeps no ${manifest.kind} of ${manifest.apiVersion}`)
    const object = { ...born(manifest, this.seed), ...(resource.subresources.includes('status') ? { status: {} } : {}) }
    return this.store.put(resource, resource.defaults?.(object) ?? object)
  }

  /** The autoscaler of the fault `with-hpa`. */
  putAutoscaler(): void {
    if (this.store.get(autoscalers, 'prod', 'api')) return
    const { replicas } = this.replicas('api')
    const status = { currentReplicas: replicas, desiredReplicas: replicas }
    this.store.put(autoscalers, { ...born(autoscalerManifest('api'), this.seed), status })
  }

  removeAutoscaler(): void {
    this.store.delete(autoscalers, 'prod', 'api')
  }

  /** The quota of the fault `tight-quota`: as many pods as there are now, and not one more. */
  putQuota(): void {
    const metadata = { name: 'tight', namespace: 'prod', annotations: { 'firebreak.dev/simulated': 'true' } }
    const there = this.store.list(pods, 'prod').filter((pod) => !isOver(pod)).length
    this.removeQuota()
    this.create({ apiVersion: 'v1', kind: resourceQuotas.kind, metadata, spec: { hard: { pods: String(there) } } })
  }

  removeQuota(): void {
    this.store.delete(resourceQuotas, 'prod', 'tight')
  }

  /** What a Deployment of `prod` is asked for, and how many of its pods serve. */
  replicas(name: string): { replicas: number; ready: number } {
    const deployment = this.store.get(deployments, 'prod', name)
    if (!deployment) return { replicas: 0, ready: 0 }
    return { replicas: deployment.spec.replicas, ready: this.podsOf(name).filter(isReady).length }
  }

  /** The pods of a Deployment, of every template that is still running, oldest template first. */
  podsOf(name: string, namespace = 'prod'): Pod[] {
    const deployment: Deployment | undefined = this.store.get(deployments, namespace, name)
    return deployment ? setsOf(this.#ground, deployment).flatMap((set) => podsOf(this.#ground, set)) : []
  }

  /** One of the pods of a Deployment says something: `kubectl logs` shows it. With no pod there is nobody to say it. */
  log(name: string, line: string, namespace = 'prod'): void {
    const all = this.podsOf(name, namespace)
    const pod = all.find(isReady) ?? all[0]
    if (pod) this.logs.write(pod, line)
  }

  /** The pod's container dies with that exit code and is started again after a while: restarts rise by one. */
  crash(pod: Pod, ending: Ending = { exitCode: 1, reason: 'Error' }): void {
    const { namespace = '', name } = pod.metadata
    const found = this.store.get(pods, namespace, name)
    if (found) crash(this.#ground, found, ending)
  }

  /** What the pods of Jobs do; the one given may hand over to the one before for pods that are not its own. */
  simulateJobs(runs: (pod: Pod, otherwise: (pod: Pod) => Run) => Run): void {
    const before = this.#jobs.runs
    this.#jobs.runs = (pod) => runs(pod, before)
  }

  /** Writes an Event about an object. */
  say(about: KubeObject, component: string, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#ground.recorder.say(about, component, type, reason, message)
  }

  /** One pass of every controller. `now` is the sandbox's time. */
  step(now: number, weather: Weather): void {
    this.#pass('namespaces', () => followNamespaces(this.#ground))
    this.#pass('cronjobs', () => this.#cronJobs.step(now))
    this.#pass('jobs', () => this.#jobs.step(now, weather))
    this.#pass('deployments', () => this.#deployments.step(now))
    const before = this.store.version
    this.#pass('replicasets', () => this.#replicaSets.step(now, weather))
    // Where pods have moved, what a Deployment says of itself must not be a step behind.
    if (this.store.version !== before) this.#pass('deployments', () => this.#deployments.step(now))
    this.#pass('services', () => followServices(this.#ground))
    this.#pass('quotas', () => followQuotas(this.#ground))
    this.#pass('autoscalers', () => this.#autoscalers.step(now, weather))
    if (!this.#litter) return
    this.#litter = false
    this.#pass('garbage', () => collectGarbage(this.#ground))
  }

  /**
   * There is no schema here: somebody may have put an object there that a controller cannot read. It stands still until
   * that is gone, and says so in an Event of the namespace `default`; the others go on.
   */
  #pass(controller: string, work: () => void): void {
    try {
      work()
      this.#stuck.delete(controller)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const about = this.store.get(namespaces, '', 'default')
      if (about && this.#stuck.get(controller) !== why)
        this.#ground.recorder.say(
          about,
          'sandbox',
          'Warning',
          'ControllerStuck',
          `the controller of ${controller}: ${why}`,
        )
      this.#stuck.set(controller, why)
    }
  }
}

const FIRST_NAMESPACES = ['default', 'prod']
