import type { Call } from './call.js'
import { omit, type KubeObject } from './objects.js'
import { isObject } from './resource.js'
import { namespaces, pods, resources } from './resources.js'
import * as status from './status.js'
import type { Store } from './store.js'
import { dry } from './writes.js'

/** What a client says about a deletion, in the body or in the query. */
interface Options {
  dry: boolean
  /** What was made for this object stays, and belongs to nobody. Otherwise it goes too: see `controllers/garbage.ts`. */
  orphan: boolean
  uid?: string
  resourceVersion?: string
}

/** Deletes one object. Answers what the API answers: the object when it would take a while, or else that it is gone. */
export function remove(store: Store, call: Call, body: unknown): object {
  const { resource, namespace, name } = call
  const found = store.get(resource, namespace, name)
  if (!found) throw status.notFound({ ...resource, name })
  const options = read(call, body)
  const { uid, resourceVersion } = found.metadata
  const about = { ...resource, name }
  if (options.uid !== undefined && options.uid !== uid)
    throw status.conflict(about, `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${uid}`)
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion)
    throw status.conflict(
      about,
      `Precondition failed: ResourceVersion in precondition: ${options.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`,
    )
  if (!options.dry) take(store, call, found, options)
  if (resource === pods || resource === namespaces) return found
  const { group, plural: kind } = resource
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group ? { group } : {}), kind, uid },
  }
}

/** Deletes what is selected of a collection. Answers what is gone. */
export function removeAll(
  store: Store,
  call: Call,
  body: unknown,
  selected: (object: KubeObject) => boolean,
): KubeObject[] {
  const options = read(call, body)
  const all = store.list(call.resource, call.namespace).filter(selected)
  if (!options.dry) for (const found of all) take(store, call, found, options)
  return all
}

function take(store: Store, { resource }: Call, found: KubeObject, { orphan }: Options): void {
  const { name, namespace = '', uid } = found.metadata
  if (orphan)
    for (const within of resources)
      for (const object of store.list(within)) {
        const owners = object.metadata.ownerReferences
        const left = owners?.filter((owner) => owner.uid !== uid)
        if (owners && left!.length < owners.length) {
          const metadata = omit(object.metadata, 'ownerReferences')
          store.put(within, {
            ...object,
            metadata: { ...metadata, ...(left!.length > 0 ? { ownerReferences: left! } : {}) },
          })
        }
      }
  store.delete(resource, namespace, name)
  if (resource !== namespaces) return
  for (const within of resources.filter(({ namespaced }) => namespaced))
    for (const { metadata } of store.list(within, name)) store.delete(within, name, metadata.name)
}

function read({ query, namespace, resource, name }: Call, body: unknown): Options {
  const given = isObject(body) ? body : {}
  const said = new URLSearchParams(query)
  if (Array.isArray(given.dryRun)) for (const value of given.dryRun) said.append('dryRun', String(value))
  const conditions = isObject(given.preconditions) ? given.preconditions : {}
  const policy = given.propagationPolicy ?? query.get('propagationPolicy')
  if (policy != null && !(typeof policy === 'string' && ['Orphan', 'Background', 'Foreground'].includes(policy)))
    throw status.invalid('DeleteOptions', { group: 'meta.k8s.io', plural: resource.plural, name: name || namespace }, [
      {
        reason: 'FieldValueNotSupported',
        field: 'propagationPolicy',
        message: `Unsupported value: ${JSON.stringify(policy)}`,
      },
    ])
  return {
    dry: dry(said),
    orphan: policy === 'Orphan' || given.orphanDependents === true,
    ...(typeof conditions.uid === 'string' ? { uid: conditions.uid } : {}),
    ...(typeof conditions.resourceVersion === 'string' ? { resourceVersion: conditions.resourceVersion } : {}),
  }
}
