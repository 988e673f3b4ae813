import { ageOf } from './age.js'
import type { Page } from './list.js'
import type { KubeObject } from './objects.js'
import { apiVersionOf, type Column, type Resource } from './resource.js'

/** Did the client ask for a Table, as `kubectl get` does? */
export const wantsTable = (accept: string | undefined): boolean =>
  /application\/json[^,]*;\s*as=Table[^,]*/.test(accept ?? '') && (accept ?? '').includes('v=v1')

/** Does the client want the metadata only? */
export const wantsMetadata = (accept: string | undefined): boolean => /as=PartialObjectMetadata/.test(accept ?? '')

/** One page of objects, as the API answers it. */
export function asList(resource: Resource, { objects, ...metadata }: Page): object {
  return {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata,
    // As the API server does, and as a client expects that knows the kind from the list.
    items: objects.map(({ kind: _kind, apiVersion: _version, ...object }) => object),
  }
}

/** Objects as rows and columns, made by the server so that old clients can show new kinds. */
export function asTable(resource: Resource, { objects, ...metadata }: Page, include: string | null): object {
  const { columns } = resource
  // `kubectl get events` has no age: when it was last seen says more.
  const aged = resource.plural !== 'events'
  const wide = columns.findIndex(({ wide }) => wide === true)
  const age = { name: 'Age', cell: ({ metadata: { creationTimestamp } }: KubeObject) => ageOf(creationTimestamp) }
  const shown = aged
    ? wide < 0
      ? [...columns, age]
      : [...columns.slice(0, wide), age, ...columns.slice(wide)]
    : [...columns]
  const all: Column<KubeObject>[] = aged
    ? [{ name: 'Name', cell: ({ metadata: { name } }) => name }, ...shown]
    : [...shown, { name: 'Name', cell: ({ metadata: { name } }) => name, wide: true }]
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: all.map(({ name, wide }) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: wide ? 1 : 0,
    })),
    rows: objects.map((object) => ({
      cells: all.map(({ cell }) => cell(object)),
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : asMetadata(object) }),
    })),
  }
}

export const asMetadata = ({ metadata }: KubeObject): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
})
