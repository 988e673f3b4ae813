import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Faults } from '../faults.js'
import { answer, bytesOf, marked } from '../http.js'
import { readApplied } from './apply.js'
import { forbidden, looks, readCall, type Call } from './call.js'
import { discovery } from './discovery.js'
import { userOf, type Identity, type User } from './identity.js'
import { pageOf, type Page } from './list.js'
import type { Logs } from './logs.js'
import { Moments } from './moments.js'
import type { Deployment, KubeObject } from './objects.js'
import { openapi } from './openapi.js'
import { APPLY } from './patch.js'
import { PROTOBUF, readProtobuf } from './protobuf.js'
import { may } from './rbac.js'
import { removeAll, remove } from './removes.js'
import { asList, asMetadata, asTable } from './representation.js'
import { answerReview, findReview } from './reviews.js'
import { scaleOf } from './scale.js'
import { fieldSelector, labelSelector } from './selector.js'
import * as status from './status.js'
import type { Store } from './store.js'
import { tail } from './tail.js'
import { watch } from './watch.js'
import { write } from './writes.js'

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

const REMEMBERED_EFFECTS = 10_000

/** Tests, and nobody else, ask with this header for a refusal that nothing else brings about. */
const ON_DEMAND = 'x-firebreak-sandbox-answer'

/** What runs in no container cannot be entered. */
const ENTERING = ['exec', 'attach', 'portforward']

/** The part of the Kubernetes API that the sandbox speaks. State is the store's; who may do what is `rbac.ts`. */
export class KubernetesApi {
  readonly effects: Effect[] = []
  readonly #moments: Moments

  constructor(
    private readonly store: Store,
    private readonly identity: Identity,
    private readonly faults: Faults,
    private readonly logs: Logs,
    /** Called after a change, before it is answered. */
    private readonly save: () => void,
  ) {
    this.#moments = new Moments(faults)
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (this.faults.away) return void request.socket.destroy()
    try {
      await this.#handle(request, response, url)
    } catch (error) {
      const refusal = error instanceof status.Refusal ? error : new status.Refusal(500, 'InternalError', String(error))
      const seconds = refusal.details?.retryAfterSeconds
      answer(response, refusal.code, refusal.status, seconds === undefined ? {} : { 'retry-after': String(seconds) })
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const sent = await bytesOf(request)
    this.#refuseOnDemand(request)
    const user = userOf(this.identity, request.headers.authorization)
    if (!user) throw status.unauthorized()
    const path = url.pathname.replace(/\/$/, '')
    const review = request.method === 'POST' ? findReview(path) : undefined
    if (review) return answer(response, 201, answerReview(this.store, review, user, parsed(sent, typeOf(request))))
    if (request.method === 'GET') {
      const found = discovery(path)
      if (found) return answer(response, 200, found)
      const described = openapi(path, request.headers.accept)
      if (described)
        return void response.writeHead(200, { ...marked, 'content-type': described.type }).end(described.body)
      if (path === '/livez' || path === '/readyz')
        return void response.writeHead(200, { ...marked, 'content-type': 'text/plain' }).end('ok')
    }
    return this.#serve(readCall(request, url, user), sent, url, response)
  }

  #serve(call: Call, sent: Buffer, url: URL, response: ServerResponse): void {
    this.#allow(call)
    if (ENTERING.includes(call.subresource)) throw status.nothingRuns(call.subresource, call.name)
    if (!looks(call)) return this.#change(call, sent, url, response)
    if (call.subresource === 'log') return tail(this.store, this.logs, call, response)
    if (call.verb === 'watch')
      return watch(this.store, call, response, this.#selected(call), (object) => this.#shown(call, object))
    const { query, resource, namespace } = call
    if (call.verb === 'get') return answer(response, 200, this.#shown(call, this.#get(call)))
    answer(response, 200, this.#listed(call, pageOf(this.store, resource, namespace, query, this.#selected(call))))
  }

  #refuseOnDemand({ headers }: IncomingMessage): void {
    const wanted = status.simulated(Number(headers[ON_DEMAND]))
    if (wanted) throw wanted
    if (this.faults.has('unavailable')) throw status.unavailable()
    if (this.faults.has('throttled')) throw status.simulated(429)!
    if (this.faults.has('internal-error')) throw status.simulated(500)!
  }

  /** Server-side apply of what is not there yet also creates. */
  #allow(call: Call): void {
    const { user, verb, resource, subresource, namespace, name, contentType } = call
    const plural = subresource ? `${resource.plural}/${subresource}` : resource.plural
    const wish = { verb, group: resource.group, resource: plural, namespace, name }
    if (!may(this.store, user, wish)) throw forbidden(call)
    const creates = verb === 'patch' && contentType === APPLY && !this.store.get(resource, namespace, name)
    if (creates && !may(this.store, user, { ...wish, verb: 'create' })) throw forbidden({ ...call, verb: 'create' })
  }

  #get({ resource, namespace, name }: Call): KubeObject {
    const found = this.store.get(resource, namespace, name)
    if (!found) throw status.notFound({ ...resource, name })
    return found
  }

  #selected({ query, resource, namespace, name }: Call): (object: KubeObject) => boolean {
    const labels = labelSelector(query.get('labelSelector'))
    const fields = fieldSelector(query.get('fieldSelector'), resource.selectable)
    const here = ({ metadata }: KubeObject) =>
      (namespace === '' || !resource.namespaced || metadata.namespace === namespace) &&
      (name === '' || metadata.name === name)
    return (object) => here(object) && labels(object) && fields(object)
  }

  #shown(call: Call, object: KubeObject): object {
    if (call.subresource === 'scale') return scaleOf(object as Deployment)
    const { resourceVersion } = object.metadata
    return call.as === 'object' ? object : this.#listed(call, { objects: [object], resourceVersion }, true)
  }

  #listed({ as, resource, query }: Call, page: Page, one = false): object {
    if (as === 'table') return asTable(resource, page, query.get('includeObject'))
    if (as === 'object') return asList(resource, page)
    const { objects, ...metadata } = page
    if (one) return asMetadata(objects[0]!)
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: objects.map(asMetadata) }
  }

  #change(call: Call, sent: Buffer, url: URL, response: ServerResponse): void {
    const effect = this.#journal(call, url)
    try {
      const before = this.store.version
      effect.body = call.contentType === APPLY ? readApplied(sent.toString()) : parsed(sent, call.contentType)
      if (this.#moments.before(call) === 'broken') return void response.destroy()
      const { code, body } = this.#carryOut(call, effect.body)
      effect.effect = this.store.version !== before
      this.save()
      // The change is made and nobody is told: what a client sees when the network goes at the wrong moment.
      if (effect.effect && this.faults.end('hang')) return
      if (effect.effect && this.#moments.after(call)) return void response.destroy()
      effect.code = code
      answer(response, code, body)
    } catch (error) {
      effect.code = error instanceof status.Refusal ? error.code : 500
      throw error
    }
  }

  #carryOut(call: Call, body: unknown): { code: number; body: object } {
    if (call.verb === 'delete') return { code: 200, body: remove(this.store, call, body) }
    if (call.verb === 'deletecollection') {
      const objects = removeAll(this.store, call, body, this.#selected(call))
      return { code: 200, body: asList(call.resource, { objects, resourceVersion: String(this.store.version) }) }
    }
    const { object, created } = write(this.store, call, body)
    return { code: created ? 201 : 200, body: this.#shown(call, object) }
  }

  #journal({ user, verb }: Call, url: URL): Effect {
    const time = new Date().toISOString()
    const effect: Effect = { time, user, verb, path: url.pathname, body: undefined, code: null, effect: false }
    this.effects.push(effect)
    if (this.effects.length > REMEMBERED_EFFECTS) this.effects.shift()
    return effect
  }
}

const typeOf = ({ headers }: IncomingMessage) => (headers['content-type'] ?? '').split(';')[0]!.trim()

function parsed(sent: Buffer, contentType: string): unknown {
  if (sent.length === 0) return undefined
  if (contentType === PROTOBUF) return readProtobuf(sent)
  // Old kubectls do not say that they send JSON; nor does the API server insist.
  if (contentType !== '' && !/^application\/(.*\+)?json$/.test(contentType))
    throw status.unsupported(`the sandbox reads JSON, not ${contentType}`)
  try {
    return JSON.parse(sent.toString())
  } catch {
    throw status.badRequest('the object provided is unrecognized: the body is no JSON')
  }
}
