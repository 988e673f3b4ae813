import { plainLine, RESTART_MARK, type Rollout } from '@firebreak/kit'
import { z } from 'zod'
import { conditions, count, metadata, read, refOf } from './parse.js'
import { asksOf, containersOf, template } from './template.js'

const deployment = z.object({
  metadata: metadata.extend({ generation: z.int().default(0) }),
  spec: z.object({ replicas: z.int().min(0).default(1), paused: z.boolean().default(false), template }),
  status: z
    .object({
      observedGeneration: z.int().default(0),
      replicas: count,
      updatedReplicas: count,
      availableReplicas: count,
      conditions,
    })
    .prefault({}),
})

/** Where a Deployment's rollout stands, in the order in which `kubectl rollout status` asks. */
export function toRollout(object: unknown): Rollout {
  const { metadata, spec, status } = read(deployment, object, 'Deployment')
  const told = (type: string, holds: 'True' | 'False') =>
    status.conditions.find((condition) => condition.type === type && condition.status === holds)
  const observed = status.observedGeneration >= metadata.generation
  const { updatedReplicas: updated, replicas: pods, availableReplicas: available } = status
  const whole = observed && updated >= spec.replicas && pods <= updated && available >= updated
  const blocked = observed && !whole ? told('ReplicaFailure', 'True') : undefined
  const stalled = observed && !whole ? told('Progressing', 'False') : undefined
  const state = whole ? 'complete' : spec.paused ? 'paused' : blocked ? 'blocked' : stalled ? 'stalled' : 'progressing'
  const because = state === 'blocked' || state === 'stalled' ? (blocked ?? stalled) : undefined
  return {
    ref: refOf(metadata),
    uid: metadata.uid,
    resource_version: metadata.resourceVersion,
    generation: metadata.generation,
    state,
    why: because ? plainLine(because.message || because.reason, 500) : null,
    available,
    restart_mark: spec.template.metadata.annotations[RESTART_MARK] ?? null,
    containers: containersOf(spec.template),
    asks: asksOf(spec.template),
  }
}
