import type { Deployment, Pod, WorkloadRef } from '@firebreak/kit'
import { z } from 'zod'
import { conditions, count, metadata, read, refOf, selector, texts, time } from './parse.js'

const deployment = z.object({
  metadata: metadata.extend({ generation: z.int().default(0) }),
  spec: z.object({
    replicas: z.int().min(0).default(1),
    selector,
    template: z
      .object({
        spec: z
          .object({ containers: z.array(z.object({ name: z.string(), image: z.string().default('') })).default([]) })
          .prefault({}),
      })
      .prefault({}),
  }),
  status: z
    .object({ readyReplicas: count, updatedReplicas: count, observedGeneration: z.int().default(0) })
    .prefault({}),
})

const ended = z.object({ exitCode: z.int(), reason: z.string().default(''), finishedAt: time })
const pod = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ nodeName: z.string().nullish() }).prefault({}),
  status: z
    .object({
      phase: z.string().default('Unknown'),
      conditions,
      containerStatuses: z
        .array(
          z.object({
            name: z.string().default(''),
            ready: z.boolean().default(false),
            restartCount: count,
            state: z
              .object({
                waiting: z.object({ reason: z.string().default('') }).nullish(),
                running: z.looseObject({}).nullish(),
                terminated: ended.nullish(),
              })
              .prefault({}),
            lastState: z.object({ terminated: ended.nullish() }).prefault({}),
          }),
        )
        .default([]),
    })
    .prefault({}),
})

type Found<Schema extends z.ZodType> = z.output<Schema>

export const readDeployment = (object: unknown): Found<typeof deployment> => read(deployment, object, 'Deployment')

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
    images: Object.fromEntries(spec.template.spec.containers.map(({ name, image }) => [name, image])),
  }
}

export function toPod(object: unknown): Pod {
  const { metadata, spec, status } = read(pod, object, 'Pod')
  return {
    name: metadata.name,
    node: spec.nodeName || null,
    phase: status.phase,
    ready: status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    restarts: status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    containers: status.containerStatuses.map(({ name, ready, restartCount, state, lastState }) => ({
      name,
      ready,
      restarts: restartCount,
      state: state.running ? 'running' : state.waiting ? 'waiting' : state.terminated ? 'terminated' : 'unknown',
      reason: (state.waiting ?? state.terminated)?.reason || null,
      last_exit: lastState.terminated
        ? {
            code: lastState.terminated.exitCode,
            reason: lastState.terminated.reason,
            finished_ms: lastState.terminated.finishedAt,
          }
        : null,
    })),
  }
}

const labelled = z.object({ metadata: z.object({ labels: texts }) })

/** The Job that a pod was made for: its controller writes that into this label of each. */
export const jobOf = (object: unknown, namespace: string): WorkloadRef =>
  `${namespace}/${read(labelled, object, 'Pod').metadata.labels['job-name'] ?? ''}`
