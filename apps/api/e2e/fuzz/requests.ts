import type { Dice } from '@firebreak/dev'
import type { Right } from '../../src/http/rights.js'
import type { Asker } from './askers.js'
import { slowApi } from '../stage.js'
import { hostileText, hostileValue, spoil, written } from './hostile.js'

interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
}
interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema?: Schema
}
interface Operation {
  'x-right': Right
  parameters?: Parameter[]
  requestBody?: { content: { 'application/json': { schema: Schema } } }
}
export interface Description {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** A route as openapi.json has it. */
export interface Route {
  method: string
  path: string
  pattern: RegExp
  operation: Operation
}

/** One request, and what was meant by it. */
export interface Request {
  asker: Asker
  route: Route
  method: string
  url: string
  headers: Record<string, string>
  bytes: Buffer | undefined
}

export const routesIn = (description: Description): Route[] =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ method: method.toUpperCase(), path, operation },
      // The last parameter of a path of tiles goes over slashes.
      pattern: new RegExp(`^${path.replace(/\{path\}/g, '.+').replace(/\{\w+\}/g, '[^/]+')}$`),
    })),
  )

/** Makes requests out of the description: most are almost right, for those come furthest. */
export class Requests {
  private readonly routes: Route[]
  private readonly guests: readonly Asker[]
  private at = 0

  constructor(
    private readonly description: Description,
    private readonly askers: readonly Asker[],
    /** Ids and names that there are, and words that mean something somewhere. */
    private readonly known: readonly string[],
    private readonly dice: Dice,
    /** What has to be named by its digest, by its id: whoever is right has read it. */
    private readonly digests: ReadonlyMap<string, string> = new Map(),
  ) {
    this.routes = routesIn(description)
    this.guests = askers.filter(({ may }) => may.size > 0)
  }

  /** Each route in turn, each time by somebody else. */
  next(): Request {
    const { dice } = this
    const route = this.routes[this.at++ % this.routes.length]!
    // Behind the door there is more to break than at it; and a third are right in everything, so that what comes behind
    // finds a record in which something happened.
    const right = dice.chance(0.35)
    const asker = right ? this.whoMay(route) : dice.pick(dice.chance(0.7) ? this.guests : this.askers)
    const spoilt = !right && dice.chance(0.7)
    const part = spoilt ? dice.between(0, 4) : -1
    const parameters = route.operation.parameters ?? []
    let about: string | undefined
    const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = (about = part === 0 ? hostileText(dice) : this.idFor(route, name, right))
      return !right && dice.chance(0.05) ? value.replaceAll('%', '%25') : encodeURIComponent(value.toWellFormed())
    })
    const query = new URLSearchParams()
    for (const { name, in: where, required, schema } of parameters)
      if (where === 'query' && (required || dice.chance(0.4)))
        query.append(name, part === 1 ? hostileText(dice) : String(this.sample(schema ?? {}, 0, name)))
    if (part === 1) query.append(hostileText(dice), hostileText(dice))
    const schema = route.operation.requestBody?.content['application/json'].schema
    const alert = right && route.path === '/v1/alerts/{source}'
    const body = alert ? slowApi({ fingerprint: dice.pick(['one', 'two']) }) : schema && this.sample(schema)
    if (right && isObject(body)) {
      const { plan } = body
      const digest = this.digests.get(typeof plan === 'string' ? plan : (about ?? ''))
      if ('digest' in body && digest !== undefined) body['digest'] = digest
    }
    const { bytes, headers } =
      body === undefined
        ? part === 2
          ? written(hostileValue(dice), dice)
          : { bytes: undefined, headers: {} }
        : written(part === 2 || part === 3 ? spoil(body, dice) : body, dice)
    const method = part === 4 && dice.chance(0.3) ? dice.pick(METHODS) : route.method
    const url = `${part === 4 && dice.chance(0.3) ? bend(path, dice) : path}${query.size > 0 ? `?${query.toString()}` : ''}`
    return {
      ...{ asker, route, method, url },
      headers: { ...(spoilt && dice.chance(0.3) ? this.strangeHeaders() : {}), ...headers, ...asker.headers },
      bytes: method === 'GET' && bytes !== undefined && dice.chance(0.9) ? undefined : bytes,
    }
  }

  /** Somebody who may do this, and by a way that may write. */
  private whoMay({ operation }: Route): Asker {
    const may = this.guests.filter((asker) => asker.may.has(operation['x-right']) && !asker.onlyReads)
    return this.dice.pick(may.length > 0 ? may : this.guests)
  }

  private strangeHeaders(): Record<string, string> {
    const { dice } = this
    const text = hostileText(dice)
      .replace(/[^\x20-\x7e\x80-\xff]/g, '?')
      .slice(0, 4_000)
    const name = dice.pick(HEADERS)
    return { [name]: dice.chance(0.5) ? text : dice.pick(SAID) }
  }

  /** Of roles only those people are touched who never ask, and of keys none that somebody asks with. */
  private idFor(route: Route, name: string, right: boolean): string {
    const { dice } = this
    if (name === 'source') return right ? 'alertmanager' : dice.pick(['alertmanager', 'firebreak', 'grafana'])
    if (route.path.startsWith('/v1/people/')) return name === 'role' ? dice.pick(['sre', 'admin']) : dice.pick(VICTIMS)
    if (route.path.startsWith('/v1/audit/tiles')) return dice.pick(['0/000', '0/000.p/5', 'data/000', '1/x001/000'])
    const begins = PREFIXES[route.path.split('/')[2] ?? '']
    const fitting = this.known.filter((id) => begins !== undefined && id.startsWith(begins))
    return dice.pick(fitting.length > 0 && (right || dice.chance(0.7)) ? fitting : this.known)
  }

  /** A value of this schema; of a name that we know, mostly one that means something there. */
  private sample(schema: Schema, depth = 0, name = ''): unknown {
    const { dice } = this
    const said = MEANT[name]
    const fitting = said && this.known.filter((word) => said.some((begin) => word.startsWith(begin)))
    if (fitting && fitting.length > 0 && schema.type === 'string' && dice.chance(0.8)) return dice.pick(fitting)
    if (schema.$ref)
      return this.sample(this.description.components.schemas[schema.$ref.split('/').at(-1)!] ?? {}, depth)
    if (schema.const !== undefined) return schema.const
    if (schema.enum) return dice.pick(schema.enum)
    const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf
    if (choices) return this.sample(dice.pick(choices), depth)
    const type = Array.isArray(schema.type) ? dice.pick(schema.type) : schema.type
    switch (type) {
      case 'object':
        return Object.fromEntries([
          ...Object.entries(schema.properties ?? {})
            .filter(([key]) => schema.required?.includes(key) || dice.chance(0.5))
            .map(([key, inner]) => [key, this.sample(inner, depth + 1, key)]),
          ...(schema.additionalProperties && depth < 3 && dice.chance(0.5) ? [['replicas', dice.between(1, 9)]] : []),
        ]) as object
      case 'array':
        return Array.from({ length: dice.between(schema.minItems ?? 0, 3) }, () => this.sample(schema.items ?? {}, depth + 1, name)) // prettier-ignore
      case 'integer':
      case 'number':
        // A log of a few dozen entries has no place 700,000.
        if (/^(position|size|from|to|after)$/.test(name) && dice.chance(0.8)) return dice.between(1, 9)
        return dice.between(Math.max(schema.minimum ?? 0, -1e6), Math.min(schema.maximum ?? 100, 1e6))
      case 'boolean':
        return dice.chance(0.5)
      case 'null':
        return null
      default:
        if (schema.format !== 'date-time') return dice.pick(this.known)
        return dice.pick(/^ends|expires/.test(name) ? SOON.slice(1) : SOON)
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** People of the cast whose roles may go up and down: none of them asks. */
export const VICTIMS = ['viktor', 'leo'] as const

/** How the ids begin of what lies below a path. */
const PREFIXES: Record<string, string> = {
  ...{
    incidents: 'inc_',
    plans: 'pln_',
    runs: 'run_',
    loans: 'lon_',
    freezes: 'frz_',
    'quiet-windows': 'qwi_',
    audit: 'exp_',
    runbook: 'high-api-',
    budgets: 'service:',
    'break-glass': 'bgl_',
  },
  ...{ recipes: 'scale-', targets: 'deployment:', 'api-keys': 'key_', 'standing-approvals': 'sta_' },
}

/** What fields mean by their names: how the words begin that mean something there. */
const MEANT: Record<string, readonly string[]> = {
  ...{ recipe: ['scale-'], digest: ['sha256:'], incident: ['inc_'], plan: ['pln_'], run: ['run_'], freeze: ['frz_'] },
  ...{
    target: ['deployment:'],
    targets: ['deployment:'],
    scopes: ['queue:batch'],
    reason: ['because'],
    person: ['hannah'],
  },
}

/** Of the fuzz's clock, which is a day on: tomorrow, and the days after. */
const SOON = [2, 3, 4].map((days) => new Date(Date.now() + days * 86_400_000).toISOString())

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'] as const
const HEADERS = [
  'idempotency-key',
  'if-match',
  'if-none-match',
  'prefer',
  'range',
  'last-event-id',
  'accept',
  'x-request-id',
  'x-forwarded-for',
  'x-http-method-override',
  'content-type',
  'cookie',
  'forwarded',
  'expect',
] as const
const SAID = [
  'one',
  '*',
  '"0"',
  'W/"1"',
  'bytes=0-0,1-1,2-2',
  'bytes=-1',
  'bytes=99999999999999999999-',
  'wait=0',
  'wait=-1',
  'application/xml;q=2',
  'DELETE',
  '127.0.0.1',
  'fb_session=',
  '100-continue',
] as const

/** A path that is almost the same. */
function bend(path: string, dice: Dice): string {
  const bends: ((path: string) => string)[] = [
    (p) => `${p}/`,
    (p) => p.toUpperCase(),
    (p) => p.replace('/v1/', '//v1//'),
    (p) => p.replace('/v1/', '/v1/./'),
    (p) => p.replace('/v1/', '/v1/../v1/'),
    (p) => p.replaceAll('/', '%2f'),
    (p) => `${p};a=b`,
    (p) => `${p}%00`,
    (p) => `${p}%zz`,
    (p) => `${p}/${'a'.repeat(3_000)}`,
    (p) => `${p}#fragment`,
    (p) => p.replace('v1', 'v2'),
    (p) => `/assets/..%2f..${p}`,
    (p) => `http://evil.example${p}`,
  ]
  return dice.pick(bends)(path)
}
