import type { KubeObject } from './objects.js'
import type { Resource } from './resources.js'

/** One change, as a watch reports it. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  resource: Resource
  object: KubeObject
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
 * Everything that the API server keeps: one map, and one counter that every change moves. Objects are never changed
 * in place, so that what was handed out stays what it was.
 */
export class Store {
  #version = 1
  readonly #objects = new Map<string, { resource: Resource; object: KubeObject }>()
  readonly #changes: Change[] = []
  readonly #listeners = new Set<(change: Change) => void>()

  get version(): number {
    return this.#version
  }

  get<T extends KubeObject>(resource: Resource<T>, namespace: string, name: string): T | undefined {
    return this.#objects.get(key(resource, namespace, name))?.object as T | undefined
  }

  /** All objects of a resource, of one namespace or of all (`''`), by name as the API lists them. */
  list<T extends KubeObject>(resource: Resource<T>, namespace = ''): T[] {
    const under = `${resource.plural}.${resource.group}/${namespace ? `${namespace}/` : ''}`
    return [...this.#objects.entries()]
      .filter(([at]) => at.startsWith(under))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { object }]) => object as T)
  }

  /** Writes an object with a new resourceVersion. Answers it as it is kept. */
  put<T extends KubeObject>(resource: Resource<T>, object: T): T {
    const version = ++this.#version
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    const at = key(resource, object.metadata.namespace ?? '', object.metadata.name)
    const type = this.#objects.has(at) ? 'MODIFIED' : 'ADDED'
    this.#objects.set(at, { resource, object: kept })
    this.#tell({ type, resource, object: kept, version })
    return kept
  }

  delete(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    const at = key(resource, namespace, name)
    const found = this.#objects.get(at)
    if (!found) return undefined
    this.#objects.delete(at)
    const version = ++this.#version
    const object = {
      ...found.object,
      metadata: { ...found.object.metadata, resourceVersion: String(version) },
    }
    this.#tell({ type: 'DELETED', resource, object, version })
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
    const objects = [...this.#objects.values()].map(({ resource, object }) => ({ resource: resource.plural, object }))
    return { version: this.#version, objects }
  }

  /** Takes what was saved. Versions go on from there: a client's resourceVersion never means two things. */
  load(state: StoreState, resources: readonly Resource[]): void {
    this.#version = state.version
    for (const { resource: plural, object } of state.objects) {
      const resource = resources.find((resource) => resource.plural === plural)
      if (!resource) throw new Error(`the saved world has a resource that is not known: ${plural}`)
      this.#objects.set(key(resource, object.metadata.namespace ?? '', object.metadata.name), { resource, object })
    }
  }

  #tell(change: Change): void {
    this.#changes.push(change)
    if (this.#changes.length > REMEMBERED_CHANGES) this.#changes.shift()
    for (const listener of this.#listeners) listener(change)
  }
}

const key = ({ plural, group }: Resource, namespace: string, name: string) =>
  `${plural}.${group}/${namespace ? `${namespace}/` : ''}${name}`
