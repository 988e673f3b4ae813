/** How a list is merged: item by item, by the fields that name an item; as a set of values; or as one value. */
export type ListKind = { keys: readonly string[] } | 'set' | 'atomic'

/*
 * What Kubernetes' schemas say about the lists of the kinds that are kept here (`x-kubernetes-list-map-keys`), by the
 * name of the field. `ports` and `conditions` mean the same wherever they occur.
 */
const keyed: Record<string, readonly string[]> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  matchConditions: ['name'],
  variables: ['name'],
}

/** How server-side apply merges the list at a path of field names. */
export function listKind(path: readonly string[]): ListKind {
  const field = path.at(-1) ?? ''
  if (field === 'ports') {
    if (path.at(-2) === 'containers') return { keys: ['containerPort', 'protocol'] }
    return path.length === 2 && path[0] === 'spec' ? { keys: ['port', 'protocol'] } : 'atomic'
  }
  if (field === 'finalizers') return 'set'
  // A list of a plain text field (`data.env`) has no items with a name.
  return Object.hasOwn(keyed, field) ? { keys: keyed[field]! } : 'atomic'
}

/** What a key is when an item leaves it out. */
export const defaultKey = (key: string): unknown => (key === 'protocol' ? 'TCP' : undefined)

/** The one key by which a strategic merge patch finds an item (`x-kubernetes-patch-merge-key`). */
export function patchKey(path: readonly string[]): string | undefined {
  const kind = listKind(path)
  return typeof kind === 'object' ? kind.keys[0] : undefined
}

/** Objects that are one value to server-side apply (`x-kubernetes-map-type: atomic`). */
const atomicMaps = [
  'selector',
  'nodeSelector',
  'configMapKeyRef',
  'secretKeyRef',
  'fieldRef',
  'resourceFieldRef',
  'roleRef',
]

export const isAtomicMap = (path: readonly string[]): boolean =>
  // A Service's selector is a map of its own labels; those of workloads are one value.
  atomicMaps.includes(path.at(-1) ?? '') || path.at(-1) === 'podSelector' || path.at(-1) === 'namespaceSelector'
