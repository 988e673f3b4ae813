import type { Autoscaler } from '../objects.js'
import { isCount, isObject, missing, resource, mayLack, wrong } from '../resource.js'

interface ResourceMetric {
  resource?: { current?: { averageUtilization?: number }; target?: { averageUtilization?: number }; name?: string }
}

function targetsOf({ spec: { metrics }, status: { currentMetrics } }: Autoscaler): string {
  const target = (metrics?.[0] as ResourceMetric | undefined)?.resource
  const current = (currentMetrics?.[0] as ResourceMetric | undefined)?.resource?.current?.averageUtilization
  if (!target) return '<none>'
  return `${target.name}: ${current === undefined ? '<unknown>' : `${current}%`}/${target.target?.averageUtilization}%`
}

export const autoscalers = resource<Autoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  inAll: true,
  description: 'HorizontalPodAutoscaler scales a Deployment by a metric; here by the load that the sandbox simulates.',
  subresources: ['status'],
  columns: [
    { name: 'Reference', cell: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}` },
    { name: 'Targets', cell: targetsOf },
    { name: 'MinPods', cell: ({ spec }) => spec.minReplicas },
    { name: 'MaxPods', cell: ({ spec }) => spec.maxReplicas },
    { name: 'Replicas', cell: ({ status }) => status.currentReplicas ?? 0 },
  ],
  defaults: (object) =>
    isObject(object.spec)
      ? {
          ...object,
          spec: {
            minReplicas: 1,
            metrics: [
              { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
            ],
            ...mayLack(object.spec, 'minReplicas', 'metrics'),
          },
        }
      : object,
  faultsOf: ({ spec: { minReplicas, maxReplicas, scaleTargetRef } = {} as Autoscaler['spec'] }) => [
    ...(scaleTargetRef?.kind && scaleTargetRef.name
      ? []
      : [missing('spec.scaleTargetRef', 'must name what it scales')]),
    ...(isCount(minReplicas) && minReplicas >= 1
      ? []
      : [wrong('spec.minReplicas', minReplicas, 'must be greater than or equal to 1')]),
    ...(isCount(maxReplicas) && maxReplicas >= minReplicas
      ? []
      : [wrong('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')]),
  ],
})
