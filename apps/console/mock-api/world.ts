import type {
  Alert,
  BreakGlass,
  Graduations,
  IncidentSummary,
  Loan,
  Plan,
  PlanBody,
  Run,
  TimelineItem,
} from '../src/renderer/api/view.js'
import { who } from './cast.js'

/*
 * What the mock API remembers, and what it begins with. The same records for everybody who is signed in; what each may
 * do is added when they ask.
 */

export type IncidentRecord = Omit<IncidentSummary, 'alerts_firing' | 'offered'> & {
  lead: IncidentSummary['owner']
  alerts: Alert[]
  plans: string[]
  timeline: TimelineItem[]
}
export type PlanRecord = Omit<Plan, 'may' | 'quorum'>
export type RunRecord = Omit<Run, 'may' | 'reverted_by'>
export type LoanRecord = Omit<Loan, 'may'>

export type BreakGlassRecord = Omit<BreakGlass, 'may'>

export interface World {
  incidents: Map<string, IncidentRecord>
  plans: Map<string, PlanRecord>
  runs: Map<string, RunRecord>
  loans: Map<string, LoanRecord>
  breakGlass: Map<string, BreakGlassRecord>
  /** Who moved which recipe to another stage, newest first. */
  graduations: Graduations['items']
}

/** What a monitor says: enough of an alert to open an incident. */
export interface Arrival {
  title: string
  severity?: IncidentSummary['severity']
  class?: IncidentSummary['class']
  service?: string | null
  labels?: Record<string, string>
  annotations?: Record<string, string>
  generator_url?: string | null
}

/** The pass that holds for a plan now, and that no run has used. */
export const passFor = ({ breakGlass }: World, plan: PlanRecord, now: Date): BreakGlassRecord | undefined =>
  [...breakGlass.values()].find(
    (pass) => pass.plan === plan.id && pass.state === 'granted' && new Date(pass.expires_at!) > now,
  )

export const emptyWorld = (): World => ({
  ...{ incidents: new Map(), plans: new Map(), runs: new Map(), loans: new Map() },
  breakGlass: new Map(),
  graduations: [],
})

export function incidentOf(id: string, arrival: Arrival, at: string): IncidentRecord {
  const service = arrival.service === undefined ? 'api' : arrival.service
  const labels = arrival.labels ?? { alertname: 'HighApiLatency', service: service ?? '', severity: 'critical' }
  return {
    id,
    state: 'open',
    lead: null,
    phase: 'none',
    class: arrival.class ?? 'unclassified',
    severity: arrival.severity ?? 'SEV3',
    title: arrival.title,
    service,
    environment: 'prod',
    owner: null,
    opened_at: at,
    resolved_at: null,
    version: 1,
    plans: [],
    timeline: [],
    alerts: [
      {
        id: id.replace('inc_', 'alr_'),
        source: 'alertmanager',
        fingerprint: id.slice(-12),
        state: 'firing',
        labels,
        annotations: arrival.annotations ?? {},
        generator_url: arrival.generator_url ?? null,
        starts_at: at,
        ends_at: null,
        flaps: 0,
        incident: id,
      },
    ],
  }
}

export const highLatency: Arrival = {
  title: 'p95 of api is 812 ms, above its threshold of 500 ms',
  severity: 'SEV2',
  class: 'high-api-latency',
  labels: { alertname: 'HighApiLatency', service: 'api', namespace: 'prod', severity: 'critical', job: 'api' },
  annotations: { summary: 'p95 of api has been above 500 ms for one minute' },
  generator_url: 'http://prometheus.sandbox.example/graph?g0.expr=api_request_duration_p95_milliseconds',
}

/** `scale-api` as it plans: two replicas become five, lent for an hour. */
export function scaleApi(id: string, incident: string | null, at: Date, replicas = 2): PlanRecord {
  const later = (minutes: number) => new Date(at.getTime() + minutes * 60_000).toISOString()
  const ago = (ms: number) => new Date(at.getTime() - ms).toISOString()
  const to = Math.max(5, replicas * 2)
  const digest = `sha256:${hex(`${id}/${replicas}`)}`
  const body: PlanBody = {
    v: 1,
    id,
    recipe: { id: 'scale-api', version: 1, digest: `sha256:${hex('scale-api')}` },
    params: { minutes: 60 },
    trigger: { alertname: 'HighApiLatency', service: 'api', severity: 'critical' },
    incident,
    requested_by: 'worker',
    reason: '',
    reads: [
      { what: 'deployment prod/api', at: ago(310) },
      { what: 'autoscaler of prod/api', at: ago(240) },
      { what: 'pods of prod/api', at: ago(200) },
      { what: 'api_request_duration_p95_milliseconds{service="api"}', at: ago(120) },
      { what: 'api_requests_per_second{service="api"}', at: ago(70) },
    ],
    facts: {
      service: { name: 'api', environment: 'prod', p95_threshold_ms: 500, max_replicas: 8 },
      deployment: { ref: 'prod/api', uid: '7d0c0f2e-5d5b-4b7e-9a55-0b6a3c1d9e11', replicas, ready: replicas },
      autoscaled: false,
      autoscaler: null,
      p95_ms: 812,
      requests_per_second: 143,
      downstream_depth: 17,
      pods: { count: replicas, ready: replicas, restarts: 0 },
    },
    guards: [
      { fact: 'deployment.uid', same: true },
      { fact: 'p95_ms', at_least: 501 },
      { fact: 'autoscaled', same: true },
      { fact: 'deployment.replicas', same: true },
    ],
    steps: [
      {
        verb: 'scale-deployment',
        args: { deployment: 'prod/api', from: replicas, to },
        says: `Scale deployment prod/api from ${replicas} to ${to} replicas`,
        targets: ['deployment:prod/api'],
        before: { replicas },
        after: { replicas: to },
        reversible: 'yes',
        undo: { says: `Scale deployment prod/api back from ${to} to ${replicas} replicas` },
        loan_minutes: 60,
      },
    ],
    blast_radius: { targets: 1, steps: 1 },
    verify: { within_s: 120, says: 'p95 of api is at most 500 ms and every replica that was asked for is ready.' },
    approval: { tier: 'T1', roles: ['sre'], people: 1 },
    made_at: at.toISOString(),
    expires_at: later(30),
  }
  return {
    id,
    state: 'proposed',
    recipe: {
      id: 'scale-api',
      title: 'Scale a service that is slow under load',
      version: 1,
      meaning: 'The p95 latency of a service is above its threshold: one request in twenty takes longer than it may.',
      impact: 'Users wait; clients give up and try again, and their retries are more load still.',
    },
    incident,
    requested_by: who('worker'),
    requested_at: at.toISOString(),
    reason: '',
    digest,
    body,
    because: null,
    to_type: null,
    expires_at: later(30),
    approvals: [],
    run: null,
    reverts: null,
  }
}

/** The same where an autoscaler governs it, and is at its maximum: its bounds are moved, for it would take back the rest. */
export function raiseFloor(id: string, incident: string | null, at: Date): PlanRecord {
  const plan = scaleApi(id, incident, at, 3)
  const body = plan.body!
  const [from, to] = [{ min: 2, max: 3 }, { min: 6, max: 6 }] // prettier-ignore
  const step = body.steps[0]!
  Object.assign(body.facts, {
    autoscaled: true,
    autoscaler: {
      ...{ ref: 'prod/api', uid: '5b0f8c7a-1d61-4c0e-9f57-2b1f3a9c4d22', ...from, desired: 3, at_maximum: true },
      ...{ blind: false, says: 'cpu 96 % of 70 %; at its maximum of 3' },
    },
  })
  body.guards = [
    { fact: 'deployment.uid', same: true },
    { fact: 'p95_ms', at_least: 501 },
    ...['autoscaled', 'autoscaler.uid', 'autoscaler.min', 'autoscaler.max'].map((fact) => ({ fact, same: true })),
  ]
  const args = { autoscaler: 'prod/api', deployment: 'prod/api', from, to }
  Object.assign(step, { verb: 'raise-autoscaler-floor', args, before: from, after: to })
  step.says = 'Move the bounds of autoscaler prod/api from 2–3 to 6–6'
  step.undo = { says: 'Move the bounds of autoscaler prod/api back from 6–6 to 2–3' }
  return { ...plan, digest: `sha256:${hex(`${id}/floor`)}` }
}

/** 64 hex digits out of a text. No hash: only different for different texts. */
export function hex(text: string): string {
  let out = ''
  for (let word = 0; word < 8; word++) {
    let h = 0x811c9dc5 ^ word
    for (const char of text) h = Math.imul(h ^ char.charCodeAt(0), 0x01000193)
    out += (h >>> 0).toString(16).padStart(8, '0')
  }
  return out
}
