import { checkRecipes, HouseError, loadHouse, type House } from '@firebreak/house'
import type { Recipe } from '@firebreak/kit'
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

const environment = z.object({
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
  FIREBREAK_CONFIG: path('firebreak.yaml'),
  FIREBREAK_PEOPLE_FILE: path('.firebreak/people.json'),
  FIREBREAK_BLOBS: path('.firebreak/blobs'),
  FIREBREAK_CONSOLE: path('apps/console/dist'),
  FIREBREAK_RUNBOOK: path('runbook'),
})

export interface Config {
  databaseUrl: string
  redisUrl: string
  port: number
  host: string
  /** Names in the Host header that we answer to, without port. */
  hosts: ReadonlySet<string>
  mode: 'sandbox' | 'production'
  houseFile: string
  peopleFile: string
  blobs: string
  /** The folder of the built page. */
  console: string
  runbook: string
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
  const more = data.FIREBREAK_HOSTS.split(',').map((name) => name.trim().toLowerCase())
  return {
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    port: data.FIREBREAK_PORT,
    host: data.FIREBREAK_HOST,
    hosts: new Set(['127.0.0.1', 'localhost', '[::1]', data.FIREBREAK_HOST, ...more].filter((name) => name !== '')),
    mode: data.FIREBREAK_MODE,
    houseFile: data.FIREBREAK_CONFIG,
    peopleFile: data.FIREBREAK_PEOPLE_FILE,
    blobs: data.FIREBREAK_BLOBS,
    console: data.FIREBREAK_CONSOLE,
    runbook: data.FIREBREAK_RUNBOOK,
  }
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
