import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dice } from '../crash/dice.js'

/** A change that took effect. All three are its key. */
export interface Change {
  deployment: string
  from: number
  to: number
}

/** Where a call of a worker can be caught in the air. */
export type Seam =
  /** A read has been answered, and the answer is on its way. */
  | 'read'
  /** A change has arrived and not yet taken effect. */
  | 'before'
  /** A change has taken effect, and its answer is on its way. */
  | 'after'

/** A call that was caught: whose it is, and how to let it go on. */
export interface Caught {
  worker: number
  go: () => void
  /** Whether its deployment was changed since, and changed back. */
  thereAndBack: () => boolean
}

/** What becomes of the run that a lane has now. */
export type Fate = 'helps' | 'never-ready' | 'third-forbidden'

const NAMESPACE = 'chaos'
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`

/**
 * The watched cluster of the chaos suite: as much of the Kubernetes API as two verbs ask for, with the precondition that a
 * real one has (`resourceVersion`). It counts every change, answers late, loses answers, and lets the suite catch a call.
 */
export class CountingCluster {
  readonly changes: Change[] = []
  readonly #deployments = new Map<string, { replicas: number; version: number }>()
  readonly #fates = new Map<string, Fate>()
  readonly #waiting: { seam: Seam; caught: (call: Caught) => void }[] = []
  #close: () => void = () => undefined

  constructor(
    private readonly dice: Dice,
    private readonly noise: { lostAnswers: number; refused: number },
  ) {}

  /** Starts to listen; answers the kubeconfig of each worker, by which it knows who calls. */
  async listen(folder: string): Promise<{ url: string; kubeconfig: (worker: number) => string }> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#close = () => {
      server.close()
      server.closeAllConnections()
    }
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { url, kubeconfig: (worker) => writeKubeconfig(folder, url, worker) }
  }

  close(): void {
    this.#close()
  }

  /** A deployment that nobody has scaled yet has one replica. */
  replicas(name: string): number {
    return this.#deployment(name).replicas
  }

  /** Whether a change took effect a second time. It tells something only where no two runs ask for the same. */
  get doubled(): boolean {
    return new Set(this.changes.map((change) => JSON.stringify(change))).size < this.changes.length
  }

  decide(lane: string, fate: Fate): void {
    this.#fates.set(lane, fate)
  }

  /** The next call that comes to this seam is held until it is let go. Undefined when none comes in time. */
  catch(seam: Seam, patienceMs: number): Promise<Caught | undefined> {
    return new Promise((resolve) => {
      const waits = { seam, caught: (call: Caught) => (clearTimeout(late), resolve(call)) }
      const late = setTimeout(() => {
        const at = this.#waiting.indexOf(waits)
        if (at >= 0) this.#waiting.splice(at, 1)
        resolve(undefined)
      }, patienceMs)
      this.#waiting.push(waits)
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://cluster')
    const worker = Number(/worker-(\d+)$/.exec(request.headers.authorization ?? '')?.[1] ?? 0)
    const body = await bodyOf(request)
    await sleep(this.dice.between(2, 25))
    if (pathname.startsWith('/prometheus')) return say(response, 200, NO_METRICS)
    if (pathname === DEPLOYMENTS) return say(response, 200, { kind: 'DeploymentList', metadata: {}, items: [] })
    const [, name, scale] = /^([^/]+)(\/scale)?$/.exec(pathname.slice(DEPLOYMENTS.length + 1)) ?? []
    if (!pathname.startsWith(`${DEPLOYMENTS}/`) || name === undefined)
      return refuse(response, 404, 'nothing of this cluster')
    if (request.method === 'GET') {
      const answer = this.#show(name)
      await this.#seam('read', worker, name)
      return say(response, 200, answer)
    }
    if (scale === undefined || request.method !== 'PATCH') return refuse(response, 405, 'not what the suite is about')
    await this.#seam('before', worker, name)
    return this.#change(response, worker, name, body)
  }

  async #change(response: ServerResponse, worker: number, name: string, body: string): Promise<void> {
    const wish = JSON.parse(body) as { metadata: { resourceVersion: string }; spec: { replicas: number } }
    const deployment = this.#deployment(name)
    if (this.dice.chance(this.noise.refused)) return refuse(response, 429, 'too many requests')
    if (name.endsWith('-c') && this.#fates.get(laneOf(name)) === 'third-forbidden' && wish.spec.replicas > 1)
      return refuse(response, 403, 'not allowed')
    if (wish.metadata.resourceVersion !== String(deployment.version))
      return refuse(response, 409, 'the object has been modified; please apply your changes to the latest version')
    this.changes.push({ deployment: `${NAMESPACE}/${name}`, from: deployment.replicas, to: wish.spec.replicas })
    deployment.replicas = wish.spec.replicas
    deployment.version++
    await this.#seam('after', worker, name)
    // It took effect, and nobody hears of it.
    if (this.dice.chance(this.noise.lostAnswers)) return void response.destroy()
    say(response, 200, {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: metadata(name, deployment.version),
      spec: wish.spec,
    })
  }

  async #seam(seam: Seam, worker: number, name: string): Promise<void> {
    const at = this.#waiting.findIndex((one) => one.seam === seam)
    if (at < 0 || worker === 0) return
    const [waits] = this.#waiting.splice(at, 1)
    const { replicas, version } = this.#deployment(name)
    const thereAndBack = () => {
      const now = this.#deployment(name)
      return now.replicas === replicas && now.version > version
    }
    await new Promise<void>((go) => waits!.caught({ worker, go, thereAndBack }))
  }

  #show(name: string) {
    const { replicas, version } = this.#deployment(name)
    const ready = this.#fates.get(laneOf(name)) === 'never-ready' ? 0 : replicas
    return {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { ...metadata(name, version), generation: version },
      spec: { replicas, selector: { matchLabels: { app: name } }, template: { spec: { containers: [] } } },
      status: { replicas, readyReplicas: ready, updatedReplicas: replicas, observedGeneration: version },
    }
  }

  #deployment(name: string) {
    const known = this.#deployments.get(name)
    if (known) return known
    const made = { replicas: 1, version: 1 }
    this.#deployments.set(name, made)
    return made
  }
}

/** `lane-7` of `lane-7-a`. */
const laneOf = (name: string) => name.slice(0, name.lastIndexOf('-'))

const NO_METRICS = { status: 'success', data: { resultType: 'vector', result: [] } }

const metadata = (name: string, version: number) => ({
  name,
  namespace: NAMESPACE,
  uid: `uid-${name}`,
  resourceVersion: String(version),
})

function say(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, code: number, message: string): void {
  say(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function writeKubeconfig(folder: string, server: string, worker: number): string {
  const file = join(folder, `kubeconfig-${worker}.json`)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'counting', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'worker', user: { token: `worker-${worker}` } }],
    contexts: [{ name: 'counting', context: { cluster: 'counting', user: 'worker' } }],
    'current-context': 'counting',
  }
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
  return file
}
