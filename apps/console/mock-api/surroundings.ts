import type { Change, Figure } from '../src/renderer/api/view.js'
import type { Night } from './night.js'
import { pageOf, type Noun } from './noun.js'
import type { IncidentRecord } from './world.js'

/*
 * What the pretended worker knows around an incident: figures of the last hour, and what changed. They follow the night: latency
 * rises towards the opening, and falls where a run has helped. The same figures each time they are asked for, but for the clock.
 */

const STEP_S = 15
const POINTS = 240

/** Noise between -1 and 1, the same for the same point. */
function noise(name: string, at: number): number {
  let h = 0x811c9dc5
  for (const char of `${name}/${at}`) h = Math.imul(h ^ char.charCodeAt(0), 0x01000193)
  return ((h >>> 0) / 0xffffffff) * 2 - 1
}

/** From 0 to 1 over the minutes around a moment, and no corner in it. */
const risen = (minutes: number, over: number) => 1 / (1 + Math.exp((-minutes / over) * 6))

interface Shape {
  name: string
  title: string
  unit: string
  threshold: number | null
  /** Its value at a time: minutes since the incident opened, and since a run helped (negative: not yet). */
  of: (opened: number, helped: number) => number
  /** How far the noise goes, as a share of the value. */
  rough: number
  /** Seconds at which nothing was measured. */
  gap?: (opened: number) => boolean
  unavailable?: string
  /** Milliseconds ago that it was last read. */
  age?: number
}

const shapesOf: Record<string, [target: string, shapes: readonly Shape[]][]> = {
  api: [
    [
      'service:api',
      [
        { name: 'p95_ms', title: 'p95 latency', unit: 'ms', threshold: 500, rough: 0.05, of: (opened, helped) => 172 + 640 * risen(opened + 2.5, 3) * (1 - risen(helped - 0.4, 0.6)) }, // prettier-ignore
        { name: 'requests_per_second', title: 'Requests', unit: '/s', threshold: null, rough: 0.03, of: (opened) => 88 + 55 * risen(opened + 6, 5) }, // prettier-ignore
        { name: 'utilisation_percent', title: 'Utilisation', unit: '%', threshold: null, rough: 0.02, of: (opened, helped) => 58 + 38 * risen(opened + 5, 5) - 56 * risen(helped - 0.3, 0.6) }, // prettier-ignore
        { name: 'downstream_depth', title: 'Waiting downstream', unit: 'jobs', threshold: null, rough: 0.2, of: (opened) => 9 + 8 * risen(opened, 8), gap: (opened) => opened > -22 && opened < -18.5 }, // prettier-ignore
      ],
    ],
    ['deployment:prod/api', [{ name: 'ready', title: 'Ready pods', unit: 'pods', threshold: null, rough: 0, of: (_, helped) => (helped >= 0 ? 5 : 2) }]], // prettier-ignore
  ],
  batch: [
    [
      'queue:batch',
      [
        { name: 'failed', title: 'Failed jobs', unit: 'jobs', threshold: null, rough: 0, of: (opened) => 13_850 + Math.max(0, Math.ceil(172 + opened * 3)) }, // prettier-ignore
        { name: 'waiting', title: 'Waiting jobs', unit: 'jobs', threshold: null, rough: 0.08, of: (opened) => 14 + 198 * risen(opened + 30, 20), gap: (opened) => opened > -12 && opened < -9 }, // prettier-ignore
      ],
    ],
  ],
  checkout: [['service:checkout', [{ name: 'p95_ms', title: 'p95 latency', unit: 'ms', threshold: 400, rough: 0.08, of: () => 118, gap: (opened) => opened > -41 && opened < -33 }]]], // prettier-ignore
  ocr: [
    [
      'ocr:documents',
      [
        { name: 'primary_error_rate_percent', title: 'Unread by primary', unit: '%', threshold: 10, rough: 0.1, of: (opened) => 1.5 + 34 * risen(opened, 4) }, // prettier-ignore
        { name: 'fallback_error_rate_percent', title: 'Unread by fallback', unit: '%', threshold: 10, rough: 0.1, of: () => 2.4, gap: (opened) => opened > 20, unavailable: 'The monitoring system did not answer in time.', age: 660_000 }, // prettier-ignore
      ],
    ],
  ],
}

/** When the newest run of the incident helped; undefined: none has. */
function helpedAt(night: Night, { id }: IncidentRecord): number | undefined {
  const run = [...night.world.runs.values()].findLast(({ incident }) => incident === id)
  const at = run?.steps.find(({ state }) => state === 'done')?.ended_at
  return at && night.helps ? Date.parse(at) : undefined
}

/** What was measured of a service and of what belongs to it, as its newest incident had it. */
function figuresOf(night: Night, service: string): Figure[] {
  const now = night.options.now().getTime()
  const incident = [...night.world.incidents.values()].findLast((one) => one.service === service)
  const opened = incident ? Date.parse(incident.opened_at) : now
  const helped = (incident && helpedAt(night, incident)) ?? Infinity
  const last = Math.floor(now / 1_000 / STEP_S) * STEP_S
  return (shapesOf[service] ?? []).flatMap(([target, shapes]) =>
    shapes.map((shape): Figure => {
      const { name, title, unit, threshold, of, rough, gap, unavailable = null, age = 4_200 } = shape
      const points = Array.from({ length: POINTS }, (_, back): [number, number | null] => {
        const second = last - (POINTS - 1 - back) * STEP_S
        const minutes = (second * 1_000 - opened) / 60_000
        if (gap?.(minutes) || (unavailable !== null && second * 1_000 > now - age)) return [second, null]
        const value = of(minutes, (second * 1_000 - helped) / 60_000) * (1 + rough * noise(name, second))
        return [second, Math.round(value * 10) / 10]
      })
      const read = { at: new Date(now - age).toISOString(), age_ms: age }
      return { target, name, title, unit, threshold, ...read, step_s: STEP_S, points, unavailable }
    }),
  )
}

/** Of every service that there is. */
const allFigures = (night: Night) => Object.keys(shapesOf).flatMap((service) => figuresOf(night, service))

/** One point of eight: the real API tells the highest of each two minutes. */
const sparse = (figure: Figure): Figure => ({
  ...{ ...figure, step_s: STEP_S * 8 },
  points: figure.points.filter((_, at) => at % 8 === 7),
})

function changesOf(night: Night, incident: IncidentRecord): Change[] {
  const opened = Date.parse(incident.opened_at)
  const at = (minutes: number) => new Date(opened + minutes * 60_000).toISOString()
  const change = (
    kind: Change['kind'],
    target: string,
    minutes: number,
    says: string,
    weight: number,
    because: string,
  ): Change => ({ kind, target, says, at: at(minutes), after: at(minutes - 0.04), weight, because, run: null })
  if (incident.class === 'ocr-failures')
    return [
      change('image', 'deployment:prod/ocr-primary', -9, 'image ocr:2.3 → ocr:2.4', 0.86, 'runs the engine primary, 9 min before it began'), // prettier-ignore
      change('figure', 'queue:batch', -2, 'Waiting jobs rose from 14 to 212 jobs (+1414 %)', 0.31, 'waits for ocr, 2 min before it began'), // prettier-ignore
    ]
  if (incident.class !== 'high-api-latency') return []
  const found = [
    change('traffic', 'service:api', -6, 'Requests rose from 88 to 143 a second (+63 %)', 0.82, 'the service itself, 6 min before it began'), // prettier-ignore
    change('image', 'deployment:prod/api', -27, 'image api:1.4 → api:1.5', 0.55, 'the service’s own Deployment, 27 min before it began'), // prettier-ignore
    change('replicas', 'deployment:prod/model', -10, 'replicas 1 → 2', 0.24, 'serves a model that api loads, 10 min before it began'), // prettier-ignore
    change(
      'autoscaler',
      'deployment:prod/checkout',
      -39,
      'max 6 → 4',
      0.08,
      'in the same namespace, 39 min before it began',
    ),
  ]
  const run = [...night.world.runs.values()].findLast(({ incident: of }) => of === incident.id)
  const step = run?.steps.find(({ state }) => state === 'done')
  if (!run || !step?.ended_at) return found
  const says = `replicas ${String(step.before?.['replicas'])} → ${String(step.after?.['replicas'])}, by a run of ${run.recipe.id}`
  const because = 'the service’s own Deployment, after it began, done for this incident'
  return [...found, { ...change('replicas', step.targets[0]!, 0, says, 0.02, because), at: step.ended_at, after: step.intended_at ?? null, run: run.id }] // prettier-ignore
}

export const surroundings: Noun = {
  routes: (night) => ({
    'GET /v1/incidents/{id}/figures': ({ at }) => ({
      items: figuresOf(night, night.incidentRecord(at('id')).service ?? ''),
    }),
    'GET /v1/targets/{id}/figures': ({ at }) => ({
      items: allFigures(night).filter(({ target }) => target === at('id')),
    }),
    'GET /v1/targets/figures': ({ query }) => {
      const named = allFigures(night).filter(({ name }) => name === query.get('name'))
      const byTarget = named.sort((a, b) => (a.target < b.target ? -1 : 1))
      return pageOf(
        byTarget.map((figure) => ({ id: figure.target, figure })),
        query,
        ({ figure }) => sparse(figure),
      )
    },
    'GET /v1/incidents/{id}/changes': ({ at }) => {
      const incident = night.incidentRecord(at('id'))
      const now = night.options.now().getTime()
      return {
        items: changesOf(night, incident),
        from: new Date(Date.parse(incident.opened_at) - 6 * 3_600_000).toISOString(),
        until: incident.resolved_at ?? new Date(now).toISOString(),
        looked_at: new Date(now - 1_200).toISOString(),
      }
    },
  }),
}
