import type { IncomingMessage } from 'node:http'
import type { User } from './rbac.js'
import { wantsTable } from './representation.js'
import { find, type Resource } from './resources.js'
import * as status from './status.js'

/** One request in the API's words. */
export interface Call {
  user: User
  verb: string
  resource: Resource
  /** Empty: of all namespaces, or of none. */
  namespace: string
  /** Empty: the collection. */
  name: string
  subresource: '' | 'scale'
  query: URLSearchParams
  contentType: string
  /** The client wants rows and columns. */
  table: boolean
}

const looking = ['get', 'list', 'watch']

export const looks = ({ verb }: Call): boolean => looking.includes(verb)

/** Reads path, method and headers; refuses what the sandbox does not serve. */
export function readCall(request: IncomingMessage, url: URL, user: User): Call {
  const parts = url.pathname.split('/').filter(Boolean).map(decoded)
  const [group, version] = parts[0] === 'api' ? ['', parts[1]] : parts[0] === 'apis' ? [parts[1], parts[2]] : []
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2
  const [plural = '', name = '', subresource = '', ...more] = inNamespace ? rest.slice(2) : rest
  const resource = group === undefined || version === undefined ? undefined : find(group, version, plural)
  const known = subresource === '' || (subresource === 'scale' && resource?.scale === true)
  if (!resource || !known || more.length > 0 || (resource.namespaced && name !== '' && !inNamespace))
    throw status.noSuchPath()

  const verb = verbOf(request.method ?? '', name, url.searchParams)
  const writes: readonly string[] = subresource ? ['update', 'patch'] : resource.writes
  if (verb === undefined || !(looking.includes(verb) || writes.includes(verb))) throw status.notAllowed()
  return {
    user,
    verb,
    resource,
    namespace: inNamespace ? (rest[1] ?? '') : '',
    name,
    subresource,
    query: url.searchParams,
    contentType: (request.headers['content-type'] ?? '').split(';')[0]!.trim(),
    table: wantsTable(request.headers.accept),
  }
}

function verbOf(method: string, name: string, query: URLSearchParams): string | undefined {
  if (method === 'GET' && ['true', '1'].includes(query.get('watch') ?? '')) return 'watch'
  if (name === '') return { GET: 'list', POST: 'create' }[method]
  return { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method]
}

/** The refusal of a call that its user may not make. */
export function forbidden({ user, verb, resource, namespace, name, subresource }: Call, why = ''): status.Refusal {
  const plural = subresource ? `${resource.plural}/${subresource}` : resource.plural
  return status.forbidden({ ...resource, plural, name }, user, verb, namespace, why)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw status.badRequest('the path is not well-formed')
  }
}
