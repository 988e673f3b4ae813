import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'
import { changedFields, elementsOf, fieldsOf, fromTree, isInside, laidOver, shown, toTree, without } from './fields.js'
import { entryOf, sameManager, withEntries, type Manager } from './managed.js'
import type { KubeObject, ManagedFields } from './objects.js'
import { isObject } from './resource.js'
import { badRequest, Refusal, type About } from './status.js'

/** Reads the body of an apply patch, which is YAML (and so may be JSON). */
export function readApplied(text: string): Record<string, unknown> {
  let read: unknown
  try {
    // Aliases could unfold to more than the memory holds.
    read = parse(text, { maxAliasCount: 0 })
  } catch {
    throw badRequest('error decoding YAML')
  }
  if (!isObject(read)) throw badRequest('an apply patch is an object')
  if (isObject(read.metadata) && read.metadata.managedFields !== undefined)
    throw badRequest('metadata.managedFields must be nil')
  return read
}

/**
 * Server-side apply: `applied` is everything that this manager wants. What it named before and names no more goes,
 * unless somebody else wants it too; what somebody else set to another value is a conflict, unless it is taken by force.
 */
export function apply(
  before: KubeObject | undefined,
  applied: Record<string, unknown>,
  manager: Manager,
  force: boolean,
  about: About,
): KubeObject {
  const wanted = fieldsOf(applied)
  const known = before?.metadata.managedFields ?? []
  const others = known.filter((entry) => !sameManager(entry, manager, 'Apply'))
  let object = laidOver(before ?? {}, applied)
  const { set, gone } = changedFields(before ?? {}, object)
  const disputed = new Map(
    others.map((entry) => [entry, [...fromTree(entry.fieldsV1)].filter((field) => set.has(field) || gone.has(field))]),
  )
  const conflicts = [...disputed].filter(([, fields]) => fields.length > 0)
  if (conflicts.length > 0 && !force) throw refused(conflicts, about)

  const mine = known.find((entry) => sameManager(entry, manager, 'Apply'))
  const dropped = [...(mine ? fromTree(mine.fieldsV1) : [])].filter((field) => !wanted.has(field) && !isKey(field))
  const kept = others.flatMap((entry) => {
    const lost = new Set(disputed.get(entry))
    return [...fromTree(entry.fieldsV1)].filter((field) => !lost.has(field))
  })
  const held = [...wanted, ...kept]
  // The deepest first, so that a list's item goes when nothing of it is wanted any more.
  for (const field of dropped.sort((a, b) => b.length - a.length))
    if (!held.some((other) => other === field || isInside(other, field))) object = without(object, field)

  const entries = others.flatMap((entry): ManagedFields[] => {
    const lost = new Set(disputed.get(entry))
    if (lost.size === 0) return [entry]
    const left = new Set([...fromTree(entry.fieldsV1)].filter((field) => !lost.has(field)))
    return left.size > 0 ? [{ ...entry, fieldsV1: toTree(left) }] : []
  })
  const own = entryOf(manager, 'Apply', wanted, String(applied.apiVersion))
  // Applied again, it is the same entry: an apply without a change must not move the resourceVersion.
  const same = mine && isDeepStrictEqual(fromTree(mine.fieldsV1), wanted) ? mine : own
  return withEntries(object as KubeObject, wanted.size > 0 ? [...entries, same] : entries)
}

/** What names an item stays as long as the item does. */
const isKey = (field: string): boolean => {
  const [item = '', name = ''] = elementsOf(field).slice(-2)
  return item.startsWith('k:') && Object.hasOwn(JSON.parse(item.slice(2)) as object, name.slice(2))
}
function refused(conflicts: [ManagedFields, string[]][], { group, plural, name }: About): Refusal {
  const who = ({ manager, subresource, apiVersion }: ManagedFields) =>
    `conflict with "${manager}"${subresource ? ` with subresource "${subresource}"` : ''} using ${apiVersion}`
  const causes = conflicts.flatMap(([entry, fields]) =>
    fields.map((field) => ({ reason: 'FieldManagerConflict', message: who(entry), field: shown(field) })),
  )
  const one = causes.length === 1
  const told = one
    ? `${causes[0]!.message}: ${causes[0]!.field}`
    : conflicts
        .map(([entry, fields]) => `${who(entry)}:\n${fields.map((field) => `- ${shown(field)}`).join('\n')}`)
        .join('\n')
  return new Refusal(409, 'Conflict', `Apply failed with ${causes.length} conflict${one ? '' : 's'}: ${told}`, {
    ...(name === undefined ? {} : { name }),
    ...(group ? { group } : {}),
    kind: plural,
    causes,
  })
}
