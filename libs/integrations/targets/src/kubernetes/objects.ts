import { PortFailure, type Autoscaler, type Deployment, type Pod, type WorkloadRef } from '@firebreak/kit'
import { z } from 'zod'

/*
 * The fields that we use, and no others. Counts that the API leaves out are zero by its own convention
 * (`omitempty`); an identity that is left out is no object of Kubernetes, and is refused.
 */
const count = z.int().min(0).default(0)
const metadata = z.object({
  name: z.string().min(1),
  namespace: z.string().min(1),
  uid: z.string().min(1),
  resourceVersion: z.string().min(1),
})

const deployment = z.object({
  metadata: metadata.extend({ generation: z.int().default(0) }),
  spec: z.object({
    replicas: z.int().min(0).default(1),
    selector: z.object({
      matchLabels: z.record(z.string(), z.string()).default({}),
      matchExpressions: z
        .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
        .default([]),
    }),
  }),
  status: z
    .object({ readyReplicas: count, updatedReplicas: count, observedGeneration: z.int().default(0) })
    .prefault({}),
})

const autoscaler = z.object({
  metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: z.string(), apiVersion: z.string().optional() }),
    minReplicas: z.int().default(1),
    maxReplicas: z.int(),
  }),
  status: z.object({ currentReplicas: count, desiredReplicas: count }).prefault({}),
})

const pod = z.object({
  metadata: z.object({ name: z.string() }),
  status: z
    .object({
      phase: z.string().default('Unknown'),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      containerStatuses: z.array(z.object({ restartCount: count })).default([]),
    })
    .prefault({}),
})

type Found<Schema extends z.ZodType> = z.output<Schema>

export const readDeployment = (object: unknown): Found<typeof deployment> => read(deployment, object, 'Deployment')
export const readAutoscaler = (object: unknown): Found<typeof autoscaler> =>
  read(autoscaler, object, 'HorizontalPodAutoscaler')

const refOf = ({ namespace, name }: { namespace: string; name: string }): WorkloadRef => `${namespace}/${name}`

export function toDeployment(object: unknown): Deployment {
  const { metadata, spec, status } = readDeployment(object)
  return {
    ref: refOf(metadata),
    uid: metadata.uid,
    resource_version: metadata.resourceVersion,
    replicas: spec.replicas,
    ready: status.readyReplicas,
    updated: status.updatedReplicas,
    observed: status.observedGeneration >= metadata.generation,
  }
}

export function toAutoscaler(object: unknown): Autoscaler {
  const { metadata, spec, status } = readAutoscaler(object)
  return {
    ref: refOf(metadata),
    uid: metadata.uid,
    resource_version: metadata.resourceVersion,
    min: spec.minReplicas,
    max: spec.maxReplicas,
    current: status.currentReplicas,
    desired: status.desiredReplicas,
  }
}

export function toPod(object: unknown): Pod {
  const { metadata, status } = read(pod, object, 'Pod')
  return {
    name: metadata.name,
    phase: status.phase,
    ready: status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    restarts: status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
  }
}

/** A Deployment's selector as the `labelSelector` parameter of a list. */
export function selectorOf({ matchLabels, matchExpressions }: Found<typeof deployment>['spec']['selector']): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const other = matchExpressions.map(({ key, operator, values }) => {
    if (operator === 'In') return `${key} in (${values.join(',')})`
    if (operator === 'NotIn') return `${key} notin (${values.join(',')})`
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    throw new PortFailure('invalid', `the selector operator ${operator} is not known`)
  })
  return [...equal, ...other].join(',')
}

function read<Schema extends z.ZodType>(schema: Schema, object: unknown, kind: string): z.output<Schema> {
  const found = schema.safeParse(object)
  if (found.success) return found.data
  const [issue] = found.error.issues
  throw new PortFailure('invalid', `the answer is no ${kind}: ${issue?.path.join('.')} ${issue?.message}`)
}
