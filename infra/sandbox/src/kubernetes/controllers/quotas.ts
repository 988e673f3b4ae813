import { isDeepStrictEqual } from 'node:util'
import { exceeds, takenBy, written, type Amounts } from '../../world/quota.js'
import { isOver, type PodTemplate, type ResourceQuota } from '../objects.js'
import { pods, resourceQuotas } from '../resources.js'
import { keep, type Ground } from './ground.js'

/** Writes down how much of each quota is taken. */
export function followQuotas(ground: Ground): void {
  for (const quota of ground.store.list(resourceQuotas)) {
    const used = usedIn(ground, quota.metadata.namespace ?? '')
    const hard = quota.spec?.hard ?? {}
    const status: ResourceQuota['status'] = {
      hard,
      used: Object.fromEntries(Object.keys(hard).map((name) => [name, written(used[name] ?? 0)])),
    }
    if (!isDeepStrictEqual(status, quota.status)) keep(ground, resourceQuotas, quota, { ...quota, status })
  }
}

/** Why a pod of this template is not let in, or `undefined`. */
export function refusal(ground: Ground, namespace: string, { spec }: PodTemplate): string | undefined {
  const quotas = ground.store.list(resourceQuotas, namespace)
  if (quotas.length === 0) return undefined
  const used = usedIn(ground, namespace)
  for (const { metadata, spec: asked } of quotas) {
    const why = exceeds(metadata.name, asked?.hard ?? {}, used, takenBy(spec.containers))
    if (why !== undefined) return why
  }
  return undefined
}

function usedIn({ store }: Ground, namespace: string): Amounts {
  const used: Record<string, number> = {}
  for (const pod of store.list(pods, namespace).filter((one) => !isOver(one)))
    for (const [name, amount] of Object.entries(takenBy(pod.spec.containers))) used[name] = (used[name] ?? 0) + amount
  return used
}
