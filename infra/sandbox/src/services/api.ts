import { setTimeout as after } from 'node:timers/promises'
import { answer } from '../http.js'
import { families, type Family } from '../monitors/metrics.js'
import { Service, type Surroundings } from '../world/service.js'
import { counter } from './figures.js'
import type { Call, PretendService, Site } from './service.js'

export const apiFaults = {
  slow: 'load rises: two replicas of api are too few, five are enough',
  'no-help': 'the latency of api no longer follows its replicas: something else is the bottleneck',
  'hot-reload-thrash': 'api loads its model again and again, and answers slowly; MODEL_HOT_RELOAD=off ends it',
  'crash-loop': 'pods of api crash again and again: restarts rise, and what is left is too little',
  'batch-heavy': 'the Job nightly-report takes most of the nodes that api runs on; suspended, it takes nothing',
} as const

/** Real requests that may wait at one time. */
const MOST_WAITING = 200
const HEAVY_JOB = 'nightly-report'
const RELOAD_EVERY_MS = 500
const CRASH_EVERY_MS = 1_500

interface Saved {
  restarts: number
  reloads: number
}

/** The watched API: a generator sends it requests, and real ones wait as long as it takes. */
export class ApiService implements PretendService {
  readonly name = 'api'
  model: Service
  #saved: Saved
  #sinceReload = 0
  #sinceCrash = 0
  #waiting = 0

  constructor(
    private readonly site: Site,
    saved: unknown,
    private readonly modelVersion: () => string,
  ) {
    this.#saved = (saved as Saved | undefined) ?? { restarts: 0, reloads: 0 }
    this.model = new Service(this.#surroundings(), site.dice)
  }

  step(elapsedMs: number): void {
    this.model.step(elapsedMs, this.#surroundings())
    if (this.#thrashing && (this.#sinceReload += elapsedMs) >= RELOAD_EVERY_MS) {
      this.#sinceReload = 0
      this.#saved.reloads++
      this.site.log('api', `hot reload: loading model invoice-classifier:${this.modelVersion()}`)
      this.site.touch()
    }
    if (this.site.broken('crash-loop') && (this.#sinceCrash += elapsedMs) >= CRASH_EVERY_MS) {
      this.#sinceCrash = 0
      this.site.log('api', 'fatal: out of memory while loading invoice-classifier')
      if (this.site.cluster.crash('api')) this.#saved.restarts++
      this.site.touch()
    }
  }

  measure(): Family[] {
    const { restarts, reloads } = this.#saved
    const service = { service: 'api' }
    return [
      ...families(this.model, this.site.cluster.replicas('api')),
      counter('api_pod_restarts_total', 'Restarts of pods of api.', [[service, restarts]]),
      counter('api_hot_reloads_total', 'Times that api loaded its model anew.', [[service, reloads]]),
    ]
  }

  async answer({ response, path }: Call): Promise<void> {
    if (this.site.cluster.replicas('api').ready === 0 || this.#waiting >= MOST_WAITING)
      return answer(response, 503, { simulator: true, service: 'api', error: 'nobody is ready to answer' })
    const ms = this.model.serve()
    this.#waiting++
    await after(ms / this.site.speed).finally(() => this.#waiting--)
    answer(response, 200, { simulator: true, service: 'api', path, latency_ms: Math.round(ms) })
  }

  broke(fault: string): void {
    const log = 'reading every document of last year'
    if (fault === 'batch-heavy')
      this.site.cluster.runJob(HEAVY_JOB, { parallelism: 3, seconds: 86_400, exitCode: 0, log })
  }

  mended(fault: string): void {
    if (fault === 'batch-heavy') this.site.cluster.removeJob(HEAVY_JOB)
  }

  save(): Saved {
    return this.#saved
  }

  /** Its latency is back at once; counters of what happened never go back, as those of a process that goes on. */
  reset(): void {
    this.model = new Service(this.#surroundings(), this.site.dice)
  }

  get #thrashing(): boolean {
    return this.site.broken('hot-reload-thrash') && this.site.cluster.template('api')?.env['MODEL_HOT_RELOAD'] !== 'off'
  }

  #surroundings(): Surroundings {
    const { broken, cluster } = this.site
    return {
      ready: cluster.replicas('api').ready,
      slow: broken('slow'),
      noHelp: broken('no-help'),
      reloading: this.#thrashing,
      capacityLeft: (broken('crash-loop') ? 0.42 : 1) * (cluster.jobPods(HEAVY_JOB) > 0 ? 0.36 : 1),
    }
  }
}
