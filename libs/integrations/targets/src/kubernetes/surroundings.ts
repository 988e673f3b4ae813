import { plainLine, type ClusterEvent, type ConfigMap, type Quota } from '@firebreak/kit'
import { z } from 'zod'
import { metadata, read, refOf, texts, time } from './parse.js'
import { amounts, quantity, unitOf } from './quantity.js'

const event = z.object({
  involvedObject: z.object({ kind: z.string().default(''), name: z.string().default('') }),
  type: z.string().default('Normal'),
  reason: z.string().default(''),
  message: z.string().default(''),
  count: z.int().min(1).nullish(),
  lastTimestamp: time,
  eventTime: time,
  series: z.object({ count: z.int().min(1).nullish(), lastObservedTime: time }).nullish(),
  metadata: z.object({ creationTimestamp: time }),
})

/** Of two generations of events: those that are counted up, and those of `events.k8s.io`, which have a series. */
export function toEvent(object: unknown): ClusterEvent {
  const { involvedObject: about, type, reason, message, count, series, ...times } = read(event, object, 'Event')
  const last = series?.lastObservedTime ?? times.lastTimestamp ?? times.eventTime ?? times.metadata.creationTimestamp
  return {
    about: { kind: plainLine(about.kind, 63), name: plainLine(about.name, 253) },
    type: type === 'Warning' ? 'Warning' : 'Normal',
    reason: plainLine(reason, 128),
    message: plainLine(message, 1_024),
    count: series?.count ?? count ?? 1,
    last_ms: last ?? 0,
  }
}

const quota = z.object({
  metadata,
  spec: z.object({ scopes: z.array(z.string()).default([]), scopeSelector: z.unknown().optional() }).prefault({}),
  status: z.object({ hard: amounts, used: amounts }).prefault({}),
})

/** What its controller has counted. A quota that it has not seen yet limits nothing yet, and says nothing here. */
export function toQuota(object: unknown): Quota {
  const { metadata, spec, status } = read(quota, object, 'ResourceQuota')
  return {
    ref: refOf(metadata),
    scoped: spec.scopes.length > 0 || spec.scopeSelector != null,
    limits: Object.entries(status.hard).map(([resource, hard]) => ({
      resource,
      hard: quantity(hard, unitOf(resource)),
      used: quantity(status.used[resource] ?? 0, unitOf(resource)),
    })),
  }
}

const configMap = z.object({ metadata, data: texts, immutable: z.boolean().default(false) })

export function toConfigMap(object: unknown): ConfigMap {
  const { metadata, data, immutable } = read(configMap, object, 'ConfigMap')
  return { ref: refOf(metadata), uid: metadata.uid, resource_version: metadata.resourceVersion, immutable, data }
}
