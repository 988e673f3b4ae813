/**
 * Who leads an incident is who said "I have it" themselves, and not whom somebody gave it to: whoever asks to break the glass
 * could else choose who grants it. What was acknowledged before this step has nobody who leads it, until its owner says so again.
 */
export const acknowledgements = /* sql */ `

create table flow.acknowledgement (
  id          text primary key,
  incident_id text not null references flow.incident,
  "by"        text not null references flow.person,
  at          timestamptz not null
);
create index acknowledgement_of_incident on flow.acknowledgement (incident_id, id);

-- What is acknowledged is had by whoever said so.
create function flow.refuse_stray_acknowledgement() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  if not exists (select from flow.incident i where i.id = new.incident_id and i.state = 'acknowledged' and i.owner = new."by") then
    raise exception 'the acknowledgement % is not of who has the incident %', new.id, new.incident_id
      using errcode = 'check_violation', constraint = 'acknowledged';
  end if;
  return new;
end $$;
create trigger acknowledged before insert on flow.acknowledgement
  for each row execute function flow.refuse_stray_acknowledgement();
alter table flow.acknowledgement enable always trigger acknowledged;

-- Their own entry says it, and is of this transaction: one about the incident by somebody else, who gave it to them, is none.
-- With the rights of whoever writes: who owns this schema cannot read the log.
create function flow.require_own_acknowledgement() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  if not exists (select from audit.entry e
    cross join lateral (select convert_from(e.body, 'UTF8')::jsonb as said) b
    where e.xid = pg_current_xact_id() and e.era = audit.current_era() and e.about = 'incident:' || new.incident_id
      and b.said ->> 'type' = 'incident.acknowledged' and b.said -> 'actor' ->> 'id' = new."by") then
    raise exception 'the acknowledgement % has no entry of % themselves in its transaction', new.id, new."by"
      using errcode = 'integrity_constraint_violation', constraint = 'own';
  end if;
  return null;
end $$;
create constraint trigger own after insert on flow.acknowledgement
  deferrable initially deferred for each row execute function flow.require_own_acknowledgement();
alter table flow.acknowledgement enable always trigger own;

create constraint trigger audited after insert or update or delete on flow.acknowledgement
  deferrable initially deferred for each row execute function audit.require_entry('incident', 'incident_id');
alter table flow.acknowledgement enable always trigger audited;

-- Who leads an incident; null where nobody does. The same as \`leadOf\` of @firebreak/flow.
create function flow.lead_of(incident text) returns text
  language sql stable set search_path = pg_catalog
  as $$
  select a."by" from flow.acknowledgement a join flow.incident i on i.id = a.incident_id
  where a.incident_id = incident and i.state <> 'closed' order by a.id collate "C" desc limit 1
$$;

-- As before, but for who leads the incident.
create or replace function flow.refuse_stray_break_glass_decision() returns trigger
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
        or flow.lead_of(plan.incident_id) is distinct from new."by")
      then 'who acknowledged the incident themselves decides where fewer than two others of Security could'
    else flow.why_not_open(plan, wish.plan_digest, new.at)
  end;
  if because is not null then
    raise exception 'the break-glass % cannot be decided: %', new.id, because using errcode = 'check_violation', constraint = 'decided';
  end if;
  return new;
end $$;

revoke execute on function flow.refuse_stray_acknowledgement(), flow.require_own_acknowledgement(), flow.lead_of(text),
  flow.refuse_stray_break_glass_decision() from public;
grant execute on function flow.lead_of(text) to fb_api, fb_worker, fb_reader;
grant select on flow.acknowledgement to fb_api, fb_worker, fb_reader;
grant insert on flow.acknowledgement to fb_api;
`
