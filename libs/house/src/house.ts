import type { IncidentClass, Service } from '@firebreak/kit'
import type { z } from 'zod'
import { nearest } from './nearest.js'
import { houseJsonSchema, houseSchema } from './schema.js'
import { HouseError, inOrder, Sheet, type HouseFault, type Path } from './sheet.js'

type Content = z.output<typeof houseSchema>

/** What `firebreak.yaml` says. Values only; read once at start. */
export interface House {
  services: ReadonlyMap<string, Service>
  classes: readonly Content['classes'][number][]
  severities: readonly Content['severities'][number][]
  /** Ids of the recipes to suggest when an incident of a class opens. */
  recipes: ReadonlyMap<IncidentClass, readonly string[]>
  pipelines: Content['pipelines']
  observe: Content['observe']
  limits: Content['limits']
  /** The text behind it, for complaints that only a caller can have (see `checkRecipes`). */
  sheet: Sheet
}

/**
 * Reads the house from the text of `firebreak.yaml`. `filename` is only what complaints begin with.
 * Throws `HouseError` that names everything wrong at once: refusing to start beats guessing.
 */
export function loadHouse(text: string, filename: string): House {
  const sheet = Sheet.read(text, filename)
  const { data, error } = houseSchema.safeParse(sheet.value, { error: ({ expected }) => kinds[String(expected)] })
  if (!data) throw new HouseError(inOrder(error.issues.flatMap((issue) => faultsOf(sheet, issue))))
  const { services, recipes, ...rest } = data
  return {
    ...rest,
    services: new Map(Object.entries(services).map(([name, service]) => [name, { name, ...service }])),
    recipes: new Map(Object.entries(recipes) as [IncidentClass, string[]][]),
    sheet,
  }
}

/** Recipes that the house names and the catalogue does not have. Whoever knows the catalogue asks, at start. */
export function checkRecipes(house: House, ids: Iterable<string>): HouseFault[] {
  const known = [...ids]
  return inOrder(
    [...house.recipes].flatMap(([cls, named]) =>
      named.flatMap((id, at) =>
        known.includes(id) ? [] : [house.sheet.fault(['recipes', cls, at], JSON.stringify(id), among(id, known))],
      ),
    ),
  )
}

/** Words for the kinds of value where the schema has none of its own. */
const kinds: Partial<Record<string, string>> = {
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  string: 'text',
}

function faultsOf(sheet: Sheet, issue: z.core.$ZodIssue): HouseFault[] {
  const path = issue.path as Path
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => sheet.fault([...path, key], 'an unknown key', among(key, keysAt(path)), 'key'))
    case 'invalid_key':
      return issue.issues.map(({ message }) => sheet.fault(path, JSON.stringify(path.at(-1)), message, 'key'))
    case 'invalid_value': {
      const found = valueAt(sheet.value, path)
      const hint = typeof found === 'string' ? among(found, issue.values.map(String)) : issue.message
      return [sheet.fault(path, shown(found), hint)]
    }
    default:
      return [sheet.fault(path, shown(valueAt(sheet.value, path)), issue.message)]
  }
}

const among = (written: string, names: readonly string[]) => {
  const meant = nearest(written, names)
  return `one of ${names.join(', ')}${meant ? `; did you mean ${meant}?` : ''}`
}

const MOST_SHOWN = 60

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'no keys' : 'keys with values'
  const written = JSON.stringify(value)
  return written.length > MOST_SHOWN ? `${written.slice(0, MOST_SHOWN)}… (${written.length} characters)` : written
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? at[step as never] : undefined),
    value,
  )
}

interface Shape {
  properties?: Record<string, Shape>
  additionalProperties?: Shape
  items?: Shape
}

/** The keys that may stand at a place. The published schema knows them, so nothing is listed twice. */
function keysAt(path: Path): string[] {
  const shape = path.reduce<Shape | undefined>(
    (at, step) => (typeof step === 'number' ? at?.items : (at?.properties?.[step] ?? at?.additionalProperties)),
    houseJsonSchema() as Shape,
  )
  return Object.keys(shape?.properties ?? {})
}
