import {
  noThings,
  usualEvidence,
  type EvidenceRules,
  type JobQueue,
  type SmokeSuite,
  type Things,
} from '../directory.js'
import { ServiceDirectory, type Service } from '../ports.js'

/** The services of the house, as a list, and what else it knows. */
export class FakeDirectory extends ServiceDirectory {
  constructor(
    private readonly known: Service[] = [aService()],
    private readonly around: Partial<Things> = {},
    private readonly rules: Partial<EvidenceRules> = {},
  ) {
    super()
  }

  things(): Things {
    return { ...noThings, ...this.around }
  }

  evidence(): EvidenceRules {
    return { ...usualEvidence, ...this.rules }
  }

  service(name: string): Service | undefined {
    return this.known.find((service) => service.name === name)
  }

  services(): Service[] {
    return [...this.known]
  }
}

/** The service `api` as the sandbox runs it, with what a test wants different. */
export function aService(different: Partial<Service> = {}): Service {
  return {
    name: 'api',
    environment: 'prod',
    deployment: 'prod/api',
    p95_threshold_ms: 500,
    max_replicas: 10,
    metrics: {
      p95_ms: 'api_request_duration_p95_milliseconds{service="api"}',
      requests_per_second: 'api_requests_per_second{service="api"}',
      utilisation_percent: 'api_utilisation_percent{service="api"}',
      downstream_depth: 'queue_depth{queue="batch"}',
      downstream_growth_per_minute: 'queue_growth_per_minute{queue="batch"}',
    },
    ...different,
  }
}

/** The things of the house as the sandbox has them, with what a test wants different. */
export function aHouseOfThings(different: Partial<Things> = {}): Things {
  return {
    queues: [aQueue()],
    buckets: ['documents', 'outputs', 'quarantine', 'samples'].map((name) => ({
      name,
      service: 'storage',
      environment: 'prod',
      canary_prefix: '.firebreak/',
    })),
    models: [
      {
        name: 'invoice-classifier',
        service: 'model',
        environment: 'prod',
        alias: 'production',
        stable_alias: 'stable',
        deployment: 'prod/model',
        container: 'model',
        pin: { env: 'MODEL_VERSION' },
        hot_reload: { deployment: 'prod/api', container: 'api', env: 'MODEL_HOT_RELOAD', off: 'off' },
        error_rate_percent: 'model_error_rate_percent{model="invoice-classifier"}',
        error_rate_threshold_percent: 10,
      },
    ],
    ocr: [
      {
        name: 'documents',
        service: 'ocr',
        environment: 'prod',
        primary: anEngine('primary'),
        fallback: anEngine('fallback'),
        queue: 'batch',
        routing: { config_map: 'prod/ocr-routing', key: 'engine', share: 'fallback_percent' },
        canary: { percent: 10, seconds: 60 },
        samples: [{ bucket: 'samples', key: 'ocr/0.png', text: 'INVOICE 4711' }],
        cer_threshold_percent: 10,
        error_rate_threshold_percent: 10,
      },
    ],
    smoke: [aSuite()],
    ...different,
  }
}

const anEngine = (engine: 'primary' | 'fallback') => ({
  engine,
  deployment: `prod/ocr-${engine}` as const,
  error_rate_percent: `ocr_error_rate_percent{engine="${engine}"}`,
})

/** The smoke suite `model`: its health, a golden sample whose answer is known, and one that only has to stay the same. */
export function aSuite(different: Partial<SmokeSuite> = {}): SmokeSuite {
  const asked = { status: 200, within_ms: 2_000, same: [] }
  return {
    name: 'model',
    service: 'model',
    environment: 'prod',
    endpoint: 'model',
    checks: [
      { ...asked, name: 'health', method: 'GET', path: '/v1/health', fields: { ok: 'true' } },
      {
        ...asked,
        ...{ name: 'golden', method: 'POST', path: '/v1/predict', body: '{"text":"credit note"}' },
        fields: { label: 'credit-note' },
      },
      {
        ...asked,
        name: 'unlabelled',
        method: 'POST',
        path: '/v1/predict',
        body: '{"text":"?"}',
        fields: {},
        same: ['label'],
      },
    ],
    ...different,
  }
}

/** The queue `batch` as the sandbox has it, with what a test wants different. */
export function aQueue(different: Partial<JobQueue> = {}): JobQueue {
  return {
    name: 'batch',
    service: 'batch',
    environment: 'prod',
    kind: 'bull',
    worker: 'prod/batch',
    inputs: { bucket: 'documents', prefix: 'incoming/', pointer: 'key', formats: ['png'], most_bytes: 20_000_000 },
    outputs: { bucket: 'outputs', key: '{name}.json' },
    corrections: [{ from: 'incomming/', to: 'incoming/' }],
    canary: 2,
    per_minute: 120,
    poison_after: 3,
    most_payload_bytes: 1_000_000,
    quarantine: { bucket: 'quarantine', prefix: 'batch/' },
    ...different,
  }
}
