import { join } from 'node:path'
import { dice, type Dice } from './dice.js'
import { Faults, faults as known, type Fault } from './faults.js'
import { readJson, writePrivately } from './files.js'
import { Cluster } from './kubernetes/cluster.js'
import { resources } from './kubernetes/resources.js'
import { Store, type StoreState } from './kubernetes/store.js'
import type { AlertState } from './monitors/alertmanager.js'
import { families, type Family } from './monitors/metrics.js'
import { Service, type Surroundings } from './world/service.js'

/** The simulation moves in steps of this many milliseconds of its own time. */
export const STEP_MS = 50
/** After a pause (a closed laptop) it does not live through more than this at once. */
const LONGEST_LEAP_MS = 10_000

/** What lies in `world.json`. */
interface Saved {
  format: 1
  store: StoreState
  faults: Fault[]
  alert: AlertState
}

/** The pretend production: a cluster, a service in it, and what is broken. Time is handed to it. */
export class Simulation {
  readonly store = new Store()
  readonly faults: Faults
  readonly cluster: Cluster
  readonly alert: AlertState
  service: Service
  readonly #dice: Dice
  readonly #file: string
  #changed = false
  #now = 0

  /** Takes the world up where `dir` has it, or begins one there. Throws when what lies there cannot be read. */
  constructor(
    dir: string,
    seed: number,
    private readonly print: (line: string) => void,
  ) {
    this.#file = join(dir, 'world.json')
    const saved = readJson(this.#file) as Saved | undefined
    if (saved && saved.format !== 1)
      throw new Error(`${this.#file} has a format that is not known; remove it to begin anew`)
    this.#dice = dice(seed)
    this.cluster = new Cluster(this.store, this.#dice, String(seed))
    this.faults = new Faults(saved?.faults ?? [], () => this.touch())
    this.alert = saved?.alert ?? { told: 'nothing' }
    if (saved) this.store.load(saved.store, resources)
    else this.cluster.begin()
    this.store.listen(() => this.touch())
    this.service = new Service(this.#surroundings(), this.#dice)
    this.touch()
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
      this.service.step(STEP_MS, this.#surroundings())
    }
    this.save()
  }

  break(fault: Fault): void {
    this.faults.begin(fault)
    if (fault === 'with-hpa') this.cluster.putAutoscaler()
    this.print(`broken: ${fault} (${known[fault]})`)
    this.save()
  }

  mend(fault: Fault): void {
    if (fault === 'with-hpa') this.cluster.removeAutoscaler()
    if (this.faults.end(fault)) this.print(`mended: ${fault}`)
    this.save()
  }

  /** Back to the beginning. An alert that fires is not forgotten: it resolves, as it should. */
  reset(): void {
    this.faults.clear()
    this.cluster.begin()
    this.service = new Service(this.#surroundings(), this.#dice)
    this.print('back to the beginning')
    this.save()
  }

  /** What the monitors see now. */
  measured(): Family[] {
    return families(this.service, this.cluster.replicas('api'))
  }

  /** Something changed that must outlive this process. */
  touch(): void {
    this.#changed = true
  }

  save(): void {
    if (!this.#changed) return
    const world: Saved = { format: 1, store: this.store.save(), faults: this.faults.list(), alert: this.alert }
    writePrivately(this.#file, JSON.stringify(world))
    this.#changed = false
  }

  #surroundings(): Surroundings {
    return {
      ready: this.cluster.replicas('api').ready,
      slow: this.faults.has('slow'),
      noHelp: this.faults.has('no-help'),
    }
  }
}
