import type { Night } from './night.js'
import { incidentOf } from './world.js'

const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const

/**
 * So many open incidents, a second apart, without a word on the stream: they were there before anybody looked. Of four in
 * a row each has another severity, the worst first.
 * @returns their ids, the oldest first
 */
export function fill(night: Night, count: number): string[] {
  const end = night.options.now().getTime()
  return Array.from({ length: count }, (_, nth) => {
    const id = night.newId('inc')
    const arrival = {
      title: `p95 of service ${nth % 977} is ${500 + (nth % 700)} ms, above its threshold of 500 ms`,
      severity: SEVERITIES[nth % 4]!,
      service: `service-${nth % 977}`,
      labels: {},
    }
    night.world.incidents.set(id, incidentOf(id, arrival, new Date(end - (count - nth) * 1_000).toISOString()))
    return id
  })
}
