/**
 * Breaking the glass. The API writes that it was asked for, what a second person decided, and what a third one said of it
 * afterwards; the worker that a run used it. Four tables of facts: none is ever changed, and each is there at most once.
 */
export const breakGlass = /* sql */ `

create table flow.break_glass (
  id          text primary key,
  plan_id     text not null references flow.plan,
  plan_digest text not null check (plan_digest ~ '^sha256:[0-9a-f]{64}$'),
  "over"      text not null check ("over" in ('freeze', 'approval')),
  freeze_id   text references flow."freeze",
  minutes     int  not null check (minutes between 1 and 60),
  reason      text not null check (reason <> ''),
  "by"        text not null references flow.person,
  at          timestamptz not null,
  open_until  timestamptz not null check (open_until > at and open_until <= at + interval '60 minutes'),
  check (("over" = 'freeze') = (freeze_id is not null))
);
create index break_glass_of_plan on flow.break_glass (plan_id);

create table flow.break_glass_decision (
  id         text primary key references flow.break_glass,
  "by"       text not null references flow.person,
  decision   text not null check (decision in ('granted', 'refused')),
  -- By what they decided: the lead of the incident stands in where Security is too few, and is marked.
  voice      text not null check (voice in ('security', 'on-call-lead')),
  note       text not null,
  at         timestamptz not null,
  expires_at timestamptz check (expires_at > at and expires_at <= at + interval '60 minutes'),
  check ((decision = 'granted') = (expires_at is not null))
);

-- The use itself: a run has at most one pass, and a pass at most one run.
alter table flow.run add column break_glass text unique references flow.break_glass;

create table flow.break_glass_use (
  id      text primary key references flow.break_glass,
  run_id  text not null unique references flow.run,
  at      timestamptz not null,
  -- The deliveries by which the house was told: that it was used, that its review is overdue, that it is reviewed.
  told    text not null,
  overdue text,
  "over"  text
);
create index break_glass_use_untold on flow.break_glass_use (id) where "over" is null;

create table flow.break_glass_review (
  id      text primary key references flow.break_glass,
  "by"    text not null references flow.person,
  verdict text not null check (verdict in ('justified', 'not-justified')),
  note    text not null check (note <> ''),
  at      timestamptz not null
);

-- ── whose voice counts ──────────────────────────────────────────────────────────────────────────────────────────────

-- A person who holds one of these roles, and has for a day.
create function flow.holds_for_a_day(who text, roles text[], moment timestamptz) returns boolean
  language sql stable set search_path = pg_catalog
  as $$
  select exists (select from flow.person p join flow.role_grant g on g.person_id = p.id
    where p.id = who and p.kind = 'person' and g.role = any (roles) and g.revoked_at is null
      and g.since <= moment - interval '24 hours')
$$;

-- How many others than who asked could grant a pass. The same as \`othersOf\` of @firebreak/flow.
create function flow.others_of_security(asker text, moment timestamptz) returns int
  language sql stable set search_path = pg_catalog
  as $$
  select count(*)::int from flow.person p where p.id <> asker and flow.holds_for_a_day(p.id, '{security}', moment)
$$;

-- Why a plan is nothing to break the glass for; null where it is open under this digest.
create function flow.why_not_open(plan flow.plan, named text, moment timestamptz) returns text
  language sql stable set search_path = pg_catalog
  as $$
  select case
    when plan.id is null then 'there is no such plan'
    when plan.digest is distinct from named then 'it is for another digest'
    when plan.state <> 'proposed' then 'the plan is ' || plan.state
    when plan.expires_at <= moment then 'the plan has expired'
    when exists (select from flow.approval a where a.plan_id = plan.id and a.decision = 'no') then 'somebody said no to the plan'
    when exists (select from flow.request r where r.kind = 'cancel' and r.subject = plan.id) then 'the plan was cancelled'
  end
$$;

create function flow.refuse_stray_break_glass() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  plan    flow.plan;
  because text;
begin
  select * into plan from flow.plan where id = new.plan_id;
  because := case
    when not flow.holds_for_a_day(new."by", '{security}', new.at) then 'who asks is of Security, for a day'
    when exists (select from flow.break_glass b left join flow.break_glass_decision d on d.id = b.id
      where b.plan_id = new.plan_id and case when d.id is null then b.open_until > new.at else d.expires_at > new.at end)
      then 'the plan has one that is open'
    when exists (select from flow.enforcement e where e.id = new.freeze_id and e.state = 'lifted') then 'the freeze was lifted'
    else flow.why_not_open(plan, new.plan_digest, new.at)
  end;
  if because is not null then
    raise exception 'the break-glass % cannot be asked for: %', new.id, because using errcode = 'check_violation', constraint = 'asked';
  end if;
  return new;
end $$;
create trigger asked before insert on flow.break_glass for each row execute function flow.refuse_stray_break_glass();
alter table flow.break_glass enable always trigger asked;

create function flow.refuse_stray_break_glass_decision() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  wish    flow.break_glass;
  plan    flow.plan;
  because text;
begin
  select * into wish from flow.break_glass where id = new.id;
  select * into plan from flow.plan where id = wish.plan_id;
  because := case
    when wish."by" = new."by" then 'who asked does not decide'
    when new.at < wish.at or new.at >= wish.open_until then 'the time to decide is over'
    when new.expires_at > new.at + make_interval(mins => wish.minutes) then 'it is for longer than was asked'
    -- What the API wrote of who asked for the plan, not what the worker copied.
    when plan.tier in ('T2', 'T3') and new."by" = (select r."by" from flow.request r where r.id = plan.id)
      then 'who asked for the plan does not let it pass'
    when wish."over" = 'approval' and exists (select from flow.approval a where a.plan_id = plan.id and a."by" = new."by")
      then 'who approved the plan is not the one who is missing'
    when new.voice = 'security' and not flow.holds_for_a_day(new."by", '{security}', new.at)
      then 'who decides is of Security, for a day'
    when new.voice = 'on-call-lead' and (flow.others_of_security(wish."by", new.at) >= 2
        or not flow.holds_for_a_day(new."by", '{sre,ml,security}', new.at)
        or not exists (select from flow.incident i where i.id = plan.incident_id and i.owner = new."by"))
      then 'the lead of the incident decides where fewer than two others of Security could'
    else flow.why_not_open(plan, wish.plan_digest, new.at)
  end;
  if because is not null then
    raise exception 'the break-glass % cannot be decided: %', new.id, because using errcode = 'check_violation', constraint = 'decided';
  end if;
  return new;
end $$;
create trigger decided before insert on flow.break_glass_decision
  for each row execute function flow.refuse_stray_break_glass_decision();
alter table flow.break_glass_decision enable always trigger decided;

create function flow.refuse_stray_break_glass_review() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  because text;
begin
  because := case
    when not exists (select from flow.break_glass_use u where u.id = new.id and u.at <= new.at) then 'it was not used'
    when new."by" in (select b."by" from flow.break_glass b where b.id = new.id
        union all select d."by" from flow.break_glass_decision d where d.id = new.id)
      then 'who asked or granted does not review'
    when not flow.holds_for_a_day(new."by", '{security}', new.at) then 'who reviews is of Security, for a day'
  end;
  if because is not null then
    raise exception 'the break-glass % cannot be reviewed: %', new.id, because using errcode = 'check_violation', constraint = 'reviewed';
  end if;
  return new;
end $$;
create trigger reviewed before insert on flow.break_glass_review
  for each row execute function flow.refuse_stray_break_glass_review();
alter table flow.break_glass_review enable always trigger reviewed;

-- ── what it lets pass ───────────────────────────────────────────────────────────────────────────────────────────────

-- Why a pass does not hold for this plan at that time; null where it does. The same as \`heldBy\` of @firebreak/flow.
create function flow.why_not_passed(glass text, plan flow.plan, moment timestamptz) returns text
  language sql stable set search_path = pg_catalog
  as $$
  select case
    when b.id is null then 'there is no such pass'
    when b.plan_id <> plan.id or b.plan_digest is distinct from plan.digest then 'it is for another plan'
    when d.id is null or d.decision <> 'granted' then 'nobody granted it'
    when d.expires_at <= moment then 'its time is over'
    when exists (select from flow.run r where r.break_glass = b.id) then 'a run has used it'
  end from (select glass) g left join flow.break_glass b on b.id = g.glass left join flow.break_glass_decision d on d.id = b.id
$$;

-- Whether a run goes over a freeze at that time, by the pass that it used. For whatever holds freezes in this database.
create function flow.passes_freeze(run text, named text, moment timestamptz) returns boolean
  language sql stable set search_path = pg_catalog
  as $$
  select exists (select from flow.run r join flow.break_glass b on b.id = r.break_glass
      join flow.break_glass_decision d on d.id = b.id
    where r.id = run and b.freeze_id = named and d.decision = 'granted' and d.expires_at > moment)
$$;

-- As \`counting_yeses\`, without those of one person: who granted a pass has had their say by that.
create function flow.counting_yeses_but(plan flow.plan, but text) returns int
  language sql stable set search_path = pg_catalog
  as $$
  select flow.counting_yeses(plan) - count(*)::int from flow.approval a
  where a.plan_id = plan.id and a."by" = but and a.decision = 'yes' and a.digest = plan.digest and flow.may_approve(a."by", plan, a.at)
    and (plan.tier not in ('T2', 'T3') or a."by" <> (select r."by" from flow.request r where r.id = plan.id))
$$;

-- As before; and a pass that the run names has to hold. It makes up for one yes, or for none where it goes over a freeze.
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
  if new.break_glass is not null then
    because := flow.why_not_passed(new.break_glass, plan, new.started_at);
    if because is not null then
      raise exception 'the break-glass % does not let the plan % pass: %', new.break_glass, plan.id, because
        using errcode = 'check_violation', constraint = 'quorum';
    end if;
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
  if exists (select from flow.break_glass b where b.id = new.break_glass and b."over" = 'approval') then
    yes := 1 + flow.counting_yeses_but(plan, (select d."by" from flow.break_glass_decision d where d.id = new.break_glass));
  else
    yes := flow.counting_yeses(plan);
  end if;
  -- Only a plan without steps needs nobody, whatever tier the worker gave it.
  if yes < greatest(plan.quorum, case when jsonb_array_length(plan.body -> 'steps') > 0 then 1 else 0 end) then
    raise exception 'the plan % has % of % approvals for its digest', plan.id, yes, plan.quorum
      using errcode = 'check_violation', constraint = 'quorum';
  end if;
  return new;
end $$;

-- Nothing passes in silence: a run that used a pass up says so in the same transaction, and by that the house is told.
create function flow.require_break_glass_use() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  if not exists (select from flow.break_glass_use u where u.id = new.break_glass and u.run_id = new.id and u.at = new.started_at) then
    raise exception 'the run % used the break-glass %, and does not say so', new.id, new.break_glass
      using errcode = 'check_violation', constraint = 'used';
  end if;
  return null;
end $$;
create constraint trigger used after insert on flow.run deferrable initially deferred
  for each row when (new.break_glass is not null) execute function flow.require_break_glass_use();
alter table flow.run enable always trigger used;

create function flow.refuse_stray_break_glass_use() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  if not exists (select from flow.run r where r.id = new.run_id and r.break_glass = new.id and r.started_at = new.at) then
    raise exception 'the run % has not used the break-glass %', new.run_id, new.id using errcode = 'check_violation', constraint = 'used';
  end if;
  return new;
end $$;
create trigger used before insert on flow.break_glass_use for each row execute function flow.refuse_stray_break_glass_use();
alter table flow.break_glass_use enable always trigger used;

-- What was told is told: an alert is over only when the review is there.
create function flow.refuse_early_end() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  if (old.overdue is not null and new.overdue is distinct from old.overdue) or (old."over" is not null and new."over" is distinct from old."over")
    or (new."over" is not null and not exists (select from flow.break_glass_review v where v.id = new.id)) then
    raise exception 'the break-glass % is not reviewed, or was told of already', new.id using errcode = 'check_violation', constraint = 'told';
  end if;
  return new;
end $$;
create trigger told before update on flow.break_glass_use for each row execute function flow.refuse_early_end();
alter table flow.break_glass_use enable always trigger told;

do $$
declare kind text;
begin
  foreach kind in array '{break_glass,break_glass_decision,break_glass_use,break_glass_review}'::text[] loop
    execute format('create constraint trigger audited after insert or update or delete on flow.%I
      deferrable initially deferred for each row execute function audit.require_entry(%L)', kind, kind);
    execute format('alter table flow.%I enable always trigger audited', kind);
  end loop;
end $$;

revoke execute on function flow.holds_for_a_day(text, text[], timestamptz), flow.others_of_security(text, timestamptz),
  flow.why_not_open(flow.plan, text, timestamptz), flow.refuse_stray_break_glass(), flow.refuse_stray_break_glass_decision(),
  flow.refuse_stray_break_glass_review(), flow.why_not_passed(text, flow.plan, timestamptz),
  flow.passes_freeze(text, text, timestamptz), flow.counting_yeses_but(flow.plan, text), flow.require_break_glass_use(),
  flow.refuse_stray_break_glass_use(), flow.refuse_early_end() from public;
grant execute on function flow.holds_for_a_day(text, text[], timestamptz), flow.others_of_security(text, timestamptz),
  flow.why_not_passed(text, flow.plan, timestamptz), flow.passes_freeze(text, text, timestamptz),
  flow.counting_yeses_but(flow.plan, text) to fb_api, fb_worker, fb_reader;

grant select on flow.break_glass, flow.break_glass_decision, flow.break_glass_use, flow.break_glass_review
  to fb_api, fb_worker, fb_reader;
grant insert on flow.break_glass, flow.break_glass_decision, flow.break_glass_review to fb_api;
grant insert, update (overdue, "over") on flow.break_glass_use to fb_worker;
`
