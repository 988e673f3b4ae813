/** What lets a plan start without a person: a standing approval, held by the database too. */
export const guards = /* sql */ `

create table flow.standing_approval (
  id              text primary key,
  state           text not null,
  recipe_id       text not null,
  recipe_version  int  not null,
  recipe_digest   text not null check (recipe_digest ~ '^sha256:[0-9a-f]{64}$'),
  -- Targets by name; never empty, and never a pattern.
  targets         jsonb not null check (jsonb_typeof(targets) = 'array' and jsonb_array_length(targets) between 1 and 500),
  bounds          jsonb not null check (jsonb_typeof(bounds -> 'steps') = 'number' and jsonb_typeof(bounds -> 'after') = 'object'),
  "by"            text not null references flow.person,
  reason          text not null,
  at              timestamptz not null,
  expires_at      timestamptz not null check (expires_at > at and expires_at <= at + interval '93 days'),
  revoked_by      text,
  revoked_at      timestamptz,
  revoked_because text,
  check ((state = 'revoked') = (revoked_by is not null and revoked_at is not null and revoked_because is not null))
);
create index standing_approval_given on flow.standing_approval (recipe_digest) where state = 'given';

alter table flow.run add column standing text references flow.standing_approval;
-- Read with every start by itself.
create index run_by_itself on flow.run (standing, started_at) where standing is not null;

create or replace function flow.may_pass(thing text, "from" text, "to" text) returns boolean
  language sql immutable set search_path = pg_catalog
  as $$
  select coalesce("to" = any (case thing || ' ' || coalesce("from", '+')
    when 'delivery +' then '{stored,refused}'
    when 'delivery stored' then '{processed,refused}'
    when 'alert +' then '{firing,resolved}'
    when 'alert firing' then '{resolved}'
    when 'alert resolved' then '{firing}'
    when 'incident +' then '{open}'
    when 'incident open' then '{acknowledged,resolved}'
    when 'incident acknowledged' then '{resolved}'
    when 'incident resolved' then '{open,closed}'
    when 'plan +' then '{proposed,stopped,failed}'
    when 'plan proposed' then '{used,refused,stale,expired,cancelled}'
    when 'run +' then '{running}'
    when 'run queued' then '{running,cancelled,frozen,stale}'
    when 'run running' then '{waiting,verifying,cancelling,failed,frozen,needs-a-person}'
    when 'run waiting' then '{running,cancelling,failed,frozen}'
    when 'run verifying' then '{succeeded,failed,cancelling,needs-a-person}'
    when 'run cancelling' then '{cancelled,undoing,needs-a-person}'
    when 'run failed' then '{undoing,needs-a-person}'
    when 'run undoing' then '{undone,frozen,needs-a-person}'
    when 'run needs-a-person' then '{running,verifying,undoing,failed}'
    when 'step +' then '{pending}'
    when 'step pending' then '{intended,skipped}'
    when 'step intended' then '{done,failed,unknown}'
    when 'step failed' then '{intended,undone,kept}'
    when 'step unknown' then '{intended,done,failed}'
    when 'step done' then '{undone,kept}'
    when 'loan +' then '{out}'
    when 'loan out' then '{returning,overdue,out}'
    when 'loan overdue' then '{returning,out}'
    when 'loan returning' then '{returned,overdue}'
    when 'export +' then '{running}'
    when 'export queued' then '{running}'
    when 'export running' then '{ready,failed,queued}'
    when 'enforcement +' then '{enforcing}'
    when 'enforcement enforcing' then '{enforced,partial,lifting}'
    when 'enforcement partial' then '{enforced,lifting}'
    when 'enforcement enforced' then '{slipped,lifting}'
    when 'enforcement slipped' then '{enforced,partial,lifting}'
    when 'enforcement lifting' then '{lifted,partial}'
    when 'maintenance_run +' then '{due}'
    when 'maintenance_run due' then '{running,late,excepted}'
    when 'maintenance_run late' then '{running,excepted}'
    when 'maintenance_run running' then '{done,failed}'
    when 'maintenance_run failed' then '{running}'
    when 'standing_approval +' then '{given}'
    when 'standing_approval given' then '{revoked}'
  end::text[]), false)
$$;

-- The same as \`whyNotUnder\` of @firebreak/flow; a spec asks both. Null: the plan may start under it.
create or replace function flow.why_not_standing(standing flow.standing_approval, plan flow.plan, "at" timestamptz) returns text
  language sql stable set search_path = pg_catalog
  as $$
  select case
    when standing.state <> 'given' then 'revoked'
    when standing.expires_at <= "at" then 'expired'
    when standing.recipe_digest <> plan.recipe_digest
      or standing.recipe_digest is distinct from plan.body #>> '{recipe,digest}' then 'another recipe'
    -- It is one person's yes.
    when plan.tier = 'T3' or plan.quorum > 1 then 'needs more people'
    -- What a person asks for, people approve. What the API wrote, not what the worker copied.
    when exists (select from flow.request r join flow.person p on p.id = r."by" and p.kind = 'person' where r.id = plan.id)
      then 'asked by a person'
    when not exists (select from flow.person p join flow.role_grant g on g.person_id = p.id
        where p.id = standing."by" and p.kind = 'person' and plan.body #> '{approval,roles}' ? g.role) then 'not their role'
    when jsonb_array_length(plan.body -> 'steps') > (standing.bounds ->> 'steps')::int then 'too many steps'
    when exists (select from jsonb_array_elements(plan.body -> 'steps') s, jsonb_array_elements_text(s -> 'targets') t
        where not standing.targets ? t) then 'another target'
    when exists (select from jsonb_array_elements(plan.body -> 'steps') s, jsonb_each(s -> 'after') a
        where jsonb_typeof(a.value) = 'number' and (not standing.bounds -> 'after' ? a.key
          or a.value::numeric < (standing.bounds #>> array['after', a.key, 'at_least'])::numeric
          or a.value::numeric > (standing.bounds #>> array['after', a.key, 'at_most'])::numeric)) then 'out of bounds'
    -- What has no budget may start nothing.
    when (select count(*) from flow.run r where r.standing = standing.id
        and r.started_at > "at" - make_interval(mins => coalesce((standing.bounds #>> '{runs,minutes}')::int, 0)))
      >= coalesce((standing.bounds #>> '{runs,most}')::int, 0) then 'budget spent'
  end
$$;

-- As before; and where no people approved, a standing approval that fits.
create or replace function flow.refuse_run_without_quorum() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  plan     flow.plan;
  standing flow.standing_approval;
  because  text;
  asker    text;
  yes      int;
begin
  select * into plan from flow.plan where id = new.plan_id;
  -- What the API wrote, not what the worker copied.
  select "by" into asker from flow.request where id = new.plan_id;
  if plan.state <> 'proposed' then
    raise exception 'the plan % is %', plan.id, plan.state using errcode = 'check_violation', constraint = 'quorum';
  end if;
  if plan.digest is distinct from new.plan_digest then
    raise exception 'the run % names another digest than its plan', new.id using errcode = 'check_violation', constraint = 'quorum';
  end if;
  if plan.expires_at <= new.started_at or exists (
    select from flow.approval where plan_id = plan.id and decision = 'no'
  ) then
    raise exception 'the plan % has expired or was refused', plan.id using errcode = 'check_violation', constraint = 'quorum';
  end if;
  if new.standing is not null then
    select * into standing from flow.standing_approval where id = new.standing;
    because := flow.why_not_standing(standing, plan, new.started_at);
    if because is not null then
      raise exception 'the standing approval % does not cover the plan %: %', new.standing, plan.id, because
        using errcode = 'check_violation', constraint = 'quorum';
    end if;
    return new;
  end if;
  select count(*) into yes
    from flow.approval a join flow.person p on p.id = a."by" and p.kind = 'person'
    where a.plan_id = plan.id and a.decision = 'yes' and a.digest = plan.digest
      and (plan.tier not in ('T2', 'T3') or a."by" <> asker);
  -- Only a plan without steps needs nobody, whatever tier the worker gave it.
  if yes < greatest(plan.quorum, case when jsonb_array_length(plan.body -> 'steps') > 0 then 1 else 0 end) then
    raise exception 'the plan % has % of % approvals for its digest', plan.id, yes, plan.quorum
      using errcode = 'check_violation', constraint = 'quorum';
  end if;
  return new;
end $$;

create trigger passage before insert or update of state on flow.standing_approval
  for each row execute function flow.refuse_wrong_passage('standing_approval');
alter table flow.standing_approval enable always trigger passage;
create constraint trigger audited after insert or update or delete on flow.standing_approval
  deferrable initially deferred for each row execute function audit.require_entry('standing_approval');
alter table flow.standing_approval enable always trigger audited;

revoke execute on function flow.why_not_standing(flow.standing_approval, flow.plan, timestamptz) from public;
grant execute on function flow.why_not_standing(flow.standing_approval, flow.plan, timestamptz) to fb_api, fb_worker, fb_reader;
grant select on flow.standing_approval to fb_api, fb_worker, fb_reader;
grant insert on flow.standing_approval to fb_api;
grant update (state, revoked_by, revoked_at, revoked_because) on flow.standing_approval to fb_api;
`
