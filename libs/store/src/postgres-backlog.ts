import { Backlog, type Waiting } from '@firebreak/flow'
import type { Tx } from '@firebreak/audit-store'

/** Asks Postgres what waits for a worker. What is held by somebody else, or by a lock, is not rung for. */
export class PostgresBacklog extends Backlog {
  constructor(private readonly db: Tx) {
    super()
  }

  override async find(now: Date): Promise<Waiting[]> {
    return (await this.db.query(
      `
      -- a plan was asked for and is not made
      (select 'plan' as queue, r.id from flow.request r
        where r.kind = 'plan' and not exists (select from flow.plan p where p.id = r.id)
          and not exists (select from flow.request c where c.kind = 'cancel' and c.subject = r.id) order by r.id limit 100)
      union all
      -- a plan is refused or cancelled, or has expired, and is not closed
      (select 'plan', p.id from flow.plan p
        where p.state = 'proposed' and (p.expires_at <= $1
          or exists (select from flow.approval a where a.plan_id = p.id and a.decision = 'no')
          or exists (select from flow.request c where c.kind = 'cancel' and c.subject = p.id)) order by p.id limit 100)
      union all
      -- a plan has its quorum and no run
      (select 'run', p.id from flow.plan p
        where p.state = 'proposed' and p.expires_at > $1
          and flow.counting_yeses(p) >= greatest(p.quorum, case when jsonb_array_length(p.body -> 'steps') > 0 then 1 else 0 end)
          and not exists (select from flow.approval a where a.plan_id = p.id and a.decision = 'no')
          and not exists (select from flow.request c where c.kind = 'cancel' and c.subject = p.id) order by p.id limit 100)
      union all
      -- a plan lacks one yes, and a pass makes up for it
      (select 'run', p.id from flow.break_glass b join flow.break_glass_decision d on d.id = b.id
          join flow.plan p on p.id = b.plan_id
        where b."over" = 'approval' and d.expires_at > $1 and p.state = 'proposed' and p.expires_at > $1
          and flow.why_not_passed(b.id, p, $1) is null and flow.counting_yeses_but(p, d."by") + 1 >= p.quorum
          and not exists (select from flow.approval a where a.plan_id = p.id and a.decision = 'no')
          and not exists (select from flow.request c where c.kind = 'cancel' and c.subject = p.id) order by p.id limit 100)
      union all
      -- a plan starts by itself, under a standing approval
      (select 'run', p.id from flow.plan p
        where p.state = 'proposed' and p.expires_at > $1
          and exists (select from flow.standing_approval s
            where s.state = 'given' and s.recipe_digest = p.recipe_digest and flow.why_not_standing(s, p, $1) is null)
          and not exists (select from flow.request c where c.kind = 'cancel' and c.subject = p.id)
        order by p.id limit 100)
      union all
      -- a run is under way and its worker is silent
      (select 'run', r.plan_id from flow.run r left join flow.tenure t on t.id = r.id
        where (r.state in ('running', 'verifying', 'cancelling', 'undoing') or (r.state = 'failed' and r.ended_at is null)
            -- it waits, and its time has come, or somebody cancelled it meanwhile
            or r.state = 'waiting' and (r.goes_on_at <= $1
              or exists (select from flow.request q where q.kind = 'cancel' and q.subject = r.id)))
          and (t.id is null or t.holder = '' or t.until <= $1) order by r.id limit 100)
      union all
      -- a run asked a person, and was answered
      (select 'run', r.plan_id from flow.run r where r.state = 'needs-a-person' and exists (select from flow.request q
          where q.kind = 'resolve-unknown' and q.subject = r.id and (r.answered is null or q.id > r.answered))
        order by r.id limit 100)
      union all
      -- a loan is due, was asked back, or was left half returned
      (select 'loan', l.id from flow.loan l left join flow.tenure t on t.id = l.id
        where l.state in ('out', 'overdue', 'returning') and (t.id is null or t.holder = '' or t.until <= $1)
          and (l.state = 'returning' or (l.state = 'out' and l.until <= $1)
            -- a freeze kept it out, and was lifted
            or exists (select from flow.enforcement f where f.id = l.held_by and f.state = 'lifted')
            -- somebody wants it back, or renewed (\`wishesOf\`: whoever renews it afterwards does not want it back)
            or exists (select from flow.request q where q.kind = 'loan' and q.subject = l.id and case q.body ->> 'wish'
              when 'renew' then l.state <> 'returning' and (q.body ->> 'until')::timestamptz > l.until
              else q.at > coalesce(l.tried_at, '-infinity') and not exists (select from flow.request n
                where n.kind = 'loan' and n.subject = l.id and n.id > q.id and n.body ->> 'wish' = 'renew') end))
          and not exists (select from flow.target_lock k where k.id = l.target)
          -- given back in reverse: the younger one's "before" is the older one's "after"
          and not exists (select from flow.loan y where y.target = l.target and y.state <> 'returned' and y.out_at > l.out_at)
        order by l.id limit 100)
      union all
      -- an export was asked for and is not made
      (select 'export', r.id from flow.request r left join flow.export e on e.id = r.id left join flow.tenure t on t.id = r.id
        where r.kind = 'export' and (e.id is null or e.state in ('queued', 'running'))
          and (t.id is null or t.holder = '' or t.until <= $1) order by r.id limit 100)
      union all
      -- a turn of maintenance is due, was left half done, or is to be tried again and no later one is due
      (select 'maintenance', m.id from flow.maintenance_run m left join flow.tenure t on t.id = m.id
        where (m.state in ('due', 'late', 'running') and m.due_at <= $1
            or m.state = 'failed' and m.retry_at <= $1 and not exists (
              select from flow.maintenance_run n where n.kind = m.kind and n.due_at > m.due_at and n.due_at <= $1))
          and (t.id is null or t.holder = '' or t.until <= $1) order by m.id limit 100)
      `,
      [now],
    )) as Waiting[]
  }
}
