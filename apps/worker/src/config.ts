import { readFileSync } from 'node:fs'
import { KEY_TYPE, type SigningKey } from '@firebreak/audit-log'
import { readKeyFile } from '@firebreak/audit-store'
import { recipes as catalogue } from '@firebreak/catalog'
import { checkRecipes, HouseError, loadHouse, type House } from '@firebreak/house'
import type { Recipe } from '@firebreak/kit'
import { levels, type Level } from '@firebreak/telemetry'
import { withFolder } from '@firebreak/yaml-recipes'
import { z } from 'zod'
import { watchedConfig, watchedEnvironment, type WatchedConfig } from './watched-config.js'

export const environment = z.object({
  DATABASE_URL: z.url(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  FIREBREAK_CONFIG: z.string().min(1),
  FIREBREAK_BLOBS: z.string().min(1),
  /** The house's own log policy, by which the nightly check holds the log to its signatures. Not from the log's own folder, in earnest. */
  FIREBREAK_LOG_POLICY_FILE: z.string().min(1).optional(),
  /** Where the key lies with which the worker signs its bundles; without it they bear no statement. */
  FIREBREAK_EXPORT_KEY_FILE: z.string().min(1).optional(),
  /** A worker that is silent this long has lost its runs. Seconds. */
  FIREBREAK_TENURE_S: z.coerce.number().min(1).max(300).default(4),
  /** Between two looks of the sweep. Milliseconds. */
  FIREBREAK_SWEEP_MS: z.coerce.number().int().min(100).max(60_000).default(2_000),
  ...watchedEnvironment.shape,
  /** Where `GET /metrics` of this worker is; nowhere without it, any free port with 0. */
  FIREBREAK_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** On which address. No key is asked for there: beyond this machine a firewall has to say who may. */
  FIREBREAK_METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  /** From what on lines are written to standard output. */
  FIREBREAK_LOG_LEVEL: z.enum(levels, `must be one of ${levels.join(', ')}`).default('info'),
  /** An OTLP collector (HTTP): the base address to which traces go. Without it nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Headers for the collector, `name=value,name=value`; secret. */
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  /** By what name traces know this process. */
  OTEL_SERVICE_NAME: z.string().max(100).default('firebreak-worker'),
})

/** What the worker needs to know, once it has been read. */
export interface WorkerConfig {
  databaseUrl: string
  redisUrl: string
  blobs: string
  /** Undefined: the nightly check cannot be made, which comes in as an alert after a day. */
  logPolicyFile: string | undefined
  exportKey: SigningKey | undefined
  watched: WatchedConfig
  tenureSeconds: number
  sweepMs: number
  metrics: { port: number; host: string } | undefined
  logLevel: Level
  traces: { endpoint: string | undefined; headers: string | undefined; service: string }
  house: House
  /** Those of the catalogue, and those that the house wrote itself. */
  recipes: ReadonlyMap<string, Recipe>
}

/** The environment is not as it should be: each line names a variable and what was expected. Values are not shown. */
export class ConfigError extends Error {}

/**
 * Reads the environment and the house file.
 * @throws ConfigError, or the house's own HouseError with file, line, found and expected
 */
export function readConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')))
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => told(issue, env)).join('\n'))
  const known = parsed.data
  const { house, recipes } = houseIn(known.FIREBREAK_CONFIG)
  return {
    databaseUrl: known.DATABASE_URL,
    redisUrl: known.REDIS_URL,
    blobs: known.FIREBREAK_BLOBS,
    logPolicyFile: known.FIREBREAK_LOG_POLICY_FILE,
    exportKey:
      known.FIREBREAK_EXPORT_KEY_FILE === undefined
        ? undefined
        : readKeyFile(known.FIREBREAK_EXPORT_KEY_FILE, KEY_TYPE.log),
    watched: watchedConfig(known),
    tenureSeconds: known.FIREBREAK_TENURE_S,
    sweepMs: known.FIREBREAK_SWEEP_MS,
    metrics:
      known.FIREBREAK_METRICS_PORT === undefined
        ? undefined
        : { port: known.FIREBREAK_METRICS_PORT, host: known.FIREBREAK_METRICS_HOST },
    logLevel: known.FIREBREAK_LOG_LEVEL,
    traces: {
      endpoint: known.OTEL_EXPORTER_OTLP_ENDPOINT,
      headers: known.OTEL_EXPORTER_OTLP_HEADERS,
      service: known.OTEL_SERVICE_NAME,
    },
    house,
    recipes,
  }
}

/** The house and the recipes that it may name: those of the catalogue, and those that it wrote itself. */
function houseIn(file: string): Pick<WorkerConfig, 'house' | 'recipes'> {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(`FIREBREAK_CONFIG: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  const house = loadHouse(text, file)
  const recipes = withFolder(catalogue, house.recipeFolder, file)
  const unknown = checkRecipes(house, recipes.keys())
  if (unknown.length > 0) throw new HouseError(unknown)
  return { house, recipes }
}

function told({ message, path }: z.core.$ZodIssue, env: NodeJS.ProcessEnv): string {
  const name = path.join('.')
  return env[name] ? `${name}: ${message}` : `${name} is missing`
}
