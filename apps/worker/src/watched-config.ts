import { z } from 'zod'

/** `name=address` pairs, separated by commas: the addresses of things that the house only names. */
const addresses = z
  .string()
  .default('')
  .transform((text, context): ReadonlyMap<string, string> => {
    const pairs = text.split(',').flatMap((pair) => (pair.trim() === '' ? [] : [pair.trim()]))
    const known = new Map<string, string>()
    for (const pair of pairs) {
      const [name = '', ...rest] = pair.split('=')
      const address = z.url({ protocol: /^https?$/ }).safeParse(rest.join('='))
      if (!/^[a-z0-9][-a-z0-9]{0,62}$/.test(name) || !address.success || known.has(name)) {
        context.addIssue({ code: 'custom', message: 'expected name=http://…, each name once, separated by commas' })
        return z.NEVER
      }
      known.set(name, address.data)
    }
    return known
  })

/** The systems that the worker looks at and changes. What is left out is not there: recipes that need it say so. */
export const watchedEnvironment = z.object({
  KUBECONFIG_READER: z.string().min(1),
  KUBECONFIG_HANDS: z.string().min(1),
  PROMETHEUS_URL: z.url(),
  /** The Redis of the watched system's job queues, as a user who only looks. With its password, if it has one. */
  QUEUES_REDIS_URL_READER: z.url({ protocol: /^rediss?$/ }).optional(),
  /** The same Redis as a user who may change queues. */
  QUEUES_REDIS_URL_HANDS: z.url({ protocol: /^rediss?$/ }).optional(),
  /** What the keys of the queues begin with, as their owner set it. */
  QUEUES_PREFIX: z.string().min(1).default('bull'),
  /** The object storage, such as http://minio:9000; a path in it is kept. */
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  S3_REGION: z.string().min(1).default('us-east-1'),
  /** Files with `{ "accessKeyId", "secretAccessKey" }`; read anew for each request. */
  S3_CREDENTIALS_READER: z.string().min(1).optional(),
  S3_CREDENTIALS_HANDS: z.string().min(1).optional(),
  /** The model registry; what `/api/2.0/mlflow` hangs under. */
  MLFLOW_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Files with a bearer token, where the registry asks for one; read anew for each call. */
  MLFLOW_TOKEN_FILE_READER: z.string().min(1).optional(),
  MLFLOW_TOKEN_FILE_HANDS: z.string().min(1).optional(),
  /** The OCR engines that firebreak.yaml names: `primary=http://…,fallback=http://…`. */
  OCR_ENGINES: addresses,
  /** The services that smoke suites ask, as firebreak.yaml names them: `model=http://…`. */
  HTTP_ENDPOINTS: addresses,
  /** How many times faster than the wall clock they run: 1, but for a sandbox. */
  WATCHED_CLOCK: z.coerce.number().min(1).max(20).default(1),
  /** Jaeger's or Tempo's query API: what `/api/traces` hangs under. */
  TRACES_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** How long a call to a watched system may take. Milliseconds. */
  FIREBREAK_CALL_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
})

/** Where the watched systems are, and by which credentials they are asked. */
export interface WatchedConfig {
  kubeconfig: { reader: string; hands: string }
  prometheusUrl: string
  queues: { reader: string | undefined; hands: string | undefined; prefix: string }
  s3: { endpoint: string | undefined; region: string; reader: string | undefined; hands: string | undefined }
  mlflow: { url: string | undefined; reader: string | undefined; hands: string | undefined }
  ocrEngines: ReadonlyMap<string, string>
  httpEndpoints: ReadonlyMap<string, string>
  /** How many times faster than the wall clock they run. */
  clock: number
  tracesUrl: string | undefined
  callTimeoutMs: number
}

export const watchedConfig = (known: z.output<typeof watchedEnvironment>): WatchedConfig => ({
  kubeconfig: { reader: known.KUBECONFIG_READER, hands: known.KUBECONFIG_HANDS },
  prometheusUrl: known.PROMETHEUS_URL,
  queues: {
    reader: known.QUEUES_REDIS_URL_READER,
    hands: known.QUEUES_REDIS_URL_HANDS,
    prefix: known.QUEUES_PREFIX,
  },
  s3: {
    endpoint: known.S3_ENDPOINT,
    region: known.S3_REGION,
    reader: known.S3_CREDENTIALS_READER,
    hands: known.S3_CREDENTIALS_HANDS,
  },
  mlflow: { url: known.MLFLOW_URL, reader: known.MLFLOW_TOKEN_FILE_READER, hands: known.MLFLOW_TOKEN_FILE_HANDS },
  ocrEngines: known.OCR_ENGINES,
  httpEndpoints: known.HTTP_ENDPOINTS,
  clock: known.WATCHED_CLOCK,
  tracesUrl: known.TRACES_URL,
  callTimeoutMs: known.FIREBREAK_CALL_TIMEOUT_MS,
})
