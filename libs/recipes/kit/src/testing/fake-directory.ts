import { ServiceDirectory, type Service } from '../ports.js'

/** The services of the house, as a list. */
export class FakeDirectory extends ServiceDirectory {
  constructor(private readonly known: Service[] = [aService()]) {
    super()
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
      downstream_depth: 'queue_depth{queue="batch"}',
    },
    ...different,
  }
}
