import type { Family } from '../monitors/metrics.js'
import type { Fault } from '../faults.js'
import { ApiService } from './api.js'
import { Batch } from './batch.js'
import { ConfigRepository } from './config-repository.js'
import { Ingest } from './ingest.js'
import { ModelService } from './model.js'
import { Ocr } from './ocr.js'
import { Registry } from './registry.js'
import type { PretendService, Site } from './service.js'
import { Storage } from './storage.js'

/** Every service of the sandbox, in the order in which they step. */
export class Services {
  readonly api: ApiService
  readonly #all: readonly PretendService[]

  /** `siteOf` answers where a service of that name stands; `saved` is what `save` answered once, by name. */
  constructor(siteOf: (name: string) => Site, saved: Record<string, unknown> = {}) {
    const registry = new Registry(siteOf('registry'), saved['registry'])
    const config = new ConfigRepository(siteOf('config'), saved['config'])
    const model = new ModelService(siteOf('model'), registry, config, saved['model'])
    this.api = new ApiService(siteOf('api'), saved['api'], () => model.version)
    const storage = new Storage(siteOf('storage'), saved['storage'])
    const batch = new Batch(siteOf('batch'), storage, saved['batch'], (depth) => (this.api.model.queueDepth = depth))
    this.#all = [
      this.api,
      config,
      registry,
      model,
      storage,
      batch,
      new Ocr(siteOf('ocr'), storage, saved['ocr']),
      new Ingest(siteOf('ingest')),
    ]
  }

  /** The service that answers `/<first>/…`, or `/service/<first>/…`. */
  called(name: string): PretendService | undefined {
    return this.#all.find((service) => service.name === name)
  }

  at(root: string): PretendService | undefined {
    return this.#all.find(({ roots }) => roots?.includes(root))
  }

  get names(): string[] {
    return this.#all.filter(({ answer }) => answer).map(({ name }) => name)
  }

  step(elapsedMs: number): void {
    for (const service of this.#all) service.step(elapsedMs)
  }

  measure(): Family[] {
    return this.#all.flatMap((service) => service.measure())
  }

  broke(fault: Fault): void {
    for (const service of this.#all) service.broke?.(fault)
  }

  mended(fault: Fault): void {
    for (const service of this.#all) service.mended?.(fault)
  }

  reset(): void {
    // In the order in which they stand on each other: jobs go before the documents that they point at are new.
    for (const service of this.#all.toReversed()) service.reset()
  }

  save(): Record<string, unknown> {
    return Object.fromEntries(this.#all.map((service) => [service.name, service.save?.()]))
  }

  async stop(): Promise<void> {
    for (const service of this.#all) await service.stop?.()
  }
}
