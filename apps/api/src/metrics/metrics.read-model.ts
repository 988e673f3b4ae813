import { Backlog } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import { select } from '../http/select.js'

export interface Sample {
  metric: string
  labels: Record<string, string>
  value: number
}

/** What the record says about how the house is doing. Each part is a walk along an index, or over what is open now. */
const SAMPLES = `
  with recent as (
    -- Ids begin with the time at which they were made (UUIDv7).
    select verb, state, extract(epoch from ended_at - intended_at) as seconds from flow.step
    where id >= 'stp_' || substr(lpad(to_hex((extract(epoch from $1::timestamptz - interval '1 hour') * 1000)::bigint), 12, '0'), 1, 8)
  ), waiting as (
    select made_at from flow.plan p where state = 'proposed' and expires_at > $1 and quorum > 0
      and (select count(*) from flow.approval a where a.plan_id = p.id and a.decision = 'yes' and a.digest = p.digest) < quorum
  ), fates as (
    select source, sum(received) filter (where state = 'stored') as pending, sum(opened) as opened, sum(joined) as joined,
      sum(repeated) as repeated, sum(resolved) as resolved, sum(suppressed) as suppressed, sum(refused) as refused
    from flow.delivery group by source
  )
  select 'firebreak_alerts' as metric, jsonb_build_object('source', source, 'fate', fate) as labels, coalesce(n, 0)::float8 as value
    from fates, lateral (values ('pending', pending), ('opened', opened), ('joined', joined), ('repeated', repeated),
      ('resolved', resolved), ('suppressed', suppressed), ('refused', refused)) as f(fate, n)
  union all select 'firebreak_incidents', jsonb_build_object('class', class, 'state', state), count(*) from flow.incident group by class, state
  union all select 'firebreak_runs', jsonb_build_object('recipe', recipe_id, 'state', state), count(*) from flow.run group by recipe_id, state
  union all select 'firebreak_steps_recent', jsonb_build_object('verb', verb, 'state', state), count(*) from recent group by verb, state
  union all select 'firebreak_step_seconds', jsonb_build_object('verb', verb, 'quantile', q::text),
      percentile_cont(q) within group (order by seconds) from recent, unnest(array[0.5, 0.95, 0.99]) q
      where seconds is not null group by verb, q
  union all select 'firebreak_plans_waiting', '{}', count(*) from waiting
  union all select 'firebreak_oldest_waiting_plan_seconds', '{}', coalesce(extract(epoch from $1 - min(made_at)), 0) from waiting
  union all select 'firebreak_loans_overdue', '{}', count(*) from flow.loan where state <> 'returned' and state = 'overdue'
  union all select 'firebreak_freezes', '{}', count(*) from flow."freeze" f
      where not exists (select from flow.enforcement e where e.id = f.id and e.state = 'lifted')
  union all select 'firebreak_stopped', '{}',
      coalesce((select (body ->> 'on')::boolean::int from flow.request where kind = 'stop' order by id desc limit 1), 0)
  union all select 'firebreak_merge_delay_seconds', '{}', coalesce(greatest(0, extract(epoch from $1 - case
      when exists (select from audit.leaf) then (select recorded_at from audit.entry
        where (era, xid, id) > (select era, xid, id from audit.leaf order by position desc limit 1) order by era, xid, id limit 1)
      else (select recorded_at from audit.entry order by era, xid, id limit 1) end)), 0)
  union all select 'firebreak_checkpoint_size', '{}', coalesce((select size from audit.checkpoint order by size desc limit 1), 0)
`

export class MetricsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly backlog: Pick<Backlog, 'find'>,
    private readonly now: () => Date,
  ) {}

  async samples(): Promise<Sample[]> {
    const now = this.now()
    const [rows, found] = await Promise.all([select<Sample>(this.source, SAMPLES, [now]), this.backlog.find(now)])
    const waiting = new Map<string, number>()
    for (const { queue } of found) waiting.set(queue, (waiting.get(queue) ?? 0) + 1)
    return [
      ...rows,
      ...[...waiting].map(([queue, value]) => ({ metric: 'firebreak_backlog', labels: { queue }, value })),
    ]
  }
}
