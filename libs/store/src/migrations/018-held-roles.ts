/** A yes counts while the role is held by which it was given, and from T2 on only when it was held for a day then. */
export const heldRoles = /* sql */ `

-- Whether somebody's yes of that time counts for this plan: a person, by a role of the plan's that they hold still. The same
-- as \`votesFrom\` of @firebreak/flow; a role that was taken back and given again is a young one.
create function flow.may_approve(who text, plan flow.plan, "at" timestamptz) returns boolean
  language sql stable set search_path = pg_catalog
  as $$
  select exists (
    select from flow.person p join flow.role_grant g on g.person_id = p.id
    where p.id = who and p.kind = 'person' and g.revoked_at is null and plan.body #> '{approval,roles}' ? g.role
      and g.since <= "at" - case when plan.tier in ('T2', 'T3') then interval '24 hours' else interval '0' end)
$$;

-- How many people said yes to this very digest, as it counts. From T2 on never who asked: what the API wrote, not what the
-- worker copied. The same as \`countingYeses\` of @firebreak/flow.
create function flow.counting_yeses(plan flow.plan) returns int
  language sql stable set search_path = pg_catalog
  as $$
  select count(*)::int from flow.approval a
  where a.plan_id = plan.id and a.decision = 'yes' and a.digest = plan.digest and flow.may_approve(a."by", plan, a.at)
    and (plan.tier not in ('T2', 'T3') or a."by" <> (select r."by" from flow.request r where r.id = plan.id))
$$;

revoke execute on function flow.may_approve(text, flow.plan, timestamptz), flow.counting_yeses(flow.plan) from public;
grant execute on function flow.may_approve(text, flow.plan, timestamptz), flow.counting_yeses(flow.plan)
  to fb_api, fb_worker, fb_reader;

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
    when not flow.may_approve(standing."by", plan, standing.at) then 'not their role'
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

create or replace function flow.refuse_run_without_quorum() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  plan     flow.plan;
  standing flow.standing_approval;
  because  text;
  yes      int;
begin
  select * into plan from flow.plan where id = new.plan_id;
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
  yes := flow.counting_yeses(plan);
  -- Only a plan without steps needs nobody, whatever tier the worker gave it.
  if yes < greatest(plan.quorum, case when jsonb_array_length(plan.body -> 'steps') > 0 then 1 else 0 end) then
    raise exception 'the plan % has % of % approvals for its digest', plan.id, yes, plan.quorum
      using errcode = 'check_violation', constraint = 'quorum';
  end if;
  return new;
end $$;
`
