import { mkdirSync } from 'node:fs'
import { Clock } from './clock.js'
import type { Fault } from './faults.js'
import { listen } from './http.js'
import { KubernetesApi, type Effect } from './kubernetes/api.js'
import { identity, kubeconfigPath, writeKubeconfigs } from './kubernetes/identity.js'
import { History } from './monitors/history.js'
import { samplesOf } from './monitors/metrics.js'
import { Monitors, type AlertSeen } from './monitors/monitors.js'
import { routes } from './routes.js'
import { Simulation, STEP_MS } from './simulation.js'

export interface SandboxOptions {
  /** Of 127.0.0.1; 0, the default, takes a free one. */
  port?: number
  /** Where kubeconfigs, identity and the state of the world lie. Made when it is not there. */
  dir: string
  /** Where alerts are sent; none are when it is missing. */
  alertsUrl?: string
  /** A JSON file `{ people: [{ id, key }] }` with the key of `alertmanager`. */
  keyFile?: string
  /** The folder of the rules and of the route, in place of `infra/sandbox/rules`. */
  rules?: string
  /** A Prometheus and an Alertmanager of their own watch it: its own monitors tell of nothing new. */
  watchedElsewhere?: boolean
  /** How many times faster than the wall clock. */
  speed?: number
  /** Where the Bull queue `batch` lives. Without it batch jobs are in memory, where nobody else can see them. */
  redisUrl?: string
  /** The same seed rehearses the same day. */
  seed?: number
  /** Gets one line a fact. */
  print?: (line: string) => void
}

const DEPLOYMENTS = ['api', 'batch', 'checkout', 'ingest', 'model', 'ocr-primary', 'ocr-fallback']

/** What `GET /sandbox` answers. */
export interface SandboxState {
  simulator: true
  requests_per_second: number
  p95_ms: number
  utilisation_percent: number
  queue_depth: number
  deployments: Record<string, { replicas: number; ready: number }>
  faults: Fault[]
  /** What its own monitors see: those that wait and those that fire. */
  alerts: AlertSeen[]
  speed: number
  seed: number
}

/** A running sandbox. Everything that it can do is also one HTTP call: see `routes.ts`. */
export interface Sandbox {
  url: string
  port: number
  kubeconfigs: { reader: string; hands: string; operator: string }
  /** `seconds`: how long it lasts once it has struck, for the faults that say so. */
  break(fault: Fault, seconds?: number): void
  mend(fault: Fault): void
  /** Back to the beginning: nothing broken, two replicas, normal load, no effects. */
  reset(): void
  state(): SandboxState
  /** Requests that wanted to change something since the start or the last reset. */
  effects(): readonly Effect[]
  stop(): Promise<void>
}

/** Starts a small pretend production in this process, on 127.0.0.1. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dir, alertsUrl, keyFile, redisUrl, speed = 1, seed = 1, print = () => undefined } = options
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const me = identity(dir)
  // The door first: of two sandboxes on one folder the second must fail before it touches the world.
  const door = await listen(options.port ?? 0, me, (request, response) => route(request, response))
  const url = `http://127.0.0.1:${door.port}`

  const watch = { elsewhere: options.watchedElsewhere === true, ...(options.rules ? { folder: options.rules } : {}) }
  const receiver =
    alertsUrl === undefined ? undefined : { url: alertsUrl, ...(keyFile === undefined ? {} : { keyFile }) }
  let world: Simulation, monitors: Monitors
  try {
    world = new Simulation(dir, seed, print, { speed, redisUrl })
    monitors = new Monitors(world.monitors, receiver, url, () => world.touch(), print, watch)
  } catch (error) {
    await door.close()
    throw error
  }
  const api = new KubernetesApi(world.store, me, world.faults, world.cluster.logs, () => world.save())
  const clock = new Clock(speed)

  const state = (): SandboxState => ({
    simulator: true,
    requests_per_second: world.service.requestsPerSecond,
    p95_ms: Math.round(world.service.p95Ms),
    utilisation_percent: Math.round(Math.min(world.service.utilisation, 100) * 100),
    queue_depth: world.service.queueDepth,
    deployments: Object.fromEntries(DEPLOYMENTS.map((name) => [name, world.cluster.replicas(name)])),
    faults: world.faults.list(),
    alerts: monitors.seen(),
    speed,
    seed,
  })
  const sandbox: Sandbox = {
    url,
    port: door.port,
    kubeconfigs: {
      reader: kubeconfigPath(dir, 'firebreak-reader'),
      hands: kubeconfigPath(dir, 'firebreak-hands'),
      operator: kubeconfigPath(dir, 'operator'),
    },
    break: (fault, seconds) => world.break(fault, seconds),
    mend: (fault) => world.mend(fault),
    reset: () => {
      world.reset()
      api.effects.length = 0
    },
    state,
    effects: () => api.effects,
    stop: async () => {
      clearInterval(ticking)
      monitors.stop()
      await world.services.stop()
      world.save()
      await door.close()
    },
  }
  const history = new History()
  const measure = () => samplesOf(world.measured())
  const live = () => {
    world.liveUntil(clock.now(), (now) => monitors.step(now, measure))
    history.keep(Date.now(), measure)
  }
  const route = routes(sandbox, world, api, history)
  const ticking = setInterval(live, Math.max(5, clock.wall(STEP_MS)))
  live()
  writeKubeconfigs(dir, me, `https://127.0.0.1:${door.port}`)
  world.save()
  return sandbox
}
