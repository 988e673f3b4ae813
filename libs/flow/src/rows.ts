import type { Completeness } from '@firebreak/audit-log'
import type { Finding, Guard, IncidentClass, Json, JsonObject, Pace, Role, Stage, Tier } from '@firebreak/kit'
import type { ExportKind } from './export-kinds.js'

/*
 * What the record holds: one interface a table of schema `flow`, columns by the same names. Times are RFC 3339 texts
 * in UTC. Each table has one writing process (powers.md): the API writes requests and decisions, the worker facts.
 */

export interface Delivery {
  id: string
  source: string
  /** The key or service that delivered it. */
  by: string
  received_at: string
  state: 'stored' | 'processed' | 'refused'
  /** The bytes as they came. */
  body: Uint8Array
  /** How many alerts it held, and what became of them: the ledger. An unreadable delivery counts one. */
  received: number
  opened: number
  joined: number
  repeated: number
  resolved: number
  suppressed: number
  refused: number
  /** Where it could not be read: `[{ pointer, message }]`. */
  faults: Json
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
  /** How often it fired again after it had resolved. */
  flaps: number
  incident_id: string
}

export type Severity = 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4'

export interface Incident {
  id: string
  state: 'open' | 'acknowledged' | 'resolved' | 'closed'
  class: IncidentClass
  severity: Severity
  title: string
  service: string | null
  environment: string | null
  /** What alerts join it: class, service, environment. One open incident a group. */
  group_key: string
  owner: string | null
  opened_at: string
  resolved_at: string | null
  /** Raised with every change: the ETag, and what the event stream tells. */
  version: number
}

/** "I have it", said by whoever it is themselves. Insert-only: who was only given an incident has none of it. */
export interface Acknowledgement {
  id: string
  incident_id: string
  by: string
  at: string
}

/** What somebody asked the worker to do. Insert-only; what became of it stands in the worker's own tables. */
export interface Request {
  id: string
  kind:
    'plan' | 'loan' | 'export' | 'cancel' | 'resolve-unknown' | 'stop' | 'successor' | 'graduation' | 'rearm' | 'lift'
  /** What it is about: a recipe, a loan, a run, a name; null for an export of the whole log. */
  subject: string | null
  body: JsonObject
  incident_id: string | null
  by: string
  reason: string
  at: string
}

/** What one read looked at, and when. */
export interface PlanRead {
  what: string
  at: string
}

/** One step of a plan, with the sentences that an approver reads. */
export interface PlannedStep {
  verb: string
  /** By which later steps refer to what it gives. */
  name?: string
  /** An argument that an earlier step will give stands here as `{ ref: { step, path } }`. */
  args: JsonObject
  says: string
  targets: string[]
  before: JsonObject
  after: JsonObject
  reversible: 'yes' | 'compensable' | 'no'
  undo: { says: string } | { none: string }
  loan_minutes: number | null
  /** Where the step is made of many effects: each of them, and how it goes through them. */
  items?: PlannedItem[]
  pace?: Pace
}

/** One of a step's effects, with its sentence. */
export interface PlannedItem {
  args: JsonObject
  says: string
  targets: string[]
  before: JsonObject
  after: JsonObject
}

/** A cap of the house that a plan has to fit. */
export interface FittingCap {
  /** Left out: everywhere. */
  environment?: string
  targets?: number
  effects?: number
  /** Those of the plan's targets that lie there. */
  there: string[]
}

/** The plan itself: the value whose digest people approve. Everything that decides what will happen stands in it. */
export interface PlanBody {
  v: 1
  id: string
  /** `stage`: where its file says that it begins; the digest covers it, too. */
  recipe: { id: string; version: number; digest: string; stage: Stage }
  params: JsonObject
  /** The labels of what set it off; a diagnosis at the start uses the same. */
  trigger: Record<string, string>
  incident: string | null
  requested_by: string
  reason: string
  /** The run that it takes back; the recipe is that run's. */
  reverts?: string
  reads: PlanRead[]
  facts: JsonObject
  /** What a recipe that reads found out, the most important first. */
  findings?: Finding[]
  guards: Guard[]
  steps: PlannedStep[]
  /** `items`: how many effects, where it is not one a step. */
  blast_radius: { targets: number; steps: number; items?: number }
  /** By its approved version it only contains or captures evidence: a freeze lets it pass. */
  contains: boolean
  /** How far the house let anything go when it was made: the start is held to it, whatever the house file says by then. Not in plans of before. */
  limits?: { cooldown_minutes: number; caps: FittingCap[] }
  verify: { within_s: number; says: string }
  /** `raised_from`: it was made for an incident while a quiet window was open, and is one tier higher. */
  approval: { tier: Tier; roles: Role[]; people: number; raised_from?: Tier }
  made_at: string
  expires_at: string
}

export interface Plan {
  /** The id of the request that asked for it. */
  id: string
  state: 'proposed' | 'stopped' | 'failed' | 'used' | 'refused' | 'stale' | 'expired' | 'cancelled'
  recipe_id: string
  recipe_version: number
  recipe_digest: string
  incident_id: string | null
  requested_by: string
  /** Null when the recipe stopped or failed. Of one that only watches it stands here, `stopped`: what it would have done. */
  body: PlanBody | null
  digest: string | null
  tier: Tier
  quorum: number
  /** Why it stopped, failed, or went stale. */
  because: string | null
  made_at: string
  expires_at: string
}

/** One person's yes or no to one digest. A fact: never changed. */
export interface Approval {
  id: string
  plan_id: string
  by: string
  decision: 'yes' | 'no'
  /** The digest that the person read. */
  digest: string
  note: string
  at: string
}

/** How far a plan may go that a standing approval covers. */
export interface Bounds {
  /** The most steps of a plan. */
  steps: number
  /** Its budget: the most runs that start under it within so many minutes. */
  runs: { most: number; minutes: number }
  /** The range of each number that a step may set, by its name; a number that is not here may not be set at all. */
  after: Record<string, { at_least?: number; at_most?: number }>
}

/** A person's yes in advance: exactly this recipe, on these targets, within these bounds, until then. */
export interface StandingApproval {
  id: string
  state: 'given' | 'revoked'
  recipe_id: string
  recipe_version: number
  /** The digest that the person read. */
  recipe_digest: string
  targets: string[]
  bounds: Bounds
  by: string
  reason: string
  at: string
  expires_at: string
  revoked_by: string | null
  revoked_at: string | null
  revoked_because: string | null
}

export type RunState =
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

export interface Run {
  id: string
  plan_id: string
  plan_digest: string
  incident_id: string | null
  recipe_id: string
  state: RunState
  started_at: string
  verifying_at: string | null
  ended_at: string | null
  /** The verdict of the verification, or why it needs a person. */
  because: string | null
  /** The standing approval under which it started by itself; null where people approved its plan. */
  standing: string | null
  /** The break-glass pass that it used up by starting; none where nothing had to be passed. */
  break_glass?: string | null
  /** Waiting: when it goes on. */
  goes_on_at: string | null
  /** The last answer (a request `resolve-unknown`) that was carried out. Ids rise, so a newer one is still to do. */
  answered: string | null
  /** Which scopes its targets lay in when it started; null in runs of before. */
  scopes: string[] | null
  /** The freeze that stopped it: it is planned anew when that one is lifted. */
  frozen_by: string | null
  /** It was stopped on its way back: planned anew is the rest of the way back. */
  frozen_undoing?: boolean | null
}

export type StepState = 'pending' | 'intended' | 'done' | 'failed' | 'unknown' | 'undone' | 'kept' | 'skipped'

/** One line of the journal. `intended` is committed before the effect. */
export interface RunStep {
  id: string
  run_id: string
  number: number
  verb: string
  args: JsonObject
  state: StepState
  attempt: number
  /** The tenure under which it was last intended. */
  fence: number
  intended_at: string | null
  ended_at: string | null
  /** Committed before the effect of an undo. */
  undo_intended_at: string | null
  before: JsonObject | null
  after: JsonObject | null
  because: string | null
  loan_minutes: number | null
  /** How many items it has; null for a step that is one effect. */
  items: number | null
  /** How many of them are as they should be, when it last ended, or was taken back. */
  items_done: number
  pace: Pace | null
  /** What it gave to later steps, where its verb gives anything. */
  output: JsonObject | null
}

/** One line of the journal of a step over many items. */
export interface StepItem {
  id: string
  step_id: string
  /** In its step, from 1. */
  number: number
  args: JsonObject
  state: StepState
  /** How often its effect was tried. One that is `intended` and was never tried is as it was. */
  attempt: number
  fence: number
  intended_at: string | null
  ended_at: string | null
  /** Committed before the effect of its undo. */
  undo_intended_at: string | null
  before: JsonObject | null
  after: JsonObject | null
  because: string | null
}

/** One worker's right to carry out a run (or to return a loan), until then; the fence rises with every owner. */
export interface Tenure {
  /** The id of the run or loan. */
  id: string
  holder: string
  fence: number
  until: string
}

export interface TargetLock {
  /** The target. One run at a time, across all recipes. */
  id: string
  run_id: string
  since: string
}

/** A temporary change with a date on which it is given back. */
export interface Loan {
  id: string
  state: 'out' | 'returning' | 'returned' | 'overdue'
  run_id: string
  step_id: string
  target: string
  verb: string
  args: JsonObject
  out_at: string
  until: string
  returned_at: string | null
  /** When giving it back last failed. */
  tried_at: string | null
  /** Why it is overdue, or how it came back. */
  because: string | null
  /** The freeze that keeps it out. */
  held_by: string | null
}

/** What the worker last saw of a target. */
export interface Observation {
  /** The target: `deployment:prod/api`. */
  id: string
  value: JsonObject
  at: string
}

/** What the worker read of one figure of a target over time: finely over the last hour, and, in a row of its own, coarsely over eight. */
export interface Figure {
  /** The target and the figure's name among that one's, and the step if it is the coarse one: `service:api p95_ms 120`. */
  id: string
  target: string
  value: FigureValue
  /** When it was last read; null: never yet. */
  at: string | null
}

/** One figure over time. A type and no interface, so that it is a JSON object. */
export type FigureValue = {
  name: string
  title: string
  /** `ms`, `%`, `/s`, `jobs`, `pods`. */
  unit: string
  /** Above this it is bad; null where the house does not say. */
  threshold: number | null
  /** The query that it is read by; null: it is what the worker sees with its own eyes. */
  query: string | null
  step_s: number
  /** Seconds since 1970 and the value, oldest first, a step apart; null is a gap. */
  points: [second: number, value: number | null][]
  /** Why it could not be read when that was last tried. */
  unavailable: string | null
}

/** The observation by which a worker says that it is there: of ourselves, and no target. */
export const WORKER_SIGN = 'process:worker'

/** How a target was left, or seen last, as one verb sees it. */
export interface TargetState {
  /** `verb@target`. */
  id: string
  target: string
  verb: string
  /** Null where its last effect left it as nobody saw. */
  value: JsonObject | null
  at: string
}

export interface Export {
  /** The id of the request that asked for it. */
  id: string
  state: 'queued' | 'running' | 'ready' | 'failed'
  by: string
  kind: ExportKind
  completeness: Completeness
  /** What was asked for. */
  filter: JsonObject
  /** Written so far. */
  entries: number
  /** The next place of the log to look at, and where it ends: how far it is. */
  position: number
  total: number
  /** Bytes that are durable. */
  size: number
  /** Of the file, hex. */
  sha256: string | null
  /** Of a bundle's manifest, which names all of its files: `sha256:` and hex. */
  manifest: string | null
  /** Of the checkpoint that it ends with; 0 as long as none was chosen. */
  checkpoint_size: number
  because: string | null
  started_at: string
  ended_at: string | null
}

/** A security freeze: nothing changes inside its scopes until two people lift it. Insert-only; a lift is a fact of its own. */
export interface Freeze {
  id: string
  /** `service:api`, `pipeline:ingest`, `environment:prod`, `house:everything`, or targets; sorted. */
  scopes: string[]
  reason: string
  by: string
  at: string
  /** Reminds, and ends nothing. */
  review_by: string | null
  incident_id: string | null
}

/**
 * A wish to pass one freeze, or one missing approval, for one plan as it stands. Insert-only, and so is what became of it: a
 * decision, a use and a review, each at most once and under the id of the wish. Its state is read off them (`passState`).
 */
export interface BreakGlass {
  id: string
  plan_id: string
  plan_digest: string
  over: 'freeze' | 'approval'
  /** Which one, where it is a freeze. */
  freeze_id: string | null
  /** For how long it holds from when it is granted. */
  minutes: number
  reason: string
  by: string
  at: string
  /** Until when somebody may decide about it. */
  open_until: string
}

export interface BreakGlassDecision {
  id: string
  by: string
  decision: 'granted' | 'refused'
  /** By what they decided. Who acknowledged the incident themselves stands in where Security is too few. */
  voice: 'security' | 'on-call-lead'
  note: string
  at: string
  /** Until when it holds; null where it was refused. */
  expires_at: string | null
}

/** The run that used it, which is the worker's to say, and by which deliveries the house was told of it. */
export interface BreakGlassUse {
  id: string
  run_id: string
  at: string
  told: string
  /** That its review is overdue, and that all of it is over. */
  overdue: string | null
  over: string | null
}

export interface BreakGlassReview {
  id: string
  by: string
  verdict: 'justified' | 'not-justified'
  note: string
  at: string
}

/** Planned work waits in its scopes from one time to the other. Whether it is planned, open or over says the clock. */
export interface QuietWindow {
  id: string
  /** As those of a freeze. */
  scopes: string[]
  reason: string
  by: string
  at: string
  starts_at: string
  ends_at: string
  /** Before it began. */
  cancelled_by: string | null
  cancelled_at: string | null
  cancelled_because: string | null
}

/** What the worker made of a freeze outside, and whether it was lifted. Until `lifted` stands here the inside holds. */
export interface Enforcement {
  /** The id of the freeze. */
  id: string
  state: 'enforcing' | 'enforced' | 'partial' | 'slipped' | 'lifting' | 'lifted'
  because: string | null
  at: string
  /** The request by which it is being lifted. */
  lift: string | null
}

/** That a budget was spent. Whether somebody re-armed it since say the requests `rearm` about it. */
export interface SpentBudget {
  id: string
  /** Whose: `recipe:scale-api`, `target:…`, `service:…`. */
  budget: string
  runs: number
  minutes: number
  /** The plan that found nothing left. */
  plan_id: string
  at: string
  because: string
  /** The delivery by which it came in as an alert, and the one by which that is over. */
  told: string
  over: string | null
}

/** One turn of work that the house wants again and again, like the nightly check of the log. */
export interface MaintenanceRun {
  /** Made of kind and time: two workers that plan the same turn plan one. */
  id: string
  kind: 'self-check'
  state: 'due' | 'late' | 'running' | 'done' | 'failed' | 'excepted'
  due_at: string
  started_at: string | null
  ended_at: string | null
  /** When a failed one is tried again; null when it is not. */
  retry_at: string | null
  /** Why it is late, or failed. */
  because: string | null
  /** The delivery by which its failure came in as an alert. */
  told: string | null
}

export interface Person {
  id: string
  kind: 'person' | 'service'
  name: string
  /** By whom else they are known: the identity provider, and what it calls them for ever. Both or neither. */
  issuer?: string | null
  subject?: string | null
}

/** One person's yes or no to what another asked for, by its digest. A fact: never changed. */
export interface Vote {
  id: string
  request_id: string
  by: string
  decision: 'yes' | 'no'
  /** The digest that the person read. */
  digest: string
  note: string
  at: string
}

export interface RoleGrant {
  id: string
  person_id: string
  role: Role
  since: string
  /** Who gave it; null where the house itself did: the first administrator, and the sandbox's people. */
  by?: string | null
  /** A grant that was taken back stays, and gives nothing. */
  revoked_at?: string | null
  revoked_by?: string | null
}

/** A key is shown once; the record holds its SHA-256 alone. */
export interface ApiKey {
  id: string
  person_id: string
  hash: string
  name: string
  /** The first letters of the secret, by which its owner knows it again. */
  prefix: string
  /** Rights that it is good for; null: whatever its person may. */
  scopes: string[] | null
  created_at: string
  expires_at: string | null
  /** Within a minute. */
  last_used: string | null
  revoked_at: string | null
}

export interface Session {
  /** SHA-256 of the cookie's value, hex. */
  id: string
  person_id: string
  created_at: string
  expires_at: string
}

/** What was done under one Idempotency-Key, and the answer once there is one. */
export interface Idempotency {
  /** SHA-256 of who, which route, and their key. */
  id: string
  /** SHA-256 of what was asked. */
  digest: string
  /** What each of its transactions returned; one that returned nothing has no value. */
  results: { value?: unknown }[]
  /** The ids that were made on the way, in order. */
  ids: string[]
  at: string
  expires_at: string
  status: number | null
  headers: Record<string, string> | null
  answer: string | null
}
