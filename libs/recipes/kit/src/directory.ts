import type { Format } from './format.js'
import type { WorkloadRef } from './ports.js'

/*
 * What the house knows besides its services: queues, buckets, models, OCR, smoke suites. All of it comes from
 * `firebreak.yaml`. An alert may pick one of them by its name; what the name stands for is the house's to say.
 */

/** Whose a thing is: the service that alerts name by their label `service`, and where it runs. */
export interface Belongs {
  service: string
  environment: string
}

/** How jobs are kept: in a Redis, by Bull or BullMQ, or as Jobs of the cluster. */
export const queueKinds = ['bull', 'bullmq', 'kubernetes'] as const
export type QueueKind = (typeof queueKinds)[number]

/** Which Jobs of the cluster are a queue: those that a CronJob made, those with these labels, or those that are both. */
export interface JobsOfQueue {
  namespace: string
  cron_job?: string | undefined
  /** Empty: whatever their labels. */
  labels: Readonly<Record<string, string>>
}

/** A job queue of the watched system. */
export interface JobQueue extends Belongs {
  name: string
  kind: QueueKind
  /** The Deployment whose pods work on it. A Job of the cluster has pods of its own. */
  worker?: WorkloadRef | undefined
  /** Of kind `kubernetes`, and of no other. */
  jobs?: JobsOfQueue | undefined
  inputs: {
    /** Where they lie, and how their keys begin. */
    bucket: string
    prefix: string
    /** The field of a job's data that holds the key of its input; of a Job of the cluster a variable of its first container. */
    pointer: string
    /** What its worker can read; none named: anything. Larger ones it does not read. */
    formats: readonly Format[]
    most_bytes: number
  }
  /** Where the output of an input lies: a pattern (`outputKey`). */
  outputs: { bucket: string; key: string }
  /** Pointers that are known to be wrong: a key that begins with `from` is to begin with `to`. The first that fits counts. */
  corrections: readonly { from: string; to: string }[]
  /** So many jobs go ahead, and the rest waits until they are done. */
  canary: number
  /** Jobs that are queued again at most in a minute. */
  per_minute: number
  /** A job that has failed so many times in the same way is poison. */
  poison_after: number
  /** A job whose data are larger than this is poison. Bytes of JSON. */
  most_payload_bytes: number
  /** Where inputs go that are taken aside. */
  quarantine?: { bucket: string; prefix: string } | undefined
}

/** A bucket of the object storage. */
export interface Bucket extends Belongs {
  name: string
  /** Under this prefix objects may be put and deleted to see whether that works. Ends with a slash. */
  canary_prefix: string
}

/** A model, how it is served, and how it is pinned to a version. */
export interface ServedModel extends Belongs {
  name: string
  /** The name in the registry that points at the version which serves. */
  alias: string
  /** The name in the registry that points at the last version known to be good. */
  stable_alias: string
  deployment: WorkloadRef
  /** The container that serves it, and its environment variable that says which version. */
  container: string
  pin: { env: string }
  /** The environment variable and the value that stop a service from loading the model again by itself. */
  hot_reload?: { deployment: WorkloadRef; container: string; env: string; off: string } | undefined
  /** PromQL: percent of its answers that are wrong. */
  error_rate_percent: string
  error_rate_threshold_percent: number
}

/** A picture whose text is known. */
export interface OcrSample {
  bucket: string
  key: string
  text: string
}

/** An OCR engine by its name, what runs it, and PromQL: percent of the documents that it cannot read. */
export interface OcrEngine {
  engine: string
  deployment: WorkloadRef
  error_rate_percent: string
}

/** How documents are read: two engines, and the config that says which of them they go to. */
export interface OcrRoute extends Belongs {
  name: string
  primary: OcrEngine
  fallback: OcrEngine
  /** The queue whose inputs it reads. */
  queue?: string | undefined
  /** The ConfigMap and its key whose value is the name of the engine that documents go to. */
  routing: {
    config_map: WorkloadRef
    key: string
    /** The key whose value is the percent of the documents that go to the fallback all the same. */
    share?: string | undefined
  }
  /** Documents that go ahead whenever others are to follow, in percent, and for how many seconds they are looked at. */
  canary: { percent: number; seconds: number }
  samples: readonly OcrSample[]
  /** An engine that gets more characters of the samples wrong than this is no help. Percent. */
  cer_threshold_percent: number
  error_rate_threshold_percent: number
}

/** One request of a smoke suite, and the answer that is expected. */
export interface SmokeCheck {
  name: string
  method: 'GET' | 'POST'
  /** Behind the endpoint's address. */
  path: string
  /** Text that is sent; JSON. */
  body?: string | undefined
  status: number
  within_ms: number
  /** Fields that the JSON of the answer must have, by path (`a.b`), as text. */
  fields: Readonly<Record<string, string>>
  /** Paths of fields that must be the same after a change as before it, whatever they are: a golden sample. */
  same: readonly string[]
}

/** What says of a service, from outside, whether it is well. */
export interface SmokeSuite extends Belongs {
  name: string
  /** Its address, by the name that the worker's HTTP_ENDPOINTS gives it. */
  endpoint: string
  checks: readonly SmokeCheck[]
}

/** Every thing of the house, by kind. */
export interface Things {
  queues: readonly JobQueue[]
  buckets: readonly Bucket[]
  models: readonly ServedModel[]
  ocr: readonly OcrRoute[]
  smoke: readonly SmokeSuite[]
}

export const noThings: Things = { queues: [], buckets: [], models: [], ocr: [], smoke: [] }

/** What evidence of an incident is made of, besides what the house knows of a service anyway. */
export interface EvidenceRules {
  /** The names of fields in logs that hold ids, by what they are ids of: `request`, `job`, `trace` and what else a house has. */
  ids: Readonly<Record<string, readonly string[]>>
  /** The names of fields whose values are taken out. */
  hide: readonly string[]
  /** Deployments whose logs belong to a service, by its name. */
  workloads: Readonly<Record<string, readonly WorkloadRef[]>>
}

export const usualEvidence: EvidenceRules = {
  ids: {
    request: ['request_id', 'requestId', 'x-request-id'],
    job: ['job_id', 'jobId'],
    trace: ['trace_id', 'traceId'],
  },
  hide: [],
  workloads: {},
}

/** A target of the house: whose it is, and in which workloads it lives. Freezes read this. */
export interface KnownTarget extends Belongs {
  /** `kind:name`, as verbs name it. */
  target: string
  /** Other targets that it lives in: a freeze of one of them holds it too. */
  within: readonly string[]
}

/** Every target that these things are made of. */
export function targetsOf({ queues, buckets, models, ocr }: Things): KnownTarget[] {
  const of = ({ service, environment }: Belongs, target: string, within: readonly string[] = []): KnownTarget => ({
    target,
    service,
    environment,
    within,
  })
  const deployment = (ref: WorkloadRef) => `deployment:${ref}`
  const cronJob = ({ jobs }: JobQueue) => (jobs?.cron_job === undefined ? [] : [`cronjob:${jobs.namespace}/${jobs.cron_job}`]) // prettier-ignore
  return [
    ...queues.flatMap((queue) => {
      const workers = [...(queue.worker === undefined ? [] : [deployment(queue.worker)]), ...cronJob(queue)]
      return [of(queue, `queue:${queue.name}`, workers), ...workers.map((worker) => of(queue, worker))]
    }),
    ...buckets.map((bucket) => of(bucket, `bucket:${bucket.name}`)),
    ...models.flatMap((model) => [
      of(model, `model:${model.name}`, [deployment(model.deployment)]),
      of(model, deployment(model.deployment)),
    ]),
    ...ocr.flatMap((route) => {
      const engines = [deployment(route.primary.deployment), deployment(route.fallback.deployment)]
      return [
        of(route, `ocr:${route.name}`, engines),
        of(route, `configmap:${route.routing.config_map}`, [`ocr:${route.name}`, ...engines]),
        ...engines.map((engine) => of(route, engine)),
      ]
    }),
  ]
}

/**
 * Where the output of an input lies: `{key}` is its key, `{name}` what stands behind the last slash of it, and `{stem}`
 * that without its ending.
 */
export function outputKey(pattern: string, key: string): string {
  const name = key.split('/').at(-1) ?? ''
  const known: Record<string, string> = { key, name, stem: name.replace(/\.[^.]*$/, '') }
  return pattern.replace(/\{(key|name|stem)\}/g, (_, word: string) => known[word]!)
}
