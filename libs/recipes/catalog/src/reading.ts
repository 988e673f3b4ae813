import { PortFailure, type MetricsReader, type Pod, type Service, type ServiceDirectory } from '@firebreak/kit'

/** The label only picks from the house. Nothing else of an alert is believed: not a namespace, not a threshold. */
export function serviceOf(directory: ServiceDirectory, label: string | undefined): Service {
  const service = label === undefined ? undefined : directory.service(label)
  if (service) return service
  const known = directory.services().map(({ name }) => name)
  const named =
    label === undefined ? 'no service is named' : `there is no service ${JSON.stringify(label.slice(0, 63))}`
  throw new PortFailure(
    'not-found',
    `${named}; the house knows ${known.join(', ') || 'none'} (firebreak.yaml, services)`,
  )
}

/** Rounded up, so that what is above a threshold of whole numbers (milliseconds, percent) stays above it; `null`: unknown. */
export async function roundedUp(metrics: MetricsReader, query: string): Promise<number | null> {
  return whole(Math.ceil((await metrics.value(query)) ?? NaN))
}

/** What follows "p95 of <service>" in a sentence. */
export const p95Says = (p95_ms: number | null): string =>
  p95_ms === null ? 'is not being measured' : `is ${p95_ms} ms`

/** A number of things; `null` where nobody measures it. */
export async function count(metrics: MetricsReader, query: string | undefined): Promise<number | null> {
  return query === undefined ? null : whole(Math.round((await metrics.value(query)) ?? NaN))
}

/** A histogram without data is NaN, and what no canonical JSON can hold is no reading either: both are unknown. */
const whole = (value: number): number | null => (Number.isSafeInteger(value) ? value : null)

/** Which container's log is asked for: a pod with several has to be told, and the first is the one that the others help. */
export const mainContainer = ({ containers }: Pick<Pod, 'containers'>): { container?: string } =>
  containers.length > 1 ? { container: containers[0]!.name } : {}
