import { classes } from '@firebreak/kit'
import { z } from 'zod'
import { bucket, evidence, model, ocrRoute, queue, smokeSuite } from './things.js'
import { name, named, oneOf, query, text, whole, workload } from './words.js'

const service = z
  .strictObject({
    environment: name.describe('Where it runs; incidents are grouped by it.'),
    deployment: workload.describe('The Deployment that serves it, namespace/name.'),
    p95_threshold_ms: whole('milliseconds', 1, 3_600_000).describe('p95 latency above this is slow. Milliseconds.'),
    max_replicas: whole('replicas', 1, 10_000).describe('The most replicas that a recipe may ask for.'),
    metrics: z
      .strictObject({
        p95_ms: query.describe('Its p95 latency in milliseconds.'),
        requests_per_second: query.optional().describe('The load on it.'),
        utilisation_percent: query.optional().describe('How much of what its replicas can do is used. Percent.'),
        downstream_depth: query.optional().describe('How much waits in the queue behind it.'),
        downstream_growth_per_minute: query
          .optional()
          .describe('By how much that queue grows in a minute, such as deriv(queue_depth[5m]) * 60.'),
      })
      .describe('How it is measured: PromQL, each query selecting one series.'),
  })
  .describe('One service: what runs it, how it is measured, how far it may grow.')

/** No condition would match every alert; that has to be said by leaving the rule out. */
const when = z
  .record(
    named(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'a label name (letters, digits and _)'),
    z.string('text (a number or true needs quotes)'),
    'labels and the values that they must have',
  )
  .refine((labels) => Object.keys(labels).length > 0, 'at least one label')
  .meta({ minProperties: 1 })
  .describe('The rule matches an alert that has all of these labels with exactly these values.')

const pipeline = z
  .strictObject({
    targets: z
      .array(
        named(/^[a-z]+:[!-~]{1,180}$/, 'a target, kind:name, such as deployment:prod/ocr or queue:batch'),
        'a list of targets',
      )
      .min(1, 'at least one target')
      .describe('What it flows through: workloads, queues, buckets.'),
  })
  .describe('One pipeline: freezing it freezes all of its targets.')

export const severities = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const

const recipeIds = z.array(name, 'a list of recipe ids').describe('Ids of recipes, the most likely one first.')

const cap = z
  .strictObject({
    recipe: name.optional().describe('Of which recipe; left out: of each.'),
    environment: name.optional().describe('In which environment; left out: everywhere.'),
    targets: whole('targets', 0, 200).optional().describe('The most targets of one plan.'),
    effects: whole('effects', 0, 10_000)
      .optional()
      .describe('The most effects of one plan: one a step, one an item of a step over many.'),
  })
  .refine(({ targets, effects }) => targets !== undefined || effects !== undefined, 'targets, or effects, or both')
  .meta({ anyOf: [{ required: ['targets'] }, { required: ['effects'] }] })
  .describe('How wide a plan may be. Every cap that fits a plan holds.')

const whose = ['recipe', 'target', 'service'] as const
const budget = z
  .strictObject({
    recipe: name.optional().describe('Of one recipe.'),
    target: named(/^[a-z]+:[!-~]{1,180}$/, 'a target, kind:name, such as deployment:prod/ocr or queue:batch')
      .optional()
      .describe('Or on one target, whatever the recipe.'),
    service: name.optional().describe('Or in one service.'),
    runs: whole('runs', 0, 10_000).describe('The most runs that start by themselves.'),
    minutes: whole('minutes', 10, 10_080).describe('Within so many minutes.'),
  })
  .refine((one) => whose.filter((key) => one[key] !== undefined).length === 1, 'one of recipe, target, service')
  .meta({ oneOf: whose.map((key) => ({ required: [key] })) })
  .describe('How many runs may start by themselves; spent, it is disarmed until a person re-arms it.')

export const houseSchema = z.strictObject({
  services: z
    .record(name, service, 'services by name')
    .describe('The services of the house. An alert names one by its label `service`; nothing else of it is believed.'),
  queues: z
    .record(named(/^[\w.-]{1,100}$/, 'a name of letters, digits, _, . and -'), queue, 'queues by name')
    .default({})
    .describe('The job queues of the house, by the names that their system gives them.'),
  buckets: z
    .record(named(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'), bucket, 'buckets by name')
    .default({})
    .describe('The buckets of the object storage.'),
  models: z
    .record(named(/^[\w.-]{1,100}$/, 'a name of letters, digits, _, . and -'), model, 'models by name')
    .default({})
    .describe('The models that serve, by their names in the registry.'),
  ocr: z.record(name, ocrRoute, 'routes by name').default({}).describe('How documents are read.'),
  smoke: z
    .record(name, smokeSuite, 'suites by name')
    .default({})
    .describe('What says of a service whether it is well.'),
  evidence: evidence.prefault({}),
  pipelines: z
    .record(name, pipeline, 'pipelines by name')
    .default({})
    .describe('What data flows through, by name: what a security freeze can name at once.'),
  classes: z
    .array(z.strictObject({ when, class: oneOf(classes) }), 'a list of rules')
    .describe('Which page of the runbook an alert is. The first rule that matches decides; none: unclassified.'),
  severities: z
    .array(z.strictObject({ when, severity: oneOf(severities) }), 'a list of rules')
    .default([])
    .describe('How bad it is. The first rule that matches decides; none: SEV3.'),
  recipes: z
    .strictObject(
      {
        folder: text('a folder', 1_000)
          .optional()
          .describe('Where the recipes lie that this house has written in YAML, as seen from this file.'),
        ...(Object.fromEntries(classes.map((id) => [id, recipeIds.optional()])) as Record<
          (typeof classes)[number],
          z.ZodOptional<typeof recipeIds>
        >),
      },
      'recipe ids by class',
    )
    .default({})
    .describe('Which recipes are suggested when an incident of a class opens, and where those of this house lie.'),
  caps: z
    .array(cap, 'a list of caps')
    .default([])
    .describe('How wide plans may be, by recipe and environment: a plan that is wider is not made.'),
  budgets: z
    .array(budget, 'a list of budgets')
    .default([])
    .describe('How often anything may start by itself. Every budget that a run draws on holds.'),
  observe: z
    .strictObject({
      namespaces: z
        .array(name, 'a list of namespaces')
        .min(1, 'at least one namespace')
        .describe('Namespaces whose Deployments the worker looks at.'),
      interval_s: whole('seconds', 1, 3_600).describe('How often it looks. Seconds.'),
    })
    .describe('What the worker keeps looking at, so that screens can show it.'),
  audit: z
    .strictObject({
      self_check: z
        .strictObject({
          at: named(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day in UTC, HH:MM in quotes')
            .default('03:00')
            .describe('When the whole log is checked, every day. UTC.'),
          retry_minutes: whole('minutes', 1, 1_440)
            .default(60)
            .describe('After a check that failed or could not be made. Minutes.'),
        })
        .prefault({})
        .describe('The nightly check of the audit log. What it finds comes in as an alert of the source firebreak.'),
    })
    .prefault({})
    .describe('The audit log.'),
  limits: z
    .strictObject({
      plan_expires_minutes: whole('minutes', 1, 1_440)
        .default(30)
        .describe('A plan that nobody has approved by then has expired. Minutes.'),
      resolve_window_minutes: whole('minutes', 0, 1_440)
        .default(30)
        .describe('An alert that fires again within this reopens its incident; later it opens a new one. Minutes.'),
      cooldown_minutes: whole('minutes', 0, 1_440)
        .default(5)
        .describe(
          'After a run nothing starts on its targets for so long, so that its effect shows first. Minutes; 0: at once.',
        ),
    })
    .prefault({})
    .describe('How long things last.'),
})

/**
 * The same as JSON Schema, for editors (draft 7: what the YAML language servers read best).
 * A copy is checked in as `firebreak.schema.json`.
 */
export function houseJsonSchema(): Record<string, unknown> {
  return {
    title: 'firebreak.yaml',
    ...z.toJSONSchema(houseSchema, { target: 'draft-7', io: 'input' }),
  }
}
