import {
  ModelRegistryHands,
  ModelRegistryReader,
  PortFailure,
  type ModelVersion,
  type RegisteredModel,
} from '@firebreak/kit'
import { z } from 'zod'
import { MlflowClient, type MlflowOptions } from './client.js'

const tags = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])))

/** MLflow writes 64-bit numbers as numbers or as text, by release. */
const wholeNumber = z.coerce.number().int().min(0)

const version = z
  .object({
    name: z.string(),
    version: z.string(),
    aliases: z.array(z.string()).default([]),
    tags,
    source: z.string().default(''),
    creation_timestamp: wholeNumber,
  })
  .transform(({ name, version, aliases, tags, source, creation_timestamp }): ModelVersion => ({
    model: name,
    version,
    aliases: aliases.toSorted(),
    tags,
    source,
    created_ms: creation_timestamp,
  }))

const model = z
  .object({
    name: z.string(),
    aliases: z.array(z.object({ alias: z.string(), version: z.string() })).default([]),
    tags,
  })
  .transform(({ name, aliases, tags }): RegisteredModel => ({
    name,
    aliases: Object.fromEntries(aliases.map(({ alias, version }) => [alias, version])),
    tags,
  }))

const PAGE = '200'
/** A registry with more versions of one model than this is refused, not read half. */
const MOST_PAGES = 50

/** Looks at an MLflow model registry. */
export class MlflowReader extends ModelRegistryReader {
  readonly #client: MlflowClient

  constructor(baseUrl: string, options?: MlflowOptions) {
    super()
    this.#client = new MlflowClient(baseUrl, options)
  }

  async model(name: string): Promise<RegisteredModel | undefined> {
    const shape = z.object({ registered_model: model })
    const found = await orUndefined(this.#client.get('registered-models/get', { name }, shape))
    return found?.registered_model
  }

  async version(name: string, wanted: string): Promise<ModelVersion | undefined> {
    const shape = z.object({ model_version: version })
    const found = await orUndefined(this.#client.get('model-versions/get', { name, version: wanted }, shape))
    return found?.model_version
  }

  async versions(name: string): Promise<ModelVersion[]> {
    // The filter is a language of its own, with no escape for a quote.
    if (name.includes("'")) throw new PortFailure('invalid', 'a model with a quote in its name cannot be searched for')
    const shape = z.object({ model_versions: z.array(version).default([]), next_page_token: z.string().optional() })
    const found: ModelVersion[] = []
    let token = ''
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.#client.get(
        'model-versions/search',
        { filter: `name='${name}'`, max_results: PAGE, ...(token ? { page_token: token } : {}) },
        shape,
      )
      found.push(...answer.model_versions)
      token = answer.next_page_token ?? ''
      if (!token) return this.#named(name, found)
    }
    throw new PortFailure('invalid', `model ${name} has more than ${MOST_PAGES * Number(PAGE)} versions`)
  }

  /** The search leaves aliases out, with its own SQL store at least (seen in MLflow 3): the model has them all. */
  async #named(name: string, found: readonly ModelVersion[]): Promise<ModelVersion[]> {
    if (found.length === 0) return []
    const aliases = Object.entries((await this.model(name))?.aliases ?? {})
    return found
      .map((known) => ({
        ...known,
        aliases: aliases.flatMap(([alias, version]) => (version === known.version ? [alias] : [])).sort(),
      }))
      .sort((a, b) => Number(b.version) - Number(a.version))
  }
}

/** Changes names and tags in an MLflow model registry. */
export class MlflowHands extends ModelRegistryHands {
  readonly #client: MlflowClient

  constructor(baseUrl: string, options?: MlflowOptions) {
    super()
    this.#client = new MlflowClient(baseUrl, options)
  }

  setAlias(name: string, alias: string, version: string): Promise<void> {
    return this.#client.send('POST', 'registered-models/alias', { name, alias, version })
  }

  removeAlias(name: string, alias: string): Promise<void> {
    return this.#client.send('DELETE', 'registered-models/alias', { name, alias })
  }

  tagVersion(name: string, version: string, key: string, value: string): Promise<void> {
    return this.#client.send('POST', 'model-versions/set-tag', { name, version, key, value })
  }

  untagVersion(name: string, version: string, key: string): Promise<void> {
    return this.#client.send('DELETE', 'model-versions/delete-tag', { name, version, key })
  }
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof PortFailure && error.kind === 'not-found') return undefined
    throw error
  }
}
