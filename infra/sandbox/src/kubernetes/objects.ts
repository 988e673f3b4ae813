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
  ownerReferences?: { kind: string; name: string; uid: string }[]
}

export interface Condition {
  type: string
  status: 'True' | 'False'
  reason?: string
  message?: string
  lastTransitionTime: string
  lastUpdateTime?: string
}

export interface Deployment extends KubeObject {
  spec: {
    replicas: number
    selector: { matchLabels: Record<string, string> }
    template: { metadata: { labels: Record<string, string> }; spec: PodSpec }
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

export interface PodSpec {
  containers: { name: string; image: string }[]
}

export interface Pod extends KubeObject {
  spec: PodSpec
  status: {
    phase: 'Pending' | 'Running'
    startTime: string
    conditions: Condition[]
    containerStatuses: { name: string; image: string; ready: boolean; restartCount: number; state: object }[]
  }
}

export interface Autoscaler extends KubeObject {
  spec: {
    scaleTargetRef: { apiVersion: string; kind: string; name: string }
    minReplicas: number
    maxReplicas: number
    metrics: object[]
  }
  status: { currentReplicas: number; desiredReplicas: number; currentMetrics?: object[]; conditions?: Condition[] }
}

export interface Scale extends KubeObject {
  spec: { replicas: number }
  status: { replicas: number; selector: string }
}

/** Is this pod ready? */
export const isReady = (pod: Pod): boolean =>
  pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')

export const selectorText = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
