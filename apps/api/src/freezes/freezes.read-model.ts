import {
  isLiftOpen,
  liftDigest,
  liftingOf,
  liftOf,
  Refused,
  whyNotAskLift,
  whyNotStop,
  whyNotVoteLift,
  type Freeze,
  type Lifting,
  type World,
} from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { nameOf } from '../people/names.js'
import type { FreezeQuery } from './freezes.schema.js'

/** Freezes as screens show them, and the stop switch. */
export class FreezesReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly world: World,
  ) {}

  async page({ limit, after }: z.infer<typeof FreezeQuery>, by: Caller) {
    const rows = await select<Freeze>(
      this.source,
      `select * from flow."freeze" where ($1::text is null or id < $1) order by id desc limit $2`,
      [after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  async one(id: string, by: Caller) {
    const [view] = await this.views(
      await select<Freeze>(this.source, `select * from flow."freeze" where id = $1`, [id]),
      by,
    )
    if (!view) throw new Refused('not-found', `There is no freeze ${id.slice(0, 100)}.`)
    return view
  }

  async stop(by: Caller) {
    const [last] = await select<{ on: boolean; by: string; reason: string; at: string }>(
      this.source,
      `select (body -> 'on')::boolean as "on", "by", reason, at from flow.request where kind = 'stop' order by id desc limit 1`,
    )
    const on = last?.on ?? false
    const may = {
      press: mayNow('stop.press', by, whyNotStop(on, true)),
      release: mayNow('stop.release', by, whyNotStop(on, false)),
    }
    if (!last || !on) return { on, by: null, reason: null, at: null, may }
    const names = await nameOf(this.source)
    return { ...last, by: names(last.by), may }
  }

  private async views(rows: Freeze[], by: Caller) {
    const names = await nameOf(this.source)
    const now = this.world.now()
    const liftings = await this.world.ledger.read((books) =>
      Promise.all(rows.map((row) => liftingOf(books, row, now, by.id))),
    )
    return rows.map(({ by: declared, incident_id, ...row }, nth) => {
      const { enforcement, grants, request, state, votes } = liftings[nth]!
      const open = isLiftOpen(state)
      return {
        ...row,
        by: names(declared),
        incident: incident_id,
        state: open ? ('lift-asked' as const) : (enforcement?.state ?? ('enforcing' as const)),
        lift: liftView(liftings[nth]!, names),
        may: {
          lift: mayNow('freeze.lift', by, whyNotAskLift(enforcement, open, by)),
          approve: mayNow('freeze.lift', by, whyNotVoteLift(request, state, votes, by, grants, now)),
        },
      }
    })
  }
}

function liftView({ request, state, votes }: Lifting, names: Awaited<ReturnType<typeof nameOf>>) {
  if (!request || !state) return null
  const lift = liftOf(request)
  return {
    ...{ id: request.id, state, asked_by: names(request.by), asked_at: request.at, reason: lift.reason },
    ...{ expires_at: lift.expires_at, epoch: lift.epoch, reversal: lift.reversal, digest: liftDigest(lift) },
    votes: votes.map(({ at, by, decision, note }) => ({ by: names(by), decision, note, at })),
  }
}
