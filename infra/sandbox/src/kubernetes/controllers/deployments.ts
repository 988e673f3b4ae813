import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { bounds, rollOut, type Generation } from '../../world/rollout.js'
import { born } from '../manifests.js'
import {
  isControlledBy,
  ownedBy,
  type Condition,
  type Deployment,
  type PodTemplate,
  type ReplicaSet,
} from '../objects.js'
import { deployments, replicaSets } from '../resources.js'
import { condition, keep, type Ground } from './ground.js'

const HASH = 'pod-template-hash'
const REVISION = 'deployment.kubernetes.io/revision'
const COMPONENT = 'deployment-controller'

/** Rolls the newest template of each Deployment out, through one ReplicaSet for each template. */
export class Deployments {
  /** When a rollout last moved, in the sandbox's time, by the Deployment's uid; a restart begins to count anew. */
  readonly #progress = new Map<string, { at: number; counts: string }>()

  constructor(private readonly ground: Ground) {}

  step(now: number): void {
    for (const deployment of this.ground.store.list(deployments)) this.#reconcile(deployment, now)
  }

  #reconcile(found: Deployment, now: number): void {
    const sets = setsOf(this.ground, found)
    const hash = hashOf(found.spec.template)
    let current = sets.find(({ metadata }) => metadata.labels?.[HASH] === hash)
    // A paused Deployment gets no new ReplicaSet; what it has is still scaled.
    if (!current && found.spec.paused) current = sets.at(-1)
    if (!current && found.spec.paused) return this.#report(found, [], undefined, now)
    const { deployment, set } = this.#revise(found, current ?? this.#begin(found, hash), sets)
    const old = sets.filter(({ metadata }) => metadata.uid !== set.metadata.uid)

    const { replicas, strategy, paused = false } = deployment.spec
    const asked = rollOut({
      replicas,
      ...bounds(replicas, strategy?.rollingUpdate),
      recreate: strategy?.type === 'Recreate',
      paused,
      current: generationOf(set),
      old: old.map(generationOf),
    })
    for (const one of [set, ...old]) {
      const wanted = asked.get(one.metadata.name)
      if (wanted !== undefined) this.#scale(deployment, one, wanted)
    }
    if (!paused) this.#forget(deployment, old)
    this.#report(deployment, setsOf(this.ground, deployment), hash, now)
  }

  /** A ReplicaSet for a template that was never seen. */
  #begin(deployment: Deployment, hash: string): ReplicaSet {
    const { metadata, spec } = deployment
    const { selector, template } = spec
    const labels = { ...template.metadata.labels, [HASH]: hash }
    const set = born(
      {
        apiVersion: 'apps/v1',
        kind: replicaSets.kind,
        metadata: {
          name: `${metadata.name}-${hash}`,
          namespace: metadata.namespace ?? '',
          labels,
          annotations: { 'firebreak.dev/simulated': 'true' },
          ownerReferences: [ownedBy(deployment)],
        },
        spec: {
          replicas: 0,
          selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH]: hash } },
          template: { ...template, metadata: { ...template.metadata, labels } },
        },
        status: {},
      },
      this.ground.seed,
    )
    return keep(this.ground, replicaSets, undefined, set as ReplicaSet, '')
  }

  /** The newest template has the highest revision, also one that was there before (`kubectl rollout undo`). */
  #revise(
    deployment: Deployment,
    set: ReplicaSet,
    sets: readonly ReplicaSet[],
  ): { deployment: Deployment; set: ReplicaSet } {
    const highest = Math.max(0, ...sets.filter(({ metadata }) => metadata.uid !== set.metadata.uid).map(revisionOf))
    const revision = String(Math.max(highest + (deployment.spec.paused ? 0 : 1), revisionOf(set)))
    const revised = <T extends Deployment | ReplicaSet>(object: T): T => ({
      ...object,
      metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [REVISION]: revision } },
    })
    if (String(revisionOf(set)) !== revision) set = keep(this.ground, replicaSets, set, revised(set), '')
    if (deployment.metadata.annotations?.[REVISION] !== revision)
      deployment = keep(this.ground, deployments, deployment, revised(deployment), '')
    return { deployment, set }
  }

  #scale(deployment: Deployment, set: ReplicaSet, replicas: number): void {
    const generation = (set.metadata.generation ?? 1) + 1
    keep(
      this.ground,
      replicaSets,
      set,
      { ...set, metadata: { ...set.metadata, generation }, spec: { ...set.spec, replicas } },
      '',
    )
    const way = replicas > set.spec.replicas ? 'up' : 'down'
    const message = `Scaled ${way} replica set ${set.metadata.name} from ${set.spec.replicas} to ${replicas}`
    this.ground.recorder.say(deployment, COMPONENT, 'Normal', 'ScalingReplicaSet', message)
  }

  /** Old ReplicaSets are kept for `rollout undo`, as many as `revisionHistoryLimit` says. */
  #forget({ spec: { revisionHistoryLimit = 10 } }: Deployment, old: readonly ReplicaSet[]): void {
    const empty = old.filter(({ spec, status }) => spec.replicas === 0 && (status.replicas ?? 0) === 0)
    const surplus = empty.length - revisionHistoryLimit
    for (const { metadata } of surplus > 0 ? empty.slice(0, surplus) : [])
      this.ground.store.delete(replicaSets, metadata.namespace ?? '', metadata.name)
  }

  /** Writes the status of a Deployment, when it says something new. */
  #report(deployment: Deployment, sets: readonly ReplicaSet[], hash: string | undefined, now: number): void {
    const sum = (count: (set: ReplicaSet) => number) => sets.reduce((total, set) => total + count(set), 0)
    const newest = sets.filter(({ metadata }) => metadata.labels?.[HASH] === hash)
    const updated = newest.reduce((total, { status }) => total + (status.replicas ?? 0), 0)
    const ready = sum(({ status }) => status.readyReplicas ?? 0)
    const total = sum(({ status }) => status.replicas ?? 0)
    const { replicas, strategy } = deployment.spec
    const { unavailable } = bounds(replicas, strategy?.rollingUpdate)
    const available = ready >= replicas - unavailable
    const counts = {
      replicas: total,
      updatedReplicas: updated,
      readyReplicas: ready,
      availableReplicas: ready,
      ...(ready < replicas ? { unavailableReplicas: replicas - ready } : {}),
    }
    const { conditions } = deployment.status
    const refused = newest
      .flatMap(({ status }) => status.conditions ?? [])
      .find(({ type }) => type === 'ReplicaFailure')
    const progressing = this.#progressing(deployment, counts, newest[0]?.metadata.name ?? '', now)
    const status = {
      observedGeneration: deployment.metadata.generation ?? 1,
      ...counts,
      conditions: [
        condition(conditions, {
          type: 'Available',
          holds: available,
          reason: available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
          message: `Deployment ${available ? 'has' : 'does not have'} minimum availability.`,
        }),
        ...(progressing ? [condition(conditions, progressing)] : []),
        ...(refused
          ? [
              condition(conditions, {
                ...refused,
                holds: true,
                reason: refused.reason ?? 'FailedCreate',
                message: refused.message ?? '',
              }),
            ]
          : []),
      ],
    }
    if (!isDeepStrictEqual(status, deployment.status))
      keep(this.ground, deployments, deployment, { ...deployment, status })
  }

  /** Is the newest template on its way, there, or stuck? A finished rollout stays finished when it is scaled. */
  #progressing(
    { metadata: { uid, generation }, spec: { replicas, progressDeadlineSeconds = 600, paused }, status }: Deployment,
    counts: { replicas: number; updatedReplicas: number; availableReplicas: number },
    set: string,
    now: number,
  ): { type: string; holds: boolean; reason: string; message: string } | undefined {
    const type = 'Progressing'
    if (paused) return { type, holds: true, reason: 'DeploymentPaused', message: 'Deployment is paused' }
    const was: Condition | undefined = status.conditions?.find((known) => known.type === type)
    const finished = `ReplicaSet "${set}" has successfully progressed.`
    const { updatedReplicas, availableReplicas } = counts
    const settled = counts.replicas === updatedReplicas
    const complete = settled && updatedReplicas === replicas && availableReplicas >= replicas
    if (complete || (settled && was?.reason === 'NewReplicaSetAvailable' && was.message === finished))
      return { type, holds: true, reason: 'NewReplicaSetAvailable', message: finished }

    const seen = JSON.stringify([generation, counts])
    const last = this.#progress.get(uid)
    if (last?.counts !== seen) this.#progress.set(uid, { at: now, counts: seen })
    const stuck = last?.counts === seen && now - last.at > progressDeadlineSeconds * 1_000
    return stuck
      ? {
          type,
          holds: false,
          reason: 'ProgressDeadlineExceeded',
          message: `ReplicaSet "${set}" has timed out progressing.`,
        }
      : { type, holds: true, reason: 'ReplicaSetUpdated', message: `ReplicaSet "${set}" is progressing.` }
  }
}

/** The ReplicaSets of a Deployment, by revision. */
export function setsOf({ store }: Pick<Ground, 'store'>, { metadata: { namespace, uid } }: Deployment): ReplicaSet[] {
  return store
    .list(replicaSets, namespace)
    .filter((set) => isControlledBy(set, uid))
    .sort((a, b) => revisionOf(a) - revisionOf(b))
}

const revisionOf = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[REVISION] ?? 0)

const generationOf = ({ metadata: { name }, spec, status }: ReplicaSet): Generation => ({
  name,
  wanted: spec.replicas,
  pods: status.replicas ?? 0,
  available: status.availableReplicas ?? 0,
})

/** Ten letters that differ when the template does. Objects in the store never change, so each is hashed once. */
const hashes = new WeakMap<PodTemplate, string>()
function hashOf(template: PodTemplate): string {
  const known = hashes.get(template) ?? drawn(template)
  hashes.set(template, known)
  return known
}
const drawn = (template: PodTemplate): string =>
  [...createHash('sha256').update(JSON.stringify(template)).digest().subarray(0, 10)]
    .map((byte) => 'bcdfghjklmnpqrstvwxz2456789'[byte % 27])
    .join('')
