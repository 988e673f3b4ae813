import { expect, test } from 'vitest'
import { clusterContract } from './cluster-contract.js'
import { FakeCluster } from './fake-cluster.js'
import { FakeMetrics } from './fake-metrics.js'
import { metricsContract } from './metrics-contract.js'

clusterContract('the fake cluster', async () => {
  const cluster = new FakeCluster()
  cluster.deploy('prod/api', { replicas: 2 })
  return {
    reader: cluster.reader,
    hands: cluster.hands,
    deployment: 'prod/api',
    elsewhere: async () => cluster.elsewhere('prod/api', { replicas: 3 }),
    autoscale: async () => cluster.autoscale('prod/api-hpa', 'prod/api', { min: 2, max: 3 }).ref,
    job: async ({ log = '', exitCode }) => {
      const ref = 'prod/work' as const
      const failed = {
        state: 'failed' as const,
        active: 0,
        failed: 2,
        failed_because: 'BackoffLimitExceeded: 2 failed',
      }
      cluster.putJob(ref, exitCode === undefined ? {} : failed)
      cluster.say('prod/work-0', log)
      return ref
    },
    cronJob: async () => cluster.putCronJob('prod/nightly').ref,
    config: async (data) => cluster.putConfig('prod/config', data).ref,
    quota: async () => {
      const limits = { 'requests.cpu': 1_500, 'limits.memory': 2 * 2 ** 30, pods: 50 }
      const each = Object.entries(limits).map(([resource, hard]) => ({ resource, hard, used: 0 }))
      cluster.putQuota('prod/quota', each)
      return 'prod/quota'
    },
    events: async () => {
      cluster.tell('prod', { about: { kind: 'Deployment', name: 'api' }, reason: 'ScalingReplicaSet', last_ms: 5 })
      cluster.tell('prod', { about: { kind: 'Pod', name: 'api-0' }, reason: 'Scheduled', last_ms: 9 })
    },
    crash: async () => {
      const last_exit = { code: 137, reason: 'OOMKilled', finished_ms: 5 }
      const died = { name: 'api', ready: true, restarts: 1, state: 'running' as const, reason: null, last_exit }
      cluster.deploy('prod/api', { replicas: 2, restarts: 1, pods: { containers: [died] } })
      cluster.say('prod/api-0', 'fatal: out of memory', { previous: true })
    },
    effects: async () => cluster.effects.length,
    loseNextAnswer: async () => cluster.failNext('timeout', { afterEffect: true }),
    forbid: async () => cluster.failNext('forbidden'),
    takeDown: async () => {
      cluster.failNext('unreachable', { of: 'reader' })
      cluster.failNext('unreachable', { of: 'hands' })
    },
  }
})

metricsContract('the fake metrics', async () => {
  const metrics = new FakeMetrics().set('one', 42).several('several', [1, 2])
  metrics.set('gaps', 7).past('gaps', (second) => (second % 30 === 0 ? 7 : undefined))
  return {
    metrics,
    one: 'one',
    value: 42,
    gaps: { query: 'gaps', over: { from: new Date(0), until: new Date(60_000), stepSeconds: 15 } },
    none: 'none',
    several: 'several',
    takeDown: async () => {
      metrics.failNext('unreachable')
      metrics.failNext('unreachable')
    },
  }
})

test('only what happened is counted as an effect', async () => {
  const cluster = new FakeCluster()
  const { resource_version } = cluster.deploy('prod/api', { replicas: 2 })
  cluster.failNext('throttled')
  await expect(cluster.hands.scale('prod/api', 5, resource_version)).rejects.toThrow()
  expect(cluster.effects).toEqual([])
  await cluster.hands.scale('prod/api', 5, resource_version)
  expect(cluster.effects).toEqual([{ method: 'scale', args: ['prod/api', 5, resource_version] }])
})

test('pods that never become ready stay where they were', async () => {
  const cluster = new FakeCluster()
  cluster.podsBecomeReady = false
  const { resource_version } = cluster.deploy('prod/api', { replicas: 2 })
  await cluster.hands.scale('prod/api', 5, resource_version)
  expect(cluster.at('prod/api')).toMatchObject({ replicas: 5, ready: 2 })
  cluster.settle('prod/api')
  expect(cluster.at('prod/api')).toMatchObject({ replicas: 5, ready: 5 })
})
