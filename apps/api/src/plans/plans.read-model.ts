import {
  countingYeses,
  isApproved,
  passesOf,
  Refused,
  revertedBy,
  toType,
  whyNotApprove,
  whyNotAsk,
  whyNotCancelPlan,
  whyNotYes,
  wordsOf,
  type Approval,
  type Books,
  type BreakGlass,
  type Pass,
  type Plan,
  type Request,
  type RefusalCode,
  type RoleGrant,
  type World,
} from '@firebreak/flow'
import type { Recipe } from '@firebreak/kit'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'
import type { PlanQuery } from './plans.schema.js'

/** Plans as screens show them. A request that no worker has answered yet is a plan in the state `requested`. */
export class PlansReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly world: World,
  ) {}

  async page({ incident, state, requested_by, limit, after }: z.infer<typeof PlanQuery>, by: Caller) {
    const rows = await select<Request>(
      this.source,
      // Those that wait are few among years of plans, and have an index of their own (`plan_open`).
      state === 'proposed'
        ? `select r.* from flow.plan p join flow.request r on r.id = p.id
           where p.state = 'proposed' and ($1::text is null or p.incident_id = $1) and ($2::text is null or p.id < $2)
             and ($4::text is null or r."by" = $4)
           order by p.id desc limit $3`
        : `select * from flow.request
           where kind = 'plan' and ($1::text is null or incident_id = $1) and ($2::text is null or id < $2)
             and ($4::text is null or "by" = $4)
           order by id desc limit $3`,
      [incident ?? null, after ?? null, limit + 1, (requested_by === 'me' ? by.id : requested_by) ?? null],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  async one(id: string, by: Caller) {
    const requests = await select<Request>(this.source, `select * from flow.request where kind = 'plan' and id = $1`, [
      id,
    ])
    const [view] = await this.views(requests, by)
    if (!view) throw new Refused('not-found', `There is no plan ${id}.`)
    return view
  }

  /** Whether the worker has answered the request. */
  async isMade(id: string): Promise<boolean> {
    return (await select(this.source, 'select from flow.plan where id = $1', [id])).length > 0
  }

  private async views(requests: Request[], by: Caller) {
    const ids = [requests.map(({ id }) => id)]
    const plans = await select<Plan>(this.source, 'select * from flow.plan where id = any($1)', ids)
    const approvals = await select<Approval>(
      this.source,
      'select * from flow.approval where plan_id = any($1) order by id',
      ids,
    )
    const runs = await select<{ id: string; plan_id: string }>(
      this.source,
      'select id, plan_id from flow.run where plan_id = any($1)',
      ids,
    )
    const cancels = await select<{ subject: string; by: string }>(
      this.source,
      `select subject, "by" from flow.request where kind = 'cancel' and subject = any($1)`,
      ids,
    )
    const grants = await select<RoleGrant>(
      this.source,
      'select id, person_id, role, since from flow.role_grant where person_id = any($1) and revoked_at is null',
      [[by.id, ...approvals.map((approval) => approval.by)]],
    )
    const wishes = await select<BreakGlass>(
      this.source,
      'select * from flow.break_glass where plan_id = any($1) order by id',
      ids,
    )
    const mine = grants.filter(({ person_id }) => person_id === by.id)
    const names = await nameOf(this.source)
    const now = this.world.now()
    const view = async (books: Books, passes: Pass[], request: Request) => {
      const plan = plans.find(({ id }) => id === request.id)
      const votes = approvals.filter(({ plan_id }) => plan_id === request.id)
      const cancelledBy = cancels.find(({ subject }) => subject === request.id)?.by
      const recipe = this.recipes.get(request.subject ?? '')
      const reverts = revertedBy(request)
      const words = recipe && wordsOf(recipe, reverts)
      const noVote = plan
        ? whyNotApprove(plan, votes, by, now, mine, cancelledBy)
        : cancelledBy === undefined
          ? notMade
          : neverMade
      // Asked only where nothing else stands in the way: of most plans in a list it is not.
      const refuse = mayNow('plan.approve', by, noVote)
      const notNow = refuse.ok && plan?.body ? await whyNotYes(books, this.world, plan) : undefined
      return {
        id: request.id,
        state: this.stateOf(plan, votes, grants, cancelledBy),
        recipe: {
          id: request.subject ?? '',
          title: words?.title ?? request.subject ?? '',
          version: plan?.recipe_version ?? recipe?.version ?? 0,
          meaning: words?.meaning ?? '',
          impact: words?.impact ?? '',
        },
        incident: request.incident_id,
        requested_by: names(request.by),
        requested_at: request.at,
        reason: request.reason,
        reverts: reverts ?? null,
        digest: plan?.digest ?? null,
        body: plan?.body ?? null,
        because: plan?.because ?? (cancelledBy === undefined ? null : `${cancelledBy} cancelled it.`),
        expires_at: plan?.expires_at ?? null,
        approvals: votes.map(({ id, by: voter, decision, digest, note, at }) => ({
          id,
          by: names(voter),
          decision,
          digest,
          note,
          at,
        })),
        quorum: {
          needed: plan?.quorum ?? recipe?.approval.people ?? 0,
          given: plan ? countingYeses(plan, votes, grants).length : 0,
        },
        to_type: plan ? toType(plan) : null,
        run: runs.find(({ plan_id }) => plan_id === request.id)?.id ?? null,
        may: {
          approve: notNow ? mayNow('plan.approve', by, notNow) : refuse,
          refuse,
          cancel: mayNow('plan.cancel', by, whyNotCancelPlan(plan, votes, cancelledBy, now)),
          break_glass: mayNow(
            'break-glass.ask',
            by,
            plan
              ? whyNotAsk(
                  { plan, approvals: votes, cancelledBy },
                  passes.filter(({ wish }) => wish.plan_id === plan.id),
                  by,
                  mine,
                  now,
                )
              : notMade,
          ),
        },
      }
    }
    // One connection for the page: its rows would else ask the pool for one each.
    return this.world.ledger.read(async (books) => {
      const passes = await passesOf(books, wishes)
      return Promise.all(requests.map((request) => view(books, passes, request)))
    })
  }

  /** What the record will say as soon as the worker comes by is said at once. */
  private stateOf(plan: Plan | undefined, votes: Approval[], grants: RoleGrant[], cancelledBy: string | undefined) {
    if (plan && plan.state !== 'proposed') return plan.state
    if (cancelledBy !== undefined) return 'cancelled'
    if (!plan) return 'requested'
    if (votes.some(({ decision }) => decision === 'no')) return 'refused'
    if (new Date(plan.expires_at) <= this.world.now()) return 'expired'
    return isApproved(plan, votes, grants) ? 'approved' : 'proposed'
  }
}

const notMade: { code: RefusalCode; reason: string } = {
  code: 'in-progress',
  reason: 'The worker is still looking: the plan is not made yet.',
}

const neverMade: typeof notMade = {
  code: 'already-decided',
  reason: 'This plan was cancelled before it was made.',
}
