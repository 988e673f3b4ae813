/** A freeze ends by two people of Security, neither who asked for it; the worker writes that it did, and cannot without them. */
export const lifts = /* sql */ `

alter table flow.request drop constraint request_kind_check;
alter table flow.request add constraint request_kind_check check (kind in ('plan', 'cancel', 'resolve-unknown', 'loan', 'rearm',
  'export', 'maintenance', 'change', 'stop', 'redaction', 'successor', 'graduation', 'lift'));
create index request_to_lift on flow.request (subject, id) where kind = 'lift';

-- By which lift it is being lifted.
alter table flow.enforcement add column lift text references flow.request;

-- Which freeze stopped it: it is planned anew when that one is lifted. Not in runs of before.
alter table flow.run add column frozen_by text references flow."freeze";
create index run_frozen_by on flow.run (frozen_by) where frozen_by is not null;
grant update (frozen_by) on flow.run to fb_worker;

-- How many freezes were declared over any of its scopes: with another one what people read of a lift is no longer what is there.
create function flow.freeze_epoch(frozen text) returns int
  language sql stable set search_path = pg_catalog
  as $$
  select count(*)::int from flow."freeze" f, flow."freeze" this
  where this.id = frozen and f.scopes ?| array(select jsonb_array_elements_text(this.scopes))
$$;

-- As before, and a lift: its freeze, epoch, reversal plan, reason and expiry. Only an empty reversal plan can be voted on so far.
create or replace function flow.vote_digest(request flow.request) returns text
  language sql immutable set search_path = pg_catalog
  as $$
  select 'sha256:' || encode(sha256(convert_to(case request.kind
    when 'successor' then
      '{"new_origin":' || to_json(request.body ->> 'new_origin') || ',"old_origin":' || to_json(request.body ->> 'old_origin') ||
      ',"old_root":' || to_json(request.body ->> 'old_root') || ',"old_size":' || (request.body ->> 'old_size') ||
      ',"reason":' || to_json(request.reason) || ',"request":' || to_json(request.id) || '}'
    when 'lift' then
      case when request.body -> 'reversal' = '[]' then
        '{"epoch":' || (request.body ->> 'epoch')::int || ',"expires_at":' || to_json(request.body ->> 'expires_at') ||
        ',"freeze":' || to_json(request.subject) || ',"reason":' || to_json(request.reason) || ',"request":' || to_json(request.id) ||
        ',"reversal":[]}' end
    end, 'UTF8')), 'hex')
$$;

-- Why a lift does not let its freeze go at that time; null where it does. The same as \`whyNotApproved\` of @firebreak/flow.
create function flow.why_not_lift(asked text, frozen text, moment timestamptz) returns text
  language sql stable set search_path = pg_catalog
  as $$
  select case
    when r.id is null or r.kind <> 'lift' or r.subject is distinct from frozen then 'nobody asked for it'
    when exists (select from flow.vote v where v.request_id = r.id and v.decision = 'no') then 'refused'
    when (r.body ->> 'expires_at')::timestamptz <= moment then 'expired'
    when (r.body ->> 'epoch')::int is distinct from flow.freeze_epoch(frozen) then 'void'
    when (select count(*) from flow.vote v
        join flow.person p on p.id = v."by" and p.kind = 'person'
      where v.request_id = r.id and v.decision = 'yes' and v."by" <> r."by" and v.digest = flow.vote_digest(r)
        and exists (select from flow.role_grant g where g.person_id = p.id and g.role = 'security' and g.revoked_at is null
          and g.since <= v.at - interval '24 hours')) < 2 then 'asked'
  end from (select asked) a left join flow.request r on r.id = a.asked
$$;

-- A lift is asked for by Security, for a freeze that is there.
create function flow.refuse_stray_lift() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  if not exists (select from flow."freeze" f where f.id = new.subject)
    or exists (select from flow.enforcement e where e.id = new.subject and e.state in ('lifting', 'lifted'))
    or not exists (select from flow.person p join flow.role_grant g on g.person_id = p.id
      where p.id = new."by" and p.kind = 'person' and g.role = 'security' and g.revoked_at is null)
    or (new.body ->> 'epoch')::int is distinct from flow.freeze_epoch(new.subject)
    or coalesce((new.body ->> 'expires_at')::timestamptz not between new.at and new.at + interval '8 days', true)
    or new.body -> 'reversal' is distinct from '[]' then
    raise exception 'the lift % is of nothing that Security could lift', new.id using errcode = 'check_violation', constraint = 'lift';
  end if;
  return new;
end $$;
create trigger lift before insert on flow.request for each row when (new.kind = 'lift') execute function flow.refuse_stray_lift();
alter table flow.request enable always trigger lift;

-- The inside block ends with this row: not before two have said so, and once.
create function flow.refuse_stray_lifting() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  because text;
begin
  if tg_op = 'UPDATE' and old.state in ('lifting', 'lifted') and new.lift is distinct from old.lift then
    because := 'another lift than that by which it began';
  elsif new.state = 'lifting' and (tg_op = 'INSERT' or old.state <> 'lifting') then
    because := flow.why_not_lift(new.lift, new.id, new.at);
  end if;
  if because is not null then
    raise exception 'the freeze % is not lifted: %', new.id, because using errcode = 'check_violation', constraint = 'lift';
  end if;
  return new;
end $$;
create trigger lift before insert or update on flow.enforcement for each row execute function flow.refuse_stray_lifting();
alter table flow.enforcement enable always trigger lift;

grant insert, update (state, because, at, lift) on flow.enforcement to fb_worker;

revoke execute on function flow.freeze_epoch(text), flow.why_not_lift(text, text, timestamptz), flow.refuse_stray_lift(),
  flow.refuse_stray_lifting() from public;
grant execute on function flow.freeze_epoch(text), flow.why_not_lift(text, text, timestamptz), flow.vote_digest(flow.request) to fb_api, fb_worker, fb_reader;
`
