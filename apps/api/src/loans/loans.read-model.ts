import { Refused, whyNotRenew, whyNotReturn, wishesOf, type Loan, type Request } from '@firebreak/flow'
import type { JsonObject } from '@firebreak/kit'
import { verbs } from '@firebreak/kit/verbs'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import type { LoanQuery } from '../runs/runs.schema.js'

const LOAN = `
  select l.*, case when s.items is null then p.body -> 'steps' -> (s.number - 1) -> 'undo' ->> 'says' end as says,
    s.loan_minutes as minutes,
    coalesce((select jsonb_agg(jsonb_build_object('body', q.body, 'by', q."by", 'at',
      to_char(q.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by q.id)
      from flow.request q where q.kind = 'loan' and q.subject = l.id), '[]') as wishes
  from flow.loan l join flow.step s on s.id = l.step_id join flow.run r on r.id = l.run_id join flow.plan p on p.id = r.plan_id`

type Row = Loan & { says: string | null; minutes: number; wishes: Pick<Request, 'body' | 'by' | 'at'>[] }

/** What runs changed for now, and when it is given back. */
export class LoansReadModel {
  constructor(private readonly source: DataSource) {}

  async page({ state, run, limit, after }: z.infer<typeof LoanQuery>, by: Caller) {
    const rows = await select<Row>(
      this.source,
      `${LOAN} where ($1::text is null or l.state = $1) and ($2::text is null or l.run_id = $2)
         and ($3::text is null or l.id < $3) order by l.id desc limit $4`,
      [state ?? null, run ?? null, after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: items.map((row) => view(row, by)), next }
  }

  async one(id: string, by: Caller) {
    const [row] = await select<Row>(this.source, `${LOAN} where l.id = $1`, [id])
    if (!row) throw new Refused('not-found', `There is no loan ${id}.`)
    return view(row, by)
  }
}

const view = (row: Row, by: Caller) => {
  const { id, state, run_id, target, says, verb, args, out_at, until, returned_at, because, minutes, wishes } = row
  return {
    ...{ id, state, target, out_at, until, minutes, returned_at, because },
    run: run_id,
    says: says ?? waysBack(verb, args) ?? `Takes ${verb} back`,
    may: {
      return: mayNow('loan.return', by, whyNotReturn(row)),
      renew: mayNow('loan.renew', by, whyNotRenew(row, wishesOf(row, wishes))),
    },
  }
}

/** Of one item of a step over many: its own sentence, which the plan says of all of them together. */
function waysBack(verb: string, args: JsonObject): string | undefined {
  const undo = verbs.get(verb)?.undo
  return undo && 'says' in undo ? undo.says(args) : undefined
}
