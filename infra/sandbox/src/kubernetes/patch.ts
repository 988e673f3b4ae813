import { isDeepStrictEqual } from 'node:util'
import { isObject } from './resource.js'
import { badRequest, unsupported, type Cause, Refusal } from './status.js'
import { strategicMerge } from './strategic.js'

/** A client says with this type that the body is everything it wants: server-side apply, see `apply.ts`. */
export const APPLY = 'application/apply-patch+yaml'

/** The object that a patch leads to, by the patch's content type. */
export function applyPatch(target: unknown, patch: unknown, contentType: string): unknown {
  switch (contentType) {
    case 'application/merge-patch+json':
      return merge(target, plain(patch))
    case 'application/strategic-merge-patch+json':
      return strategicMerge(target, plain(patch))
    case 'application/json-patch+json':
      if (!Array.isArray(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
      return patch.reduce<unknown>((object, operation) => operate(object, operation), structuredClone(target))
    default:
      throw unsupported(
        `the body of the request was in an unknown format (${contentType}) - accepted media types include: ` +
          `application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, ${APPLY}`,
      )
  }
}

function plain(patch: unknown): Record<string, unknown> {
  if (isObject(patch)) return patch
  throw badRequest('a merge patch is an object')
}

/** RFC 7396. */
export function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged = new Map(Object.entries(isObject(target) ? target : {}))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, merge(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

/** RFC 6902. */
function operate(root: unknown, operation: unknown): unknown {
  if (!isObject(operation) || typeof operation.path !== 'string')
    throw badRequest('a JSON patch operation needs a path')
  const { op, path, value, from } = operation
  if (op === 'move' || op === 'copy') {
    if (typeof from !== 'string') throw badRequest(`a JSON patch operation ${op} needs a from`)
    const found = valueOf(root, from)
    if (found === undefined) throw failed(from, 'there is nothing at this path')
    const without = op === 'move' ? operate(root, { op: 'remove', path: from }) : root
    return operate(without, { op: 'add', path, value: structuredClone(found) })
  }
  const keys = path.split('/').slice(1).map(unescaped)
  const last = keys.pop()
  if (last === undefined) throw failed(path, 'the whole object cannot be replaced')
  const parent = keys.reduce<unknown>((at, key) => valueAt(at, key), root)
  if (Array.isArray(parent)) operateOnList(parent, op, last, value, path)
  else if (isObject(parent) && last !== '__proto__') operateOnObject(parent, op, last, value, path)
  else throw failed(path, 'there is nothing at this path')
  return root
}

function operateOnObject(parent: Record<string, unknown>, op: unknown, key: string, value: unknown, path: string) {
  const there = Object.hasOwn(parent, key)
  if (op !== 'add' && !there) throw failed(path, 'there is nothing at this path')
  if (op === 'add' || op === 'replace') parent[key] = value
  else if (op === 'remove') delete parent[key]
  else test(op, parent[key], value, path)
}

function operateOnList(parent: unknown[], op: unknown, key: string, value: unknown, path: string) {
  const at = key === '-' ? parent.length : Number(key)
  if (!Number.isInteger(at) || at < 0 || at > parent.length - (op === 'add' ? 0 : 1))
    throw failed(path, 'the list has no such place')
  if (op === 'add') parent.splice(at, 0, value)
  else if (op === 'replace') parent[at] = value
  else if (op === 'remove') parent.splice(at, 1)
  else test(op, parent[at], value, path)
}

function test(op: unknown, found: unknown, expected: unknown, path: string) {
  if (op !== 'test') throw badRequest(`unknown operation ${JSON.stringify(op)} in a JSON patch`)
  if (!isDeepStrictEqual(found, expected)) throw failed(path, 'the test failed')
}

const valueAt = (at: unknown, key: string) =>
  Array.isArray(at) ? (at[Number(key)] as unknown) : isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined

const valueOf = (root: unknown, path: string) => path.split('/').slice(1).map(unescaped).reduce<unknown>(valueAt, root)

const unescaped = (key: string) => key.replaceAll('~1', '/').replaceAll('~0', '~')

function failed(path: string, message: string): Refusal {
  const causes: Cause[] = [{ reason: 'FieldValueInvalid', field: path, message }]
  return new Refusal(422, 'Invalid', `the server rejected our request: ${path}: ${message}`, { causes })
}
