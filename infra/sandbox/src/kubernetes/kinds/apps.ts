import type { Deployment, ReplicaSet } from '../objects.js'
import { selectorText } from '../objects.js'
import { isCount, isObject, missing, resource, mayLack, wrong } from '../resource.js'
import type { Cause } from '../status.js'
import { containersOf, podFaults, withPodDefaults } from './pod-template.js'

const group = 'apps'
const version = 'v1'

/** The largest number of replicas that the sandbox makes pods for: a slip of the finger must not fill the memory. */
const MOST_REPLICAS = 100

export function replicaFaults(replicas: unknown): Cause[] {
  if (!isCount(replicas)) return [wrong('spec.replicas', replicas, 'must be greater than or equal to 0')]
  return replicas > MOST_REPLICAS
    ? [wrong('spec.replicas', replicas, `the sandbox makes at most ${MOST_REPLICAS} pods`)]
    : []
}

/** A selector must be there, match the template, and stay what it is. */
function selectorFaults(spec: Deployment['spec'], before?: Deployment['spec']): Cause[] {
  const { selector, template } = spec
  if (!isObject(selector) || !isObject(selector.matchLabels) || Object.keys(selector.matchLabels).length === 0)
    return [missing('spec.selector')]
  const labels = template?.metadata?.labels ?? {}
  if (!Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value))
    return [wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]
  return before && JSON.stringify(before.selector) !== JSON.stringify(selector)
    ? [wrong('spec.selector', selector, 'field is immutable')]
    : []
}

const isShare = (value: unknown) => isCount(value) || (typeof value === 'string' && /^\d{1,3}%$/.test(value))

function strategyFaults({ strategy }: Deployment['spec']): Cause[] {
  if (strategy?.type !== 'RollingUpdate')
    return strategy?.type === 'Recreate'
      ? []
      : [
          {
            reason: 'FieldValueNotSupported',
            field: 'spec.strategy.type',
            message: `Unsupported value: ${JSON.stringify(strategy?.type)}: supported values: "Recreate", "RollingUpdate"`,
          },
        ]
  const { maxSurge, maxUnavailable } = strategy.rollingUpdate ?? {}
  const at = 'spec.strategy.rollingUpdate'
  const none = (value: unknown) => value === 0 || value === '0%'
  return [
    ...(isShare(maxSurge) ? [] : [wrong(`${at}.maxSurge`, maxSurge, 'must be a count or a percentage')]),
    ...(isShare(maxUnavailable)
      ? []
      : [wrong(`${at}.maxUnavailable`, maxUnavailable, 'must be a count or a percentage')]),
    ...(none(maxSurge) && none(maxUnavailable)
      ? [wrong(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
  ]
}

export const deployments = resource<Deployment>({
  group,
  version,
  kind: 'Deployment',
  shortNames: ['deploy'],
  inAll: true,
  description: 'Deployment enables declarative updates for Pods and ReplicaSets.',
  subresources: ['status', 'scale'],
  columns: [
    { name: 'Ready', cell: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}` },
    { name: 'Up-to-date', cell: ({ status }) => status.updatedReplicas ?? 0 },
    { name: 'Available', cell: ({ status }) => status.availableReplicas ?? 0 },
    { name: 'Containers', cell: ({ spec }) => containersOf(spec.template).names, wide: true },
    { name: 'Images', cell: ({ spec }) => containersOf(spec.template).images, wide: true },
    { name: 'Selector', cell: ({ spec }) => selectorText(spec.selector.matchLabels), wide: true },
  ],
  defaults: (object) => {
    const { spec } = object
    if (!isObject(spec)) return object
    const { strategy } = spec
    const type = strategy?.type ?? 'RollingUpdate'
    const rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...strategy?.rollingUpdate }
    return {
      ...object,
      spec: {
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        ...mayLack(spec, 'replicas'),
        strategy: type === 'RollingUpdate' ? { ...strategy, type, rollingUpdate } : { ...strategy, type },
        template: withPodDefaults(spec.template),
      },
    }
  },
  faultsOf: ({ spec = {} as Deployment['spec'] }, before) => [
    ...replicaFaults(spec.replicas),
    ...selectorFaults(spec, before?.spec),
    ...strategyFaults(spec),
    ...podFaults(spec.template, 'spec.template'),
  ],
})

export const replicaSets = resource<ReplicaSet>({
  group,
  version,
  kind: 'ReplicaSet',
  shortNames: ['rs'],
  inAll: true,
  description: 'ReplicaSet ensures that a specified number of pod replicas are running at any given time.',
  subresources: ['status', 'scale'],
  columns: [
    { name: 'Desired', cell: ({ spec }) => spec.replicas },
    { name: 'Current', cell: ({ status }) => status.replicas ?? 0 },
    { name: 'Ready', cell: ({ status }) => status.readyReplicas ?? 0 },
    { name: 'Containers', cell: ({ spec }) => containersOf(spec.template).names, wide: true },
    { name: 'Images', cell: ({ spec }) => containersOf(spec.template).images, wide: true },
    { name: 'Selector', cell: ({ spec }) => selectorText(spec.selector.matchLabels), wide: true },
  ],
  defaults: (object) =>
    isObject(object.spec)
      ? {
          ...object,
          spec: { replicas: 1, ...mayLack(object.spec, 'replicas'), template: withPodDefaults(object.spec.template) },
        }
      : object,
  faultsOf: ({ spec = {} as ReplicaSet['spec'] }, before) => [
    ...replicaFaults(spec.replicas),
    ...selectorFaults(spec, before?.spec),
    ...podFaults(spec.template, 'spec.template'),
  ],
})
