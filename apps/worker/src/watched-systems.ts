import { readFileSync } from 'node:fs'
import {
  notConfigured,
  PortFailure,
  type Hands,
  type JobQueuesHands,
  type JobQueuesReader,
  type Readers,
  type ServiceDirectory,
} from '@firebreak/kit'
import {
  BullHands,
  BullMqHands,
  BullMqReader,
  BullReader,
  HttpOcr,
  HttpSmoke,
  HttpTraces,
  KubernetesHands,
  KubernetesJobsHands,
  KubernetesJobsReader,
  KubernetesReader,
  MlflowHands,
  MlflowReader,
  PrometheusMetrics,
  QueuesByKind,
  S3Hands,
  S3Reader,
  type S3Options,
} from '@firebreak/targets'
import { z } from 'zod'
import type { WatchedConfig } from './watched-config.js'

/*
 * Where the worker's ports come from. Each system has two sets of credentials, and nothing falls back from the one to the
 * other. A system that is not named here refuses by itself, with the name of its setting: recipes that do not need it
 * never notice.
 */

/** Everything that looks outside, by the readers' credentials. What Firebreak did and keeps itself is no system. */
export function watchedReaders(config: WatchedConfig, directory: ServiceDirectory): Omit<Readers, 'past' | 'evidence'> {
  const options = { timeoutMs: config.callTimeoutMs }
  const { s3, queues, mlflow, ocrEngines, httpEndpoints } = config
  return {
    cluster: new KubernetesReader(config.kubeconfig.reader, options),
    metrics: new PrometheusMetrics(config.prometheusUrl, options),
    directory,
    queues: QueuesByKind.reader({
      kinds: kindsOf(directory),
      ports: {
        kubernetes: jobsReader(config, directory),
        ...inRedis<JobQueuesReader>(queues.reader, 'QUEUES_REDIS_URL_READER', (redisUrl) => ({
          bull: new BullReader({ redisUrl, prefix: queues.prefix, ...options }),
          bullmq: new BullMqReader({ redisUrl, prefix: queues.prefix, ...options }),
        })),
      },
    }),
    objects:
      s3.endpoint && s3.reader
        ? new S3Reader(s3Options(s3.endpoint, s3.region, s3.reader, config.callTimeoutMs))
        : notConfigured(STORAGE, 'S3_ENDPOINT and S3_CREDENTIALS_READER'),
    registry: mlflow.url
      ? new MlflowReader(mlflow.url, { ...options, ...tokenIn(mlflow.reader) })
      : notConfigured(REGISTRY, 'MLFLOW_URL'),
    // The first picture may have to wait until the engine has loaded its data, so it keeps its own patience.
    ocr: ocrEngines.size > 0 ? new HttpOcr(Object.fromEntries(ocrEngines)) : notConfigured(OCR, 'OCR_ENGINES'),
    traces: config.tracesUrl ? new HttpTraces(config.tracesUrl, options) : notConfigured(TRACES, 'TRACES_URL'),
    // Each check has a time of its own. Whose address is missing is told by its name.
    smoke: new HttpSmoke(() => directory.things().smoke, httpEndpoints),
  }
}

/** Everything that acts, by the hands' credentials. */
export function watchedHands(config: WatchedConfig, directory: ServiceDirectory): Omit<Hands, 'evidence'> {
  const options = { timeoutMs: config.callTimeoutMs }
  const { s3, queues, mlflow } = config
  return {
    cluster: new KubernetesHands(config.kubeconfig.hands, options),
    queues: QueuesByKind.hands({
      kinds: kindsOf(directory),
      ports: {
        kubernetes: new KubernetesJobsHands(config.kubeconfig.hands, jobsReader(config, directory), options),
        ...inRedis<JobQueuesHands>(queues.hands, 'QUEUES_REDIS_URL_HANDS', (redisUrl) => ({
          bull: new BullHands({ redisUrl, prefix: queues.prefix, ...options }),
          bullmq: new BullMqHands({ redisUrl, prefix: queues.prefix, ...options }),
        })),
      },
    }),
    objects:
      s3.endpoint && s3.hands
        ? new S3Hands(s3Options(s3.endpoint, s3.region, s3.hands, config.callTimeoutMs))
        : notConfigured(STORAGE, 'S3_ENDPOINT and S3_CREDENTIALS_HANDS'),
    registry: mlflow.url
      ? new MlflowHands(mlflow.url, { ...options, ...tokenIn(mlflow.hands) })
      : notConfigured(REGISTRY, 'MLFLOW_URL'),
  }
}

const kindsOf = (directory: ServiceDirectory) =>
  new Map(directory.things().queues.map(({ name, kind }) => [name, kind]))

const jobsReader = ({ kubeconfig, callTimeoutMs }: WatchedConfig, directory: ServiceDirectory) =>
  new KubernetesJobsReader(
    kubeconfig.reader,
    new Map(directory.things().queues.flatMap(({ name, jobs }) => (jobs ? [[name, jobs] as const] : []))),
    { timeoutMs: callTimeoutMs },
  )

/** The queues that live in a Redis, where the house has one; Jobs of the cluster need none. */
function inRedis<Port extends object>(
  redisUrl: string | undefined,
  setting: string,
  open: (redisUrl: string) => { bull: Port; bullmq: Port },
): { bull: Port; bullmq: Port } {
  if (redisUrl) return open(redisUrl)
  return { bull: notConfigured<Port>(QUEUES, setting), bullmq: notConfigured<Port>(QUEUES, setting) }
}

const QUEUES = 'the Redis of the job queues'
const STORAGE = 'the object storage'
const REGISTRY = 'the model registry'
const OCR = 'OCR'
const TRACES = 'the query API of traces'

const keys = z.object({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) })

function s3Options(endpoint: string, region: string, file: string, timeoutMs: number): S3Options {
  return { endpoint, region, timeoutMs, credentials: () => s3Credentials(file) }
}

/** Read at each request, so that a key that was rotated needs no restart. No error shows what stands in the file. */
function s3Credentials(file: string): z.output<typeof keys> {
  const found = keys.safeParse(jsonIn(file))
  if (found.success) return found.data
  throw new PortFailure('forbidden', `${file} is not { "accessKeyId": …, "secretAccessKey": … }: S3 cannot be asked`)
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function tokenIn(file: string | undefined): { token?: () => string } {
  return file === undefined ? {} : { token: () => readToken(file) }
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new PortFailure('forbidden', `${file} cannot be read: the model registry cannot be asked`)
  }
}
