import { badRequest, unsupported, type Cause, Refusal } from './status.js'

export type Patched = { object: unknown; warning?: string }

/**
 * Applies a patch by its content type. Strategic merge patch merges lists by a key that only the schema knows; here
 * it is taken for a merge patch, which is the same as long as no list is in it, and the answer carries a warning.
 */
export function applyPatch(target: unknown, patch: unknown, contentType: string): Patched {
  switch (contentType) {
    case 'application/merge-patch+json':
      return { object: merge(target, plain(patch)) }
    case 'application/strategic-merge-patch+json':
      return {
        object: merge(target, plain(patch)),
        warning: 'simulator: a strategic merge patch is taken for a merge patch, and replaces lists',
      }
    case 'application/json-patch+json':
      if (!Array.isArray(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
      return {
        object: patch.reduce<unknown>((object, operation) => operate(object, operation), structuredClone(target)),
      }
    default:
      throw unsupported(
        `the body of the request was in an unknown format (${contentType}) - accepted media types include: ` +
          'application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json',
      )
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function plain(patch: unknown): unknown {
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

/** RFC 6902, without `move` and `copy`. */
function operate(root: unknown, operation: unknown): unknown {
  if (!isObject(operation) || typeof operation.path !== 'string')
    throw badRequest('a JSON patch operation needs a path')
  const { op, path, value } = operation
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
  if (op !== 'test') throw failed(path, `the operation ${JSON.stringify(op)} is not simulated`)
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw failed(path, 'the test failed')
}

const valueAt = (at: unknown, key: string) =>
  Array.isArray(at) ? (at[Number(key)] as unknown) : isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined

const unescaped = (key: string) => key.replaceAll('~1', '/').replaceAll('~0', '~')

function failed(path: string, message: string): Refusal {
  const causes: Cause[] = [{ reason: 'FieldValueInvalid', field: path, message }]
  return new Refusal(422, 'Invalid', `the server rejected our request: ${path}: ${message}`, { causes })
}
