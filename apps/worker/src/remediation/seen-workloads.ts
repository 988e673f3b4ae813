import type { Autoscaler, ClusterReader, JsonObject, WorkloadRef } from '@firebreak/kit'

/*
 * What is written down of a namespace: its Deployments with what scales them, and how much room its quotas leave.
 */

/** Every Deployment of a namespace, by target (`deployment:prod/api`). Throws what the cluster throws. */
export async function seenDeployments(cluster: ClusterReader, namespace: string): Promise<[string, JsonObject][]> {
  const seen: [string, JsonObject][] = []
  for (const found of await cluster.deployments(namespace)) {
    const autoscaler = await cluster.autoscalerOf(found.ref)
    const { replicas, ready, updated, resource_version } = found
    seen.push([
      `deployment:${found.ref}`,
      {
        ...{ namespace, replicas, ready, updated, resource_version },
        autoscaler: autoscaler ? bounds(autoscaler) : null,
      },
    ])
  }
  return seen
}

/** How much room the quotas of a namespace leave. Throws what the cluster throws. */
export async function seenQuotas(cluster: ClusterReader, namespace: string): Promise<JsonObject> {
  const quotas = await cluster.quotas(namespace)
  return {
    quotas: quotas.map(({ ref, scoped, limits }) => ({ ref, scoped, limits: limits.map((limit) => ({ ...limit })) })),
  }
}

const bounds = ({ ref, min, max, current, desired }: Autoscaler): Record<string, WorkloadRef | number> => ({
  ...{ name: ref, min, max, current, desired },
})

/** What of a Deployment somebody changes, by the words of a sentence. Its ready pods come and go by themselves. */
const CHANGED: readonly [words: string, of: (value: JsonObject) => unknown][] = [
  ['replicas', ({ replicas }) => replicas],
  ['autoscaler', ({ autoscaler }) => (autoscaler as JsonObject | null)?.['name'] ?? 'none'],
  ['min', ({ autoscaler }) => (autoscaler as JsonObject | null)?.['min']],
  ['max', ({ autoscaler }) => (autoscaler as JsonObject | null)?.['max']],
]

/**
 * A Deployment as it is written down over what was written before: since when it is watched, and what changed last. A
 * change happened between two looks: `after` is when it was seen as it had been, `at` when it was seen as it became. Times
 * are RFC 3339.
 */
export function withHistory(before: { value: JsonObject; at: string } | undefined, value: JsonObject, at: string) {
  const was = before?.value ?? value
  const says = CHANGED.filter(([, of]) => of(was) !== of(value) && of(was) !== undefined && of(value) !== undefined)
    .map(([words, of]) => `${words} ${String(of(was))} → ${String(of(value))}`)
    .join(', ')
  return {
    ...value,
    watched_since: was['watched_since'] ?? before?.at ?? at,
    last_change: says === '' ? (was['last_change'] ?? null) : { at, after: before?.at ?? at, says },
  }
}
