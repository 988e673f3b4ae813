import { isReady, type Autoscaler, type Deployment, type KubeObject, type Pod } from './objects.js'
import type { Cause } from './status.js'

/** One kind of object that the API serves. */
export interface Resource<T extends KubeObject = KubeObject> {
  group: string
  version: string
  plural: string
  singular: string
  kind: string
  shortNames: string[]
  namespaced: boolean
  /** What can be done to it besides looking. */
  writes: readonly ('create' | 'update' | 'patch' | 'delete')[]
  scale?: true
  /** The columns of `kubectl get`, after the name and before the age. */
  columns?(this: void, object: T): Record<string, string | number>
  /** What is wrong with an object that somebody wants to write. */
  faultsOf?(this: void, object: T): Cause[]
}

const wrong = (field: string, value: unknown, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value) ?? 'null'}: ${why}`,
})
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0

/** The largest number of replicas that the sandbox makes pods for: a slip of the finger must not fill the memory. */
const MOST_REPLICAS = 100

export function replicaFaults(replicas: unknown): Cause[] {
  if (!isCount(replicas)) return [wrong('spec.replicas', replicas, 'must be greater than or equal to 0')]
  return (replicas as number) > MOST_REPLICAS
    ? [wrong('spec.replicas', replicas, `the sandbox makes at most ${MOST_REPLICAS} pods`)]
    : []
}

export const namespaces: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  shortNames: ['ns'],
  namespaced: false,
  writes: ['create', 'delete'],
  columns: () => ({ Status: 'Active' }),
}

export const pods: Resource<Pod> = {
  group: '',
  version: 'v1',
  plural: 'pods',
  singular: 'pod',
  kind: 'Pod',
  shortNames: ['po'],
  namespaced: true,
  writes: ['delete'],
  columns: (pod) => ({
    Ready: `${isReady(pod) ? 1 : 0}/${pod.spec.containers.length}`,
    Status: pod.status.phase,
    Restarts: pod.status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
  }),
}

export const deployments: Resource<Deployment> = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  singular: 'deployment',
  kind: 'Deployment',
  shortNames: ['deploy'],
  namespaced: true,
  writes: ['create', 'update', 'patch', 'delete'],
  scale: true,
  columns: ({ spec, status }) => ({
    Ready: `${status.readyReplicas ?? 0}/${spec.replicas}`,
    'Up-to-date': status.updatedReplicas ?? 0,
    Available: status.availableReplicas ?? 0,
  }),
  faultsOf: ({ spec: { replicas, selector, template } = {} as Deployment['spec'] }) => {
    const [labels, containers] = [template?.metadata?.labels ?? {}, template?.spec?.containers]
    const matched = Object.entries(selector?.matchLabels ?? {})
    return [
      ...replicaFaults(replicas),
      ...(Array.isArray(containers) && containers.length > 0 && containers.every(({ name, image }) => name && image)
        ? []
        : [wrong('spec.template.spec.containers', containers, 'each container needs a name and an image')]),
      ...(matched.length > 0 && matched.every(([key, value]) => labels[key] === value)
        ? []
        : [wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]),
    ]
  },
}

export const autoscalers: Resource<Autoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  namespaced: true,
  writes: ['create', 'update', 'patch', 'delete'],
  columns: ({ spec, status }) => ({
    Reference: `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    MinPods: spec.minReplicas,
    MaxPods: spec.maxReplicas,
    Replicas: status.currentReplicas,
  }),
  faultsOf: ({ spec: { minReplicas, maxReplicas, scaleTargetRef } = {} as Autoscaler['spec'] }) => [
    ...(scaleTargetRef?.kind && scaleTargetRef.name
      ? []
      : [wrong('spec.scaleTargetRef', scaleTargetRef, 'must name what it scales')]),
    ...(isCount(minReplicas) && minReplicas >= 1
      ? []
      : [wrong('spec.minReplicas', minReplicas, 'must be greater than or equal to 1')]),
    ...(isCount(maxReplicas) && maxReplicas >= minReplicas
      ? []
      : [wrong('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')]),
  ],
}

/** `kubectl describe` asks for these; the sandbox has none. */
const replicasets: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  singular: 'replicaset',
  kind: 'ReplicaSet',
  shortNames: ['rs'],
  namespaced: true,
  writes: [],
}
const events: Resource = {
  group: '',
  version: 'v1',
  plural: 'events',
  singular: 'event',
  kind: 'Event',
  shortNames: ['ev'],
  namespaced: true,
  writes: [],
}

/** Everything that the sandbox's API serves. */
export const resources: readonly Resource[] = [namespaces, pods, events, deployments, replicasets, autoscalers]

export const find = (group: string, version: string, plural: string): Resource | undefined =>
  resources.find((found) => found.group === group && found.version === version && found.plural === plural)
