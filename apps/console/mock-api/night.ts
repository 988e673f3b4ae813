import type { Me } from '../src/renderer/api/view.js'
import { who } from './cast.js'
import { No } from './refuse.js'
import {
  emptyWorld,
  highLatency,
  incidentOf,
  passFor,
  raiseFloor,
  scaleApi,
  type Arrival,
  type IncidentRecord,
  type LoanRecord,
  type PlanRecord,
  type RunRecord,
} from './world.js'

type PlannedStep = NonNullable<PlanRecord['body']>['steps'][number]

export interface MockOptions {
  now(): Date
  /** Does something later: what a worker would do. */
  after(ms: number, what: () => void): void
  /** Milliseconds between two things that the pretended worker does. */
  pace: number
  mode?: Me['mode']
}

/** One event of the stream, as it is sent. */
export interface Sent {
  event: 'message' | 'hello' | 'hb' | 'resync'
  id?: string
  data: object
}

/**
 * What happens out there and in the worker: alerts come in, plans are made, a run goes on by itself once its plan is
 * approved. All of it is told in a timeline and on the stream.
 */
export class Night {
  readonly world = emptyWorld()
  /** Whether what a run does lowers the latency. */
  helps = true
  /** What somebody else has changed out there since a plan was made: what is approved goes stale by it. */
  moved: string | null = null
  /** An autoscaler governs the API, and is at its maximum. */
  governed = false
  /** What nothing that changes something starts under, but by a broken glass. */
  freeze: { id: string; scopes: string[]; reason: string; by: string; at: string } | null = null
  /** No heartbeats: a line that is open and dead. */
  silent = false
  private readonly listeners = new Set<(sent: Sent) => void>()
  private count = 0
  private newest: readonly IncidentRecord[] = []

  constructor(readonly options: MockOptions) {}

  /** A night like many: one incident that a recipe can repair, one that somebody has, one that is over. */
  seed(): this {
    const over = this.arrive(
      { title: 'Disk of build runner 3 was nearly full', severity: 'SEV4', service: 'ci', class: 'storage-errors' },
      180,
    )
    this.resolve(over)
    const drift = this.arrive(
      { title: 'OCR confidence of invoices fell to 0.71', severity: 'SEV3', service: 'ocr', class: 'ocr-failures' },
      31,
    )
    Object.assign(this.world.incidents.get(drift)!, { state: 'acknowledged', owner: who('sam') })
    this.arrive(
      {
        title: 'Outbound traffic of ingest is 40 times its usual',
        severity: 'SEV1',
        service: 'ingest',
        class: 'data-exfiltration',
      },
      6,
    )
    this.arrive(highLatency, 2)
    return this
  }

  /** An alert comes in: a new incident, `minutes` ago, and the plan of its recipe where it has one. Answers its id. */
  arrive(arrival: Arrival, minutes = 0): string {
    const at = new Date(this.options.now().getTime() - minutes * 60_000)
    const id = this.newId('inc')
    const incident = incidentOf(id, arrival, at.toISOString())
    this.world.incidents.set(id, incident)
    const alertname = incident.alerts[0]?.labels['alertname'] ?? 'An alert'
    this.log(id, 'alert.fired', `incident:${id}`, 'alertmanager', `${alertname} fired (alertmanager).`, { at })
    this.log(
      id,
      'incident.opened',
      `incident:${id}`,
      'alertmanager',
      `${incident.severity} incident opened: ${incident.title}, class ${incident.class}.`,
      { at },
    )
    if (incident.class === 'high-api-latency') this.propose(id, new Date(at.getTime() + 2_000))
    return id
  }

  /** The worker looks again and makes another plan of the same request: same id, another digest. Nobody is told. */
  drift(planId: string, replicas = 3): void {
    const plan = this.world.plans.get(planId)!
    this.world.plans.set(planId, scaleApi(planId, plan.incident, this.options.now(), replicas))
  }

  /** How many hear the stream. */
  get listening(): number {
    return this.listeners.size
  }

  /** Hears what the stream sends. Answers how to stop. */
  listen(listener: (sent: Sent) => void): () => void {
    this.listeners.add(listener)
    listener({ event: 'hello', id: String(this.count), data: { time: this.options.now().toISOString() } })
    return () => this.listeners.delete(listener)
  }

  /** Every five seconds, while somebody listens. */
  beat(): void {
    if (!this.silent) this.send({ event: 'hb', data: { time: this.options.now().toISOString() } })
  }

  resync(): void {
    this.send({ event: 'resync', data: { time: this.options.now().toISOString() } })
  }

  propose(incident: string, at: Date, by = 'worker'): string {
    const id = this.newId('pln')
    const made = this.governed ? raiseFloor(id, incident, at) : scaleApi(id, incident, at)
    const plan = { ...made, requested_by: who(by) }
    this.world.plans.set(id, plan)
    this.incidentRecord(incident).plans.push(id)
    this.log(
      incident,
      'plan.proposed',
      `plan:${id}`,
      'worker',
      `Plan ${id} (${plan.digest?.slice(7, 19)}) proposed, T1, needs 1 approval: ${plan.body?.steps[0]?.says}`,
      { at },
    )
    return id
  }

  /** What the worker does with an approved plan, one thing after the other. */
  start(plan: PlanRecord, approver: string): void {
    if (this.moved !== null) return this.goStale(plan, this.moved)
    const pass = passFor(this.world, plan, this.options.now())
    // It waits, approved, until that is over or passed.
    if (this.freeze !== null && pass?.freeze !== this.freeze.id) return
    const id = this.newId('run')
    const incident = plan.incident === null ? undefined : this.incidentRecord(plan.incident)
    const [planned] = plan.body!.steps
    const now = () => this.options.now().toISOString()
    const say = (type: string, says: string) => this.log(plan.incident, type, `run:${id}`, 'worker', says)
    const phase = (is: 'mitigating' | 'mitigated') => incident && Object.assign(incident, { phase: is })
    this.world.runs.set(id, {
      id,
      plan: plan.id,
      plan_digest: plan.digest!,
      standing: null,
      incident: plan.incident,
      recipe: { id: plan.recipe.id, title: plan.recipe.title },
      state: 'running',
      because: null,
      verify: plan.body!.verify,
      started_at: now(),
      verifying_at: null,
      goes_on_at: null,
      ended_at: null,
      loans: [],
      reverts: plan.reverts,
      steps: [
        {
          id: this.newId('stp'),
          number: 1,
          verb: planned!.verb,
          says: planned!.says,
          undo_says: 'says' in planned!.undo ? planned!.undo.says : null,
          targets: planned!.targets,
          state: 'pending',
          attempt: 1,
          intended_at: null,
          ended_at: null,
          before: null,
          after: null,
          because: null,
          items: null,
        },
      ],
    })
    const run = this.world.runs.get(id)!
    const step = run.steps[0]!
    Object.assign(plan, { state: 'used', run: id })
    if (pass) {
      const use = {
        run: id,
        at: now(),
        review_by: new Date(this.options.now().getTime() + 24 * 3_600_000).toISOString(),
      }
      Object.assign(pass, { state: 'used', use })
      this.log(
        plan.incident,
        'break-glass.used',
        `plan:${plan.id}`,
        'worker',
        `The glass was broken: ${id} passed what held it.`,
      )
    }
    phase('mitigating')
    say('run.started', `Run ${id} of plan ${plan.id} started: 1 step, approved by ${who(approver).name}.`)
    this.inTurn(
      () => {
        Object.assign(step, { state: 'intended', intended_at: now() })
        say('step.intended', `Step 1 (${step.says}) begins.`)
      },
      ...this.waves(step, planned!),
      () => {
        Object.assign(step, { state: 'done', ended_at: now(), before: planned!.before, after: planned!.after })
        say('step.done', `Step 1 (${step.says}) done: ${changeSays(planned!)}.`)
        if (planned!.loan_minutes === null) return
        const loan = this.lend(id, planned!)
        run.loans.push(loan.id)
        say('loan.out', `${loan.target} is on loan until ${loan.until.slice(11, 16)} UTC.`)
      },
      () => {
        Object.assign(run, { state: 'verifying', verifying_at: now() })
        say('run.verifying', 'Every step is done; checking whether it helped.')
      },
      () => {
        if (!this.helps) return this.fail(id)
        const because =
          plan.recipe.id === 'scale-api'
            ? `p95 of api is 171 ms (threshold 500 ms), and ${replicasIn(planned!.after)} of ${replicasIn(planned!.after)} replicas are ready.`
            : plan.body!.verify.says
        Object.assign(run, { state: 'succeeded', ended_at: now(), because })
        phase('mitigated')
        say('run.succeeded', `The run succeeded. ${because}`)
        if (incident) this.later(() => this.resolve(incident.id))
      },
    )
  }

  /** Of a step over many: the canary first, and the others when that has come through. */
  private waves(step: RunRecord['steps'][number], { items, pace }: PlannedStep): (() => void)[] {
    if (items === undefined) return []
    const [first, all] = [pace?.first ?? items.length, items.length]
    const done = (count: number) => () =>
      void (step.items = { count: all, states: { done: count, ...(count < all ? { pending: all - count } : {}) }, named: [] }) // prettier-ignore
    return [done(0), done(first), done(all)]
  }

  private goStale(plan: PlanRecord, moved: string): void {
    Object.assign(plan, { state: 'stale', because: `Since the plan was made: ${moved}.` })
    const says = `The plan is stale, nothing was changed. ${plan.because}`
    this.log(plan.incident, 'plan.stale', `plan:${plan.id}`, 'worker', says, { outcome: 'refused' })
  }

  private fail(id: string): void {
    const run = this.world.runs.get(id)!
    const because = 'Not verified within 120 s: p95 of api is 790 ms (threshold 500 ms), and 5 of 5 replicas are ready.'
    Object.assign(run, { state: 'failed', ended_at: this.options.now().toISOString(), because })
    if (run.incident !== null) this.incidentRecord(run.incident).phase = 'none'
    this.log(run.incident, 'run.failed', `run:${id}`, 'worker', `The run failed. ${because}`, { outcome: 'failed' })
  }

  private lend(run: string, { targets, undo, loan_minutes }: PlannedStep): LoanRecord {
    const at = this.options.now()
    const loan: LoanRecord = {
      id: this.newId('lon'),
      state: 'out',
      run,
      target: targets[0]!,
      says: 'says' in undo ? undo.says : undo.none,
      out_at: at.toISOString(),
      until: new Date(at.getTime() + (loan_minutes ?? 60) * 60_000).toISOString(),
      minutes: loan_minutes ?? 60,
      returned_at: null,
      because: null,
    }
    this.world.loans.set(loan.id, loan)
    return loan
  }

  /** All incidents, by their ids. Made anew when there are more: nobody takes one away. */
  newestFirst(): readonly IncidentRecord[] {
    const { incidents } = this.world
    if (this.newest.length !== incidents.size) this.newest = [...incidents.values()].sort((a, b) => (a.id < b.id ? 1 : -1)) // prettier-ignore
    return this.newest
  }

  /** Somebody else takes these incidents, or gives them back: each is told on the stream. */
  change(ids: readonly string[]): void {
    for (const id of ids) {
      const incident = this.incidentRecord(id)
      const owner = incident.owner === null ? who('sam') : null
      Object.assign(incident, { owner, version: incident.version + 1 })
      this.log(id, 'incident.changed', `incident:${id}`, 'sam', 'Sam Lindqvist changed the owner.')
    }
  }

  resolve(id: string): void {
    const incident = this.incidentRecord(id)
    const at = this.options.now().toISOString()
    for (const alert of incident.alerts) Object.assign(alert, { state: 'resolved', ends_at: at })
    Object.assign(incident, { state: 'resolved', resolved_at: at, version: incident.version + 1 })
    this.log(id, 'incident.resolved', `incident:${id}`, 'api', 'The incident resolved with its last alert.')
  }

  incidentRecord(id: string) {
    const incident = this.world.incidents.get(id)
    if (!incident) throw new No(404, 'not-found', `There is no incident ${id}.`)
    return incident
  }

  /** A line in the incident's timeline, where it has one, and an event on the stream: what happens is told in both. */
  log(
    incident: string | null,
    type: string,
    stream: string,
    by: string,
    says: string,
    { at = this.options.now(), outcome = 'ok' }: { at?: Date; outcome?: string } = {},
  ): void {
    const entry = this.newId('ent')
    const timeline = incident === null ? [] : this.incidentRecord(incident).timeline
    timeline.push({
      entry,
      position: this.count,
      at: at.toISOString(),
      type,
      about: stream,
      by: who(by),
      says,
      outcome,
      detail: {},
    })
    this.send({
      event: 'message',
      id: String(this.count),
      data: { type, id: stream, version: timeline.length, about: stream },
    })
  }

  private send(sent: Sent): void {
    for (const listener of this.listeners) listener(sent)
  }

  later(what: () => void): void {
    this.options.after(this.options.pace, what)
  }

  inTurn(...things: (() => void)[]): void {
    const [first, ...rest] = things
    if (!first) return
    this.later(() => {
      first()
      this.inTurn(...rest)
    })
  }

  newId(kind: string): string {
    return `${kind}_0193${(++this.count).toString(16).padStart(8, '0')}`
  }
}

/** How many there are after a step that scales, or moves the bounds of who scales. */
export const replicasIn = (after: Record<string, unknown>): number => Number(after['replicas'] ?? after['min'] ?? 5)

const changeSays = ({ before, after }: PlannedStep): string =>
  Object.keys(after)
    .map((field) => `${field} ${String(before[field])} → ${String(after[field])}`)
    .join(', ')
