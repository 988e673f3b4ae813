import type { KubeObject } from './objects.js'
import type { Cause } from './status.js'

/** What can be done to a resource besides looking. */
export type Write = 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** One column of `kubectl get`; a `wide` one is shown with `-o wide`. */
export interface Column<T> {
  name: string
  cell(this: void, object: T): string | number
  wide?: true
}

/** One kind of object that the API serves. */
export interface Resource<T extends KubeObject = KubeObject> {
  group: string
  version: string
  plural: string
  singular: string
  kind: string
  shortNames: string[]
  namespaced: boolean
  /** Part of `kubectl get all`. */
  inAll?: true
  writes: readonly Write[]
  subresources: readonly string[]
  /** Between the name and the age. */
  columns: readonly Column<T>[]
  /** Fields besides name and namespace that a field selector may name. */
  selectable: readonly string[]
  /** What `kubectl explain` says. */
  description: string
  /** Fills in what the API server fills in. Gets what a client sent, which may be anything. */
  defaults?(this: void, object: T): T
  /** What is wrong with an object that somebody wants to write; `before` is what it replaces. */
  faultsOf?(this: void, object: T, before?: T): Cause[]
}

export const WRITES: readonly Write[] = ['create', 'update', 'patch', 'delete', 'deletecollection']

type Given<T extends KubeObject> = Pick<Resource<T>, 'group' | 'version' | 'kind' | 'shortNames' | 'description'> &
  Partial<Resource<T>>

/** A resource with what most resources have: a namespace, all writes, and a name in the plural. */
export function resource<T extends KubeObject>(given: Given<T>): Resource<T> {
  const singular = given.kind.toLowerCase()
  const plural = singular.endsWith('s')
    ? singular
    : singular.endsWith('y')
      ? `${singular.slice(0, -1)}ies`
      : `${singular}s`
  return {
    namespaced: true,
    singular,
    plural,
    writes: WRITES,
    subresources: [],
    columns: [],
    selectable: [],
    ...given,
  }
}

export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group ? `${group}/${version}` : version

/** A field with a value that cannot be. */
export const wrong = (field: string, value: unknown, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value) ?? 'null'}: ${why}`,
})

export const missing = (field: string, what = ''): Cause => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value${what && `: ${what}`}`,
})

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a client sent, where it may have left these fields out: their defaults go before it. */
export const mayLack = <T extends object, K extends keyof T>(
  given: T,
  ..._fields: K[]
): Omit<T, K> & Partial<Pick<T, K>> => given

export const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0
