import type { Need, Verb } from './verb.js'

/** What `ClusterReader` asks of the cluster. It never writes, and never looks into secrets. */
export const readerNeeds: readonly Need[] = [
  { group: 'apps', resource: 'deployments', verbs: ['get', 'list'] },
  { group: 'autoscaling', resource: 'horizontalpodautoscalers', verbs: ['list'] },
  { group: 'batch', resource: 'jobs', verbs: ['get', 'list'] },
  { group: 'batch', resource: 'cronjobs', verbs: ['get', 'list'] },
  { group: '', resource: 'pods', verbs: ['list'] },
  { group: '', resource: 'pods/log', verbs: ['get'] },
  { group: '', resource: 'events', verbs: ['list'] },
  { group: '', resource: 'resourcequotas', verbs: ['list'] },
  { group: '', resource: 'configmaps', verbs: ['get'] },
]

/** What these verbs need, each once. */
export const needsOf = (verbs: Iterable<Pick<Verb, 'needs'>>): Need[] => [...verbs].flatMap(({ needs }) => needs)

/** A rule of a Role. */
export interface RightsRule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}

/** Needs as the rules of a Role: each right once, resources with the same verbs together, in an order of their own. */
export function rightsFor(needs: readonly Need[]): RightsRule[] {
  const byResource = new Map<string, { group: string; resource: string; verbs: Set<string> }>()
  for (const { group, resource, verbs } of needs) {
    const key = `${group} ${resource}`
    const one = byResource.get(key) ?? { group, resource, verbs: new Set() }
    for (const verb of verbs) one.verbs.add(verb)
    byResource.set(key, one)
  }
  const rules = new Map<string, RightsRule>()
  for (const key of [...byResource.keys()].sort()) {
    const { group, resource, verbs } = byResource.get(key)!
    const sorted = [...verbs].sort()
    const same = rules.get(`${group} ${sorted.join()}`)
    if (same) same.resources.push(resource)
    else rules.set(`${group} ${sorted.join()}`, { apiGroups: [group], resources: [resource], verbs: sorted })
  }
  return [...rules.values()]
}
