import { isDeepStrictEqual } from 'node:util'
import { patchKey } from './lists.js'
import { isObject } from './resource.js'
import { badRequest } from './status.js'

type Fields = Record<string, unknown>

/** Written in a patch beside what it is about. */
const ORDER = '$setElementOrder/'
const DELETE = '$deleteFromPrimitiveList/'

/**
 * A strategic merge patch: a merge patch that finds the items of the lists that matter (containers, env, ports,
 * volumes, conditions, …) by their key, and knows the directives `$patch`, `$retainKeys`, `$setElementOrder` and
 * `$deleteFromPrimitiveList`. A list without a key is replaced.
 */
export function strategicMerge(target: unknown, patch: Fields, path: readonly string[] = []): unknown {
  const { $patch: directive, $retainKeys: retained, ...changes } = patch
  if (directive === 'replace') return changes
  if (directive === 'delete') return undefined
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`unknown $patch directive ${JSON.stringify(directive)}`)
  const merged = new Map(Object.entries(isObject(target) ? target : {}))
  if (Array.isArray(retained)) for (const key of merged.keys()) if (!retained.includes(key)) merged.delete(key)

  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith(ORDER)) continue
    if (key.startsWith(DELETE)) {
      const list = merged.get(key.slice(DELETE.length))
      if (Array.isArray(list) && Array.isArray(value))
        merged.set(
          key.slice(DELETE.length),
          list.filter((one) => !value.includes(one)),
        )
    } else if (value === null) merged.delete(key)
    else {
      const next = mergedValue(merged.get(key), value, [...path, key])
      if (next === undefined) merged.delete(key)
      else merged.set(key, next)
    }
  }
  for (const [key, order] of Object.entries(changes)) {
    const list = key.startsWith(ORDER) ? merged.get(key.slice(ORDER.length)) : undefined
    if (Array.isArray(list) && Array.isArray(order))
      merged.set(key.slice(ORDER.length), ordered(list, order, patchKey([...path, key.slice(ORDER.length)])))
  }
  return Object.fromEntries(merged)
}

function mergedValue(before: unknown, value: unknown, path: readonly string[]): unknown {
  if (isObject(value)) return strategicMerge(before, value, path)
  const key = Array.isArray(value) ? patchKey(path) : undefined
  return Array.isArray(value) && key !== undefined && value.every(isObject)
    ? mergedList(Array.isArray(before) ? before : [], value, key, path)
    : value
}

function mergedList(before: unknown[], items: Fields[], key: string, path: readonly string[]): unknown[] {
  if (items.some(({ $patch }) => $patch === 'replace'))
    return items.filter(({ $patch }) => $patch !== 'replace').map((item) => strategicMerge({}, item, path))
  const merged = [...before]
  for (const item of items) {
    if (item[key] === undefined)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`)
    const at = merged.findIndex((known) => isObject(known) && isDeepStrictEqual(known[key], item[key]))
    const next = strategicMerge(merged[at], item, path)
    if (next === undefined) {
      if (at >= 0) merged.splice(at, 1)
    } else if (at < 0) merged.push(next)
    else merged[at] = next
  }
  return merged
}

/** What the order names comes in that order; what it does not name stays after what it stood after. */
function ordered(list: unknown[], order: unknown[], key: string | undefined): unknown[] {
  const nameOf = (item: unknown): unknown => (key !== undefined && isObject(item) ? item[key] : item)
  const names = order.map(nameOf)
  const named = list.filter((item) => names.includes(nameOf(item)))
  named.sort((a, b) => names.indexOf(nameOf(a)) - names.indexOf(nameOf(b)))
  return list.map((item) => (names.includes(nameOf(item)) ? named.shift() : item))
}
