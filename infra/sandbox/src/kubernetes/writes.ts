import { isDeepStrictEqual } from 'node:util'
import { apply } from './apply.js'
import type { Call } from './call.js'
import { replicaFaults } from './kinds/apps.js'
import { manage } from './managed.js'
import { born } from './manifests.js'
import { omit, type Deployment, type KubeObject, type Metadata, type Scale } from './objects.js'
import { applyPatch, APPLY } from './patch.js'
import { apiVersionOf, isObject, type Resource } from './resource.js'
import { namespaces } from './resources.js'
import { scaled, scaleOf } from './scale.js'
import * as status from './status.js'
import type { Store } from './store.js'

/** What a create, update or patch left behind. */
export interface Written {
  object: KubeObject
  created: boolean
}

/** Carries out a call that writes one object, or throws the refusal. With `dryRun=All` nothing is kept. */
export function write(store: Store, call: Call, body: unknown): Written {
  if (call.verb === 'create') return { object: create(store, call, body), created: true }
  const { resource, namespace, name, query, contentType } = call
  const found = store.get(resource, namespace, name)
  const applies = call.verb === 'patch' && contentType === APPLY
  if (applies && !query.get('fieldManager')) throw required('fieldManager', 'is required for apply patch')
  if (!applies && query.get('force') === 'true') throw required('force', 'may not be specified for non-apply patch')
  if (applies && !found && call.subresource === '') return { object: applyAnew(store, call, body), created: true }
  if (!found) throw status.notFound({ ...resource, name })

  const shown = call.subresource === 'scale' ? scaleOf(found as Deployment) : found
  const next =
    call.verb === 'update' ? body : applies ? applied(call, shown, body) : applyPatch(shown, body, contentType)
  const wanted = sound(call, shown, next)
  const object = call.subresource === 'scale' ? scaled(found as Deployment, wanted as Scale) : wanted
  // A scale has no fields of its own to own: applying one is written down as an update of the workload.
  return { object: keep(store, call, found, object, applies && call.subresource !== 'scale'), created: false }
}

const required = (field: string, message: string) =>
  status.invalid('PatchOptions', { group: 'meta.k8s.io', plural: '', name: '' }, [
    { reason: 'FieldValueInvalid', field, message },
  ])

function create(store: Store, call: Call, body: unknown): KubeObject {
  const { object, metadata } = begin(store, call, body)
  return settle(store, call, manage(undefined, object, { ...call.manager, subresource: '' }), metadata)
}

/** Server-side apply of what is not there yet. */
function applyAnew(store: Store, call: Call, body: unknown): KubeObject {
  const { name } = call
  const given = identified(call, body)
  const { object } = begin(store, call, { ...given, metadata: { ...metadataOf(given), name } })
  const { metadata } = apply(undefined, given, call.manager, false, { ...call.resource, name })
  const entries = metadata?.managedFields
  return settle(
    store,
    call,
    { ...object, metadata: { ...object.metadata, ...(entries ? { managedFields: entries } : {}) } },
    object.metadata,
  )
}

/** A new object out of what a client sent: named, with what the server fills in. */
function begin(
  store: Store,
  { resource, namespace }: Call,
  body: unknown,
): { object: KubeObject; metadata: Partial<Metadata> } {
  const metadata = metadataOf(body)
  const given = body as KubeObject
  agree(resource, given)
  const name = nameOf(store, resource, namespace, metadata)
  if (metadata.namespace && resource.namespaced && metadata.namespace !== namespace)
    throw status.badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (resource.namespaced && !store.get(namespaces, '', namespace))
    throw status.notFound({ ...namespaces, name: namespace })
  if (store.get(resource, namespace, name)) throw status.alreadyExists({ ...resource, name })
  const own = relabelled({ name, ...(resource.namespaced ? { namespace } : {}) } as Metadata, metadata)
  const rest = omit(given, 'status')
  const kept = resource.subresources.includes('status') ? { ...rest, status: {} } : rest
  // Another one of the same name is another thing: its uid differs.
  const named = born(
    { ...kept, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: own },
    `version ${store.version}`,
  )
  return { object: resource.defaults?.(named) ?? named, metadata }
}

function settle(
  store: Store,
  { resource, query, name }: Call,
  object: KubeObject,
  metadata: Partial<Metadata>,
): KubeObject {
  const causes = resource.faultsOf?.(object) ?? []
  if (causes.length > 0) throw status.invalid(resource.kind, { ...resource, name: metadata.name ?? name }, causes)
  return dry(query) ? object : store.put(resource, object)
}

/** The name that was given, or one that begins with `generateName`. */
function nameOf(store: Store, resource: Resource, namespace: string, metadata: Partial<Metadata>): string {
  const { name, generateName } = metadata as { name?: unknown; generateName?: unknown }
  if (name === undefined && typeof generateName === 'string' && generateName !== '')
    for (let at = store.version; ; at++) {
      const drawn = `${generateName.slice(0, 57)}${at.toString(36).padStart(5, '0').slice(-5)}`
      if (!store.get(resource, namespace, drawn)) return drawn
    }
  const pattern =
    resource.group === 'rbac.authorization.k8s.io'
      ? /^[^/%]{1,253}$/
      : /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
  if (typeof name === 'string' && pattern.test(name)) return name
  throw status.invalid(resource.kind, { ...resource, ...(typeof name === 'string' ? { name } : {}) }, [
    name === undefined
      ? {
          reason: 'FieldValueRequired',
          field: 'metadata.name',
          message: 'Required value: name or generateName is required',
        }
      : {
          reason: 'FieldValueInvalid',
          field: 'metadata.name',
          message: `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain is needed`,
        },
  ])
}

/** What an apply must say about the object, and must not say differently from the URL. */
function identified({ resource, name, subresource }: Call, body: unknown): Record<string, unknown> {
  if (!isObject(body) || typeof body.kind !== 'string' || typeof body.apiVersion !== 'string')
    throw status.badRequest("Object 'Kind' is missing in the applied configuration")
  if (subresource !== 'scale') agree(resource, body)
  const given = metadataOf(body)
  if (given.name !== undefined && given.name !== name)
    throw status.badRequest(`metadata.name (${given.name}) does not match the name on the URL (${name})`)
  return body
}

function applied(call: Call, shown: KubeObject, body: unknown): KubeObject {
  const given = identified(call, body)
  const { resourceVersion } = metadataOf(given)
  const about = { ...call.resource, name: call.name }
  if (resourceVersion && resourceVersion !== shown.metadata.resourceVersion) throw status.conflict(about)
  const object = apply(shown, given, call.manager, call.query.get('force') === 'true', about)
  // An apply may name the precondition; it is not something to own.
  return { ...object, metadata: { ...object.metadata, resourceVersion: shown.metadata.resourceVersion } }
}

function agree(resource: Resource, { apiVersion, kind }: { apiVersion?: unknown; kind?: unknown }): void {
  const expected = apiVersionOf(resource)
  if (apiVersion !== undefined && apiVersion !== expected)
    throw status.badRequest(
      `the API version in the data (${text(apiVersion)}) does not match the expected API version (${expected})`,
    )
  if (kind !== undefined && kind !== resource.kind)
    throw status.badRequest(`${text(kind)} in version "${resource.version}" cannot be handled as a ${resource.kind}`)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Holds what a client wants to write against what is there: identity, precondition, meaning. */
function sound(call: Call, found: KubeObject, wanted: unknown): KubeObject {
  const { resource, name, subresource } = call
  const about = { ...resource, name }
  const metadata = metadataOf(wanted)
  if (metadata.resourceVersion && metadata.resourceVersion !== found.metadata.resourceVersion)
    throw status.conflict(about)
  if (metadata.uid && metadata.uid !== found.metadata.uid)
    throw status.conflict(
      about,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${found.metadata.uid}`,
    )
  if (metadata.name !== undefined && metadata.name !== name)
    throw status.badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  const { apiVersion, kind } = found
  const given = wanted as KubeObject
  if (subresource === 'scale') {
    const causes = replicaFaults((given as Partial<Scale>).spec?.replicas ?? 0)
    if (causes.length > 0) throw status.invalid(kind, { ...about, group: 'autoscaling' }, causes)
    return given
  }
  // Through the status nothing else is written, and through the object the status is not.
  const managed = metadata.managedFields ? { managedFields: metadata.managedFields } : {}
  if (subresource === 'status') {
    const { conditions = [] } = isObject(given.status) ? given.status : {}
    if (
      (given.status !== undefined && !isObject(given.status)) ||
      !(Array.isArray(conditions) && conditions.every(isObject))
    )
      throw status.badRequest('the status is an object, and its conditions are a list of objects')
    return {
      ...found,
      ...(given.status === undefined ? {} : { status: given.status }),
      metadata: { ...found.metadata, ...managed },
    }
  }
  const own = { ...relabelled(found.metadata, metadata), ...managed }
  const object = { ...given, apiVersion, kind, metadata: own, ...(found.status ? { status: found.status } : {}) }
  const full = resource.defaults?.(object) ?? object
  const whole = found.status ? { ...full, status: found.status } : full
  const causes = resource.faultsOf?.(whole, found) ?? []
  if (causes.length > 0) throw status.invalid(kind, about, causes)
  return whole
}

/** Keeps it, unless it is the same. A changed spec is a new generation. */
function keep(store: Store, call: Call, found: KubeObject, wanted: KubeObject, applies: boolean): KubeObject {
  const object = applies ? wanted : manage(found, wanted, call.manager)
  if (isDeepStrictEqual(object, found)) return found
  const moved = !isDeepStrictEqual(object.spec, found.spec)
  const { generation } = found.metadata
  const metadata = {
    ...object.metadata,
    ...(generation === undefined ? {} : { generation: generation + (moved ? 1 : 0) }),
  }
  const next = { ...object, metadata }
  return dry(call.query) ? next : store.put(call.resource, next)
}

/** Is this a rehearsal? A value that is not known must not be taken for a real change, nor for none. */
export function dry(query: URLSearchParams): boolean {
  const given = query.getAll('dryRun').filter((value) => value !== '')
  if (given.some((value) => value !== 'All'))
    throw status.invalid('Options', { group: 'meta.k8s.io', plural: '', name: '' }, [
      {
        reason: 'FieldValueNotSupported',
        field: 'dryRun',
        message: `Unsupported value: ${JSON.stringify(given)}: supported values: "All"`,
      },
    ])
  return given.length > 0
}

/** Outside input has at least the two parts that everything below reads. */
function metadataOf(wanted: unknown): Partial<Metadata> {
  if (!isObject(wanted)) throw status.badRequest('the object provided is unrecognized')
  const { metadata, spec = {} } = wanted
  if (!isObject(metadata)) throw status.badRequest('the object has no metadata')
  if (!isObject(spec) && spec !== null) throw status.badRequest('the object has no spec')
  for (const texts of [metadata.labels, metadata.annotations])
    if (
      texts !== undefined &&
      texts !== null &&
      !(isObject(texts) && Object.values(texts).every((text) => typeof text === 'string'))
    )
      throw status.badRequest('labels and annotations are maps of texts')
  return metadata
}

/** Of the metadata only labels, annotations and owners are a client's to change. */
function relabelled(found: Metadata, { labels, annotations, ownerReferences }: Partial<Metadata>): Metadata {
  return {
    ...omit(found, 'labels', 'annotations', 'ownerReferences'),
    ...(labels && Object.keys(labels).length > 0 ? { labels } : {}),
    ...(annotations && Object.keys(annotations).length > 0 ? { annotations } : {}),
    ...(Array.isArray(ownerReferences) && ownerReferences.length > 0 ? { ownerReferences } : {}),
  }
}
