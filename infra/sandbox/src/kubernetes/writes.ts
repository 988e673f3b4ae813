import { isDeepStrictEqual } from 'node:util'
import type { Call } from './call.js'
import { born } from './manifests.js'
import type { Deployment, KubeObject, Metadata, Scale } from './objects.js'
import { applyPatch } from './patch.js'
import { namespaces, replicaFaults, resources } from './resources.js'
import { scaled, scaleOf } from './scale.js'
import * as status from './status.js'
import type { Store } from './store.js'

/** What a change left behind, as it is kept, and what the client should be warned of. */
export interface Written {
  object: KubeObject
  warning?: string
}

/** Carries out a call that changes something, or throws the refusal. With `dryRun=All` nothing is kept. */
export function write(store: Store, call: Call, body: unknown): Written {
  if (call.verb === 'create') return { object: create(store, call, body) }
  const found = store.get(call.resource, call.namespace, call.name)
  if (!found) throw status.notFound({ ...call.resource, name: call.name })
  if (call.verb === 'delete') return { object: remove(store, call, found) }

  const shown = call.subresource === 'scale' ? scaleOf(found as Deployment) : found
  const { object, ...warned } = call.verb === 'patch' ? applyPatch(shown, body, call.contentType) : { object: body }
  const wanted = sound(call, shown, object)
  const next = call.subresource === 'scale' ? scaled(found as Deployment, wanted as Scale) : wanted
  return { object: keep(store, call, found, next), ...warned }
}

function create(store: Store, call: Call, body: unknown): KubeObject {
  const { resource, namespace } = call
  const { metadata } = shaped(body)
  const { name } = metadata
  if (typeof name !== 'string' || !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    throw status.invalid(resource.kind, { ...resource }, [
      { reason: 'FieldValueInvalid', field: 'metadata.name', message: 'must be a DNS label' },
    ])
  const about = { ...resource, name }
  if (resource.namespaced && !store.get(namespaces, '', namespace))
    throw status.notFound({ ...namespaces, name: namespace })
  if (store.get(resource, namespace, name)) throw status.alreadyExists(about)
  const wanted = {
    ...(body as KubeObject),
    metadata: relabelled({ name, ...(resource.namespaced ? { namespace } : {}) } as Metadata, metadata),
    status: {},
  }
  const causes = resource.faultsOf?.(wanted) ?? []
  if (causes.length > 0) throw status.invalid(resource.kind, about, causes)
  // Another one of the same name is another thing: its uid differs.
  const object = born(wanted, `version ${store.version}`)
  return dry(call) ? object : store.put(resource, object)
}

function remove(store: Store, call: Call, found: KubeObject): KubeObject {
  const { resource, namespace, name } = call
  if (dry(call)) return found
  store.delete(resource, namespace, name)
  if (resource === namespaces)
    for (const within of resources.filter(({ namespaced }) => namespaced))
      for (const { metadata } of store.list(within, name)) store.delete(within, name, metadata.name)
  return found
}

/** Holds what a client wants to write against what is there: identity, precondition, meaning. */
function sound({ resource, name, subresource }: Call, found: KubeObject, wanted: unknown): KubeObject {
  const about = { ...resource, name }
  const { metadata } = shaped(wanted)
  if (metadata.resourceVersion && metadata.resourceVersion !== found.metadata.resourceVersion)
    throw status.conflict(about)
  if (metadata.uid && metadata.uid !== found.metadata.uid) throw status.conflict(about)
  if (metadata.name !== undefined && metadata.name !== name)
    throw status.badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  const { apiVersion, kind } = found
  const object = { ...(wanted as KubeObject), apiVersion, kind, metadata: relabelled(found.metadata, metadata) }
  const causes =
    subresource === 'scale'
      ? replicaFaults((object as Partial<Scale>).spec?.replicas)
      : (resource.faultsOf?.(object) ?? [])
  if (causes.length > 0) throw status.invalid(resource.kind, about, causes)
  return object
}

/** Keeps it, unless it is the same. A changed spec is a new generation; the status is not the client's to change. */
function keep(store: Store, call: Call, found: KubeObject, wanted: KubeObject): KubeObject {
  const object = { ...wanted, ...(found.status ? { status: found.status } : {}) }
  if (isDeepStrictEqual(object, found)) return found
  const generation = (found.metadata.generation ?? 1) + (isDeepStrictEqual(object.spec, found.spec) ? 0 : 1)
  const next = { ...object, metadata: { ...object.metadata, generation } }
  return dry(call) ? next : store.put(call.resource, next)
}

const dry = ({ query }: Call) => query.get('dryRun') === 'All'

/** Outside input has at least the two parts that everything below reads. */
function shaped(wanted: unknown): { metadata: Partial<Metadata>; spec: object } {
  const { metadata, spec = {} } = (wanted ?? {}) as { metadata?: unknown; spec?: unknown }
  if (typeof metadata !== 'object' || metadata === null) throw status.badRequest('the object has no metadata')
  if (typeof spec !== 'object' || spec === null) throw status.badRequest('the object has no spec')
  return { metadata, spec }
}

/** Of the metadata only labels and annotations are a client's to change. */
function relabelled(found: Metadata, { labels, annotations }: Partial<Metadata>): Metadata {
  const next = { ...found }
  delete next.labels
  delete next.annotations
  return { ...next, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }
}
