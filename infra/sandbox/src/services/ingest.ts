import type { Family } from '../monitors/metrics.js'
import { gauge, settle } from './figures.js'
import type { PretendService, Site } from './service.js'

export const ingestFaults = {
  exfiltration:
    'the pipeline ingest sends eight megabytes a second to the outside; without pods, or with egress denied, nothing',
} as const

const USUAL = 20_000
const LEAVING = 8_000_000

/** The pipeline that reads documents in. Without a pod, or with a NetworkPolicy without egress, it sends nothing. */
export class Ingest implements PretendService {
  readonly name = 'ingest'
  #bytesPerSecond = USUAL

  constructor(private readonly site: Site) {}

  step(elapsedMs: number): void {
    const usual = USUAL * (0.8 + 0.4 * this.site.dice())
    const wanted = this.site.broken('exfiltration') ? LEAVING : usual
    const { cluster } = this.site
    const settled = cluster.replicas('ingest').ready > 0 && !cluster.mayNotSend('ingest') ? wanted : 0
    this.#bytesPerSecond = settle(this.#bytesPerSecond, settled, elapsedMs)
  }

  measure(): Family[] {
    const rate = Math.round(this.#bytesPerSecond)
    return [gauge('egress_bytes_per_second', 'Bytes sent to the outside.', [[{ pipeline: 'ingest' }, rate]])]
  }

  reset(): void {
    this.#bytesPerSecond = USUAL
  }
}
