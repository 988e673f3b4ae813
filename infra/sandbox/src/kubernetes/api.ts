import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Faults } from '../faults.js'
import { answer, bodyOf } from '../http.js'
import { forbidden, looks, readCall, type Call } from './call.js'
import { discovery } from './discovery.js'
import { userOf, type Identity } from './identity.js'
import type { Deployment, KubeObject } from './objects.js'
import { may, type User } from './rbac.js'
import { asList, asTable } from './representation.js'
import { scaleOf } from './scale.js'
import { fieldSelector, labelSelector } from './selector.js'
import * as status from './status.js'
import type { Store } from './store.js'
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

    const call = readCall(request, url, user)
    if (!may(user, call.verb, call.resource, call.subresource)) throw forbidden(call)
    if (!looks(call)) return this.#change(call, text, url, response)
    if (call.verb === 'watch')
      return watch(this.store, call, response, this.#selected(call), (object) => this.#shown(call, object))
    answer(response, 200, call.verb === 'list' ? this.#list(call) : this.#shown(call, this.#get(call)))
  }

  #get({ resource, namespace, name }: Call): KubeObject {
    const found = this.store.get(resource, namespace, name)
    if (!found) throw status.notFound({ ...resource, name })
    return found
  }

  #list(call: Call): object {
    const objects = this.store.list(call.resource, call.namespace).filter(this.#selected(call))
    const version = this.store.version
    return call.table ? this.#table(call, objects, String(version)) : asList(call.resource, objects, version)
  }

  #selected({ query, resource, namespace, name }: Call): (object: KubeObject) => boolean {
    const [labels, fields] = [labelSelector(query.get('labelSelector')), fieldSelector(query.get('fieldSelector'))]
    const here = ({ metadata }: KubeObject) =>
      (namespace === '' || !resource.namespaced || metadata.namespace === namespace) &&
      (name === '' || metadata.name === name)
    return (object) => here(object) && labels(object) && fields(object)
  }

  #shown(call: Call, object: KubeObject): object {
    if (call.subresource === 'scale') return scaleOf(object as Deployment)
    return call.table ? this.#table(call, [object], object.metadata.resourceVersion) : object
  }

  #table({ resource, query }: Call, objects: KubeObject[], version: string): object {
    return asTable(resource, objects, { version, now: Date.now(), whole: query.get('includeObject') === 'Object' })
  }

  #change(call: Call, text: string, url: URL, response: ServerResponse): void {
    const effect = this.#journal(call, url)
    try {
      const before = this.store.version
      effect.body = parsed(text, call.contentType)
      if (this.faults.has('forbid') && call.user === 'firebreak-hands') throw forbidden(call, ' (simulated)')
      const { object, warning } = write(this.store, call, effect.body)
      effect.effect = this.store.version !== before
      this.save()
      // The change is made and nobody is told: what a client sees when the network goes at the wrong moment.
      if (effect.effect && this.faults.end('hang')) return
      effect.code = call.verb === 'create' ? 201 : 200
      const headers: Record<string, string> = warning === undefined ? {} : { warning: `299 - "${warning}"` }
      answer(response, effect.code, this.#shown({ ...call, table: false }, object), headers)
    } catch (error) {
      effect.code = error instanceof status.Refusal ? error.code : 500
      throw error
    }
  }

  #journal({ user, verb }: Call, url: URL): Effect {
    const time = new Date().toISOString()
    const effect: Effect = { time, user, verb, path: url.pathname, body: undefined, code: null, effect: false }
    this.effects.push(effect)
    if (this.effects.length > REMEMBERED_EFFECTS) this.effects.shift()
    return effect
  }
}

function parsed(text: string, contentType: string): unknown {
  if (text === '') return undefined
  if (!/^application\/(.*\+)?json$/.test(contentType))
    throw status.unsupported(`the sandbox reads JSON, not ${contentType || 'a body without a type'}`)
  try {
    return JSON.parse(text)
  } catch {
    throw status.badRequest('the object provided is unrecognized: the body is no JSON')
  }
}
