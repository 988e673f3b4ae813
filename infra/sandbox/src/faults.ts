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
  'conflict-once':
    'somebody else writes in between: the next change of the hands is answered 409; then this fault is over',
  conflict: 'somebody else always writes in between: each change of the hands is answered 409',
  'throttled-once': 'the next change of the hands is answered 429, with Retry-After: 2; then this fault is over',
  'dropped-before': 'the connection breaks before the next change of the hands takes effect; then this fault is over',
  'dropped-after':
    'the next change of the hands takes effect, and the connection breaks before it is answered; then this fault is over',
  'away-before': 'as dropped-before, and the Kubernetes API answers nobody for 4 seconds more, or for ?seconds=n',
  'away-after': 'as dropped-after, and the Kubernetes API answers nobody for 4 seconds more, or for ?seconds=n',
  hang: 'the next change through the Kubernetes API takes effect and is never answered; then this fault is over',
  ...modelFaults,
  ...ocrFaults,
  ...batchFaults,
  ...storageFaults,
  ...ingestFaults,
} as const

export type Fault = keyof typeof faults

export const isFault = (name: string): name is Fault => Object.hasOwn(faults, name)

/** Faults after which the Kubernetes API is away for a while: how long can be said, of these and of no other. */
export const isAwayAfter = (fault: Fault): boolean => fault === 'away-before' || fault === 'away-after'

/** What is broken now. */
export class Faults {
  readonly #on = new Set<Fault>()
  readonly #seconds = new Map<Fault, number>()
  #awayUntil = 0

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

  /** @param seconds how long it lasts once it has struck, where that can be said */
  begin(fault: Fault, seconds?: number): void {
    this.#on.add(fault)
    if (seconds === undefined) this.#seconds.delete(fault)
    else this.#seconds.set(fault, seconds)
    this.changed()
  }

  secondsOf(fault: Fault): number | undefined {
    return this.#seconds.get(fault)
  }

  /** Answers whether it was on. */
  end(fault: Fault): boolean {
    const was = this.#on.delete(fault)
    if (was) this.changed()
    return was
  }

  /** As `end`, by somebody who puts it right: what it left behind is over, too. */
  mend(fault: Fault): boolean {
    if (isAwayAfter(fault)) this.#awayUntil = 0
    return this.end(fault)
  }

  /** From now on the Kubernetes API answers nobody for so many seconds of the wall: it is clients that wait for it. */
  leave(seconds: number): void {
    this.#awayUntil = performance.now() + seconds * 1_000
  }

  get away(): boolean {
    return performance.now() < this.#awayUntil
  }

  clear(): void {
    this.#awayUntil = 0
    this.#on.clear()
    this.changed()
  }
}
