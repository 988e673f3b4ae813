import type { KubeObject } from './objects.js'
import type { Resource } from './resource.js'

/** One change, as a watch reports it. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  resource: Resource
  object: KubeObject
  /** What was there before; a watch with a selector needs it to tell that something left its selection. */
  before?: KubeObject
  version: number
}

/** What is written to disk. */
export interface StoreState {
  version: number
  objects: { resource: string; object: KubeObject }[]
}

/** A watch that starts further back than this gets 410 and must list again. */
const REMEMBERED_CHANGES = 500

/**
 * Everything that the API server keeps: one map for each resource, and one counter that every change moves. Objects
 * are never changed in place, so that what was handed out stays what it was.
 */
export class Store {
  #version = 1
  readonly #shelves = new Map<Resource, Map<string, KubeObject>>()
  /** Lists in the API's order; thrown away when something comes, changes or goes. */
  readonly #sorted = new Map<Resource, KubeObject[]>()
  readonly #changes: Change[] = []
  readonly #listeners = new Set<(change: Change) => void>()

  get version(): number {
    return this.#version
  }

  get<T extends KubeObject>(resource: Resource<T>, namespace: string, name: string): T | undefined {
    return this.#shelf(resource).get(keyOf(namespace, name)) as T | undefined
  }

  /** All objects of a resource, of one namespace or of all (`''`), by namespace and name as the API lists them. */
  list<T extends KubeObject>(resource: Resource<T>, namespace = ''): T[] {
    let sorted = this.#sorted.get(resource)
    if (!sorted) {
      sorted = [...this.#shelf(resource).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
      this.#sorted.set(resource, sorted)
    }
    return sorted.filter(({ metadata }) => namespace === '' || metadata.namespace === namespace) as T[]
  }

  /** What `list` answered when `version` was the newest, or `undefined` when that is forgotten. */
  listAt(resource: Resource, namespace: string, version: number): KubeObject[] | undefined {
    const since = this.since(version)
    if (!since) return undefined
    const then = new Map(this.list(resource, namespace).map((object) => [key(object), object]))
    for (const { object, before } of since.filter((change) => change.resource === resource).reverse())
      if (before) then.set(key(before), before)
      else then.delete(key(object))
    return [...then.values()]
      .filter(({ metadata }) => namespace === '' || metadata.namespace === namespace)
      .sort((a, b) => (key(a) < key(b) ? -1 : 1))
  }

  /** Writes an object with a new resourceVersion. Answers it as it is kept. */
  put<T extends KubeObject>(resource: Resource<T>, object: T): T {
    const version = ++this.#version
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    const before = this.#shelf(resource).get(key(kept))
    this.#shelf(resource).set(key(kept), kept)
    const type = before ? 'MODIFIED' : 'ADDED'
    this.#tell({ type, resource, object: kept, version, ...(before ? { before } : {}) })
    return kept
  }

  delete(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    const before = this.#shelf(resource).get(keyOf(namespace, name))
    if (!before) return undefined
    this.#shelf(resource).delete(keyOf(namespace, name))
    const version = ++this.#version
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } }
    this.#tell({ type: 'DELETED', resource, object, before, version })
    return object
  }

  /** Changes after `version`, or `undefined` when they are no longer remembered. */
  since(version: number): Change[] | undefined {
    const oldest = this.#changes[0]?.version ?? this.#version + 1
    if (version < oldest - 1) return undefined
    return this.#changes.filter((change) => change.version > version)
  }

  /** Calls back on each change from now on. Answers how to stop that. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  save(): StoreState {
    const objects = [...this.#shelves].flatMap(([{ plural }, shelf]) =>
      [...shelf.values()].map((object) => ({ resource: plural, object })),
    )
    return { version: this.#version, objects }
  }

  /** Takes what was saved. Versions go on from there: a client's resourceVersion never means two things. */
  load(state: StoreState, resources: readonly Resource[]): void {
    this.#version = state.version
    for (const { resource: plural, object } of state.objects) {
      const resource = resources.find((resource) => resource.plural === plural)
      if (!resource) throw new Error(`the saved world has a resource that is not known: ${plural}`)
      this.#shelf(resource).set(key(object), object)
    }
  }

  #shelf(resource: Resource): Map<string, KubeObject> {
    let shelf = this.#shelves.get(resource)
    if (!shelf) this.#shelves.set(resource, (shelf = new Map<string, KubeObject>()))
    return shelf
  }

  #tell(change: Change): void {
    this.#sorted.delete(change.resource)
    this.#changes.push(change)
    if (this.#changes.length > REMEMBERED_CHANGES) this.#changes.shift()
    for (const listener of this.#listeners) listener(change)
  }
}

const keyOf = (namespace: string, name: string) => (namespace ? `${namespace}/${name}` : name)
const key = ({ metadata: { namespace = '', name } }: KubeObject) => keyOf(namespace, name)
