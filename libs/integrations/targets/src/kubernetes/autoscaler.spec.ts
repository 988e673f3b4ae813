import { expect, test } from 'vitest'
import { toAutoscaler } from './autoscaler.js'

const anAutoscaler = (metrics: unknown, currentMetrics: unknown, conditions: unknown = []) => ({
  metadata: { name: 'api', namespace: 'prod', uid: 'u', resourceVersion: '7' },
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'api' }, minReplicas: 2, maxReplicas: 3, metrics },
  status: { currentReplicas: 3, desiredReplicas: 3, currentMetrics, conditions },
})

test('each figure stands beside its target, in the unit of the target, whatever kind it is', () => {
  const of = (name: string) => ({ metric: { name } })
  const { metrics } = toAutoscaler(
    anAutoscaler(
      [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
        { type: 'Pods', pods: { ...of('requests'), target: { type: 'AverageValue', averageValue: '50' } } },
        { type: 'External', external: { ...of('queue'), target: { type: 'Value', value: '2500m' } } },
      ],
      [
        { type: 'External', external: { ...of('queue'), current: { value: '4' } } },
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 92, averageValue: '184m' } } },
        { type: 'Pods', pods: { ...of('requests'), current: { averageValue: '1e30' } } },
      ],
    ),
  )
  expect(metrics).toEqual([
    { name: 'cpu', current: 92, target: 70, unit: 'percent' },
    { name: 'memory', current: null, target: 1_073_741_824, unit: 'bytes' },
    { name: 'requests', current: null, target: 50_000, unit: 'millis' },
    { name: 'queue', current: 4_000, target: 2_500, unit: 'millis' },
  ])
})

test('one that was given no figures, or has not looked yet, has none; what it says of itself is a plain line', () => {
  expect(toAutoscaler(anAutoscaler(null, null))).toMatchObject({ metrics: [], conditions: [] })
  const said = [
    { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message: 'no\u202e metrics\u0007' },
    { type: 'AbleToScale', status: 'Unknown' },
  ]
  expect(toAutoscaler(anAutoscaler([], [], said)).conditions).toEqual([
    { type: 'ScalingActive', holds: false, reason: 'FailedGetResourceMetric', message: 'no metrics' },
    { type: 'AbleToScale', holds: null, reason: '', message: '' },
  ])
})
