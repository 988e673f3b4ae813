import { settingsOf } from '@firebreak/settings'
import { environment } from './config.js'

/** What the worker reads from its environment, and what each of it means. */
export const settings = settingsOf(environment, {
  DATABASE_URL: ['password', 'The Postgres of the record, as `fb_worker`.'],
  REDIS_URL: ['password', 'The doorbell, as for the API.'],
  FIREBREAK_CONFIG: 'The house: `firebreak.yaml`.',
  FIREBREAK_BLOBS: 'The folder into which bundles are exported, and in which evidence is kept.',
  FIREBREAK_LOG_POLICY_FILE:
    'The house’s own log policy, by which the nightly check holds the log to its signatures; in earnest not from the log’s own folder. Without it that check is not made, which is an alert after a day.',
  FIREBREAK_EXPORT_KEY_FILE: 'The key with which it signs its bundles; without it they bear no statement.',
  FIREBREAK_TENURE_S: 'A worker that is silent for so many seconds has lost its runs.',
  FIREBREAK_SWEEP_MS: 'Milliseconds between two looks for work that nobody rang for.',
  KUBECONFIG_READER: 'The cluster, as a user who only looks.',
  KUBECONFIG_HANDS: 'The cluster, as the user who changes things.',
  PROMETHEUS_URL: ['password', 'Where metrics are asked for.'],
  QUEUES_REDIS_URL_READER: ['password', 'The Redis of the watched system’s job queues, as a user who only looks.'],
  QUEUES_REDIS_URL_HANDS: ['password', 'The same Redis, as a user who may change queues.'],
  QUEUES_PREFIX: 'What the keys of those queues begin with, as their owner set it.',
  S3_ENDPOINT: ['password', 'The object storage; a path in it is kept.'],
  S3_REGION: 'Its region.',
  S3_CREDENTIALS_READER:
    'A file with `{ "accessKeyId", "secretAccessKey" }` of a user who only looks; read anew for each request.',
  S3_CREDENTIALS_HANDS: 'The same, of the user who changes things.',
  MLFLOW_URL: ['password', 'The model registry: what `/api/2.0/mlflow` hangs under.'],
  MLFLOW_TOKEN_FILE_READER:
    'A file with the bearer token of a user who only looks, where the registry asks for one; read anew for each call.',
  MLFLOW_TOKEN_FILE_HANDS: 'The same, of the user who changes things.',
  OCR_ENGINES: ['password', 'The OCR engines that the house names: `primary=http://…,fallback=http://…`.'],
  HTTP_ENDPOINTS: [
    'password',
    'The services that smoke suites ask, as the house names them: `model=http://…`. A name and password in one (`http://user:password@…`) are sent along.',
  ],
  WATCHED_CLOCK:
    'How many times faster than the wall clock the watched systems run, so that verifications are over as much sooner: 1 for all but a sandbox that is told to hurry.',
  TRACES_URL: [
    'password',
    'The traces of the watched system, for evidence: what `/api/traces` of Jaeger or Tempo hangs under.',
  ],
  FIREBREAK_CALL_TIMEOUT_MS: 'Milliseconds that a call to a watched system may take.',
  FIREBREAK_METRICS_PORT: 'Where `GET /metrics` of this worker is; nowhere without it, on any free port with 0.',
  FIREBREAK_METRICS_HOST:
    'On which address. No key is asked for there: beyond this machine a firewall has to say who may.',
  FIREBREAK_LOG_LEVEL: 'From what on lines are written to standard output: debug, info, warn, error, fatal.',
  OTEL_EXPORTER_OTLP_ENDPOINT: [
    'password',
    'A collector of traces (OTLP over HTTP): the base address. Without it nothing is traced.',
  ],
  OTEL_EXPORTER_OTLP_HEADERS: ['whole', 'Headers for the collector: `name=value,name=value`, percent-encoded.'],
  OTEL_SERVICE_NAME: 'By what name traces know this process.',
})
