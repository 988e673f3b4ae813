import { apiFaults } from './services/api.js'
import { batchFaults } from './services/batch.js'
import { ingestFaults } from './services/ingest.js'
import { modelFaults } from './services/model.js'
import { ocrFaults } from './services/ocr.js'
import { storageFaults } from './services/storage.js'

/** Everything that can be broken by one call, and what breaks. */
export const faults = {
  ...apiFaults,
  'never-ready': 'pods that are made from now on never become ready',
  'with-hpa': 'an autoscaler (2 to 3 replicas) governs api',
  'tight-quota': 'a quota of the namespace prod has room for no more pods than there are',
  forbid: 'the Kubernetes API forbids the hands every change',
  unavailable: 'the Kubernetes API answers 503',
  throttled: 'the Kubernetes API answers 429',
  'internal-error': 'the Kubernetes API answers 500',
  hang: 'the next change through the Kubernetes API takes effect and is never answered; then this fault is over',
  ...modelFaults,
  ...ocrFaults,
  ...batchFaults,
  ...storageFaults,
  ...ingestFaults,
} as const

export type Fault = keyof typeof faults

export const isFault = (name: string): name is Fault => Object.hasOwn(faults, name)

/** What is broken now. */
export class Faults {
  readonly #on = new Set<Fault>()

  constructor(
    on: readonly Fault[],
    private readonly changed: () => void,
  ) {
    for (const fault of on) this.#on.add(fault)
  }

  has(fault: Fault): boolean {
    return this.#on.has(fault)
  }

  /** In the order in which `faults` names them. */
  list(): Fault[] {
    return (Object.keys(faults) as Fault[]).filter((fault) => this.#on.has(fault))
  }

  begin(fault: Fault): void {
    this.#on.add(fault)
    this.changed()
  }

  /** Answers whether it was on. */
  end(fault: Fault): boolean {
    const was = this.#on.delete(fault)
    if (was) this.changed()
    return was
  }

  clear(): void {
    this.#on.clear()
    this.changed()
  }
}
