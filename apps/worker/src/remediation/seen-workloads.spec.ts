import { FakeCluster } from '@firebreak/kit/testing'
import { expect, test } from 'vitest'
import { seenDeployments } from './seen-workloads.js'

test('of many Deployments two lists are asked for, and each has what scales it; where two fight over one, none', async () => {
  const cluster = new FakeCluster()
  for (let at = 0; at < 30; at++) cluster.deploy(`prod/api-${at}`, { replicas: 2 })
  cluster.autoscale('prod/one', 'prod/api-1', { min: 2, max: 5 })
  cluster.autoscale('prod/two', 'prod/api-2', { min: 1, max: 3 })
  cluster.autoscale('prod/three', 'prod/api-2', { min: 4, max: 9 })
  const asked: string[] = []
  const counted = new Proxy(cluster.reader, {
    get: (of, name) => {
      asked.push(String(name))
      const member: unknown = Reflect.get(of, name)
      return typeof member === 'function' ? (member as () => unknown).bind(of) : member
    },
  })
  const seen = new Map(await seenDeployments(counted, 'prod'))
  expect(seen.size).toBe(30)
  expect(asked.sort()).toEqual(['autoscalers', 'deployments'])
  expect(seen.get('deployment:prod/api-1')).toMatchObject({ autoscaler: { name: 'prod/one', max: 5 } })
  expect(seen.get('deployment:prod/api-2')).toMatchObject({ autoscaler: null })
})
