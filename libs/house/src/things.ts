import { formats, queueKinds, usualEvidence } from '@firebreak/kit'
import { z } from 'zod'
import { name, named, oneOf, query, text, whole, workload } from './words.js'

/*
 * What the house knows besides its services. A recipe takes the names of what it touches from here, and never from an alert.
 */

const belongs = {
  service: name.describe('Whose it is: the service that alerts name by their label `service`.'),
  environment: name.describe('Where it is; incidents are grouped by it.'),
}
const bucketName = named(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket')
const key = text('the key of an object', 1_000)
const folder = named(/^[!-~]{1,199}\/$/, 'the beginning of keys, ending with /')
const variable = named(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
const percent = (least = 0) => whole('percent', least, 100)

export const queue = z
  .strictObject({
    ...belongs,
    kind: oneOf(queueKinds).describe('How its jobs are kept.'),
    worker: workload.optional().describe('The Deployment whose pods work on it, namespace/name.'),
    jobs: z
      .strictObject({
        namespace: name.describe('Where they are.'),
        cron_job: named(/^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/, 'the name of a CronJob')
          .optional()
          .describe('Those that this CronJob made.'),
        labels: z
          .record(named(/^[\w./-]{1,317}$/, 'the key of a label'), named(/^[\w.-]{1,63}$/, 'the value of a label'))
          .default({})
          .describe('Those with all of these labels.'),
      })
      .refine(({ cron_job, labels }) => cron_job !== undefined || Object.keys(labels).length > 0, {
        message: 'cron_job, labels, or both: all Jobs of a namespace are no queue',
      })
      .optional()
      .describe('Of kind kubernetes: which Jobs of the cluster the queue is.'),
    inputs: z
      .strictObject({
        bucket: bucketName.describe('Where they lie.'),
        prefix: text('the beginning of keys', 500).optional().default('').describe('How their keys begin.'),
        formats: z
          .array(oneOf(formats), 'a list of formats')
          .default([])
          .describe('What its worker can read. Left out: anything.'),
        most_bytes: whole('bytes', 1, 1_000_000_000)
          .default(20_000_000)
          .describe('Larger ones it does not read. Bytes.'),
        pointer: text('the name of a field', 100).describe(
          'The field of a job that holds the key of its input. Of kind kubernetes: the environment variable of its first container.',
        ),
      })
      .describe('What its jobs are about.'),
    outputs: z
      .strictObject({
        bucket: bucketName.describe('Where they lie.'),
        key: named(/\{(key|name|stem)\}/, 'a pattern with {key}, {name} or {stem}')
          .max(500, 'at most 500 letters')
          .describe('Their keys: {key} is the key of the input, {name} its last part, {stem} that without its ending.'),
      })
      .describe('What its jobs make: a job whose output is there is not done again.'),
    corrections: z
      .array(
        z.strictObject({
          from: text('the beginning of a key', 500).describe('A key that begins so …'),
          to: text('the beginning of a key', 500).describe('… is to begin so.'),
        }),
        'a list of corrections',
      )
      .default([])
      .describe('Pointers that are known to be wrong. The first that fits counts.'),
    canary: whole('jobs', 1, 50).default(1).describe('So many go ahead when jobs are queued again.'),
    per_minute: whole('jobs a minute', 1, 10_000)
      .default(60)
      .describe('Jobs that are queued again at most in a minute, counted over a wave and the pause after it.'),
    poison_after: whole('attempts', 1, 1_000)
      .default(5)
      .describe(
        'A job that has failed so many times, each time in the same way as far as the queue still knows, is poison, and is not queued again. One whose pointer was wrong is none.',
      ),
    most_payload_bytes: whole('bytes', 1, 100_000_000)
      .default(1_000_000)
      .describe('A job whose data are larger is poison. Bytes of JSON.'),
    quarantine: z
      .strictObject({ bucket: bucketName.describe('Which bucket.'), prefix: folder.describe('Under which beginning.') })
      .optional()
      .describe('Where inputs go that are taken aside.'),
  })
  .refine(({ kind, jobs }) => (kind === 'kubernetes') === (jobs !== undefined), {
    message: 'jobs of kind kubernetes, and of no other kind: which Jobs of the cluster the queue is',
    path: ['jobs'],
  })
  .describe('One job queue.')

export const bucket = z
  .strictObject({
    ...belongs,
    canary_prefix: folder
      .default('.firebreak/')
      .describe('Under this, objects may be put and deleted, to see whether that works. No recipe reads it yet.'),
  })
  .describe('One bucket.')

const WRONG = 'Percent of what it does that goes wrong: PromQL that selects one series.'
const threshold = percent()
const MUCH = 'More than this is too much. Percent.'

export const model = z
  .strictObject({
    ...belongs,
    alias: name.default('production').describe('The name in the registry that points at the version which serves.'),
    stable_alias: name
      .default('stable')
      .describe('The one that points at the last version known to be good. No recipe reads it yet.'),
    deployment: workload.describe('The Deployment that serves it, namespace/name.'),
    container: name.describe('Its container.'),
    pin: z
      .strictObject({ env: variable.describe('The environment variable that says which version it serves.') })
      .describe('How it is pinned to a version.'),
    hot_reload: z
      .strictObject({
        deployment: workload.describe('The Deployment that loads it, namespace/name.'),
        container: name.describe('Its container.'),
        env: variable.describe('The environment variable …'),
        off: text('a value').describe('… and the value that stops it.'),
      })
      .optional()
      .describe('What stops a service from loading the model again by itself.'),
    error_rate_percent: query.describe(`${WRONG} No recipe reads it yet.`),
    error_rate_threshold_percent: threshold.describe(`${MUCH} No recipe reads it yet.`),
  })
  .describe('One model.')

const engine = z
  .strictObject({
    engine: name.describe("Its name among the worker's OCR_ENGINES, and in the routing."),
    deployment: workload.describe('The Deployment that runs it, namespace/name.'),
    error_rate_percent: query.describe(WRONG),
  })
  .describe('An engine.')

export const ocrRoute = z
  .strictObject({
    ...belongs,
    primary: engine.describe('The engine that usually reads.'),
    fallback: engine.describe('The one that reads when that does not.'),
    queue: text('the name of a queue', 100).optional().describe('The queue whose inputs it reads.'),
    routing: z
      .strictObject({
        config_map: workload.describe('The ConfigMap, namespace/name.'),
        key: named(/^[\w.-]{1,253}$/, 'a key of a ConfigMap').describe('Its key that names the engine.'),
        share: named(/^[\w.-]{1,253}$/, 'a key of a ConfigMap')
          .optional()
          .describe(
            'Its key that says how many percent go to the fallback all the same: a whole number, "0" to begin with. Left out: divert-ocr cannot divert, for nothing could go ahead.',
          ),
      })
      .refine(({ key, share }) => key !== share, { message: 'another key than that of the engine', path: ['share'] })
      .describe('What says which engine documents go to.'),
    canary: z
      .strictObject({
        percent: whole('percent', 1, 50)
          .default(10)
          .describe('So many percent go ahead to an engine, and, from there, back.'),
        seconds: whole('seconds', 1, 3_600)
          .default(60)
          .describe(
            'For so long is looked at what comes of them before others follow. Longer than a consumer takes to see its config.',
          ),
      })
      .default({ percent: 10, seconds: 60 })
      .describe('Documents that go ahead, there and on the way back.'),
    samples: z
      .array(
        z.strictObject({
          bucket: bucketName.describe('Where the picture lies.'),
          key: key.describe('Its key: a PNG.'),
          text: text('what is written there', 10_000).describe('What is written on it.'),
        }),
        'a list of samples',
      )
      .min(1, 'at least one sample')
      .describe('Pictures whose text is known, to try an engine with.'),
    cer_threshold_percent: percent()
      .default(10)
      .describe('An engine that gets more characters wrong is no help. Percent.'),
    error_rate_threshold_percent: threshold.describe(MUCH),
  })
  .refine(({ primary, fallback }) => primary.engine !== fallback.engine, {
    message: 'another engine than the primary one',
    path: ['fallback', 'engine'],
  })
  .describe('How documents are read.')

const check = z
  .strictObject({
    name: name.describe('What it is called.'),
    method: oneOf(['GET', 'POST']).default('GET').describe('How it is asked.'),
    path: named(
      /^\/(?![/\\])(?!.*(?:\.\.|[\\#]))[!-~]{0,1000}$/,
      'a path that begins with one /, without .., \\ and #',
    ).describe("Behind the endpoint's address."),
    body: text('text', 100_000).optional().describe('What is sent. JSON.'),
    status: whole('status codes', 100, 599).default(200).describe('The code of the answer.'),
    within_ms: whole('milliseconds', 1, 60_000).default(2_000).describe('How long it may take. Milliseconds.'),
    fields: z
      .record(text('a path'), text('text', 10_000), 'texts by path')
      .default({})
      .describe('Fields that the JSON of the answer must have: path (a.b) and value.'),
    same: z
      .array(text('a path'), 'a list of paths')
      .max(20, 'at most 20 paths')
      .default([])
      .describe('Fields that must be the same after a change as before it, whatever they are: a golden sample.'),
  })
  .describe('One question, and the answer that is expected.')

export const smokeSuite = z
  .strictObject({
    ...belongs,
    endpoint: name.describe("Its name among the worker's HTTP_ENDPOINTS."),
    checks: z
      .array(check, 'a list of checks')
      .min(1, 'at least one check')
      .max(50, 'at most 50 checks')
      .describe('What is asked, in order.'),
  })
  .describe('What says of a service, from outside, whether it is well.')

const fields = z.array(named(/^[\w.-]{1,100}$/, 'the name of a field'), 'a list of names').max(50, 'at most 50 names')
export const evidence = z
  .strictObject({
    ids: z
      .record(named(/^[a-z]{1,30}$/, 'a word of lower-case letters'), fields, 'names of fields by what they are ids of')
      .default(Object.fromEntries(Object.entries(usualEvidence.ids).map(([kind, names]) => [kind, [...names]])))
      .describe('The fields in logs that hold ids: of a request, a job, a trace, or what else. Names, not patterns.'),
    hide: fields
      .default([])
      .describe('Fields whose values are taken out of evidence, besides what looks like a secret: what is personal.'),
    workloads: z
      .record(
        name,
        z.array(workload, 'a list of Deployments').min(1, 'at least one Deployment'),
        'Deployments by service',
      )
      .default({})
      .describe('Deployments whose logs belong to a service, besides those that the house names for it anyway.'),
  })
  .describe('What evidence of an incident is made of.')
