import {
  ModelRegistryHands,
  ModelRegistryReader,
  PortFailure,
  type ModelVersion,
  type PortFailureKind,
  type RegisteredModel,
} from '../ports.js'

/** One change that really took place. */
export interface RegistryEffect {
  method: 'setAlias' | 'removeAlias' | 'tagVersion' | 'untagVersion'
  args: unknown[]
}

/** A model registry in memory: one state, seen through two ports. */
export class FakeModelRegistry {
  readonly reader: ModelRegistryReader = new Reader(this)
  readonly hands: ModelRegistryHands = new Hands(this)
  readonly effects: RegistryEffect[] = []
  readonly #models = new Map<string, { model: RegisteredModel; versions: Omit<ModelVersion, 'aliases'>[] }>()
  readonly #failures: { kind: PortFailureKind; afterEffect: boolean }[] = []

  /** Registers the next version of a model, which is made when it is not there. */
  register(model: string, given: { tags?: Record<string, string>; created_ms?: number } = {}): ModelVersion {
    const known = this.#models.get(model) ?? { model: { name: model, aliases: {}, tags: {} }, versions: [] }
    this.#models.set(model, known)
    const version = String(known.versions.length + 1)
    const { tags = {}, created_ms = known.versions.length } = given
    known.versions.push({ model, version, tags: { ...tags }, source: `s3://models/${model}/${version}`, created_ms })
    return this.version(model, version)!
  }

  /** The next call fails, once; several wait in line. `afterEffect`: the change happens first, its answer is lost. */
  failNext(kind: PortFailureKind, { afterEffect = false } = {}): void {
    this.#failures.push({ kind, afterEffect })
  }

  model(name: string): RegisteredModel | undefined {
    const known = this.#models.get(name)
    return known && structuredClone(known.model)
  }

  version(model: string, version: string): ModelVersion | undefined {
    return this.versions(model).find((known) => known.version === version)
  }

  versions(model: string): ModelVersion[] {
    const known = this.#models.get(model)
    if (!known) return []
    const aliases = (of: string) =>
      Object.entries(known.model.aliases).flatMap(([alias, version]) => (version === of ? [alias] : []))
    return known.versions
      .map((version) => structuredClone({ ...version, aliases: aliases(version.version).sort() }))
      .reverse()
  }

  /** @internal What the reader's methods share. */
  async look<T>(answer: () => T): Promise<T> {
    const failure = this.#failures.shift()
    if (failure) throw failed(failure)
    return answer()
  }

  /** @internal What the hands' methods share: `make` answers whether it changed something. */
  async change(
    effect: RegistryEffect,
    [name, version]: [name: string, version?: string],
    make: (model: RegisteredModel, tags: Record<string, string>) => boolean,
  ): Promise<void> {
    const failure = this.#failures.shift()
    if (failure && !failure.afterEffect) throw failed(failure)
    const known = this.#models.get(name)
    const found = known?.versions.find((known) => known.version === version)
    if (!known || (version !== undefined && !found))
      throw new PortFailure('not-found', `model ${name}${version === undefined ? '' : `:${version}`} is not there`)
    if (make(known.model, found?.tags ?? {})) this.effects.push(effect)
    if (failure) throw failed(failure)
  }
}

const failed = ({ kind, afterEffect }: { kind: PortFailureKind; afterEffect: boolean }) =>
  new PortFailure(kind, `the fake was told to answer ${kind}${afterEffect ? ' after the effect' : ''}`)

class Reader extends ModelRegistryReader {
  constructor(private readonly registry: FakeModelRegistry) {
    super()
  }

  model(name: string): Promise<RegisteredModel | undefined> {
    return this.registry.look(() => this.registry.model(name))
  }

  version(model: string, version: string): Promise<ModelVersion | undefined> {
    return this.registry.look(() => this.registry.version(model, version))
  }

  versions(model: string): Promise<ModelVersion[]> {
    return this.registry.look(() => this.registry.versions(model))
  }
}

class Hands extends ModelRegistryHands {
  constructor(private readonly registry: FakeModelRegistry) {
    super()
  }

  setAlias(name: string, alias: string, version: string): Promise<void> {
    const effect = { method: 'setAlias' as const, args: [name, alias, version] }
    return this.registry.change(effect, [name, version], ({ aliases }) => set(aliases, alias, version))
  }

  removeAlias(name: string, alias: string): Promise<void> {
    const effect = { method: 'removeAlias' as const, args: [name, alias] }
    return this.registry.change(effect, [name], ({ aliases }) => unset(aliases, alias))
  }

  tagVersion(name: string, version: string, key: string, value: string): Promise<void> {
    const effect = { method: 'tagVersion' as const, args: [name, version, key, value] }
    return this.registry.change(effect, [name, version], (_, tags) => set(tags, key, value))
  }

  untagVersion(name: string, version: string, key: string): Promise<void> {
    const effect = { method: 'untagVersion' as const, args: [name, version, key] }
    return this.registry.change(effect, [name, version], (_, tags) => unset(tags, key))
  }
}

function set(record: Record<string, string>, key: string, value: string): boolean {
  const changes = record[key] !== value
  record[key] = value
  return changes
}

function unset(record: Record<string, string>, key: string): boolean {
  const changes = key in record
  delete record[key]
  return changes
}
