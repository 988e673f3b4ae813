import { checkRecipes, HouseError, loadHouse, type House } from '@firebreak/house'
import type { Recipe } from '@firebreak/kit'
import { levels, type Level } from '@firebreak/telemetry'
import { withFolder } from '@firebreak/yaml-recipes'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { token } from './http/plain.js'

const path = (fallback: string) =>
  z
    .string()
    .min(1)
    .default(fallback)
    .transform((path) => resolve(path))
const url = (...protocols: string[]) =>
  z
    .string('is missing')
    .refine(
      (text) => protocols.includes(URL.parse(text)?.protocol ?? ''),
      `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    )

export const environment = z.object({
  DATABASE_URL: url('postgres:', 'postgresql:'),
  REDIS_URL: url('redis:', 'rediss:'),
  FIREBREAK_PORT: z.coerce
    .number('must be a port')
    .int()
    .min(0, 'must be a port')
    .max(65_535, 'must be a port')
    .default(4600),
  FIREBREAK_HOST: z.string().default('127.0.0.1'),
  /** More names under which browsers reach this API, separated by commas. */
  FIREBREAK_HOSTS: z.string().default(''),
  FIREBREAK_MODE: z.enum(['sandbox', 'production'], 'must be sandbox or production').default('production'),
  /** Under which address browsers reach this API. */
  FIREBREAK_URL: url('http:', 'https:').optional(),
  FIREBREAK_OIDC_ISSUER: url('http:', 'https:').optional(),
  FIREBREAK_OIDC_CLIENT_ID: z.string().optional(),
  FIREBREAK_OIDC_CLIENT_SECRET: z.string().optional(),
  FIREBREAK_OIDC_AUDIENCE: z.string().optional(),
  FIREBREAK_OIDC_ADMIN: z.string().optional(),
  FIREBREAK_CONFIG: path('firebreak.yaml'),
  FIREBREAK_PEOPLE_FILE: path('.firebreak/people.json'),
  FIREBREAK_BLOBS: path('.firebreak/blobs'),
  FIREBREAK_CONSOLE: path('apps/console/dist'),
  FIREBREAK_RUNBOOK: path('runbook'),
  /** From what on lines are written to standard output. */
  FIREBREAK_LOG_LEVEL: z.enum(levels, `must be one of ${levels.join(', ')}`).default('info'),
  /** An OTLP collector (HTTP): the base address to which traces go. Without it nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http:', 'https:').optional(),
  /** Headers for the collector, `name=value,name=value`; secret. */
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  /** By what name traces know this process. */
  OTEL_SERVICE_NAME: z.string().max(100).default('firebreak-api'),
  /** Requests a second of one person, in the long run; 0: no limit. */
  FIREBREAK_RATE: z.coerce.number('must be a number').min(0, 'must not be negative').max(100_000).default(50),
})

/** How we are known to the identity provider. */
export interface Oidc {
  issuer: string
  clientId: string
  clientSecret: string
  /** Where it sends browsers back to. */
  callback: string
  /** For whom tokens are made that tools bring; without it none is taken. */
  audience: string | undefined
  /** Whom the provider calls this becomes the first administrator. */
  admin: string | undefined
}

export interface Config {
  databaseUrl: string
  redisUrl: string
  port: number
  host: string
  /** Names in the Host header that we answer to, without port. */
  hosts: ReadonlySet<string>
  mode: 'sandbox' | 'production'
  /** Browsers come by TLS: cookies go no other way. */
  secure: boolean
  /** The identity provider of the house, where there is one. */
  oidc: Oidc | undefined
  houseFile: string
  peopleFile: string
  blobs: string
  /** The folder of the built page. */
  console: string
  runbook: string
  /** Requests a second of one person; 0: no limit. */
  rate: number
  logLevel: Level
  traces: { endpoint: string | undefined; headers: string | undefined; service: string }
}

export const CONFIG = token<Config>('config')
export const HOUSE = token<House>('house')

/** What stops the start, line by line. */
export class ConfigError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConfigError'
  }
}

/** First step: the environment. Throws a ConfigError with a line per variable; values are not repeated, for some are secret. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const { data, error } = environment.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
  )
  if (!data) throw new ConfigError(error.issues.map(({ path, message }) => `${path.join('.')} ${message}`))
  const oidc = oidcOf(data)
  const address = data.FIREBREAK_URL === undefined ? undefined : new URL(data.FIREBREAK_URL)
  const more = [...data.FIREBREAK_HOSTS.split(','), address?.hostname ?? ''].map((name) => name.trim().toLowerCase())
  return {
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    port: data.FIREBREAK_PORT,
    host: data.FIREBREAK_HOST,
    hosts: new Set(['127.0.0.1', 'localhost', '[::1]', data.FIREBREAK_HOST, ...more].filter((name) => name !== '')),
    mode: data.FIREBREAK_MODE,
    secure: address?.protocol === 'https:',
    oidc,
    houseFile: data.FIREBREAK_CONFIG,
    peopleFile: data.FIREBREAK_PEOPLE_FILE,
    blobs: data.FIREBREAK_BLOBS,
    console: data.FIREBREAK_CONSOLE,
    runbook: data.FIREBREAK_RUNBOOK,
    rate: data.FIREBREAK_RATE,
    logLevel: data.FIREBREAK_LOG_LEVEL,
    traces: {
      endpoint: data.OTEL_EXPORTER_OTLP_ENDPOINT,
      headers: data.OTEL_EXPORTER_OTLP_HEADERS,
      service: data.OTEL_SERVICE_NAME,
    },
  }
}

/** All of the provider, or nothing of it. */
function oidcOf(data: z.output<typeof environment>): Oidc | undefined {
  const { FIREBREAK_OIDC_ISSUER: issuer, FIREBREAK_OIDC_CLIENT_ID: clientId, FIREBREAK_URL: address } = data
  const { FIREBREAK_OIDC_CLIENT_SECRET: clientSecret, FIREBREAK_OIDC_AUDIENCE: audience } = data
  const set = Object.entries(data).filter(([name, value]) => name.startsWith('FIREBREAK_OIDC_') && value !== undefined)
  if (set.length === 0) return undefined
  if (!issuer || !clientId || !clientSecret || !address)
    throw new ConfigError([
      'FIREBREAK_OIDC_ISSUER, FIREBREAK_OIDC_CLIENT_ID, FIREBREAK_OIDC_CLIENT_SECRET and FIREBREAK_URL are set together, or none of FIREBREAK_OIDC_…',
    ])
  for (const [name, value] of Object.entries({ FIREBREAK_OIDC_ISSUER: issuer, FIREBREAK_URL: address })) {
    const { protocol, hostname } = new URL(value)
    if (protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
      throw new ConfigError([`${name} must be https: (http: only on this machine)`])
  }
  // A token that says who signed in here must not do as one that lets a tool in.
  if (audience === clientId)
    throw new ConfigError(['FIREBREAK_OIDC_AUDIENCE must be another name than FIREBREAK_OIDC_CLIENT_ID'])
  const callback = new URL('/v1/sign-in/callback', address).href
  return { issuer, clientId, clientSecret, callback, audience, admin: data.FIREBREAK_OIDC_ADMIN }
}

/**
 * Second step: the house, read once, and the recipes of the catalogue with those that it wrote itself. Throws a
 * HouseError that names line, found and expected.
 */
export async function readHouse(
  file: string,
  catalogue: ReadonlyMap<string, Recipe>,
): Promise<{ house: House; recipes: ReadonlyMap<string, Recipe> }> {
  let text
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`FIREBREAK_CONFIG: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`])
  }
  const house = loadHouse(text, file)
  const recipes = withFolder(catalogue, house.recipeFolder, file)
  const faults = checkRecipes(house, recipes.keys())
  if (faults.length > 0) throw new HouseError(faults)
  return { house, recipes }
}
