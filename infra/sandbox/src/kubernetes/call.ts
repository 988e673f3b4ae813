import type { IncomingMessage } from 'node:http'
import type { Manager } from './managed.js'
import type { User } from './identity.js'
import { wantsMetadata, wantsTable } from './representation.js'
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
  subresource: string
  query: URLSearchParams
  contentType: string
  manager: Manager
  /** How the client wants to see objects: as rows and columns, by their metadata only, or whole. */
  as: 'table' | 'metadata' | 'object'
}

const looking = ['get', 'list', 'watch']

export const looks = ({ verb }: Call): boolean => looking.includes(verb)

/** What can be done with a subresource. */
const verbsOf: Record<string, readonly string[]> = {
  scale: ['get', 'update', 'patch'],
  status: ['get', 'update', 'patch'],
  log: ['get'],
  exec: ['get', 'create'],
  attach: ['get', 'create'],
  portforward: ['get', 'create'],
}

/** Reads path, method and headers; refuses what the sandbox does not serve. */
export function readCall(request: IncomingMessage, url: URL, user: User): Call {
  const parts = url.pathname.split('/').filter(Boolean).map(decoded)
  const [group, version] = parts[0] === 'api' ? ['', parts[1]] : parts[0] === 'apis' ? [parts[1], parts[2]] : []
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  // `/api/v1/namespaces/prod/status` is about the namespace, `/api/v1/namespaces/prod/pods` about what is in it.
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && !(group === '' && rest[2] === 'status')
  const [plural = '', name = '', subresource = '', ...more] = inNamespace ? rest.slice(2) : rest
  const resource = group === undefined || version === undefined ? undefined : find(group, version, plural)
  const known = subresource === '' || resource?.subresources.includes(subresource) === true
  if (!resource || !known || more.length > 0 || (resource.namespaced && name !== '' && !inNamespace))
    throw status.noSuchPath()

  const { headers, method = '' } = request
  const verb = verbOf(method, name, subresource, url.searchParams)
  const possible: readonly string[] = subresource ? verbsOf[subresource]! : [...looking, ...resource.writes]
  if (verb === undefined || !possible.includes(verb)) throw status.notAllowed()
  const { accept } = headers
  return {
    user,
    verb,
    resource,
    namespace: inNamespace ? (rest[1] ?? '') : '',
    name,
    subresource,
    query: url.searchParams,
    contentType: (headers['content-type'] ?? '').split(';')[0]!.trim(),
    manager: { name: managerOf(url.searchParams, headers['user-agent']), subresource },
    as: wantsTable(accept) ? 'table' : wantsMetadata(accept) ? 'metadata' : 'object',
  }
}

/** Who a writer says that it is; a program that does not say it goes by its own name. */
function managerOf(query: URLSearchParams, agent = ''): string {
  const given = query.get('fieldManager') ?? ''
  if (given.length > 128)
    throw status.invalid('PatchOptions', { group: 'meta.k8s.io', plural: '' }, [
      { reason: 'FieldValueTooLong', field: 'fieldManager', message: 'Too long: may not be more than 128 bytes' },
    ])
  return given || agent.split('/')[0]!.slice(0, 128) || 'unknown'
}

function verbOf(method: string, name: string, subresource: string, query: URLSearchParams): string | undefined {
  if (method === 'GET' && ['true', '1'].includes(query.get('watch') ?? '')) return 'watch'
  if (name === '') return { GET: 'list', POST: 'create', DELETE: 'deletecollection' }[method]
  if (subresource !== '' && method === 'POST') return 'create'
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
