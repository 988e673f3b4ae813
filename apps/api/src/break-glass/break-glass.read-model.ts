import {
  aroundOf,
  grantsOf,
  passableOf,
  passesOf,
  passState,
  Refused,
  reviewDue,
  time,
  toTypeFor,
  wantedOf,
  whyNotDecide,
  whyNotReview,
  type Books,
  type BreakGlass,
  type Pass,
  type RoleGrant,
  type World,
} from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'
import type { BreakGlassQuery } from './break-glass.schema.js'

/** Who broke the glass, as screens show it. There are few of them: each is asked of the domain, which knows who may. */
export class BreakGlassReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly world: World,
  ) {}

  async page({ after, incident, limit, plan }: z.infer<typeof BreakGlassQuery>, by: Caller) {
    const rows = await select<BreakGlass>(
      this.source,
      `select b.* from flow.break_glass b join flow.plan p on p.id = b.plan_id
       where ($1::text is null or b.id < $1) and ($2::text is null or b.plan_id = $2)
         and ($3::text is null or p.incident_id = $3) order by b.id desc limit $4`,
      [after ?? null, plan ?? null, incident ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  async one(id: string, by: Caller) {
    const rows = await select<BreakGlass>(this.source, 'select * from flow.break_glass where id = $1', [id])
    const [view] = await this.views(rows, by)
    if (!view) throw new Refused('not-found', `There is no break-glass ${id.slice(0, 100)}.`)
    return view
  }

  /** What could be passed for a plan, before somebody asks. */
  async check(id: string, by: Caller) {
    const names = await nameOf(this.source)
    return this.world.ledger.read(async (books) => {
      const { freezes, lead, missing, security, wanted } = await passableOf(books, this.world, id, by.id)
      return {
        ...{ plan: id, digest: wanted.plan.digest, approval_missing: missing },
        freezes: freezes.map(({ at, by, id, reason, scopes }) => ({ id, scopes, reason, by: names(by), at })),
        granters: { security: security.map(names), lead: lead === null ? null : names(lead) },
      }
    })
  }

  private async views(rows: BreakGlass[], by: Caller) {
    const names = await nameOf(this.source)
    // One connection for the page: its rows would else ask the pool for one each.
    return this.world.ledger.read(async (books) => {
      const held = await grantsOf(books, by.id)
      return Promise.all((await passesOf(books, rows)).map((pass) => this.view(books, pass, by, held, names)))
    })
  }

  private async view(
    books: Books,
    pass: Pass,
    by: Caller,
    held: RoleGrant[],
    names: Awaited<ReturnType<typeof nameOf>>,
  ) {
    const { decision, review, use, wish } = pass
    const now = this.world.now()
    const wanted = await wantedOf(books, wish.plan_id)
    const around = await aroundOf(books, wish, wanted.plan, now)
    return {
      ...{ id: wish.id, state: passState(pass, now), plan: wish.plan_id, digest: wish.plan_digest },
      ...{ incident: wanted.plan.incident_id, over: wish.over, freeze: wish.freeze_id, minutes: wish.minutes },
      ...{ reason: wish.reason, by: names(wish.by), at: wish.at, open_until: wish.open_until },
      decision: decision
        ? {
            ...{ by: names(decision.by), decision: decision.decision, voice: decision.voice },
            ...{ note: decision.note, at: decision.at },
          }
        : null,
      expires_at: decision?.expires_at ?? null,
      use: use ? { run: use.run_id, at: use.at, review_by: time(reviewDue(use)) } : null,
      review:
        review && use
          ? {
              ...{ by: names(review.by), verdict: review.verdict, note: review.note, at: review.at },
              late: new Date(review.at) >= reviewDue(use),
            }
          : null,
      to_type: toTypeFor(pass, wanted.plan),
      may: {
        decide: mayNow('break-glass.decide', by, whyNotDecide(pass, wanted, around, by, held, now)),
        review: mayNow('break-glass.review', by, whyNotReview(pass, by, held, now)),
      },
    }
  }
}
