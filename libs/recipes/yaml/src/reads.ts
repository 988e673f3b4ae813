import { PortFailure, type JsonObject, type Readers, type WorkloadRef } from '@firebreak/kit'
import { z } from 'zod'
import { most, type Shape } from './cel/index.js'

/*
 * What `diagnose` may look at: the kit's reader ports as a closed list of words. A read gives facts of a known shape, so
 * that every expression over them is checked before anything runs. A new one is one entry here.
 */

/**
 * What an argument is, and so who may have chosen it.
 * `name` picks from the house: whatever is asked for, only what the house knows is found.
 * `workload` and `namespace` name a thing of the cluster: an alert may only pick among the namespaces of `within`.
 * `query` is text for another system: neither an alert nor a parameter may write any of it.
 */
export type ArgumentKind = 'name' | 'workload' | 'namespace' | 'query' | 'value'

export interface Read {
  arguments: Readonly<Record<string, ArgumentKind>>
  /** What else may be written: plain values, no expressions. */
  settings: z.ZodRawShape
  /** `computed`: whatever the expression gives. */
  gives: Shape | 'computed'
  /** Fields that may not be there. */
  sometimes?: readonly string[]
  /** The sentence when nothing was found; without it there always is an answer. */
  missing?: (args: Record<string, string>) => string
  look(readers: Readers, args: Record<string, string>, settings: Record<string, unknown>): Promise<unknown>
}

const deployment = {
  ref: 'string',
  uid: 'string',
  replicas: 'int',
  ready: 'int',
  updated: 'int',
  observed: 'bool',
} as const

const autoscaler = { ref: 'string', uid: 'string', min: 'int', max: 'int', current: 'int', desired: 'int' } as const

export const reads = {
  /** A service of `firebreak.yaml`, by its name. */
  service: {
    arguments: { name: 'name' },
    settings: {},
    gives: {
      name: 'string',
      environment: 'string',
      deployment: 'string',
      p95_threshold_ms: 'int',
      max_replicas: 'int',
      p95_query: 'string',
      requests_per_second_query: 'string',
      downstream_depth_query: 'string',
    },
    sometimes: ['requests_per_second_query', 'downstream_depth_query'],
    missing: ({ name }) => `there is no service ${JSON.stringify(name)} in firebreak.yaml`,
    look: async ({ directory }, { name }) => {
      const found = directory.service(name!)
      if (!found) return undefined
      const { metrics, ...service } = found
      return {
        name: service.name,
        environment: service.environment,
        deployment: service.deployment,
        p95_threshold_ms: service.p95_threshold_ms,
        max_replicas: service.max_replicas,
        p95_query: metrics.p95_ms,
        requests_per_second_query: metrics.requests_per_second,
        downstream_depth_query: metrics.downstream_depth,
      }
    },
  },
  /** A Deployment, by namespace/name. */
  deployment: {
    arguments: { ref: 'workload' },
    settings: {},
    gives: deployment,
    missing: ({ ref }) => `deployment ${ref} is not there`,
    look: async ({ cluster }, { ref }) => pick(deployment, await cluster.deployment(ref as WorkloadRef)),
  },
  /** The autoscaler that governs a Deployment. */
  autoscaler: {
    arguments: { of: 'workload' },
    settings: {},
    gives: autoscaler,
    missing: ({ of }) => `no autoscaler governs ${of}`,
    look: async ({ cluster }, { of }) => pick(autoscaler, await cluster.autoscalerOf(of as WorkloadRef)),
  },
  /** The pods of a Deployment, counted. */
  pods: {
    arguments: { of: 'workload' },
    settings: {},
    gives: { count: 'int', ready: 'int', restarts: 'int' },
    look: async ({ cluster }, { of }) => {
      const pods = await cluster.podsOf(of as WorkloadRef)
      return {
        count: pods.length,
        ready: pods.filter(({ ready }) => ready).length,
        restarts: pods.reduce((sum, { restarts }) => sum + restarts, 0),
      }
    },
  },
  /** Every Deployment of a namespace, by name. */
  deployments: {
    arguments: { namespace: 'namespace' },
    settings: {},
    gives: [deployment],
    look: async ({ cluster }, { namespace }) => {
      const found = await cluster.deployments(namespace!)
      if (found.length > most.list)
        throw new PortFailure(
          'invalid',
          `${namespace} has ${found.length} Deployments; at most ${most.list} are looked at`,
        )
      return found.sort((a, b) => (a.ref < b.ref ? -1 : 1)).map((one) => pick(deployment, one))
    },
  },
  /** One number of the monitoring system. Facts are whole numbers: say in which unit by `times`, and how to round. */
  metric: {
    arguments: { query: 'query' },
    settings: {
      times: z
        .int('a whole number from 1 to 1000000')
        .min(1, 'a whole number from 1 to 1000000')
        .max(1_000_000, 'a whole number from 1 to 1000000')
        .default(1)
        .describe('What to multiply it with before it is rounded: 1000 makes milliseconds of seconds.'),
      round: z
        .enum(['up', 'down', 'nearest'], 'one of up, down, nearest')
        .default('nearest')
        .describe('To which side.'),
    },
    gives: 'int',
    missing: ({ query }) => `it is not being measured: ${query}`,
    look: async ({ metrics }, { query }, { times, round }) => {
      const to = { up: Math.ceil, down: Math.floor, nearest: Math.round }[round as 'up' | 'down' | 'nearest']
      const value = to(((await metrics.value(query!)) ?? NaN) * (times as number))
      // A histogram without data is NaN, and what no canonical JSON can hold is no reading either: it is missing.
      return Number.isSafeInteger(value) ? value : undefined
    },
  },
  /** Something worked out from what was read: it has a name then, and the approver sees it. */
  value: {
    arguments: { is: 'value' },
    settings: {},
    gives: 'computed',
    look: async (_, { is }) => is,
  },
} as const satisfies Record<string, Read>

export type ReadName = keyof typeof reads
export const readNames = Object.keys(reads) as ReadName[]

/** The fields of a fact and no others: a plan's digest covers them. */
function pick(fields: object, found: object | undefined): JsonObject | undefined {
  return found && Object.fromEntries(Object.keys(fields).map((key) => [key, found[key as keyof typeof found]]))
}
