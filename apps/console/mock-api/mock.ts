import type { Incident, Loan, Me, Plan } from '../src/renderer/api/view.js'
import { cast, person, who } from './cast.js'
import { byRole, demand, No, notFound, notSignedIn, type Allowed } from './refuse.js'
import {
  emptyWorld,
  highLatency,
  incidentOf,
  scaleApi,
  type Arrival,
  type IncidentRecord,
  type LoanRecord,
  type PlanRecord,
} from './world.js'

/** Who is at the other end: a cookie on a server, the page itself in development. */
export interface Session {
  person: string | null
}

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

const responders = ['sre', 'ml', 'security']

/**
 * The API, pretended: stateful, by the shapes and refusals of the real one. It serves development, where it runs in the
 * page, and the browser tests, where it runs behind a server; a run goes on by itself once its plan is approved.
 */
export class MockApi {
  readonly world = emptyWorld()
  /** Paths that answer 503, so that a pane can be seen to fail alone. */
  readonly failing = new Set<string>()
  /** No heartbeats: a line that is open and dead. */
  silent = false
  private readonly listeners = new Set<(sent: Sent) => void>()
  private readonly answered = new Map<string, unknown>()
  private count = 0

  constructor(private readonly options: MockOptions) {}

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
    this.world.plans.set(planId, scaleApi(planId, plan.incident!, this.options.now(), replicas))
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

  async handle(request: Request, session: Session): Promise<Response> {
    const requestId = this.newId('req')
    const headers = { 'x-request-id': requestId, 'cache-control': 'no-store' }
    try {
      const body: unknown = request.method === 'POST' ? JSON.parse((await request.text()) || '{}') : undefined
      const { pathname } = new URL(request.url)
      if (this.failing.has(pathname))
        throw new No(503, 'overloaded', 'The record cannot be read now. It is asked again.')
      const answer = this.once(request, session, () =>
        this.route(request, session, (body ?? {}) as Record<string, unknown>),
      )
      return answer === undefined ? new Response(null, { status: 204, headers }) : Response.json(answer, { headers })
    } catch (error) {
      const no = error instanceof No ? error : new No(500, 'internal', String(error))
      return Response.json(
        {
          type: `urn:firebreak:problem:${no.code}`,
          title: no.code,
          status: no.status,
          code: no.code,
          detail: no.message,
          request_id: requestId,
        },
        { status: no.status, headers: { ...headers, 'content-type': 'application/problem+json' } },
      )
    }
  }

  /** A command that is told twice with one key is done once. */
  private once(request: Request, session: Session, work: () => unknown): unknown {
    const key = request.headers.get('idempotency-key')
    if (key === null) return work()
    const name = `${session.person} ${request.method} ${request.url} ${key}`
    if (!this.answered.has(name)) this.answered.set(name, work())
    return this.answered.get(name)
  }

  private route(request: Request, session: Session, body: Record<string, unknown>): unknown {
    const url = new URL(request.url)
    const [, version, noun, id, part] = url.pathname.split('/')
    const route = `${request.method} ${noun}${id === undefined ? '' : '/:id'}${part === undefined ? '' : `/${part}`}`
    if (version !== 'v1') throw notFound(url.pathname)

    if (this.options.mode !== 'production') {
      if (url.pathname === '/v1/people/seeded') return { people: cast }
      if (url.pathname === '/v1/sign-in/seeded') return this.signIn(session, text(body['person']))
    }
    if (url.pathname === '/v1/sign-out') return void (session.person = null)

    const me = session.person === null ? undefined : person(session.person)
    if (!me) {
      if (['people', 'sign-in'].includes(noun ?? '')) throw notFound(url.pathname)
      throw notSignedIn()
    }
    switch (route) {
      case 'GET me':
        return { ...me, mode: this.options.mode ?? 'sandbox' }
      case 'GET incidents':
        return this.list(url.searchParams.get('state'))
      case 'GET incidents/:id':
        return this.incident(id!, me)
      case 'GET incidents/:id/timeline':
        return { items: this.incidentRecord(id!).timeline }
      case 'POST incidents/:id/acknowledge':
        return this.acknowledge(id!, me)
      case 'GET plans/:id':
        return this.plan(id!, me)
      case 'POST plans':
        return this.ask(text(body['incident']), me)
      case 'POST plans/:id/approvals':
        return this.decide(id!, me, body)
      case 'GET runs/:id':
        return this.world.runs.get(id!) ?? refuse(notFound(url.pathname))
      case 'GET loans':
        return { items: this.loansOf(url.searchParams.get('run'), me), next: null }
      case 'POST loans/:id/return':
        return this.giveBack(id!, me, text(body['reason']))
      default:
        throw notFound(`${request.method} ${url.pathname}`)
    }
  }

  private signIn(session: Session, id: string): Me {
    const found = person(id)
    if (!found) throw new No(404, 'not-found', `There is no ${id} in the sandbox.`)
    session.person = id
    return { ...found, mode: 'sandbox' }
  }

  private list(state: string | null) {
    const wanted = state === null ? null : state === 'active' ? ['open', 'acknowledged'] : [state]
    const items = [...this.world.incidents.values()]
      .filter((incident) => wanted === null || wanted.includes(incident.state))
      .map(({ alerts, plans: _plans, timeline: _timeline, ...summary }) => ({
        ...summary,
        alerts_firing: firing(alerts),
      }))
    return { items: items.reverse(), next: null }
  }

  private incident(id: string, me: Pick<Me, 'id' | 'roles'>): Incident {
    return this.view(this.incidentRecord(id), me)
  }

  private view({ timeline: _timeline, ...incident }: IncidentRecord, me: Pick<Me, 'id' | 'roles'>): Incident {
    const over: Allowed | undefined =
      incident.state === 'resolved' || incident.state === 'closed'
        ? { ok: false, code: 'superseded', reason: `The incident is ${incident.state}.` }
        : undefined
    const may = (right: string): Allowed => {
      const role = byRole(right, responders, me.roles)
      return role.ok ? (over ?? role) : role
    }
    return {
      ...incident,
      alerts_firing: firing(incident.alerts),
      page: `/v1/runbook/${incident.class}`,
      plans: [...incident.plans].reverse(),
      may: { acknowledge: may('incident.acknowledge'), resolve: may('incident.resolve'), plan: may('plan.request') },
    }
  }

  private acknowledge(id: string, me: Pick<Me, 'id' | 'name' | 'roles'>): Incident {
    demand(this.incident(id, me).may.acknowledge as Allowed)
    const incident = this.incidentRecord(id)
    Object.assign(incident, { state: 'acknowledged', owner: who(me.id), version: incident.version + 1 })
    this.log(id, 'incident.acknowledged', `incident:${id}`, me.id, `${me.name} has it.`)
    return this.incident(id, me)
  }

  private plan(id: string, me: Pick<Me, 'id' | 'roles'>): Plan {
    const plan = this.world.plans.get(id)
    if (!plan) throw notFound(`/v1/plans/${id}`)
    const given = plan.approvals.filter(({ decision, digest }) => decision === 'yes' && digest === plan.digest).length
    return { ...plan, quorum: { needed: 1, given }, may: { approve: mayApprove(plan, me) } }
  }

  private ask(incident: string, me: Pick<Me, 'id' | 'name' | 'roles'>): Plan {
    demand(this.incident(incident, me).may.plan as Allowed)
    const id = this.propose(incident, this.options.now(), me.id)
    return this.plan(id, me)
  }

  private propose(incident: string, at: Date, by = 'worker'): string {
    const id = this.newId('pln')
    const plan = { ...scaleApi(id, incident, at), requested_by: who(by) }
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

  private decide(id: string, me: Pick<Me, 'id' | 'name' | 'roles'>, vote: Record<string, unknown>): Plan {
    const plan = this.world.plans.get(id)
    if (!plan) throw notFound(`/v1/plans/${id}`)
    const may = mayApprove(plan, me)
    demand(may, may.ok ? 403 : may.code === 'not-your-role' ? 403 : 409)
    if (vote['digest'] !== plan.digest)
      throw new No(
        409,
        'stale',
        `This is not the plan any more that you read: its digest is ${plan.digest?.slice(0, 19)}… now. Read it again.`,
      )
    const decision = vote['decision'] === 'no' ? 'no' : 'yes'
    const note = text(vote['note'])
    plan.approvals.push({
      id: this.newId('apr'),
      by: who(me.id),
      decision,
      digest: plan.digest!,
      note,
      at: this.options.now().toISOString(),
    })
    const short = `${id} (${plan.digest?.slice(7, 19)})`
    if (decision === 'no') {
      Object.assign(plan, { state: 'refused', because: `${me.name} said no: ${note}` })
      this.log(
        plan.incident!,
        'approval.refused',
        `plan:${id}`,
        me.id,
        `${me.name} said no to plan ${short}: ${note}.`,
        { outcome: 'refused' },
      )
    } else {
      plan.state = 'approved'
      this.log(plan.incident!, 'approval.given', `plan:${id}`, me.id, `${me.name} approved plan ${short}.`)
      this.later(() => this.start(plan, me.id))
    }
    return this.plan(id, me)
  }

  /** What the worker does with an approved plan, one thing after the other. */
  private start(plan: PlanRecord, approver: string): void {
    const id = this.newId('run')
    const incident = this.incidentRecord(plan.incident!)
    const [planned] = plan.body!.steps
    const now = () => this.options.now().toISOString()
    const say = (type: string, says: string) => this.log(incident.id, type, `run:${id}`, 'worker', says)
    this.world.runs.set(id, {
      id,
      plan: plan.id,
      plan_digest: plan.digest!,
      incident: incident.id,
      recipe: { id: plan.recipe.id, title: plan.recipe.title },
      state: 'running',
      because: null,
      verify: plan.body!.verify,
      started_at: now(),
      verifying_at: null,
      ended_at: null,
      loans: [],
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
        },
      ],
    })
    const run = this.world.runs.get(id)!
    const step = run.steps[0]!
    Object.assign(plan, { state: 'used', run: id })
    incident.phase = 'mitigating'
    say('run.started', `Run ${id} of plan ${plan.id} started: 1 step, approved by ${who(approver).name}.`)
    this.inTurn(
      () => {
        Object.assign(step, { state: 'intended', intended_at: now() })
        say('step.intended', `Step 1 (${step.says}) begins.`)
      },
      () => {
        Object.assign(step, { state: 'done', ended_at: now(), before: planned!.before, after: planned!.after })
        const loan = this.lend(id, planned!)
        run.loans.push(loan.id)
        say(
          'step.done',
          `Step 1 (${step.says}) done: replicas ${String(planned!.before['replicas'])} → ${String(planned!.after['replicas'])}.`,
        )
        say('loan.out', `deployment:prod/api is on loan until ${loan.until.slice(11, 16)} UTC.`)
      },
      () => {
        Object.assign(run, { state: 'verifying', verifying_at: now() })
        say('run.verifying', 'Every step is done; checking whether it helped.')
      },
      () => {
        const because = 'p95 of api is 171 ms (threshold 500 ms), and 5 of 5 replicas are ready.'
        Object.assign(run, { state: 'succeeded', ended_at: now(), because })
        incident.phase = 'mitigated'
        say('run.succeeded', `The run succeeded. ${because}`)
      },
      () => this.resolve(incident.id),
    )
  }

  private lend(
    run: string,
    { targets, undo, loan_minutes }: NonNullable<PlanRecord['body']>['steps'][number],
  ): LoanRecord {
    const at = this.options.now()
    const loan: LoanRecord = {
      id: this.newId('lon'),
      state: 'out',
      run,
      target: targets[0]!,
      says: 'says' in undo ? undo.says : undo.none,
      out_at: at.toISOString(),
      until: new Date(at.getTime() + (loan_minutes ?? 60) * 60_000).toISOString(),
      returned_at: null,
      because: null,
    }
    this.world.loans.set(loan.id, loan)
    return loan
  }

  private loansOf(run: string | null, me: Pick<Me, 'roles'>): Loan[] {
    return [...this.world.loans.values()]
      .filter((loan) => run === null || loan.run === run)
      .map((loan) => ({ ...loan, may: { return: byRole('loan.return', responders, me.roles) } }))
  }

  private giveBack(id: string, me: Pick<Me, 'id' | 'name' | 'roles'>, reason: string): Loan {
    demand(byRole('loan.return', responders, me.roles))
    const loan = this.world.loans.get(id)
    if (!loan) throw notFound(`/v1/loans/${id}`)
    const incident = this.world.runs.get(loan.run)!.incident!
    const say = (type: string, by: string, says: string) => this.log(incident, type, `run:${loan.run}`, by, says)
    say('loan.requested', me.id, `${me.name} asked for ${loan.target} to be given back now: ${reason}.`)
    this.inTurn(
      () => {
        loan.state = 'returning'
        say('loan.returning', 'worker', `${loan.target} is being given back.`)
      },
      () => {
        Object.assign(loan, { state: 'returned', returned_at: this.options.now().toISOString() })
        say('loan.returned', 'worker', `${loan.target} was given back: replicas 2.`)
      },
    )
    return this.loansOf(loan.run, me).find((one) => one.id === id)!
  }

  private resolve(id: string): void {
    const incident = this.incidentRecord(id)
    const at = this.options.now().toISOString()
    for (const alert of incident.alerts) Object.assign(alert, { state: 'resolved', ends_at: at })
    Object.assign(incident, { state: 'resolved', resolved_at: at, version: incident.version + 1 })
    this.log(id, 'incident.resolved', `incident:${id}`, 'api', 'The incident resolved with its last alert.')
  }

  private incidentRecord(id: string) {
    const incident = this.world.incidents.get(id)
    if (!incident) throw new No(404, 'not-found', `There is no incident ${id}.`)
    return incident
  }

  /** A line in the incident's timeline, and an event on the stream: what happens is told in both. */
  private log(
    incident: string,
    type: string,
    stream: string,
    by: string,
    says: string,
    { at = this.options.now(), outcome = 'ok' }: { at?: Date; outcome?: string } = {},
  ): void {
    const entry = this.newId('ent')
    const { timeline } = this.incidentRecord(incident)
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

  private later(what: () => void): void {
    this.options.after(this.options.pace, what)
  }

  private inTurn(...things: (() => void)[]): void {
    const [first, ...rest] = things
    if (!first) return
    this.later(() => {
      first()
      this.inTurn(...rest)
    })
  }

  private newId(kind: string): string {
    return `${kind}_0193${(++this.count).toString(16).padStart(8, '0')}`
  }
}

const firing = (alerts: Incident['alerts']) => alerts.filter(({ state }) => state === 'firing').length

function mayApprove(plan: PlanRecord, me: Pick<Me, 'id' | 'roles'>): Allowed {
  const role = byRole('plan.approve', plan.body?.approval.roles ?? [], me.roles)
  if (!role.ok) return { ...role, reason: `This plan is approved by ${plan.body?.approval.roles.join(' or ')}.` }
  if (plan.state !== 'proposed') return { ok: false, code: 'already-decided', reason: `This plan is ${plan.state}.` }
  return role
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function refuse(no: No): never {
  throw no
}
