import { answer, bodyOf } from '../http.js'
import type { Call, PretendService, Site } from './service.js'

/** A model version as the registry keeps it. Times are wall time in milliseconds. */
export interface Version {
  version: string
  source: string
  run_id: string
  created: number
  updated: number
  tags: Record<string, string>
}

/** A registered model: its versions, and the names that point at them. */
export interface Model {
  name: string
  created: number
  updated: number
  tags: Record<string, string>
  aliases: Record<string, string>
  versions: Version[]
}

/** MLflow's words for what went wrong, with the HTTP code that it gives each. */
const CODES = {
  RESOURCE_DOES_NOT_EXIST: 404,
  RESOURCE_ALREADY_EXISTS: 400,
  INVALID_PARAMETER_VALUE: 400,
  ENDPOINT_NOT_FOUND: 404,
  BAD_REQUEST: 400,
} as const

class Refusal extends Error {
  constructor(
    readonly code: keyof typeof CODES,
    message: string,
  ) {
    super(message)
  }
}

export const MODEL = 'invoice-classifier'
const MOST_RESULTS = 200_000
const PREFIX = '/api/2.0/mlflow/'

/**
 * A model registry that speaks the part of MLflow's REST API that a rollback needs: registered models, versions,
 * aliases and tags. https://mlflow.org/docs/latest/rest-api.html
 */
export class Registry implements PretendService {
  readonly name = 'registry'
  readonly roots = ['mlflow']
  #models: Map<string, Model>

  constructor(
    private readonly site: Site,
    saved: unknown,
  ) {
    const models = (saved as Model[] | undefined) ?? [beginning()]
    this.#models = new Map(models.map((model) => [model.name, model]))
  }

  /** Nothing happens here by itself. */
  step(): void {}

  measure(): [] {
    return []
  }

  save(): Model[] {
    return [...this.#models.values()]
  }

  reset(): void {
    this.#models = new Map([[MODEL, beginning()]])
  }

  model(name: string): Model | undefined {
    return this.#models.get(name)
  }

  version(name: string, version: string): Version | undefined {
    return this.#models.get(name)?.versions.find((known) => known.version === version)
  }

  /** Registers the next version. Throws in MLflow's words when the model is not there. */
  register(name: string, source: string, run_id: string, tags: Record<string, string> = {}): Version {
    const model = this.#find(name)
    const version = String(Math.max(0, ...model.versions.map(({ version }) => Number(version))) + 1)
    const now = Date.now()
    const made = { version, source, run_id, created: now, updated: now, tags }
    model.versions.push(made)
    this.#changed(model)
    return made
  }

  alias(name: string, alias: string, version: string | undefined): void {
    const model = this.#find(name)
    if (version === undefined) delete model.aliases[alias]
    else model.aliases[alias] = version
    this.#changed(model)
  }

  async answer({ request, response, url, path }: Call): Promise<void> {
    try {
      if (!path.startsWith(PREFIX)) throw new Refusal('ENDPOINT_NOT_FOUND', `there is no ${path} here`)
      const given: Record<string, unknown> =
        request.method === 'GET' ? Object.fromEntries(url.searchParams) : parsed(await bodyOf(request))
      answer(response, 200, this.#carryOut(`${request.method} ${path.slice(PREFIX.length)}`, given))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      answer(response, CODES[error.code], { error_code: error.code, message: error.message })
    }
  }

  #carryOut(what: string, given: Record<string, unknown>): object {
    const text = (field: string): string => {
      const value = given[field]
      if (typeof value === 'string' && value !== '') return value
      throw new Refusal('INVALID_PARAMETER_VALUE', `Missing value for required parameter '${field}'.`)
    }
    const otherwise = (field: string, value: string): string => (given[field] === undefined ? value : text(field))
    switch (what) {
      case 'POST registered-models/create': {
        const name = text('name')
        if (this.#models.has(name))
          throw new Refusal('RESOURCE_ALREADY_EXISTS', `Registered Model (name=${name}) already exists.`)
        const now = Date.now()
        const model: Model = { name, created: now, updated: now, tags: {}, aliases: {}, versions: [] }
        this.#models.set(name, model)
        this.#changed(model)
        return { registered_model: shownModel(model) }
      }
      case 'GET registered-models/get':
        return { registered_model: shownModel(this.#find(text('name'))) }
      case 'GET registered-models/search':
        return { registered_models: [...this.#models.values()].map(shownModel) }
      case 'DELETE registered-models/delete': {
        this.#models.delete(this.#find(text('name')).name)
        this.site.touch()
        return {}
      }
      case 'POST registered-models/set-tag': {
        const model = this.#find(text('name'))
        model.tags[text('key')] = text('value')
        return this.#changed(model)
      }
      case 'DELETE registered-models/delete-tag': {
        const model = this.#find(text('name'))
        delete model.tags[text('key')]
        return this.#changed(model)
      }
      case 'GET registered-models/alias': {
        const model = this.#find(text('name'))
        const alias = text('alias')
        const version = Object.hasOwn(model.aliases, alias) ? model.aliases[alias] : undefined
        // MLflow says "invalid" here, and not "does not exist".
        if (version === undefined)
          throw new Refusal('INVALID_PARAMETER_VALUE', `Registered model alias ${alias} not found.`)
        return { model_version: shownVersion(model, this.#findVersion(model.name, version)) }
      }
      case 'POST registered-models/alias': {
        const { version } = this.#findVersion(text('name'), text('version'))
        if (!/^[\w.\-/ ]+$/.test(text('alias')) || /^v\d+$/i.test(text('alias')) || text('alias') === 'latest')
          throw new Refusal('INVALID_PARAMETER_VALUE', `Invalid alias name: '${text('alias')}'`)
        this.alias(text('name'), text('alias'), version)
        return {}
      }
      case 'DELETE registered-models/alias':
        this.alias(text('name'), text('alias'), undefined)
        return {}
      case 'POST model-versions/create': {
        const made = this.register(text('name'), text('source'), otherwise('run_id', ''))
        return { model_version: shownVersion(this.#find(text('name')), made) }
      }
      case 'GET model-versions/get': {
        const version = this.#findVersion(text('name'), text('version'))
        return { model_version: shownVersion(this.#find(text('name')), version) }
      }
      case 'GET model-versions/search':
        return this.#search(otherwise('filter', ''), given)
      case 'POST model-versions/set-tag': {
        const version = this.#findVersion(text('name'), text('version'))
        version.tags[text('key')] = text('value')
        version.updated = Date.now()
        return this.#changed(this.#find(text('name')))
      }
      case 'DELETE model-versions/delete-tag': {
        const version = this.#findVersion(text('name'), text('version'))
        delete version.tags[text('key')]
        return this.#changed(this.#find(text('name')))
      }
      default:
        throw new Refusal('ENDPOINT_NOT_FOUND', `this simulator of MLflow does not know ${what}`)
    }
  }

  /** The one filter that is understood is `name='…'`; results are newest first, paged by an offset. */
  #search(filter: string, given: Record<string, unknown>): object {
    const name = /^\s*name\s*=\s*'([^']*)'\s*$/.exec(filter)?.[1]
    if (name === undefined) throw new Refusal('INVALID_PARAMETER_VALUE', `Invalid filter: ${filter}`)
    const most = Number(given['max_results'] ?? 10_000)
    if (!Number.isInteger(most) || most < 1 || most > MOST_RESULTS)
      throw new Refusal('INVALID_PARAMETER_VALUE', `Invalid value for max_results: ${most}`)
    const from = Number(given['page_token'] ?? 0)
    const model = this.#models.get(name)
    const versions = (model?.versions ?? []).toSorted((a, b) => Number(b.version) - Number(a.version))
    const page = versions.slice(from, from + most)
    return {
      ...(page.length > 0 ? { model_versions: page.map((version) => shownVersion(nameless(model!), version)) } : {}),
      ...(from + most < versions.length ? { next_page_token: String(from + most) } : {}),
    }
  }

  #find(name: string): Model {
    const model = this.#models.get(name)
    if (!model) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${name} not found`)
    return model
  }

  #findVersion(name: string, version: string): Version {
    this.#find(name)
    const found = this.version(name, version)
    if (!found)
      throw new Refusal('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`)
    return found
  }

  #changed(model: Model): object {
    model.updated = Date.now()
    this.site.touch()
    return {}
  }
}

/** Version 5 is known to be good, 6 is in production and good too. The fault `bad-model` makes the next one. */
function beginning(): Model {
  const now = Date.now()
  const version = (version: string, tags: Record<string, string>): Version => ({
    version,
    source: `s3://models/${MODEL}/${version}`,
    run_id: `run${version}`.padEnd(32, '0'),
    created: now,
    updated: now,
    tags,
  })
  return {
    name: MODEL,
    created: now,
    updated: now,
    tags: { task: 'text-classification', simulated: 'true' },
    aliases: { production: '6', stable: '5' },
    versions: [
      version('4', { validation: 'failed' }),
      version('5', { validation: 'passed', schema: 'invoice-v2' }),
      version('6', { validation: 'passed', schema: 'invoice-v2' }),
    ],
  }
}

/** MLflow's search leaves aliases out. */
const nameless = (model: Model): Model => ({ ...model, aliases: {} })

const pairs = (tags: Record<string, string>) => Object.entries(tags).map(([key, value]) => ({ key, value }))

const aliasesOf = (model: Model, version: string) =>
  Object.entries(model.aliases).flatMap(([alias, at]) => (at === version ? [alias] : []))

/** As MLflow writes them: what is empty is left out. */
const shownVersion = (model: Model, { version, source, run_id, created, updated, tags }: Version) => ({
  name: model.name,
  version,
  creation_timestamp: created,
  last_updated_timestamp: updated,
  current_stage: 'None',
  source,
  run_id,
  status: 'READY',
  ...(Object.keys(tags).length > 0 ? { tags: pairs(tags) } : {}),
  ...(aliasesOf(model, version).length > 0 ? { aliases: aliasesOf(model, version) } : {}),
})

const shownModel = ({ name, created, updated, tags, aliases }: Model) => ({
  name,
  creation_timestamp: created,
  last_updated_timestamp: updated,
  ...(Object.keys(tags).length > 0 ? { tags: pairs(tags) } : {}),
  ...(Object.keys(aliases).length > 0
    ? { aliases: Object.entries(aliases).map(([alias, version]) => ({ alias, version })) }
    : {}),
})

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text || '{}')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new Refusal('BAD_REQUEST', 'the body is no JSON object')
}
