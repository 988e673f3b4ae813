import { join } from 'node:path'
import { dice, type Dice } from './dice.js'
import { Faults, faults as known, type Fault } from './faults.js'
import { readJson, writePrivately } from './files.js'
import { Cluster } from './kubernetes/cluster.js'
import { resources } from './kubernetes/resources.js'
import { Store, type StoreState } from './kubernetes/store.js'
import type { Family } from './monitors/metrics.js'
import { quiet, type MonitorsState } from './monitors/monitors.js'
import { clusterView } from './services/cluster-view.js'
import type { Site } from './services/service.js'
import { Services } from './services/services.js'
import type { Service } from './world/service.js'

/** The simulation moves in steps of this many milliseconds of its own time. */
export const STEP_MS = 50
/** After a pause (a closed laptop) it does not live through more than this at once. */
const LONGEST_LEAP_MS = 10_000

/** What lies in `world.json`. */
interface Saved {
  format: 1
  store: StoreState
  faults: Fault[]
  /** Missing in worlds that were saved when there was one alert only. */
  monitors?: MonitorsState
  /** By name, as each wrote it. Missing in worlds that had one service only. */
  services?: Record<string, unknown>
  /** Which rights it began with. */
  rights?: string
}

/** What of the process the services need to know. */
export interface Around {
  /** How many times faster than the wall clock. */
  speed?: number
  /** Where the Bull queue `batch` lives. */
  redisUrl?: string | undefined
}

/** The pretend production: a cluster, the services in it, and what is broken. Time is handed to it. */
export class Simulation {
  readonly store = new Store()
  readonly faults: Faults
  readonly cluster: Cluster
  readonly monitors: MonitorsState
  readonly services: Services
  readonly #dice: Dice
  readonly #file: string
  #changed = false
  #now = 0

  /** Takes the world up where `dir` has it, or begins one there. Throws when what lies there cannot be read. */
  constructor(
    dir: string,
    seed: number,
    private readonly print: (line: string) => void,
    { speed = 1, redisUrl }: Around = {},
  ) {
    this.#file = join(dir, 'world.json')
    const saved = readJson(this.#file) as Saved | undefined
    if (saved && saved.format !== 1)
      throw new Error(`${this.#file} has a format that is not known; remove it to begin anew`)
    this.#dice = dice(seed)
    this.cluster = new Cluster(this.store, this.#dice, String(seed))
    this.faults = new Faults(saved?.faults ?? [], () => this.touch())
    this.monitors = saved?.monitors ?? quiet()
    if (saved) this.store.load(saved.store, resources)
    // A world of a sandbox with fewer services lacks their Deployments: it begins anew, under the old counters.
    if (!saved?.services || !this.cluster.hasRules()) this.cluster.begin()
    else if (saved.rights !== this.cluster.givenRights) this.cluster.renewRights()
    this.store.listen(() => this.touch())
    const cluster = clusterView(this.store, this.cluster)
    const siteOf = (name: string): Site => ({
      dice: dice(seed, name),
      seed,
      dir,
      speed,
      redisUrl,
      broken: (fault) => this.faults.has(fault),
      print,
      log: (deployment, line) => this.cluster.log(deployment, line),
      touch: () => this.touch(),
      cluster,
    })
    this.services = new Services(siteOf, saved?.services)
    this.touch()
  }

  /** The API that is watched for its latency. */
  get service(): Service {
    return this.services.api.model
  }

  /** Lives on until `now`. `observe` is called after each step with the time that it reached. */
  liveUntil(now: number, observe: (now: number) => void): void {
    if (now - this.#now > LONGEST_LEAP_MS) this.#now = now - LONGEST_LEAP_MS
    for (; this.#now + STEP_MS <= now; observe(this.#now)) {
      this.#now += STEP_MS
      this.cluster.step(this.#now, {
        neverReady: this.faults.has('never-ready'),
        utilisation: this.service.utilisation,
      })
      this.services.step(STEP_MS)
    }
    this.save()
  }

  break(fault: Fault, seconds?: number): void {
    this.faults.begin(fault, seconds)
    if (fault === 'with-hpa') this.cluster.putAutoscaler()
    if (fault === 'tight-quota') this.cluster.putQuota()
    this.services.broke(fault)
    this.print(`broken: ${fault} (${known[fault]})`)
    this.save()
  }

  mend(fault: Fault): void {
    if (fault === 'with-hpa') this.cluster.removeAutoscaler()
    if (fault === 'tight-quota') this.cluster.removeQuota()
    if (this.faults.mend(fault)) {
      this.services.mended(fault)
      this.print(`mended: ${fault}`)
    }
    this.save()
  }

  /** Back to the beginning. An alert that fires is not forgotten: it resolves, as it should. */
  reset(): void {
    this.faults.clear()
    this.cluster.begin()
    this.services.reset()
    this.print('back to the beginning')
    this.save()
  }

  /** What the monitors see now. */
  measured(): Family[] {
    return this.services.measure()
  }

  /** Something changed that must outlive this process. */
  touch(): void {
    this.#changed = true
  }

  save(): void {
    if (!this.#changed) return
    const world: Saved = {
      format: 1,
      store: this.store.save(),
      faults: this.faults.list(),
      monitors: this.monitors,
      services: this.services.save(),
      rights: this.cluster.givenRights,
    }
    writePrivately(this.#file, JSON.stringify(world))
    this.#changed = false
  }
}
