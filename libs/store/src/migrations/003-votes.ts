/** Second voices: what one person asks for and two others have to approve. So far the successor of a log that was lost. */
export const votes = /* sql */ `

-- One person's yes or no to one request, by the digest of what it asks for. Insert-only, as approvals of plans are.
create table flow.vote (
  id         text primary key,
  request_id text not null references flow.request,
  "by"       text not null references flow.person,
  decision   text not null check (decision in ('yes', 'no')),
  -- The digest that the person read.
  digest     text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  note       text not null,
  at         timestamptz not null,
  unique (request_id, "by")
);

-- What a request asks for, as people approve it: SHA-256 over its JCS form, which successionDigest of audit-log makes too.
-- Keys stand in their order there; to_json escapes text exactly as JCS does. Null where nothing of this kind is voted on.
create function flow.vote_digest(request flow.request) returns text
  language sql immutable set search_path = pg_catalog
  as $$
  select 'sha256:' || encode(sha256(convert_to(
    '{"new_origin":' || to_json(request.body ->> 'new_origin') || ',"old_origin":' || to_json(request.body ->> 'old_origin') ||
    ',"old_root":' || to_json(request.body ->> 'old_root') || ',"old_size":' || (request.body ->> 'old_size') ||
    ',"reason":' || to_json(request.reason) || ',"request":' || to_json(request.id) || '}', 'UTF8')), 'hex')
  where request.kind = 'successor'
$$;

-- A vote is about the request as it stands in the record, and never the asker's own.
create function flow.refuse_stray_vote() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  asked flow.request;
begin
  select * into asked from flow.request where id = new.request_id;
  if flow.vote_digest(asked) is distinct from new.digest then
    raise exception 'the request % is not under the digest %', new.request_id, new.digest
      using errcode = 'check_violation', constraint = 'digest';
  end if;
  if asked."by" = new."by" then
    raise exception 'the request % is voted on by others than who asked', new.request_id
      using errcode = 'check_violation', constraint = 'asker';
  end if;
  return new;
end $$;
create trigger digest before insert on flow.vote for each row execute function flow.refuse_stray_vote();
alter table flow.vote enable always trigger digest;

create constraint trigger audited after insert or update or delete on flow.vote
  deferrable initially deferred for each row execute function audit.require_entry('vote');
alter table flow.vote enable always trigger audited;

-- The newest request for a successor of this name that two people of Security have approved: persons, not who asked, with
-- the role for a day when they said yes, and nobody said no. The sequencer calls it, and sees nothing else of flow.
create function flow.approved_successor(origin text)
  returns table (request text, old_origin text, old_size bigint, old_root text, reason text, digest text, approvals jsonb)
  language sql stable security definer set search_path = pg_catalog
  as $$
  select r.id, r.body ->> 'old_origin', (r.body ->> 'old_size')::bigint, r.body ->> 'old_root', r.reason,
    flow.vote_digest(r), yes.approvals
  from flow.request r cross join lateral (
    select count(*) as people, jsonb_agg(jsonb_build_object('id', v.id, 'by', v."by") order by v.id) as approvals
    from flow.vote v
      join flow.person p on p.id = v."by" and p.kind = 'person'
      join flow.role_grant g on g.person_id = p.id and g.role = 'security' and g.since <= v.at - interval '24 hours'
    where v.request_id = r.id and v.decision = 'yes' and v."by" <> r."by" and v.digest = flow.vote_digest(r)
  ) yes
  where r.kind = 'successor' and r.body ->> 'new_origin' = origin and yes.people >= 2
    and not exists (select from flow.vote v where v.request_id = r.id and v.decision = 'no')
  order by r.at desc, r.id desc limit 1
$$;

create index request_for_successor on flow.request ((body ->> 'new_origin')) where kind = 'successor';

revoke execute on function flow.vote_digest(flow.request), flow.refuse_stray_vote(), flow.approved_successor(text) from public;
grant execute on function flow.approved_successor(text) to fb_sequencer;
grant select, insert on flow.vote to fb_api;
grant select on flow.vote to fb_worker, fb_reader;
`
