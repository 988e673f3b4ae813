import { isDeepStrictEqual } from 'node:util'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, bodyOf, marked } from '../http.js'
import type { Faults } from '../faults.js'
import { discovery } from './discovery.js'
import { userOf, type Identity } from './identity.js'
import { selectorText, type Deployment, type KubeObject, type Metadata, type Scale } from './objects.js'
import { applyPatch } from './patch.js'
import { may, type User } from './rbac.js'
import { asList, asTable, wantsTable } from './representation.js'
import { find, replicaFaults, type Resource } from './resources.js'
import { fieldSelector, labelSelector } from './selector.js'
import * as status from './status.js'
import type { Change, Store } from './store.js'

/** One request that wanted to change something, as `GET /sandbox/effects` shows it. */
export interface Effect {
  time: string
  user: User
  verb: string
  path: string
  body: unknown
  /** What was answered; null when it never was. */
  code: number | null
  /** Did it change anything? */
  effect: boolean
}

interface Call {
  user: User
  verb: string
  resource: Resource
  namespace: string
  name: string
  subresource: string
  query: URLSearchParams
  contentType: string
  table: boolean
}

const REMEMBERED_EFFECTS = 10_000

/** The part of the Kubernetes API that the sandbox speaks. State is the store's; who may do what is `rbac.ts`. */
export class KubernetesApi {
  readonly effects: Effect[] = []

  constructor(
    private readonly store: Store,
    private readonly identity: Identity,
    private readonly faults: Faults,
    /** Called after a change, before it is answered. */
    private readonly save: () => void,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    try {
      await this.#handle(request, response, url)
    } catch (error) {
      const refusal = error instanceof status.Refusal ? error : new status.Refusal(500, 'InternalError', String(error))
      answer(response, refusal.code, refusal.status)
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const text = await bodyOf(request)
    if (this.faults.has('unavailable')) throw status.unavailable()
    const user = userOf(this.identity, request.headers.authorization)
    if (!user) throw status.unauthorized()
    const found = request.method === 'GET' ? discovery(url.pathname.replace(/\/$/, '')) : undefined
    if (found) return answer(response, 200, found)

    const call = this.#read(request, url, user)
    if (!may(user, call.verb, call.resource, call.subresource)) throw this.#forbidden(call)
    if (call.verb === 'watch') return this.#watch(call, response)
    if (call.verb === 'list') return answer(response, 200, this.#list(call))
    if (call.verb === 'get') return answer(response, 200, this.#shown(call, this.#get(call)))
    this.#change(call, text, url, response)
  }

  #read(request: IncomingMessage, url: URL, user: User): Call {
    const parts = url.pathname.split('/').filter(Boolean).map(decoded)
    const [group, version] = parts[0] === 'api' ? ['', parts[1]] : parts[0] === 'apis' ? [parts[1], parts[2]] : []
    const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
    const inNamespace = rest[0] === 'namespaces' && rest.length > 2
    const [plural = '', name = '', subresource = '', ...more] = inNamespace ? rest.slice(2) : rest
    const resource = group === undefined || version === undefined ? undefined : find(group, version, plural)
    const scaled = subresource === '' || (subresource === 'scale' && resource?.scale === true)
    if (!resource || !scaled || more.length > 0 || (resource.namespaced && name !== '' && !inNamespace))
      throw status.noSuchPath()

    const verb = verbOf(request.method ?? '', name, url.searchParams)
    const writes: readonly string[] = subresource ? ['update', 'patch'] : resource.writes
    if (verb === undefined || (!['get', 'list', 'watch'].includes(verb) && !writes.includes(verb)))
      throw status.notAllowed()
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

  #get({ resource, namespace, name }: Call): KubeObject {
    const found = this.store.get(resource, namespace, name)
    if (!found) throw status.notFound({ ...resource, name })
    return found
  }

  #selected({ query, resource, namespace, name }: Call): (object: KubeObject) => boolean {
    const [labels, fields] = [labelSelector(query.get('labelSelector')), fieldSelector(query.get('fieldSelector'))]
    const here = ({ metadata }: KubeObject) =>
      (namespace === '' || !resource.namespaced || metadata.namespace === namespace) &&
      (name === '' || metadata.name === name)
    return (object) => here(object) && labels(object) && fields(object)
  }

  #list(call: Call): object {
    const objects = this.store.list(call.resource, call.namespace).filter(this.#selected(call))
    const version = this.store.version
    return call.table ? this.#table(call, objects, String(version)) : asList(call.resource, objects, version)
  }

  #table({ resource, query }: Call, objects: KubeObject[], version: string): object {
    return asTable(resource, objects, { version, now: Date.now(), whole: query.get('includeObject') === 'Object' })
  }

  #shown(call: Call, object: KubeObject): object {
    if (call.subresource === 'scale') return scaleOf(object as Deployment)
    return call.table ? this.#table(call, [object], object.metadata.resourceVersion) : object
  }

  /** Streams one JSON object a line, until the client goes or its `timeoutSeconds` are over. */
  #watch(call: Call, response: ServerResponse): void {
    const { resource, query } = call
    const selected = this.#selected(call)
    const from = Number(query.get('resourceVersion') ?? 0)
    const missed = from > 0 ? this.store.since(from) : undefined
    response.writeHead(200, { 'content-type': 'application/json', ...marked })
    const send = (type: string, object: object) => void response.write(`${JSON.stringify({ type, object })}\n`)
    if (from > 0 && !missed) {
      send(
        'ERROR',
        new status.Refusal(410, 'Expired', `too old resource version: ${from} (${this.store.version})`).status,
      )
      return void response.end()
    }
    const tell = ({ type, resource: of, object }: Change) => {
      if (of === resource && selected(object)) send(type, this.#shown(call, object))
    }
    const present = (): Change[] =>
      this.store.list(resource, call.namespace).map((object) => ({ type: 'ADDED', object, resource, version: 0 }))
    for (const change of missed ?? present()) tell(change)
    const stop = this.store.listen(tell)
    const seconds = Math.min(Number(query.get('timeoutSeconds')) || 300, 3_600)
    const timer = setTimeout(() => response.end(), seconds * 1_000)
    response.on('close', () => {
      clearTimeout(timer)
      stop()
    })
    response.flushHeaders()
  }

  #change(call: Call, text: string, url: URL, response: ServerResponse): void {
    const effect: Effect = {
      time: new Date().toISOString(),
      user: call.user,
      verb: call.verb,
      path: url.pathname,
      body: undefined,
      code: null,
      effect: false,
    }
    this.effects.push(effect)
    if (this.effects.length > REMEMBERED_EFFECTS) this.effects.shift()
    try {
      const before = this.store.version
      effect.body = text === '' ? undefined : parsed(text)
      if (this.faults.has('forbid') && call.user === 'firebreak-hands') throw this.#forbidden(call, ' (simulated)')
      const { object, warning } = this.#carryOut(call, effect.body)
      effect.effect = this.store.version !== before
      this.save()
      // The change is made and nobody is told: what a client sees when the network goes at the wrong moment.
      if (effect.effect && this.faults.end('hang')) return
      effect.code = 200
      answer(response, 200, object, warning === undefined ? {} : { warning: `299 - "${warning}"` })
    } catch (error) {
      effect.code = error instanceof status.Refusal ? error.code : 500
      throw error
    }
  }

  #carryOut(call: Call, body: unknown): { object: object; warning?: string } {
    const { resource, namespace, name, verb, contentType, subresource } = call
    const found = this.#get(call)
    if (verb === 'delete') {
      if (!dry(call)) this.store.delete(resource, namespace, name)
      return { object: found }
    }
    const shown = subresource === 'scale' ? scaleOf(found as Deployment) : found
    const { object, ...warned } = verb === 'patch' ? applyPatch(shown, body, contentType) : { object: body }
    const wanted = this.#sound(call, shown, object)
    const next = subresource === 'scale' ? scaled(found as Deployment, wanted as Scale) : wanted
    const kept = this.#keep(call, found, next)
    return { object: this.#shown({ ...call, table: false }, kept), ...warned }
  }

  /** Holds what a client wants to write against what is there: identity, precondition, meaning. */
  #sound({ resource, name, subresource }: Call, found: KubeObject, wanted: unknown): KubeObject {
    const about = { ...resource, name }
    const { metadata } = (wanted ?? {}) as Partial<KubeObject>
    if (typeof metadata !== 'object' || metadata === null) throw status.badRequest('the object has no metadata')
    if (metadata.resourceVersion && metadata.resourceVersion !== found.metadata.resourceVersion)
      throw status.conflict(about)
    if (metadata.uid && metadata.uid !== found.metadata.uid) throw status.conflict(about)
    if (metadata.name !== undefined && metadata.name !== name)
      throw status.badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
    const { spec } = wanted as Partial<KubeObject>
    if (typeof spec !== 'object' || spec === null) throw status.badRequest('the object has no spec')
    const object = { ...found, ...(wanted as KubeObject), metadata: relabelled(found.metadata, metadata) }
    const causes =
      subresource === 'scale' ? replicaFaults((object as Scale).spec.replicas) : (resource.faultsOf?.(object) ?? [])
    if (causes.length > 0) throw status.invalid(resource.kind, about, causes)
    return object
  }

  /** Writes, unless it is the same or only a rehearsal. A changed spec is a new generation; status is not the client's. */
  #keep(call: Call, found: KubeObject, wanted: KubeObject): KubeObject {
    const object = { ...wanted, ...(found.status ? { status: found.status } : {}) }
    if (isDeepStrictEqual(object, found)) return found
    const generation = (found.metadata.generation ?? 1) + (isDeepStrictEqual(object.spec, found.spec) ? 0 : 1)
    const next = { ...object, metadata: { ...object.metadata, generation } }
    return dry(call) ? next : this.store.put(call.resource, next)
  }

  #forbidden({ user, verb, resource, namespace, name, subresource }: Call, why = ''): status.Refusal {
    const plural = subresource ? `${resource.plural}/${subresource}` : resource.plural
    return status.forbidden({ ...resource, plural, name }, user, verb, namespace, why)
  }
}

function verbOf(method: string, name: string, query: URLSearchParams): string | undefined {
  if (method === 'GET' && ['true', '1'].includes(query.get('watch') ?? '')) return 'watch'
  if (method === 'GET') return name ? 'get' : 'list'
  if (name === '') return undefined
  return { PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method]
}

const dry = ({ query }: Call) => query.get('dryRun') === 'All'

/** Of the metadata only labels and annotations are a client's to change. */
function relabelled(found: Metadata, { labels, annotations }: Metadata): Metadata {
  const next = { ...found }
  delete next.labels
  delete next.annotations
  return { ...next, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }
}

function scaleOf({ metadata, spec, status: { replicas = 0 } }: Deployment): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas },
    status: { replicas, selector: selectorText(spec.selector.matchLabels) },
  }
}

const scaled = (found: Deployment, { spec: { replicas } }: Scale): Deployment => ({
  ...found,
  spec: { ...found.spec, replicas },
})

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw status.badRequest('the path is not well-formed')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw status.badRequest('the object provided is unrecognized: the body is no JSON')
  }
}
