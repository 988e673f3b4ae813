import { mkdirSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Clock } from './clock.js'
import { dice } from './dice.js'
import { Faults, faults as known, isFault, type Fault } from './faults.js'
import { readJson, writePrivately } from './files.js'
import { answer, listen, marked } from './http.js'
import { KubernetesApi, type Effect } from './kubernetes/api.js'
import { Cluster } from './kubernetes/cluster.js'
import { identity, kubeconfigPath, writeKubeconfigs } from './kubernetes/identity.js'
import { resources } from './kubernetes/resources.js'
import { Store, type StoreState } from './kubernetes/store.js'
import { Alertmanager, type AlertState } from './monitors/alertmanager.js'
import { exposition, families } from './monitors/metrics.js'
import { query } from './monitors/query.js'
import { Service, type Surroundings } from './world/service.js'

export interface SandboxOptions {
  /** Of 127.0.0.1; 0, the default, takes a free one. */
  port?: number
  /** Where kubeconfigs, identity and the state of the world lie. Made when it is not there. */
  dir: string
  /** Where alerts are sent; none are when it is missing. */
  alertsUrl?: string
  /** A JSON file `{ people: [{ id, key }] }` with the key of `alertmanager`. */
  keyFile?: string
  /** How many times faster than the wall clock. */
  speed?: number
  seed?: number
  /** Gets one line a fact. */
  print?: (line: string) => void
}

/** What `GET /sandbox` answers. */
export interface SandboxState {
  simulator: true
  requests_per_second: number
  p95_ms: number
  utilisation_percent: number
  queue_depth: number
  deployments: Record<string, { replicas: number; ready: number }>
  faults: Fault[]
  alert: { rule: 'inactive' | 'pending' | 'firing'; told: AlertState['told']; since?: string }
  speed: number
  seed: number
}

export interface Sandbox {
  url: string
  port: number
  kubeconfigs: { reader: string; hands: string; operator: string }
  break(fault: Fault): void
  mend(fault: Fault): void
  /** Back to the beginning: nothing broken, two replicas, normal load, no effects. */
  reset(): void
  state(): SandboxState
  /** Requests that wanted to change something since the start or the last reset. */
  effects(): readonly Effect[]
  stop(): Promise<void>
}

interface Saved {
  format: 1
  store: StoreState
  faults: Fault[]
  alert: AlertState
}

/** The simulation moves in steps of this many milliseconds of its own time. */
const STEP_MS = 50
/** After a pause (a closed laptop) it does not live through more than this at once. */
const LONGEST_LEAP_MS = 10_000
/** Real requests to the service that may wait at one time. */
const MOST_WAITING = 200

/** Starts a small pretend production in this process. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dir, port = 0, speed = 1, seed = 1, print = () => undefined } = options
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, 'world.json')
  const saved = readJson(file) as Saved | undefined
  if (saved && saved.format !== 1) throw new Error(`${file} has a format that is not known; remove it to begin anew`)

  const store = new Store()
  const clock = new Clock(speed)
  const throwing = dice(seed)
  const cluster = new Cluster(store, throwing, String(seed))
  const faults = new Faults(saved?.faults ?? [], () => (dirty = true))
  let dirty = false
  if (saved) store.load(saved.store, resources)
  else cluster.begin()
  store.listen(() => (dirty = true))

  const surroundings = (): Surroundings => ({
    ready: cluster.replicas('api').ready,
    slow: faults.has('slow'),
    noHelp: faults.has('no-help'),
  })
  let service = new Service(surroundings(), throwing)

  const me = identity(dir)
  let url = ''
  let alertmanager: Alertmanager
  const save = () => {
    if (!dirty) return
    const world: Saved = { format: 1, store: store.save(), faults: faults.list(), alert: alertmanager.state }
    writePrivately(file, JSON.stringify(world))
    dirty = false
  }
  const api = new KubernetesApi(store, me, faults, save)

  const begin = (fault: Fault) => {
    faults.begin(fault)
    if (fault === 'with-hpa') cluster.putAutoscaler()
    print(`broken: ${fault} — ${known[fault]}`)
    save()
  }
  const mend = (fault: Fault) => {
    if (fault === 'with-hpa') cluster.removeAutoscaler()
    if (faults.end(fault)) print(`mended: ${fault}`)
    save()
  }
  const reset = () => {
    faults.clear()
    cluster.begin()
    service = new Service(surroundings(), throwing)
    api.effects.length = 0
    print('back to the beginning')
    save()
  }
  const state = (): SandboxState => ({
    simulator: true,
    requests_per_second: service.requestsPerSecond,
    p95_ms: Math.round(service.p95Ms),
    utilisation_percent: Math.round(Math.min(service.utilisation, 100) * 100),
    queue_depth: service.queueDepth,
    deployments: Object.fromEntries(['api', 'batch', 'checkout'].map((name) => [name, cluster.replicas(name)])),
    faults: faults.list(),
    alert: {
      rule: alertmanager.rule,
      told: alertmanager.state.told,
      ...(alertmanager.state.episode ? { since: alertmanager.state.episode.startsAt } : {}),
    },
    speed,
    seed,
  })
