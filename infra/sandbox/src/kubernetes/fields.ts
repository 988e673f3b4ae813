import { isDeepStrictEqual } from 'node:util'
import { defaultKey, isAtomicMap, listKind } from './lists.js'
import type { FieldsV1 } from './objects.js'
import { isObject } from './resource.js'

/*
 * Sets of fields, as `managedFields` keeps them. A field is a path of elements: `f:<name>` of an object, `k:<keys>` of
 * a list's item that has a name, `v:<value>` of a list that is a set. In memory a path is one text, so that a set of
 * fields is a Set.
 */
export type Fields = ReadonlySet<string>

const BETWEEN = '\u0000'
const joined = (path: readonly string[]) => path.join(BETWEEN)
export const elementsOf = (field: string): string[] => field.split(BETWEEN)

/** Is `field` inside `outer`? */
export const isInside = (field: string, outer: string): boolean => field.startsWith(outer + BETWEEN)

/** One element as a step from a value to the value inside it, with the field names on the way (they name the schema). */
interface Step {
  element: string
  value: unknown
  path: string[]
}

/** The parts of a value that can have owners of their own; `undefined` for one that is owned as a whole. */
function parts(value: unknown, path: readonly string[]): Step[] | undefined {
  if (isObject(value)) {
    if (isAtomicMap(path) || Object.keys(value).length === 0) return undefined
    return Object.entries(value).map(([key, inner]) => ({ element: `f:${key}`, value: inner, path: [...path, key] }))
  }
  if (!Array.isArray(value)) return undefined
  const kind = listKind(path)
  if (kind === 'atomic' || value.length === 0) return undefined
  return (value as unknown[]).map((item) => ({ element: itemElement(item, kind), value: item, path: [...path] }))
}

function itemElement(item: unknown, kind: 'set' | { keys: readonly string[] }): string {
  if (kind === 'set' || !isObject(item)) return `v:${JSON.stringify(item)}`
  const keys = kind.keys.map((key) => [key, item[key] ?? defaultKey(key)] as const)
  return `k:${JSON.stringify(Object.fromEntries(keys.filter(([, value]) => value !== undefined)))}`
}

/** What no manager owns: who the object is, and what the server keeps. */
const identity = ['apiVersion', 'kind']
const ofTheServer = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
  'deletionTimestamp',
]

/** Every field that a value sets. */
export function fieldsOf(object: unknown): Set<string> {
  const fields = new Set<string>()
  const walk = (value: unknown, at: string[], path: readonly string[]) => {
    const inner = parts(value, path)
    // The item of a list is a field itself: whoever names it wants it to be there.
    if (!inner || /^[kv]:/.test(at.at(-1) ?? '')) fields.add(joined(at))
    for (const { element, value, path } of inner ?? []) walk(value, [...at, element], path)
  }
  for (const [key, value] of Object.entries(isObject(object) ? object : {})) {
    if (identity.includes(key)) continue
    if (key !== 'metadata') walk(value, [`f:${key}`], [key])
    else
      for (const [inner, one] of Object.entries(isObject(value) ? value : {}))
        if (!ofTheServer.includes(inner)) walk(one, ['f:metadata', `f:${inner}`], ['metadata', inner])
  }
  return fields
}

/** The value at a field, or `undefined`. */
export function valueAt(object: unknown, field: string): unknown {
  let path: string[] = []
  let value = object
  for (const element of elementsOf(field)) {
    if (element.startsWith('f:')) {
      if (!isObject(value)) return undefined
      path = [...path, element.slice(2)]
      value = Object.hasOwn(value, element.slice(2)) ? value[element.slice(2)] : undefined
    } else value = (parts(value, path) ?? []).find((step) => step.element === element)?.value
  }
  return value
}

/** The fields whose values differ, and those that are only in one of the two. An item's membership has no value. */
export function changedFields(before: unknown, after: unknown): { set: Set<string>; gone: Set<string> } {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  const set = new Set<string>()
  for (const field of is)
    if (
      !was.has(field) ||
      (!isMembership(field, is) && !isDeepStrictEqual(valueAt(before, field), valueAt(after, field)))
    )
      set.add(field)
  return { set, gone: new Set([...was].filter((field) => !is.has(field))) }
}

const isMembership = (field: string, among: Fields): boolean =>
  elementsOf(field).at(-1)!.startsWith('k:') && [...among].some((other) => isInside(other, field))

/** A value without a field; objects and lists that become empty by it go too. */
export function without(object: unknown, field: string): unknown {
  const cut = (value: unknown, [element, ...rest]: string[], path: readonly string[]): unknown => {
    if (element === undefined) return undefined
    if (element.startsWith('f:') && isObject(value)) {
      const key = element.slice(2)
      if (!Object.hasOwn(value, key)) return value
      const { [key]: inner, ...others } = value
      const left = cut(inner, rest, [...path, key])
      if (left !== undefined) return { ...value, [key]: left }
      return Object.keys(others).length > 0 || path.length === 0 ? others : undefined
    }
    if (!Array.isArray(value)) return value
    const at = (parts(value, path) ?? []).findIndex((step) => step.element === element)
    if (at < 0) return value
    const left = cut(value[at], rest, path)
    const list = left === undefined ? value.toSpliced(at, 1) : (value as unknown[]).with(at, left)
    return list.length > 0 ? list : undefined
  }
  return cut(object, elementsOf(field), [])
}

/** `before` with what `applied` says laid over it: item by item where a list's items have names. */
export function laidOver(before: unknown, applied: unknown, path: readonly string[] = []): unknown {
  if (isObject(applied)) {
    if (!isObject(before) || isAtomicMap(path)) return applied
    const merged = new Map(Object.entries(before))
    for (const [key, value] of Object.entries(applied))
      merged.set(key, laidOver(merged.get(key), value, [...path, key]))
    return Object.fromEntries(merged)
  }
  if (!Array.isArray(applied) || !Array.isArray(before)) return applied
  const kind = listKind(path)
  if (kind === 'atomic') return applied
  const elements = (before as unknown[]).map((item) => itemElement(item, kind))
  const merged = [...(before as unknown[])]
  for (const item of applied as unknown[]) {
    const at = elements.indexOf(itemElement(item, kind))
    if (at < 0) merged.push(item)
    else merged[at] = laidOver(merged[at], item, path)
  }
  return merged
}

/** As `managedFields` writes a set. */
export function toTree(fields: Fields): FieldsV1 {
  const tree: FieldsV1 = Object.create(null) as FieldsV1
  for (const field of [...fields].sort()) {
    let at = tree
    for (const element of elementsOf(field)) at = at[element] ??= Object.create(null) as FieldsV1
    at['.'] = {}
  }
  const tidy = (node: FieldsV1): FieldsV1 => {
    const inner = Object.entries(node).filter(([element]) => element !== '.')
    const own = node['.'] && inner.length > 0 ? [['.', {}] as const] : []
    return Object.fromEntries([...own, ...inner.map(([element, value]) => [element, tidy(value)] as const)])
  }
  return tidy(tree)
}

/** A set as `managedFields` wrote it. */
export function fromTree(tree: FieldsV1): Set<string> {
  const fields = new Set<string>()
  const walk = (node: FieldsV1, at: string[]) => {
    const entries = Object.entries(node)
    if (entries.length === 0 && at.length > 0) fields.add(joined(at))
    for (const [element, inner] of entries)
      if (element === '.') fields.add(joined(at))
      else walk(inner, [...at, element])
  }
  walk(tree, [])
  return fields
}

/** A field as a message names it: `.spec.template.spec.containers[name="api"].image`. */
export const shown = (field: string): string =>
  elementsOf(field)
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`
      const keys = JSON.parse(element.slice(2)) as Record<string, unknown>
      return `[${Object.entries(keys)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',')}]`
    })
    .join('')
