import { successionDigest } from '@firebreak/audit-log'
import {
  LogState,
  Refused,
  successionOf,
  successorState,
  whyNotVote,
  type Request,
  type RoleGrant,
  type Vote,
} from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'

type Row = Pick<Request, 'id' | 'body' | 'by' | 'reason' | 'at'>

/** Requests for a successor, and what the votes came to. */
export class SuccessorsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly log: LogState,
    private readonly now: () => Date,
  ) {}

  async page({ limit, after }: { limit: number; after?: string | undefined }, by: Caller) {
    const rows = await select<Row>(
      this.source,
      `${REQUEST} and ($1::text is null or id < $1) order by id desc limit $2`,
      [after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  async one(id: string, by: Caller) {
    const [view] = await this.views(await select<Row>(this.source, `${REQUEST} and id = $1`, [id]), by)
    if (!view) throw new Refused('not-found', `There is no request ${id} for a successor.`)
    return view
  }

  private async views(rows: Row[], by: Caller) {
    const names = await nameOf(this.source)
    const keys = await this.log.keys()
    const all = await select<Vote>(
      this.source,
      'select id, request_id, "by", decision, digest, note, at from flow.vote where request_id = any ($1) order by id',
      [rows.map(({ id }) => id)],
    )
    const grants = await select<RoleGrant>(
      this.source,
      'select id, person_id, role, since from flow.role_grant where person_id = $1 and revoked_at is null',
      [by.id],
    )
    return rows.map((row) => {
      const { request, ...asked } = successionOf(row)
      const votes = all.filter(({ request_id }) => request_id === request)
      const state = successorState({ ...asked, request }, votes, keys)
      return {
        ...asked,
        id: row.id,
        state,
        asked_by: names(row.by),
        asked_at: row.at,
        digest: successionDigest({ ...asked, request }),
        votes: votes.map(({ at, by, decision, note }) => ({ by: names(by), decision, note, at })),
        may: { approve: mayNow('audit.succeed', by, whyNotVote(row, state, votes, by, grants, this.now())) },
      }
    })
  }
}

const REQUEST = `select id, body, "by", reason, at from flow.request where kind = 'successor'`
