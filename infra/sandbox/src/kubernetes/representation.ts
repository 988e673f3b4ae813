import type { KubeObject } from './objects.js'
import type { Resource } from './resources.js'

/** Did the client ask for a Table, as `kubectl get` does? */
export const wantsTable = (accept: string | undefined): boolean =>
  /application\/json[^,]*;\s*as=Table[^,]*/.test(accept ?? '') && (accept ?? '').includes('v=v1')

/** Objects as the list that the API answers with. */
export function asList(resource: Resource, objects: readonly KubeObject[], version: number): object {
  return {
    kind: `${resource.kind}List`,
    apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version,
    metadata: { resourceVersion: String(version) },
    items: objects,
  }
}

/** Objects as rows and columns, made by the server so that old clients can show new kinds. */
export function asTable(
  resource: Resource,
  objects: readonly KubeObject[],
  { version, now, whole }: { version: string; now: number; whole: boolean },
): object {
  const cells = objects.map((object) => resource.columns?.(object) ?? {})
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: version },
    columnDefinitions: ['Name', ...Object.keys(cells[0] ?? {}), 'Age'].map((name) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: objects.map((object, at) => ({
      cells: [
        object.metadata.name,
        ...Object.values(cells[at]!),
        age(now - Date.parse(object.metadata.creationTimestamp)),
      ],
      object: whole
        ? object
        : { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  }
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`
}
