import type { Observation } from '../src/renderer/api/view.js'
import { replicasIn, type Night } from './night.js'
import type { Noun } from './noun.js'
import { No } from './refuse.js'
import type { RunRecord } from './world.js'

/*
 * What the pretended worker sees: workloads with their autoscalers and quotas, and queues. What runs do tonight shows in it.
 */

interface Watched {
  /** Milliseconds ago that the worker last looked; a test may make it look away. */
  age: number
  /** Those that the last look did not see. */
  gone: Set<string>
  seen: Map<string, Record<string, unknown>>
}

const watched = new WeakMap<Night, Watched>()

/** What is seen tonight, for a test to change. */
export function watchedOf(night: Night): Watched {
  const known = watched.get(night)
  if (known) return known
  const fresh: Watched = { age: 1_200, gone: new Set(), seen: firstSeen(night) }
  watched.set(night, fresh)
  return fresh
}

function firstSeen(night: Night): Watched['seen'] {
  const ago = (minutes: number) => new Date(night.options.now().getTime() - minutes * 60_000).toISOString()
  const scaler = (name: string, min: number, max: number, current: number) => ({
    ...{ name: `prod/${name}`, min, max, current, desired: current },
  })
  const deployment = (
    replicas: number,
    ready: number,
    autoscaler: object | null = null,
    change: object | null = null,
  ) => ({
    ...{ namespace: 'prod', replicas, ready, updated: replicas, resource_version: '4711', autoscaler },
    ...{ last_change: change, watched_since: ago(60 * 24 * 9) },
  })
  const changed = (minutes: number, says: string) => ({ at: ago(minutes), after: ago(minutes + 0.03), says })
  return new Map<string, Record<string, unknown>>([
    ['deployment:prod/api', deployment(2, 2)],
    ['deployment:prod/batch', deployment(4, 4, null, changed(60 * 26, 'replicas 2 → 4'))],
    ['deployment:prod/checkout', deployment(4, 4, scaler('checkout', 2, 4, 4), changed(41, 'max 6 → 4'))],
    ['deployment:prod/ingest', deployment(3, 3, scaler('ingest', 2, 10, 3))],
    ['deployment:prod/model', deployment(2, 1, null, changed(12, 'replicas 1 → 2'))],
    ['deployment:prod/ocr-fallback', deployment(0, 0)],
    ['deployment:prod/ocr-primary', deployment(2, 0)],
    [
      'deployment:prod/a-service-whose-name-somebody-thought-about-for-much-too-long-and-nobody-shortened',
      deployment(1, 1),
    ],
    [
      'service:api',
      { deployment: 'prod/api', environment: 'prod', max_replicas: 8, p95_ms: 812, p95_threshold_ms: 500 },
    ],
    ['service:checkout', { deployment: 'prod/checkout', environment: 'prod', max_replicas: 8, p95_ms: 120 }],
    [
      'namespace:prod',
      {
        quotas: [
          {
            ...{ ref: 'prod/pods', scoped: false },
            limits: [
              { resource: 'pods', hard: 24, used: 19 },
              { resource: 'requests.cpu', hard: 16_000, used: 11_500 },
              { resource: 'requests.memory', hard: 34_359_738_368, used: 12_884_901_888 },
            ],
          },
        ],
      },
    ],
    ['queue:batch', batch(ago)],
    ['queue:mail', { ...queue('mailer', 1, 600), waiting: 3, next_since: ago(0), active: 1, delayed: 0, failed: 0, failures: { at: ago(0), looked_at: 0, groups: [] } }], // prettier-ignore
  ])
}

const queue = (service: string, canary: number, per_minute: number) => ({
  ...{ service, environment: 'prod', kind: 'bull', canary, per_minute },
})

function batch(ago: (minutes: number) => string) {
  const group = (cause: string, example: string, count: number, first: number, last: number, attempts: number) => ({
    ...{ cause, example, count, first_at: ago(first), last_at: ago(last), most_attempts: attempts },
    jobs: Array.from({ length: Math.min(20, count) }, (_, at) => String(4_700 + at)),
  })
  return {
    ...queue('batch', 2, 120),
    ...{ waiting: 212, next_since: ago(41), active: 8, delayed: 40, failed: 14_022 },
    failures: {
      ...{ at: ago(0.2), looked_at: 200 },
      groups: [
        group('NoSuchKey: ‹path›', 'NoSuchKey: incomming/2026/4711.png', 169, 260, 40, 3),
        group('the document is torn after ‹n› bytes', 'the document is torn after 20480 bytes', 30, 90, 0.5, 2),
        group('<img src=x onerror=alert(‹n›)>', '<img src=x onerror=alert(1)>', 1, 30, 30, 1),
      ],
    },
  }
}

/** The API as the newest run of tonight has left it, and as it is when what that had lent has come back. */
function apiNow(night: Night, scaled: RunRecord | undefined): Record<string, unknown> {
  const step = scaled?.steps[0]
  const loan = [...night.world.loans.values()].findLast(({ run }) => run === scaled?.id)
  const out = step !== undefined && loan?.state !== 'returned'
  const [rest, after] = [night.governed ? 3 : 2, step?.after ? replicasIn(step.after) : 0]
  const replicas = out ? after : rest
  const bounds = out && night.governed ? { min: after, max: after } : { min: 2, max: 3 }
  const says = out ? `replicas ${rest} → ${after}` : `replicas ${after} → ${rest}`
  return {
    ...{ replicas, ready: replicas },
    ...(night.governed ? { autoscaler: { name: 'prod/api', ...bounds, current: replicas, desired: replicas } } : {}),
    ...(step ? { last_change: { at: out ? step.ended_at : loan?.returned_at, says } } : {}),
  }
}

/** What was seen, as it is now: a Deployment that a run of tonight has scaled has so many. */
function observations(night: Night): Observation[] {
  const { age, gone, seen } = watchedOf(night)
  // One look has one moment, as the worker's has: what was seen a millisecond before another was not missed.
  const now = night.options.now().getTime()
  const at = (ms: number) => new Date(now - ms).toISOString()
  const scaled = [...night.world.runs.values()].findLast(
    ({ recipe, steps, incident }) => recipe.id === 'scale-api' && incident !== null && steps[0]?.state === 'done',
  )
  const api = night.governed || scaled ? apiNow(night, scaled) : {}
  return [...seen]
    .map(([target, value]) => {
      const old = gone.has(target) ? age + 240_000 : age
      const looked = target === 'deployment:prod/api' ? { ...value, ...api } : value
      return { target, value: looked, at: at(old), age_ms: old }
    })
    .sort((a, b) => (a.target < b.target ? -1 : 1))
}

export const targets: Noun = {
  routes: (night) => ({
    'GET /v1/targets': ({ query }) => {
      const [kind, limit, after] = [query.get('kind'), Number(query.get('limit') ?? 50), query.get('after')]
      const found = observations(night).filter(
        ({ target }) => (kind === null || target.startsWith(`${kind}:`)) && (after === null || target > after),
      )
      const items = found.slice(0, limit)
      return { items, next: found.length > limit ? (items.at(-1)?.target ?? null) : null }
    },
    'GET /v1/targets/{id}': ({ at }) => {
      const found = observations(night).find(({ target }) => target === at('id'))
      if (!found) throw new No(404, 'not-found', `The worker has not seen a target ${at('id')}.`)
      return found
    },
  }),
}
