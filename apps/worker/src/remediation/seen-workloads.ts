import type { Autoscaler, ClusterReader, JsonObject, WorkloadRef } from '@firebreak/kit'
import { differing, withHistory, type Difference } from './history.js'

/*
 * What is written down of a namespace: its Deployments with what scales them, and how much room its quotas leave.
 */

/** A valid reference is shorter (name 255, tag 128, digest 71); a cluster takes any text for one. */
const LONGEST_IMAGE = 500

/** Every Deployment of a namespace, by target (`deployment:prod/api`). Throws what the cluster throws. */
export async function seenDeployments(cluster: ClusterReader, namespace: string): Promise<[string, JsonObject][]> {
  const seen: [string, JsonObject][] = []
  // All of them in one list each: one question a Deployment would be hundreds at every look.
  const [deployments, autoscalers] = await Promise.all([cluster.deployments(namespace), cluster.autoscalers(namespace)])
  for (const found of deployments) {
    // Where several fight over one, none of them says how many there will be.
    const [autoscaler, other] = autoscalers.get(found.ref) ?? []
    const { replicas, ready, updated, resource_version } = found
    const images = Object.fromEntries(Object.entries(found.images).map(([name, image]) => [name, image.slice(0, LONGEST_IMAGE)])) // prettier-ignore
    seen.push([
      `deployment:${found.ref}`,
      {
        ...{ namespace, replicas, ready, updated, resource_version, images },
        autoscaler: autoscaler && !other ? bounds(autoscaler) : null,
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

const ofScaler = (field: string) => (value: JsonObject) => (value['autoscaler'] as JsonObject | null)?.[field]

/** What of a Deployment somebody changes, by the words of a sentence. Its ready pods come and go by themselves. */
const CHANGED: readonly [words: string, of: (value: JsonObject) => unknown][] = [
  ['replicas', ({ replicas }) => replicas],
  ['autoscaler', (value) => ofScaler('name')(value) ?? 'none'],
  ['min', ofScaler('min')],
  ['max', ofScaler('max')],
]

/** What changed of a Deployment between two looks. An older worker did not look at its images. */
function differences(was: JsonObject, is: JsonObject): Difference[] {
  const [before, after] = [was, is].map(({ images }) => (images ?? {}) as Record<string, string>)
  const containers = was['images'] === undefined ? [] : [...new Set(Object.keys({ ...before, ...after }))]
  // A container that comes or goes is an image too; which of several it is says its name.
  const many = containers.length > 1
  return differing([
    ...CHANGED.map(([what, of]): [string, unknown, unknown] => [what, of(was), of(is)]),
    ...containers.map((name): [string, string, string] => [
      many ? `image of ${name}` : 'image',
      ...shortly(before?.[name] ?? 'none', after?.[name] ?? 'none'),
    ]),
  ])
}

/** Two images without what is the same in both of them, as a person tells them apart: registry and path, and most of a digest. */
function shortly(from: string, to: string): [string, string] {
  const [a, b] = [from, to].map((image) => (image.split('/').at(-1) ?? '').replace(/@sha256:(.{12}).*/, '@$1'))
  return a === b || a === undefined || b === undefined ? [from, to] : [a, b]
}

/** A Deployment with what changed of it, and since when its autoscaler stands at its maximum, RFC 3339; null where it does not. */
export function deploymentHistory(
  before: { value: JsonObject; at: string } | undefined,
  value: JsonObject,
  at: string,
) {
  const was = before?.value ?? value
  const since = atMaximum(value) ? (atMaximum(was) && was['at_maximum_since']) || at : null
  return { ...withHistory(before, value, at, differences), at_maximum_since: since }
}

/** Whether its autoscaler has given all that it may. */
function atMaximum(value: JsonObject): boolean {
  const [current, max] = [ofScaler('current')(value), ofScaler('max')(value)]
  return typeof current === 'number' && typeof max === 'number' && current >= max
}
