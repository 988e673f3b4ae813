import { readFileSync } from 'node:fs'
import { notConfigured, PortFailure, type Hands, type Readers, type ServiceDirectory } from '@firebreak/kit'
import {
  BullHands,
  BullMqHands,
  BullMqReader,
  BullReader,
  HttpOcr,
  HttpSmoke,
  HttpTraces,
  KubernetesHands,
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
    queues: queues.reader
      ? QueuesByKind.reader({
          kinds: kindsOf(directory),
          ports: {
            bull: new BullReader({ redisUrl: queues.reader, prefix: queues.prefix, ...options }),
            bullmq: new BullMqReader({ redisUrl: queues.reader, prefix: queues.prefix, ...options }),
          },
        })
      : notConfigured(QUEUES, 'QUEUES_REDIS_URL_READER'),
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
    queues: queues.hands
      ? QueuesByKind.hands({
          kinds: kindsOf(directory),
          ports: {
            bull: new BullHands({ redisUrl: queues.hands, prefix: queues.prefix, ...options }),
            bullmq: new BullMqHands({ redisUrl: queues.hands, prefix: queues.prefix, ...options }),
          },
        })
      : notConfigured(QUEUES, 'QUEUES_REDIS_URL_HANDS'),
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
