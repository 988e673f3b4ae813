import type { Autoscaler, ClusterReader, JsonObject, WorkloadRef } from '@firebreak/kit'

/*
 * What is written down of a namespace: its Deployments with what scales them, and how much room its quotas leave.
 */

/** Every Deployment of a namespace, by target (`deployment:prod/api`). Throws what the cluster throws. */
export async function seenDeployments(cluster: ClusterReader, namespace: string): Promise<[string, JsonObject][]> {
  const seen: [string, JsonObject][] = []
  for (const found of await cluster.deployments(namespace)) {
    const autoscaler = await cluster.autoscalerOf(found.ref)
    const { replicas, ready, updated, resource_version, images } = found
    seen.push([
      `deployment:${found.ref}`,
      {
        ...{ namespace, replicas, ready, updated, resource_version, images },
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

/** How many changes are remembered, the newest. */
const MOST_CHANGES = 20

const ofScaler = (field: string) => (value: JsonObject) => (value['autoscaler'] as JsonObject | null)?.[field]

/** What of a Deployment somebody changes, by the words of a sentence. Its ready pods come and go by themselves. */
const CHANGED: readonly [words: string, of: (value: JsonObject) => unknown][] = [
  ['replicas', ({ replicas }) => replicas],
  ['autoscaler', (value) => ofScaler('name')(value) ?? 'none'],
  ['min', ofScaler('min')],
  ['max', ofScaler('max')],
]

/** One difference between two looks: what of it, and from what to what. */
type Difference = { what: string; from: string | number; to: string | number }

function differences(was: JsonObject, is: JsonObject): Difference[] {
  const [before, after] = [was, is].map(({ images }) => (images ?? {}) as Record<string, string>) as [
    Record<string, string>,
    Record<string, string>,
  ]
  // A container that comes or goes is an image too; which of several it is says its name.
  const containers = was['images'] === undefined ? [] : [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const many = containers.length > 1
  return [
    ...CHANGED.map(([what, of]) => ({ what, from: of(was), to: of(is) })),
    ...containers.map((name) => ({
      what: many ? `image of ${name}` : 'image',
      ...shortly(before[name] ?? 'none', after[name] ?? 'none'),
    })),
  ].filter((one): one is Difference => one.from !== one.to && one.from !== undefined && one.to !== undefined)
}

/** Two images without what is the same in both of them, as a person tells them apart: registry and path, and most of a digest. */
function shortly(from: string, to: string): { from: string; to: string } {
  const [a, b] = [from, to].map((image) => (image.split('/').at(-1) ?? '').replace(/@sha256:(.{12}).*/, '@$1'))
  return a === b || a === undefined || b === undefined ? { from, to } : { from: a, to: b }
}

/**
 * A Deployment as it is written down over what was written before: since when it is watched, what changed last and before
 * that (the newest 20, newest first), and since when its autoscaler stands at its maximum. A change happened between two
 * looks: `after` is when it was seen as it had been, `at` when it was seen as it became. Times are RFC 3339.
 */
export function withHistory(before: { value: JsonObject; at: string } | undefined, value: JsonObject, at: string) {
  const was = before?.value ?? value
  const what = differences(was, value)
  const says = what.map(({ what, from, to }) => `${what} ${from} → ${to}`).join(', ')
  const older = Array.isArray(was['changes']) ? was['changes'] : was['last_change'] ? [was['last_change']] : []
  const change = { at, after: before?.at ?? at, says, what }
  const changes = (says === '' ? older : [change, ...older]).slice(0, MOST_CHANGES)
  const last = changes[0] as typeof change | undefined
  return {
    ...value,
    at_maximum_since: atMaximum(value) ? (atMaximum(was) && was['at_maximum_since']) || at : null,
    watched_since: was['watched_since'] ?? before?.at ?? at,
    last_change: last ? { at: last.at, after: last.after, says: last.says } : null,
    changes,
  }
}

/** Whether its autoscaler has given all that it may. */
function atMaximum(value: JsonObject): boolean {
  const [current, max] = [ofScaler('current')(value), ofScaler('max')(value)]
  return typeof current === 'number' && typeof max === 'number' && current >= max
}
