import { changedFields, fieldsOf, fromTree, isInside, toTree } from './fields.js'
import { omit, stamp, type KubeObject, type ManagedFields } from './objects.js'

/** Who writes: by which name, and through which subresource (`''`: the object itself). */
export interface Manager {
  name: string
  subresource: string
}

export const sameManager = (
  entry: ManagedFields,
  { name, subresource }: Manager,
  operation: ManagedFields['operation'],
) => entry.manager === name && (entry.subresource ?? '') === subresource && entry.operation === operation

export function entryOf(
  { name, subresource }: Manager,
  operation: ManagedFields['operation'],
  fields: ReadonlySet<string>,
  apiVersion: string,
): ManagedFields {
  return {
    manager: name,
    operation,
    apiVersion,
    time: stamp(),
    fieldsType: 'FieldsV1',
    fieldsV1: toTree(fields),
    ...(subresource ? { subresource } : {}),
  }
}

/**
 * `after` with its `managedFields`: what this write changed is now its manager's alone, and what it took away is
 * nobody's. A write that changes nothing owns nothing new.
 */
export function manage<T extends KubeObject>(before: KubeObject | undefined, after: T, manager: Manager): T {
  const known = before?.metadata.managedFields ?? []
  const { set, gone } = before ? changedFields(before, after) : { set: fieldsOf(after), gone: new Set<string>() }
  if (set.size === 0 && gone.size === 0) return withEntries(after, known)
  const lost = (field: string) => set.has(field) || gone.has(field) || [...gone].some((outer) => isInside(field, outer))
  const entries = known.flatMap((entry): ManagedFields[] => {
    if (sameManager(entry, manager, 'Update')) return []
    const fields = fromTree(entry.fieldsV1)
    const kept = new Set([...fields].filter((field) => !lost(field)))
    if (kept.size === fields.size) return [entry]
    return kept.size > 0 ? [{ ...entry, fieldsV1: toTree(kept) }] : []
  })
  const mine = known.find((entry) => sameManager(entry, manager, 'Update'))
  const still = [...(mine ? fromTree(mine.fieldsV1) : [])].filter((field) => !gone.has(field))
  const own = new Set([...still, ...set])
  if (own.size > 0) entries.push(entryOf(manager, 'Update', own, after.apiVersion))
  return withEntries(after, entries)
}

export function withEntries<T extends KubeObject>(object: T, entries: readonly ManagedFields[]): T {
  const metadata = omit(object.metadata, 'managedFields')
  return { ...object, metadata: { ...metadata, ...(entries.length > 0 ? { managedFields: [...entries] } : {}) } }
}
