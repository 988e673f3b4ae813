/** The inside of security freezes: what is frozen (the API says), and whether it was lifted (the worker's fact). */
export const freezes = /* sql */ `

create table flow."freeze" (
  id          text primary key,
  -- A list of names (service:api, pipeline:ingest, environment:prod, house:everything, or targets); never empty.
  scopes      jsonb not null check (jsonb_typeof(scopes) = 'array' and jsonb_array_length(scopes) between 1 and 500),
  reason      text not null,
  "by"        text not null,
  at          timestamptz not null,
  review_by   timestamptz,
  incident_id text references flow.incident
);
-- Asked in every transaction that claims a step.
create index freeze_over on flow."freeze" using gin (scopes);

create table flow.enforcement (
  id      text primary key references flow."freeze",
  state   text not null,
  because text,
  at      timestamptz not null
);

-- A loan that a freeze keeps out is tried again when the freeze is over.
alter table flow.loan add column held_by text references flow."freeze";

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
  end::text[]), false)
$$;

create trigger passage before insert or update of state on flow.enforcement
  for each row execute function flow.refuse_wrong_passage('enforcement');
alter table flow.enforcement enable always trigger passage;

create constraint trigger audited after insert or update or delete on flow."freeze"
  deferrable initially deferred for each row execute function audit.require_entry('freeze');
create constraint trigger audited after insert or update or delete on flow.enforcement
  deferrable initially deferred for each row execute function audit.require_entry('enforcement');
alter table flow."freeze" enable always trigger audited;
alter table flow.enforcement enable always trigger audited;

grant select on flow."freeze", flow.enforcement to fb_api, fb_worker, fb_reader;
grant insert on flow."freeze" to fb_api;
-- No lift is built yet, so nobody may write that there was one.
grant update (held_by) on flow.loan to fb_worker;

`
