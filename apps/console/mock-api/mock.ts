import type { BreakGlass, Incident, Loan, Me, Plan, Run } from '../src/renderer/api/view.js'
import { cast, person, who } from './cast.js'
import { checkpoint } from './checkpoint.js'
import { Night } from './night.js'
import { byRole, demand, No, notFound, notSignedIn, type Allowed } from './refuse.js'
import type { IncidentRecord, PlanRecord } from './world.js'

/** Who is at the other end: a cookie on a server, the page itself in development. */
export interface Session {
  person: string | null
}

const responders = ['sre', 'ml', 'security']

/**
 * The API, pretended: stateful, by the shapes and refusals of the real one. It serves development, where it runs in the
 * page, and the browser tests, where it runs behind a server.
 */
export class MockApi extends Night {
  /** Paths that answer 503, so that a pane can be seen to fail alone. */
  readonly failing = new Set<string>()
  private readonly answered = new Map<string, unknown>()

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
      if (typeof answer === 'string')
        return new Response(answer, { headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } })
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
        return meOf(me, this.options.mode ?? 'sandbox')
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
      case 'GET break-glass':
        return { items: this.breakGlassOf(url.searchParams.get('plan'), me), next: null }
      case 'GET runs/:id':
        return this.run(id!, me)
      case 'GET audit/:id':
        return id === 'checkpoint' ? checkpoint : refuse(notFound(url.pathname))
      case 'GET loans':
        return { items: this.loansOf(url.searchParams.get('run'), me), next: null }
      case 'POST loans/:id/return':
        return this.giveBack(id!, me, text(body['reason']))
      case 'POST loans/:id/renew':
        return this.renew(id!, me, text(body['reason']))
      default:
        throw notFound(`${request.method} ${url.pathname}`)
    }
  }

  private signIn(session: Session, id: string): Me {
    const found = person(id)
    if (!found) throw new No(404, 'not-found', `There is no ${id} in the sandbox.`)
    session.person = id
    return meOf(found, 'sandbox')
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
    return {
      ...plan,
      quorum: { needed: 1, given },
      may: {
        ...{ approve: mayApprove(plan, me), refuse: mayApprove(plan, me), cancel: mayCancel(plan, me) },
        break_glass: byRole('break-glass.ask', ['security'], me.roles),
      },
    }
  }

  private breakGlassOf(plan: string | null, me: Pick<Me, 'id' | 'roles'>): BreakGlass[] {
    const may = { decide: byRole('break-glass.decide', ['security'], me.roles), review: byRole('break-glass.review', ['security'], me.roles) } // prettier-ignore
    return [...this.world.breakGlass.values()].filter((pass) => plan === null || pass.plan === plan).map((pass) => ({ ...pass, may })) // prettier-ignore
  }

  private ask(incident: string, me: Pick<Me, 'id' | 'name' | 'roles'>): Plan {
    demand(this.incident(incident, me).may.plan as Allowed)
    const id = this.propose(incident, this.options.now(), me.id)
    return this.plan(id, me)
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

  private run(id: string, me: Pick<Me, 'roles'>): Run {
    const run = this.world.runs.get(id) ?? refuse(notFound(`/v1/runs/${id}`))
    const may = (right: string, open: boolean): Allowed => {
      const role = byRole(right, responders, me.roles)
      return role.ok && !open ? { ok: false, code: 'superseded', reason: `This run is ${run.state}.` } : role
    }
    return {
      ...run,
      may: {
        cancel: may('run.cancel', ['running', 'waiting', 'verifying'].includes(run.state)),
        resolve: may('run.resolve', run.state === 'needs-a-person'),
      },
    }
  }

  private loansOf(run: string | null, me: Pick<Me, 'roles'>): Loan[] {
    return [...this.world.loans.values()]
      .filter((loan) => run === null || loan.run === run)
      .map((loan) => ({
        ...loan,
        may: {
          return: byRole('loan.return', responders, me.roles),
          renew: byRole('loan.renew', responders, me.roles),
        },
      }))
  }

  private renew(id: string, me: Pick<Me, 'id' | 'name' | 'roles'>, reason: string): Loan {
    demand(byRole('loan.renew', responders, me.roles))
    const loan = this.world.loans.get(id)
    if (!loan) throw notFound(`/v1/loans/${id}`)
    const incident = this.world.runs.get(loan.run)!.incident!
    const until = new Date(this.options.now().getTime() + loan.minutes * 60_000).toISOString()
    const till = `until ${until.slice(11, 16)} UTC`
    const say = (type: string, by: string, says: string) => this.log(incident, type, `run:${loan.run}`, by, says)
    say('loan.requested', me.id, `${me.name} asked for ${loan.target} to stay on loan ${till}: ${reason}.`)
    this.inTurn(() => {
      Object.assign(loan, { until, because: `${me.id} renewed it.` })
      say('loan.renewed', 'worker', `${loan.target} stays on loan ${till}. ${me.id} renewed it.`)
    })
    return this.loansOf(loan.run, me).find((one) => one.id === id)!
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
}

/** Those of the rights that this API has routes for. */
const held = ['incident.acknowledge', 'incident.resolve', 'plan.request', 'plan.approve', 'plan.cancel', 'run.cancel', 'run.resolve', 'loan.return', 'loan.renew'] // prettier-ignore

const meOf = (me: Omit<Me, 'may' | 'mode'>, mode: Me['mode']): Me => ({
  ...me,
  mode,
  may: Object.fromEntries(held.map((right) => [right, byRole(right, responders, me.roles)])),
})

const firing = (alerts: Incident['alerts']) => alerts.filter(({ state }) => state === 'firing').length

function mayApprove(plan: PlanRecord, me: Pick<Me, 'id' | 'roles'>): Allowed {
  const role = byRole('plan.approve', plan.body?.approval.roles ?? [], me.roles)
  if (!role.ok) return { ...role, reason: `This plan is approved by ${plan.body?.approval.roles.join(' or ')}.` }
  if (plan.state !== 'proposed') return { ok: false, code: 'already-decided', reason: `This plan is ${plan.state}.` }
  return role
}

function mayCancel(plan: PlanRecord, me: Pick<Me, 'roles'>): Allowed {
  const role = byRole('plan.cancel', responders, me.roles)
  if (role.ok && plan.state !== 'proposed' && plan.state !== 'approved')
    return { ok: false, code: 'already-decided', reason: `This plan is ${plan.state}: there is nothing to cancel.` }
  return role
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function refuse(no: No): never {
  throw no
}
