/** The objects that the sandbox keeps, with the fields that it reads or writes itself. Others are kept as they came. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: Metadata
  spec?: object
  status?: object
}

export interface Metadata {
  name: string
  namespace?: string
  uid: string
  resourceVersion: string
  creationTimestamp: string
  generation?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  managedFields?: ManagedFields[]
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** Who set which fields: `metadata.managedFields`. */
export interface ManagedFields {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time: string
  fieldsType: 'FieldsV1'
  fieldsV1: FieldsV1
  subresource?: string
}

/** A tree of `f:<field>`, `k:<keys>` and `v:<value>`; `.` says that the node itself is meant too. */
export interface FieldsV1 {
  [element: string]: FieldsV1
}

export interface Condition {
  type: string
  status: 'True' | 'False'
  reason?: string
  message?: string
  lastTransitionTime: string
  lastUpdateTime?: string
}

export interface Selector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> }
  spec: PodSpec
}

export interface Deployment extends KubeObject {
  spec: {
    replicas: number
    selector: Selector & { matchLabels: Record<string, string> }
    template: PodTemplate
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } }
    paused?: boolean
    revisionHistoryLimit?: number
    progressDeadlineSeconds?: number
  }
  status: {
    observedGeneration?: number
    replicas?: number
    updatedReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    unavailableReplicas?: number
    conditions?: Condition[]
  }
}

export interface ReplicaSet extends KubeObject {
  spec: { replicas: number; selector: Selector & { matchLabels: Record<string, string> }; template: PodTemplate }
  status: {
    replicas?: number
    fullyLabeledReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    observedGeneration?: number
    conditions?: Condition[]
  }
}

export interface Container {
  name: string
  image: string
  env?: { name: string; value?: string }[]
  command?: string[]
  args?: string[]
  ports?: { name?: string; containerPort: number; protocol?: string }[]
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> }
}

export interface PodSpec {
  containers: Container[]
  nodeName?: string
  restartPolicy?: string
}

export interface ContainerState {
  running?: { startedAt: string }
  waiting?: { reason: string; message?: string }
  terminated?: { exitCode: number; reason: string; startedAt: string; finishedAt: string }
}

export interface ContainerStatus {
  name: string
  image: string
  imageID: string
  ready: boolean
  started: boolean
  restartCount: number
  state: ContainerState
  lastState: ContainerState
}

export interface Pod extends KubeObject {
  spec: PodSpec
  status: {
    phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
    startTime: string
    podIP?: string
    conditions: Condition[]
    containerStatuses: ContainerStatus[]
  }
}

export interface Autoscaler extends KubeObject {
  spec: {
    scaleTargetRef: { apiVersion: string; kind: string; name: string }
    minReplicas: number
    maxReplicas: number
    metrics: object[]
  }
  status: {
    currentReplicas: number
    desiredReplicas: number
    lastScaleTime?: string
    currentMetrics?: object[]
    conditions?: Condition[]
  }
}

export interface Job extends KubeObject {
  spec: {
    parallelism: number
    completions: number
    backoffLimit: number
    suspend?: boolean
    activeDeadlineSeconds?: number
    ttlSecondsAfterFinished?: number
    selector: { matchLabels: Record<string, string> }
    template: PodTemplate
  }
  status: {
    active?: number
    ready?: number
    succeeded?: number
    failed?: number
    startTime?: string
    completionTime?: string
    conditions?: Condition[]
  }
}

export interface CronJob extends KubeObject {
  spec: {
    schedule: string
    suspend?: boolean
    concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace'
    successfulJobsHistoryLimit?: number
    failedJobsHistoryLimit?: number
    jobTemplate: { metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }; spec: object }
  }
  status: { active?: object[]; lastScheduleTime?: string; lastSuccessfulTime?: string }
}

export interface Service extends KubeObject {
  spec: {
    type?: string
    clusterIP?: string
    selector?: Record<string, string>
    ports?: { name?: string; port: number; protocol?: string; targetPort?: number | string }[]
  }
}

export interface Endpoints extends KubeObject {
  subsets?: { addresses: { ip: string }[]; ports: { name?: string; port: number; protocol: string }[] }[]
}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>
  binaryData?: Record<string, string>
  immutable?: boolean
}

/** `data` is base64; `stringData` is written and never read. */
export interface Secret extends KubeObject {
  type?: string
  data?: Record<string, string>
  stringData?: Record<string, string>
  immutable?: boolean
}

export interface ResourceQuota extends KubeObject {
  spec?: { hard?: Record<string, string | number>; scopes?: string[] }
  status?: { hard?: Record<string, string | number>; used?: Record<string, string> }
}

export interface EventObject extends KubeObject {
  involvedObject: { apiVersion: string; kind: string; name: string; namespace?: string; uid: string }
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  count: number
  firstTimestamp: string
  lastTimestamp: string
  source: { component: string }
}

export interface Role extends KubeObject {
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[]
}

export interface RoleBinding extends KubeObject {
  roleRef: { kind: 'Role' | 'ClusterRole'; name: string }
  subjects?: { kind: string; name: string; namespace?: string }[]
}

export interface Scale extends KubeObject {
  spec: { replicas: number }
  status: { replicas: number; selector: string }
}

/** Is this pod ready? */
export const isReady = (pod: Pod): boolean =>
  pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')

/** Has it ended, one way or the other? */
export const isOver = ({ status: { phase } }: Pod): boolean => phase === 'Succeeded' || phase === 'Failed'

/** Is this object controlled by the one with that uid? */
export const isControlledBy = ({ metadata }: KubeObject, uid: string): boolean =>
  metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller) === true

/** An object's reference to the one that made it. */
export const ownedBy = ({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
})

export const selectorText = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

/** Wall time as the API writes it: whole seconds. */
export const stamp = (ms = Date.now()): string => new Date(ms).toISOString().replace(/\.\d+/, '')

/** An object without some of its fields. */
export const omit = <T extends object, K extends keyof T>(object: T, ...fields: K[]): Omit<T, K> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !fields.includes(key as K))) as Omit<T, K>
