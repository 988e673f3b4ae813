import { selectorText, type Deployment, type ReplicaSet, type Scale } from './objects.js'

type Scaled = Deployment | ReplicaSet

/** The subresource through which replicas are changed, and nothing else can be. */
export function scaleOf({ metadata, spec, status: { replicas = 0 } = {} }: Scaled): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas },
    status: { replicas, selector: selectorText(spec.selector.matchLabels) },
  }
}

/** The workload that a changed scale asks for. A scale without a number asks for none, as in Kubernetes. */
export const scaled = <T extends Scaled>(workload: T, { spec }: Scale): T => ({
  ...workload,
  spec: { ...workload.spec, replicas: spec?.replicas ?? 0 },
})
