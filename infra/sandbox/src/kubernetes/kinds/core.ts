import { ageOf } from '../age.js'
import {
  type ConfigMap,
  type Endpoints,
  type EventObject,
  type KubeObject,
  type Pod,
  type ResourceQuota,
  type Secret,
  type Service,
  selectorText,
} from '../objects.js'
import { isObject, missing, resource, wrong } from '../resource.js'
import type { Cause } from '../status.js'
import { amountOf } from '../../world/quota.js'

const group = ''
const version = 'v1'

export const namespaces = resource<KubeObject>({
  group,
  version,
  kind: 'Namespace',
  shortNames: ['ns'],
  namespaced: false,
  description: 'Namespace provides a scope for Names.',
  subresources: ['status'],
  selectable: ['status.phase'],
  columns: [{ name: 'Status', cell: ({ status }) => (status as { phase?: string } | undefined)?.phase ?? 'Active' }],
  defaults: (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }),
})

/** What `kubectl get pods` says about a pod: a reason rather than a phase, where there is one. */
function statusOf({ status: { phase, containerStatuses } }: Pod): string {
  const told = containerStatuses.map(({ state }) => state.waiting?.reason ?? state.terminated?.reason)
  return told.find((reason) => reason !== undefined) ?? phase
}

/** Pods are made by controllers: nobody schedules one that a client brings. */
export const pods = resource<Pod>({
  group,
  version,
  kind: 'Pod',
  shortNames: ['po'],
  inAll: true,
  description: 'Pod is a collection of containers. Here nothing runs in it: this is a simulator.',
  writes: ['update', 'patch', 'delete', 'deletecollection'],
  // No `status`: what a pod says of itself is its controller's alone.
  subresources: ['log', 'exec', 'attach', 'portforward'],
  selectable: ['status.phase', 'status.podIP', 'spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName'],
  columns: [
    {
      name: 'Ready',
      cell: ({ spec, status }) =>
        `${status.containerStatuses.filter(({ ready }) => ready).length}/${spec.containers.length}`,
    },
    { name: 'Status', cell: statusOf },
    {
      name: 'Restarts',
      cell: ({ status }) => {
        const count = status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0)
        const last = status.containerStatuses
          .map(({ lastState }) => lastState.terminated?.finishedAt ?? '')
          .sort()
          .at(-1)
        return count > 0 && last ? `${count} (${ageOf(last)} ago)` : String(count)
      },
    },
    { name: 'IP', cell: ({ status }) => status.podIP ?? '<none>', wide: true },
    { name: 'Node', cell: ({ spec }) => spec.nodeName ?? '<none>', wide: true },
    { name: 'Nominated Node', cell: () => '<none>', wide: true },
    { name: 'Readiness Gates', cell: () => '<none>', wide: true },
  ],
  faultsOf: ({ spec }, before) =>
    before && JSON.stringify(before.spec.containers.map(({ name }) => name)) !== JSON.stringify(namesOf(spec))
      ? [
          {
            reason: 'FieldValueForbidden',
            field: 'spec',
            message: 'Forbidden: pod updates may not change fields other than images',
          },
        ]
      : [],
})
const namesOf = (spec: unknown): unknown[] =>
  isObject(spec) && Array.isArray(spec.containers)
    ? spec.containers.map((container: unknown) => (isObject(container) ? container.name : undefined))
    : []

const FIRST_ADDRESS = [198, 51, 100]

export const services = resource<Service>({
  group,
  version,
  kind: 'Service',
  shortNames: ['svc'],
  inAll: true,
  description:
    'Service is a named abstraction of software service. Nothing listens at its address: this is a simulator.',
  subresources: ['status'],
  selectable: ['spec.clusterIP', 'spec.type'],
  columns: [
    { name: 'Type', cell: ({ spec }) => spec.type ?? 'ClusterIP' },
    { name: 'Cluster-IP', cell: ({ spec }) => spec.clusterIP ?? '<none>' },
    { name: 'External-IP', cell: () => '<none>' },
    {
      name: 'Port(s)',
      cell: ({ spec }) => spec.ports?.map(({ port, protocol }) => `${port}/${protocol}`).join(',') ?? '',
    },
    { name: 'Selector', cell: ({ spec }) => selectorText(spec.selector ?? {}) || '<none>', wide: true },
  ],
  defaults: (object) => {
    const { spec, metadata } = object
    if (!isObject(spec)) return object
    const ports = Array.isArray(spec.ports)
      ? spec.ports.map((port) => (isObject(port) ? { protocol: 'TCP', targetPort: port.port, ...port } : port))
      : undefined
    // An address of the block for documentation (RFC 5737), the same for the same name.
    const last =
      [...`${metadata.namespace}/${metadata.name}`].reduce(
        (sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 253,
        7,
      ) + 1
    const clusterIP = [...FIRST_ADDRESS, last].join('.')
    return {
      ...object,
      spec: {
        clusterIP,
        clusterIPs: [spec.clusterIP || clusterIP],
        type: 'ClusterIP',
        sessionAffinity: 'None',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
        ...spec,
        ...(ports ? { ports } : {}),
      } as Service['spec'],
      status: { loadBalancer: {} },
    }
  },
  faultsOf: ({ spec }) => {
    const ports: unknown = spec?.ports
    if (!Array.isArray(ports) || ports.length === 0) return [missing('spec.ports')]
    return ports.flatMap((given: unknown, at): Cause[] => {
      const port = isObject(given) ? given.port : given
      const fits = Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535
      return fits ? [] : [wrong(`spec.ports[${at}].port`, port, 'must be between 1 and 65535, inclusive')]
    })
  },
})

export const endpoints = resource<Endpoints>({
  group,
  version,
  kind: 'Endpoints',
  shortNames: ['ep'],
  description: 'Endpoints is a collection of endpoints that implement the actual service.',
  columns: [
    {
      name: 'Endpoints',
      cell: ({ subsets = [] }) =>
        subsets
          .flatMap(({ addresses, ports }) => addresses.flatMap(({ ip }) => ports.map(({ port }) => `${ip}:${port}`)))
          .join(',') || '<none>',
    },
  ],
  faultsOf: ({ subsets = [] }) =>
    Array.isArray(subsets) &&
    subsets.every((one: unknown) => isObject(one) && Array.isArray(one.addresses) && Array.isArray(one.ports))
      ? []
      : [wrong('subsets', subsets, 'each needs addresses and ports')],
})

const isTexts = (value: unknown) =>
  value === undefined || (isObject(value) && Object.values(value).every((text) => typeof text === 'string'))
const immutable = (field: string): Cause => ({
  reason: 'FieldValueForbidden',
  field,
  message: 'Forbidden: field is immutable when `immutable` is set',
})
const changed = (before: object | undefined, after: object | undefined) =>
  JSON.stringify(before) !== JSON.stringify(after)

export const configMaps = resource<ConfigMap>({
  group,
  version,
  kind: 'ConfigMap',
  shortNames: ['cm'],
  description: 'ConfigMap holds configuration data for pods to consume.',
  columns: [
    {
      name: 'Data',
      cell: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    },
  ],
  faultsOf: ({ data }, before) => [
    ...(isTexts(data) ? [] : [wrong('data', data, 'must be a map of texts')]),
    ...(before?.immutable && changed(before.data, data) ? [immutable('data')] : []),
  ],
})

export const secrets = resource<Secret>({
  group,
  version,
  kind: 'Secret',
  shortNames: [],
  description: 'Secret holds secret data of a certain type. Put no real secret into a simulator.',
  selectable: ['type'],
  columns: [
    { name: 'Type', cell: ({ type }) => type ?? 'Opaque' },
    { name: 'Data', cell: ({ data = {} }) => Object.keys(data).length },
  ],
  defaults: ({ stringData, ...secret }) => {
    const written = Object.entries(isObject(stringData) ? stringData : {})
    const encoded = written.map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')] as const)
    const data = { ...secret.data, ...Object.fromEntries(encoded) }
    return { type: 'Opaque', ...secret, ...(Object.keys(data).length > 0 ? { data } : {}) }
  },
  faultsOf: ({ data }, before) => [
    ...(isTexts(data) ? [] : [wrong('data', '<not shown>', 'must be a map of texts in base64')]),
    ...(before?.immutable && changed(before.data, data) ? [immutable('data')] : []),
  ],
})

export const resourceQuotas = resource<ResourceQuota>({
  group,
  version,
  kind: 'ResourceQuota',
  shortNames: ['quota'],
  description:
    'ResourceQuota sets aggregate quota restrictions enforced per namespace. Scopes are kept, not evaluated.',
  subresources: ['status'],
  columns: [
    { name: 'Request', cell: ({ status }) => shares(status, (name) => !name.startsWith('limits.')) },
    { name: 'Limit', cell: ({ status }) => shares(status, (name) => name.startsWith('limits.')) },
  ],
  faultsOf: ({ spec = {} }) =>
    Object.entries(isObject(spec.hard) ? spec.hard : {}).flatMap(([name, amount]): Cause[] =>
      amountOf(amount) === undefined ? [wrong(`spec.hard[${name}]`, amount, 'must be a quantity')] : [],
    ),
})
const shares = ({ hard = {}, used = {} }: ResourceQuota['status'] = {}, of: (name: string) => boolean): string =>
  Object.keys(hard)
    .filter(of)
    .map((name) => `${name}: ${used[name] ?? 0}/${hard[name]}`)
    .join(', ')

export const serviceAccounts = resource<KubeObject>({
  group,
  version,
  kind: 'ServiceAccount',
  shortNames: ['sa'],
  description: 'ServiceAccount binds together a name and a principal. The sandbox gives none a token.',
  columns: [{ name: 'Secrets', cell: () => 0 }],
})

export const events = resource<EventObject>({
  group,
  version,
  kind: 'Event',
  shortNames: ['ev'],
  description: 'Event is a report of an event somewhere in the cluster.',
  selectable: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'reason',
    'type',
  ],
  columns: [
    { name: 'Last Seen', cell: ({ lastTimestamp }) => ageOf(lastTimestamp) },
    { name: 'Type', cell: ({ type }) => type },
    { name: 'Reason', cell: ({ reason }) => reason },
    { name: 'Object', cell: ({ involvedObject: { kind, name } }) => `${kind.toLowerCase()}/${name}` },
    { name: 'Source', cell: ({ source }) => source?.component ?? '', wide: true },
    { name: 'Message', cell: ({ message }) => message },
    { name: 'Count', cell: ({ count }) => count, wide: true },
  ],
  faultsOf: ({ involvedObject, reason, message }) => [
    ...(isObject(involvedObject) && typeof involvedObject.kind === 'string' ? [] : [missing('involvedObject')]),
    ...(typeof reason === 'string' && typeof message === 'string' ? [] : [missing('reason')]),
  ],
})
