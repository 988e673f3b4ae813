/** What the API answers, by the names of its schemas. */
export interface May {
  ok: boolean
  code?: string
  reason?: string
  who?: string[]
}
export interface Who {
  id: string
  name: string
}
type Json = Record<string, unknown>
export type Role = 'sre' | 'ml' | 'security' | 'auditor' | 'admin' | 'service'

export interface Me {
  id: string
  name: string
  kind: 'person' | 'service'
  roles: Role[]
  mode: 'sandbox' | 'production'
}
export interface SeededPerson {
  id: string
  name: string
  kind: 'person' | 'service'
  roles: Role[]
}
export interface SeededPeople {
  people: SeededPerson[]
}
export interface Alert {
  id: string
  source: string
  fingerprint: string
  state: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
  generator_url: string | null
  starts_at: string
  ends_at: string | null
  flaps: number
  incident: string
}
export type IncidentState = 'open' | 'acknowledged' | 'resolved' | 'closed'
export interface IncidentSummary {
  id: string
  state: IncidentState
  phase: 'none' | 'mitigating' | 'mitigated'
  class:
    | 'high-api-latency'
    | 'model-error-rate'
    | 'ocr-failures'
    | 'storage-errors'
    | 'batch-failures'
    | 'data-exfiltration'
    | 'unclassified'
  severity: 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4'
  title: string
  service: string | null
  environment: string | null
  owner: Who | null
  opened_at: string
  resolved_at: string | null
  alerts_firing: number
  version: number
}
export interface Incident extends IncidentSummary {
  page: string
  alerts: Alert[]
  plans: string[]
  may: { acknowledge: May; resolve: May; plan: May }
}
export interface IncidentPage {
  items: IncidentSummary[]
  next: string | null
}
export interface TimelineItem {
  entry: string
  position: number | null
  at: string
  type: string
  about: string
  by: Who
  says: string
  outcome: string | null
  detail: Json
}
export interface Timeline {
  items: TimelineItem[]
}
export interface Approval {
  id: string
  by: Who
  decision: 'yes' | 'no'
  digest: string
  note: string
  at: string
}
export interface PlanStep {
  verb: string
  args: Json
  says: string
  targets: string[]
  before: Json
  after: Json
  reversible: 'yes' | 'compensable' | 'no'
  undo: { says: string } | { none: string }
  loan_minutes: number | null
}
export interface PlanBody {
  v: 1
  id: string
  recipe: { id: string; version: number; digest: string }
  params: Json
  trigger: Record<string, string>
  incident: string | null
  requested_by: string
  reason: string
  reads: { what: string; at: string }[]
  facts: Json
  guards: Json[]
  steps: PlanStep[]
  blast_radius: { targets: number; steps: number }
  verify: { within_s: number; says: string }
  approval: { tier: 'T0' | 'T1' | 'T2' | 'T3'; roles: string[]; people: number }
  made_at: string
  expires_at: string
}
export interface Plan {
  id: string
  state:
    | 'requested'
    | 'proposed'
    | 'approved'
    | 'stopped'
    | 'failed'
    | 'used'
    | 'refused'
    | 'stale'
    | 'expired'
    | 'cancelled'
  recipe: { id: string; title: string; version: number; meaning: string; impact: string }
  incident: string | null
  requested_by: Who
  requested_at: string
  reason: string
  digest: string | null
  body: PlanBody | null
  because: string | null
  expires_at: string | null
  approvals: Approval[]
  quorum: { needed: number; given: number }
  run: string | null
  may: { approve: May }
}
export interface RunStep {
  id: string
  number: number
  verb: string
  says: string
  undo_says: string | null
  targets: string[]
  state: 'pending' | 'intended' | 'done' | 'failed' | 'unknown' | 'undone' | 'kept' | 'skipped'
  attempt: number
  intended_at: string | null
  ended_at: string | null
  before: Json | null
  after: Json | null
  because: string | null
}
export interface Run {
  id: string
  plan: string
  plan_digest: string
  incident: string | null
  recipe: { id: string; title: string }
  state:
    | 'queued'
    | 'running'
    | 'waiting'
    | 'verifying'
    | 'cancelling'
    | 'cancelled'
    | 'failed'
    | 'undoing'
    | 'undone'
    | 'succeeded'
    | 'frozen'
    | 'stale'
    | 'needs-a-person'
  because: string | null
  verify: { within_s: number; says: string }
  started_at: string
  verifying_at: string | null
  ended_at: string | null
  steps: RunStep[]
  loans: string[]
}
export interface Loan {
  id: string
  state: 'out' | 'returning' | 'returned' | 'overdue'
  run: string
  target: string
  says: string
  out_at: string
  until: string
  returned_at: string | null
  because: string | null
}
export interface LoanPage {
  items: Loan[]
  next: string | null
}
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail: string
  instance?: string
  request_id: string
  errors?: { pointer: string; message: string }[]
}
