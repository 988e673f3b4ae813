/** Roles are given and taken back by people: who gave each, and that it was taken back. */
export const roles = /* sql */ `

alter table flow.role_grant
  -- Null where the house itself gave it: the first administrator, and the sandbox's people.
  add column "by"       text references flow.person,
  add column revoked_at timestamptz,
  add column revoked_by text references flow.person,
  add constraint revoked_by_somebody check ((revoked_at is null) = (revoked_by is null));
-- What was taken back stays, as a fact; what somebody has, they have once.
alter table flow.role_grant drop constraint role_grant_person_id_role_key;
create unique index role_grant_held on flow.role_grant (person_id, role) where revoked_at is null;

-- The same as \`whyNotGrant\` and \`whyNotRevoke\` of @firebreak/flow, whoever writes.
create function flow.refuse_stray_grant() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  who text := case when tg_op = 'INSERT' then new."by" else new.revoked_by end;
begin
  if tg_op = 'INSERT' and new.revoked_at is not null then
    raise exception 'a role is given before it is taken back' using errcode = 'check_violation', constraint = 'grant';
  end if;
  if tg_op = 'INSERT' and new."by" = new.person_id then
    raise exception '% cannot give a role to themselves', new."by" using errcode = 'check_violation', constraint = 'grant';
  end if;
  if tg_op = 'UPDATE' and (old.revoked_at is not null or new.revoked_at is null) then
    raise exception 'the grant % is taken back once, and for good', old.id using errcode = 'check_violation', constraint = 'grant';
  end if;
  -- Locked: of two administrators who take each other's role, the second one waits, and then has none.
  if tg_op = 'UPDATE' then
    perform from flow.role_grant where role = 'admin' and revoked_at is null order by id for update;
  end if;
  if who is not null and not exists (
    select from flow.role_grant g where g.person_id = who and g.role = 'admin' and g.revoked_at is null
  ) then
    raise exception '% is no administrator', who using errcode = 'check_violation', constraint = 'grant';
  end if;
  -- A role as old as its giver says would be as old as they need it.
  if tg_op = 'INSERT' and new."by" is not null and new.since < now() - interval '5 minutes' then
    raise exception 'a role is given from now on' using errcode = 'check_violation', constraint = 'grant';
  end if;
  if tg_op = 'UPDATE' and old.role = 'admin' and not exists (
    select from flow.role_grant g where g.role = 'admin' and g.revoked_at is null and g.id <> old.id
  ) then
    raise exception 'the last administrator stays' using errcode = 'check_violation', constraint = 'grant';
  end if;
  return new;
end $$;
create trigger "grant" before insert or update on flow.role_grant for each row execute function flow.refuse_stray_grant();
alter table flow.role_grant enable always trigger "grant";
revoke execute on function flow.refuse_stray_grant() from public;

grant update (revoked_at, revoked_by) on flow.role_grant to fb_api;

-- As before, by those who hold their role still.
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
        where p.id = standing."by" and p.kind = 'person' and g.revoked_at is null and plan.body #> '{approval,roles}' ? g.role) then 'not their role'
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

create or replace function flow.approved_successor(origin text)
  returns table (request text, old_origin text, old_size bigint, old_root text, reason text, digest text, approvals jsonb)
  language sql stable security definer set search_path = pg_catalog
  as $$
  select r.id, r.body ->> 'old_origin', (r.body ->> 'old_size')::bigint, r.body ->> 'old_root', r.reason,
    flow.vote_digest(r), yes.approvals
  from flow.request r cross join lateral (
    select count(*) as people, jsonb_agg(jsonb_build_object('id', v.id, 'by', v."by") order by v.id) as approvals
    from flow.vote v
      join flow.person p on p.id = v."by" and p.kind = 'person'
      join flow.role_grant g on g.person_id = p.id and g.role = 'security' and g.revoked_at is null and g.since <= v.at - interval '24 hours'
    where v.request_id = r.id and v.decision = 'yes' and v."by" <> r."by" and v.digest = flow.vote_digest(r)
  ) yes
  where r.kind = 'successor' and r.body ->> 'new_origin' = origin and yes.people >= 2
    and not exists (select from flow.vote v where v.request_id = r.id and v.decision = 'no')
  order by r.at desc, r.id desc limit 1
$$;
`
