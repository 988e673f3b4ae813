import type { IncidentClass, Service, Things } from '@firebreak/kit'
import { among, faultsOf, inOrder, kinds, Sheet, SheetError, type SheetFault } from '@firebreak/yaml-recipes/sheet'
import type { z } from 'zod'
import { houseJsonSchema, houseSchema } from './schema.js'

type Content = z.output<typeof houseSchema>

/** What `firebreak.yaml` says. Values only; read once at start. */
export interface House {
  services: ReadonlyMap<string, Service>
  /** Queues, buckets, models, OCR and smoke suites. */
  things: Things
  /** What evidence of an incident is made of. */
  evidence: Content['evidence']
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
    queues,
    buckets,
    models,
    ocr,
    smoke,
    recipes: { folder, ...recipes },
    ...rest
  } = data
  const things: Things = {
    queues: withNames(queues),
    buckets: withNames(buckets),
    models: withNames(models),
    ocr: withNames(ocr),
    smoke: withNames(smoke),
  }
  const owners = [
    ...withNames(services).map(({ name, environment }) => ({ service: name, environment })),
    ...belonging(things),
  ]
  const environments = [...new Set(owners.map(({ environment }) => environment))]
  const nowhere = rest.caps.flatMap(({ environment }, at) =>
    environment === undefined || environments.includes(environment)
      ? []
      : [sheet.fault(['caps', at, 'environment'], JSON.stringify(environment), among(environment, environments))],
  )
  const names = [...new Set(owners.map(({ service }) => service))]
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
  const faults = [...nowhere, ...stray, ...namesNobodyKnows(sheet, data)]
  if (faults.length > 0) throw new SheetError(inOrder(faults))
  return {
    ...rest,
    services: new Map(withNames(services).map((service) => [service.name, service])),
    things,
    recipes: new Map(Object.entries(recipes) as [IncidentClass, string[]][]),
    recipeFolder: folder,
    sheet,
  }
}

const withNames = <Thing extends object>(things: Record<string, Thing>) =>
  Object.entries(things).map(([name, thing]) => ({ name, ...thing }))

/** What something names and that stands nowhere has no owner, and no freeze of its service would hold it. */
function namesNobodyKnows(sheet: Sheet, { buckets, queues, ocr, smoke }: Content): SheetFault[] {
  const known = Object.keys(buckets)
  const unless = (bucket: string, ...path: (string | number)[]) =>
    known.includes(bucket) ? [] : [sheet.fault([...path, 'bucket'], JSON.stringify(bucket), among(bucket, known))]
  return [
    ...Object.entries(queues).flatMap(([name, { inputs, outputs, quarantine }]) => [
      ...unless(inputs.bucket, 'queues', name, 'inputs'),
      ...unless(outputs.bucket, 'queues', name, 'outputs'),
      ...(quarantine ? unless(quarantine.bucket, 'queues', name, 'quarantine') : []),
    ]),
    // A check is asked, and compared with what it was, by its name.
    ...Object.entries(smoke).flatMap(([suite, { checks }]) =>
      checks.flatMap(({ name }, at) =>
        checks.findIndex((check) => check.name === name) === at
          ? []
          : [sheet.fault(['smoke', suite, 'checks', at, 'name'], JSON.stringify(name), 'one check of each name')],
      ),
    ),
    ...Object.entries(ocr).flatMap(([name, { queue }]) =>
      queue === undefined || Object.hasOwn(queues, queue)
        ? []
        : [sheet.fault(['ocr', name, 'queue'], JSON.stringify(queue), among(queue, Object.keys(queues)))],
    ),
    ...Object.entries(ocr).flatMap(([name, { samples }]) =>
      samples.flatMap(({ bucket }, at) => unless(bucket, 'ocr', name, 'samples', at)),
    ),
  ]
}

/** Where a service runs, by its own line or by what belongs to it; undefined for one that nobody has heard of. */
export function environmentOf({ services, things }: Pick<House, 'services' | 'things'>, service: string) {
  return services.get(service)?.environment ?? belonging(things).find((thing) => thing.service === service)?.environment
}

const belonging = ({ queues, buckets, models, ocr, smoke }: Things) => [
  ...queues,
  ...buckets,
  ...models,
  ...ocr,
  ...smoke,
]

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
