import type { KubeObject } from './objects.js'
import type { Resource } from './resource.js'
import { badRequest, gone } from './status.js'
import type { Store } from './store.js'

/** A part of a list. `continue` asks for the next one. */
export interface Page {
  objects: KubeObject[]
  resourceVersion: string
  continue?: string
  remainingItemCount?: number
}

/** Where a list was interrupted: which version it shows, and how many objects of it were already handed out. */
interface Bookmark {
  version: number
  shown: number
}

/**
 * A list with `limit` and `continue`. All pages show the world as it was at the first one; when that is forgotten the
 * answer is 410, and the client begins anew.
 */
export function pageOf(
  store: Store,
  resource: Resource,
  namespace: string,
  query: URLSearchParams,
  selected: (object: KubeObject) => boolean,
): Page {
  const limit = Number(query.get('limit') ?? 0)
  if (!Number.isInteger(limit) || limit < 0) throw badRequest('limit must be a whole number')
  const { version, shown } = read(query.get('continue')) ?? { version: store.version, shown: 0 }
  const then = version === store.version ? store.list(resource, namespace) : store.listAt(resource, namespace, version)
  if (!then)
    throw gone(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    )
  const all = then.filter(selected)
  const end = limit > 0 ? Math.min(shown + limit, all.length) : all.length
  const rest = all.length - end
  return {
    objects: all.slice(shown, end),
    resourceVersion: String(version),
    ...(rest > 0 ? { continue: written({ version, shown: end }), remainingItemCount: rest } : {}),
  }
}

const written = (bookmark: Bookmark): string => Buffer.from(JSON.stringify(bookmark)).toString('base64url')

function read(token: string | null): Bookmark | undefined {
  if (token === null || token === '') return undefined
  try {
    const { version, shown } = JSON.parse(Buffer.from(token, 'base64url').toString()) as Bookmark
    if (Number.isInteger(version) && Number.isInteger(shown) && shown >= 0) return { version, shown }
  } catch {
    // Falls through to the refusal.
  }
  throw badRequest('continue key is not valid')
}
