import { plainLine, PortFailure, type Autoscaler, type AutoscalerMetric } from '@firebreak/kit'
import { z } from 'zod'
import { conditions, count, metadata, read, refOf } from './parse.js'
import { quantity } from './quantity.js'

const amount = z.union([z.string(), z.number()]).nullish()
const figure = z.object({ averageUtilization: z.int().nullish(), averageValue: amount, value: amount })
/** A spec has a `target`, a status a `current`; what it is called stands beside it, or in a metric of its own. */
const source = z.object({
  name: z.string().nullish(),
  metric: z.object({ name: z.string() }).nullish(),
  target: figure.nullish(),
  current: figure.nullish(),
})
const metric = z.object({
  type: z.string(),
  resource: source.nullish(),
  containerResource: source.nullish(),
  pods: source.nullish(),
  object: source.nullish(),
  external: source.nullish(),
})
type Metric = z.output<typeof metric>

const autoscaler = z.object({
  metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: z.string(), apiVersion: z.string().optional() }),
    minReplicas: z.int().default(1),
    maxReplicas: z.int(),
    metrics: z.array(metric).nullish(),
  }),
  status: z
    .object({ currentReplicas: count, desiredReplicas: count, currentMetrics: z.array(metric).nullish(), conditions })
    .prefault({}),
})

export const readAutoscaler = (object: unknown): z.output<typeof autoscaler> =>
  read(autoscaler, object, 'HorizontalPodAutoscaler')

export function toAutoscaler(object: unknown): Autoscaler {
  const { metadata, spec, status } = readAutoscaler(object)
  const now = new Map((status.currentMetrics ?? []).map((one) => [keyOf(one), one]))
  return {
    ref: refOf(metadata),
    uid: metadata.uid,
    resource_version: metadata.resourceVersion,
    min: spec.minReplicas,
    max: spec.maxReplicas,
    current: status.currentReplicas,
    desired: status.desiredReplicas,
    metrics: (spec.metrics ?? []).map((wanted) => toMetric(wanted, now.get(keyOf(wanted)))),
    conditions: status.conditions.map(({ type, status, reason, message }) => ({
      type: plainLine(type, 63),
      holds: status === 'True' ? true : status === 'False' ? false : null,
      reason: plainLine(reason, 128),
      message: plainLine(message, 1_024),
    })),
  }
}

const sourceOf = ({ resource, containerResource, pods, object, external }: Metric) =>
  resource ?? containerResource ?? pods ?? object ?? external ?? {}

const nameOf = (one: Metric): string => {
  const { name, metric } = sourceOf(one)
  return plainLine(name ?? metric?.name ?? one.type, 253)
}

const keyOf = (one: Metric): string => `${one.type} ${nameOf(one)}`

/** In the unit of its target: where that is a share, the status tells the share and the amount. */
function toMetric(wanted: Metric, now: Metric | undefined): AutoscalerMetric {
  const name = nameOf(wanted)
  const [target, current] = [sourceOf(wanted).target, now && sourceOf(now).current]
  if (target?.averageUtilization != null)
    return { name, current: current?.averageUtilization ?? null, target: target.averageUtilization, unit: 'percent' }
  const unit = name === 'memory' ? 'bytes' : 'millis'
  const told = (of: typeof target | undefined) => whole(of?.averageValue ?? of?.value, unit)
  return { name, current: told(current), target: told(target), unit }
}

/** Figures are for those who read them: one that no plan can hold is not known, and stops nobody. */
function whole(text: string | number | null | undefined, unit: 'bytes' | 'millis'): number | null {
  if (text == null) return null
  try {
    return quantity(text, unit === 'bytes' ? 'pieces' : 'millis')
  } catch (error) {
    if (error instanceof PortFailure) return null
    throw error
  }
}
