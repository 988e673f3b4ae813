import { selectorText, type Deployment, type Scale } from './objects.js'

/** The subresource through which replicas are changed, and nothing else can be. */
export function scaleOf({ metadata, spec, status: { replicas = 0 } }: Deployment): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas },
    status: { replicas, selector: selectorText(spec.selector.matchLabels) },
  }
}

/** The Deployment that a changed scale asks for. */
export const scaled = (deployment: Deployment, { spec: { replicas } }: Scale): Deployment => ({
  ...deployment,
  spec: { ...deployment.spec, replicas },
})
