import type { IncidentClass, Service } from '@firebreak/kit'
import { among, faultsOf, inOrder, kinds, Sheet, SheetError, type SheetFault } from '@firebreak/yaml-recipes/sheet'
import type { z } from 'zod'
import { houseJsonSchema, houseSchema } from './schema.js'

type Content = z.output<typeof houseSchema>

/** What `firebreak.yaml` says. Values only; read once at start. */
export interface House {
  services: ReadonlyMap<string, Service>
  classes: readonly Content['classes'][number][]
  severities: readonly Content['severities'][number][]
  /** Ids of the recipes to suggest when an incident of a class opens. */
  recipes: ReadonlyMap<IncidentClass, readonly string[]>
  /** Where the recipes lie that this house has written in YAML, as seen from the file. */
  recipeFolder: string | undefined
  pipelines: Content['pipelines']
  /** How wide plans may be. */
  caps: Content['caps']
  /** How often anything may start by itself. */
  budgets: Content['budgets']
  observe: Content['observe']
  audit: Content['audit']
  limits: Content['limits']
  /** The text behind it, for complaints that only a caller can have (see `checkRecipes`). */
  sheet: Sheet
}

/**
 * Reads the house from the text of `firebreak.yaml`. `filename` is only what complaints begin with.
 * Throws `SheetError` that names everything wrong at once: refusing to start beats guessing.
 */
export function loadHouse(text: string, filename: string): House {
  const sheet = Sheet.read(text, filename)
  const { data, error } = houseSchema.safeParse(sheet.value, { error: kinds })
  if (!data) throw new SheetError(inOrder(faultsOf(sheet, error.issues, houseJsonSchema())))
  const {
    services,
    recipes: { folder, ...recipes },
    ...rest
  } = data
  const environments = Object.values(services).map(({ environment }) => environment)
  const nowhere = rest.caps.flatMap(({ environment }, at) =>
    environment === undefined || environments.includes(environment)
      ? []
      : [sheet.fault(['caps', at, 'environment'], JSON.stringify(environment), among(environment, environments))],
  )
  const names = Object.keys(services)
  const known = new Set<string>()
  const stray = rest.budgets.flatMap((budget, at) => {
    const { service } = budget
    if (service !== undefined && !names.includes(service))
      return [sheet.fault(['budgets', at, 'service'], JSON.stringify(service), among(service, names))]
    const of = budgetOf(budget)
    if (known.has(of)) return [sheet.fault(['budgets', at], `a second budget of ${of}`, 'one of each')]
    known.add(of)
    return []
  })
  if (nowhere.length + stray.length > 0) throw new SheetError(inOrder([...nowhere, ...stray]))
  return {
    ...rest,
    services: new Map(Object.entries(services).map(([name, service]) => [name, { name, ...service }])),
    recipes: new Map(Object.entries(recipes) as [IncidentClass, string[]][]),
    recipeFolder: folder,
    sheet,
  }
}

/** Recipes that the house names and the catalogue does not have. Whoever knows the catalogue asks, at start. */
export function checkRecipes(house: House, ids: Iterable<string>): SheetFault[] {
  const known = [...ids]
  const unknown = (path: (string | number)[], id: string | undefined) =>
    id === undefined || known.includes(id) ? [] : [house.sheet.fault(path, JSON.stringify(id), among(id, known))]
  return inOrder([
    ...[...house.recipes].flatMap(([cls, named]) => named.flatMap((id, at) => unknown(['recipes', cls, at], id))),
    ...house.budgets.flatMap(({ recipe }, at) => unknown(['budgets', at, 'recipe'], recipe)),
    ...house.caps.flatMap(({ recipe }, at) => unknown(['caps', at, 'recipe'], recipe)),
  ])
}

/** Whose a budget is, in one word: `recipe:scale-api`, `target:queue:batch`, `service:api`. */
export function budgetOf({ recipe, service, target }: Content['budgets'][number]): string {
  if (recipe !== undefined) return `recipe:${recipe}`
  return service === undefined ? `target:${target}` : `service:${service}`
}
