import type { Asks, Job, JobPod, Pod } from '@firebreak/kit'

/** A Job that may use less than this share of what the service asks for is not what makes it slow. Percent. */
const FELT_PERCENT = 10

/** What a service has: where its pods run, and what all of them ask for. */
export interface Own {
  nodes: string[]
  /** `null` where its pods do not say. */
  cpu_millis: number | null
}

/** What a service has, of its pods and of what each asks for. */
export function ownOf(pods: readonly Pod[], asks: Asks | undefined, replicas: number): Own {
  const asked = asks?.requests.cpu_millis ?? null
  const nodes = pods.flatMap(({ node, phase }) => (node !== null && phase === 'Running' ? [node] : []))
  return { nodes: [...new Set(nodes)], cpu_millis: asked === null ? null : asked * replicas }
}

/** Jobs that run, those that may take most first. */
export const runningOf = (jobs: readonly Job[]): Job[] =>
  jobs.filter(({ state, active }) => state === 'running' && active > 0).sort(heaviestFirst)

/** What a Job says that it takes, with all of its pods. One that says nothing may take whatever there is. */
const weight = ({ active, asks }: Job) =>
  active * (asks.limits.cpu_millis ?? asks.requests.cpu_millis ?? Number.MAX_SAFE_INTEGER / 10_000)

const heaviestFirst = (a: Job, b: Job) => weight(b) - weight(a) || (a.ref < b.ref ? -1 : 1)

/** How a Job stands beside a service. */
export interface Beside {
  job: Job
  name: string
  pods: number
  on_its_nodes: number
  cpu_request_millis: number | null
  cpu_limit_millis: number | null
  memory_request_bytes: number | null
  /** The share of what the service asks for that it may take on its nodes; `null`: nobody says. Percent. */
  most_percent: number | null
  competes: boolean
}

/**
 * Whether a Job competes: by where its pods run and by how much they may take, and never by what it is called. Only a
 * limit bounds it; a request is what it gets at least.
 *
 * @param running the pods of Jobs that run in the namespace
 */
export function besideOf(job: Job, running: readonly JobPod[], own: Own): Beside {
  const pods = running.filter((pod) => pod.job === job.ref)
  const on_its_nodes = pods.filter(({ node }) => node !== null && own.nodes.includes(node)).length
  const { requests, limits } = job.asks
  const most = limits.cpu_millis === null ? null : limits.cpu_millis * on_its_nodes
  const most_percent = most === null || !own.cpu_millis ? null : Math.round((most * 100) / own.cpu_millis)
  return {
    job,
    name: job.ref.slice(job.ref.indexOf('/') + 1),
    pods: pods.length,
    on_its_nodes,
    cpu_request_millis: requests.cpu_millis,
    cpu_limit_millis: limits.cpu_millis,
    memory_request_bytes: requests.memory_bytes,
    most_percent,
    competes:
      on_its_nodes > 0 && (most === null || own.cpu_millis === null || most * 100 >= own.cpu_millis * FELT_PERCENT),
  }
}
