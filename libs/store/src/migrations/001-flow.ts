/**
 * The tables of the flow, and what the database itself holds about them (powers.md): who may write what, which state
 * follows which, that a run has its quorum, and that nothing controlled changes without an entry in the log.
 * Columns bear the names of the interfaces in `@firebreak/flow`.
 */
export const flow = /* sql */ `

grant usage on schema flow to fb_api, fb_worker, fb_sequencer, fb_reader;

-- ── what the API writes: requests and decisions ─────────────────────────────────────────────────────────────────────

create table flow.delivery (
  id          text primary key,
  source      text not null,
  "by"        text not null,
  received_at timestamptz not null,
  state       text not null,
  body        bytea not null,
  -- The ledger, counted in alerts: received = opened + joined + repeated + resolved + suppressed + refused, or pending.
  received    int not null check (received >= 0),
  opened      int not null default 0,
  joined      int not null default 0,
  repeated    int not null default 0,
  resolved    int not null default 0,
  suppressed  int not null default 0,
  refused     int not null default 0,
  faults      jsonb not null default '[]',
  check (state = 'stored' or received = opened + joined + repeated + resolved + suppressed + refused)
);
create index delivery_pending on flow.delivery (id) where state = 'stored';

create table flow.incident (
  id          text primary key,
  state       text not null,
  class       text not null,
  severity    text not null check (severity in ('SEV1', 'SEV2', 'SEV3', 'SEV4')),
  title       text not null,
  service     text,
  environment text,
  group_key   text not null,
  owner       text,
  opened_at   timestamptz not null,
  resolved_at timestamptz,
  version     int not null check (version > 0)
);
create index incident_of_group on flow.incident (group_key) where state <> 'closed';
create index incident_resolved on flow.incident (id) where state = 'resolved';
-- One problem is one incident, whoever races to open it.
create unique index incident_open_once on flow.incident (group_key) where state in ('open', 'acknowledged');

create table flow.alert (
  id            text primary key,
  source        text not null,
  fingerprint   text not null,
  state         text not null,
  labels        jsonb not null,
  annotations   jsonb not null,
  generator_url text,
  starts_at     timestamptz not null,
  ends_at       timestamptz,
  flaps         int not null,
  incident_id   text not null references flow.incident,
  unique (source, fingerprint)
);
create index alert_of_incident on flow.alert (incident_id);

create table flow.request (
  id          text primary key,
  kind        text not null check (kind in ('plan', 'loan', 'export')),
  subject     text,
  body        jsonb not null,
  incident_id text references flow.incident,
  "by"        text not null,
  reason      text not null,
  at          timestamptz not null
);
create index request_of_kind on flow.request (kind, id);
create index request_of_incident on flow.request (incident_id) where incident_id is not null;
create index request_about on flow.request (subject) where kind = 'loan';

create table flow.person (
  id   text primary key,
  kind text not null check (kind in ('person', 'service')),
  name text not null
);

create table flow.role_grant (
  id        text primary key,
  person_id text not null references flow.person,
  role      text not null check (role in ('sre', 'ml', 'security', 'auditor', 'admin', 'service')),
  since     timestamptz not null,
  unique (person_id, role)
);

create table flow.api_key (
  id         text primary key,
  person_id  text not null references flow.person,
  hash       text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null,
  expires_at timestamptz
);

create table flow.session (
  id         text primary key check (id ~ '^[0-9a-f]{64}$'),
  person_id  text not null references flow.person,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

-- ── what the worker writes: facts ───────────────────────────────────────────────────────────────────────────────────

create table flow.plan (
  -- The request that asked for it: two workers that answer one request make one plan.
  id             text primary key references flow.request,
  state          text not null,
  recipe_id      text not null,
  recipe_version int  not null,
  recipe_digest  text not null,
  incident_id    text references flow.incident,
  requested_by   text not null,
  body           jsonb,
  digest         text check (digest ~ '^sha256:[0-9a-f]{64}$'),
  tier           text not null check (tier in ('T0', 'T1', 'T2', 'T3')),
  quorum         int  not null check (quorum >= 0),
  because        text,
  made_at        timestamptz not null,
  expires_at     timestamptz not null,
  check ((state in ('stopped', 'failed')) = (digest is null)),
  check ((body is null) = (digest is null)),
  -- What a tier asks for at the least, whatever a recipe says.
  check (quorum >= case tier when 'T0' then 0 when 'T3' then 2 else 1 end or digest is null)
);
create index plan_open on flow.plan (id) where state = 'proposed';
create index plan_of_incident on flow.plan (incident_id) where incident_id is not null;

-- One yes or no. Insert-only: taking it back would be a new fact.
create table flow.approval (
  id       text primary key,
  plan_id  text not null references flow.plan,
  "by"     text not null references flow.person,
  decision text not null check (decision in ('yes', 'no')),
  -- The digest that the person read, not the plan's digest today.
  digest   text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  note     text not null,
  at       timestamptz not null,
  unique (plan_id, "by")
);

create table flow.run (
  id           text primary key,
  plan_id      text not null unique references flow.plan,
  plan_digest  text not null,
  incident_id  text references flow.incident,
  recipe_id    text not null,
  state        text not null,
  started_at   timestamptz not null,
  verifying_at timestamptz,
  ended_at     timestamptz,
  because      text
);
create index run_under_way on flow.run (id)
  where state in ('running', 'verifying', 'undoing') or (state = 'failed' and ended_at is null);
create index run_of_incident on flow.run (incident_id) where incident_id is not null;

create table flow.step (
  id               text primary key,
  run_id           text not null references flow.run,
  number           int  not null check (number > 0),
  verb             text not null,
  args             jsonb not null,
  state            text not null,
  attempt          int not null,
  fence            int not null,
  intended_at      timestamptz,
  ended_at         timestamptz,
  undo_intended_at timestamptz,
  before           jsonb,
  after            jsonb,
  because          text,
  loan_minutes     int,
  unique (run_id, number)
);

create table flow.tenure (
  id     text primary key,
  holder text not null,
  fence  int  not null check (fence > 0),
  until  timestamptz not null
);

-- One run at a time per target. The primary key is the lock.
create table flow.target_lock (
  id     text primary key,
  run_id text not null references flow.run,
  since  timestamptz not null
);
create index target_lock_of_run on flow.target_lock (run_id);

create table flow.loan (
  id          text primary key,
  state       text not null,
  run_id      text not null references flow.run,
  step_id     text not null references flow.step,
  target      text not null,
  verb        text not null,
  args        jsonb not null,
  out_at      timestamptz not null,
  until       timestamptz not null,
  returned_at timestamptz,
  tried_at    timestamptz,
  because     text
);
create index loan_out on flow.loan (until) where state <> 'returned';
create index loan_of_step on flow.loan (step_id);

create table flow.observation (
  id    text primary key,
  value jsonb not null,
  at    timestamptz not null
);

create table flow.export (
  id              text primary key references flow.request,
  state           text not null,
  "by"            text not null,
  entries         int not null,
  size            bigint not null,
  sha256          text,
  checkpoint_size bigint not null,
  because         text,
  started_at      timestamptz not null,
  ended_at        timestamptz
);

-- ── which state follows which (states.md) ───────────────────────────────────────────────────────────────────────────

-- The same table as \`passages\` of @firebreak/flow; a spec asks both for every pair. A null "from" is a new row.
create function flow.may_pass(thing text, "from" text, "to" text) returns boolean
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
  end::text[]), false)
$$;

create function flow.refuse_wrong_passage() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
declare
  before text := case when tg_op = 'UPDATE' then old.state end;
begin
  if tg_op = 'UPDATE' and new.state = old.state then return new; end if;
  if not flow.may_pass(tg_argv[0], before, new.state) then
    raise exception 'a % cannot go from % to %', tg_argv[0], coalesce(before, 'nothing'), new.state
      using errcode = 'check_violation', table = tg_table_name, constraint = 'passage';
  end if;
  return new;
end $$;

do $$
declare thing text;
begin
  foreach thing in array '{delivery,alert,incident,plan,run,step,loan,export}'::text[] loop
    execute format('create trigger passage before insert or update of state on flow.%I
      for each row execute function flow.refuse_wrong_passage(%L)', thing, thing);
    execute format('alter table flow.%I enable always trigger passage', thing);
  end loop;
end $$;

-- ── no run without its quorum ───────────────────────────────────────────────────────────────────────────────────────

-- The worker decides when to start, and may be wrong or hijacked: the yeses are counted here once more. Runs as the
-- owner, so that what it sees does not depend on who inserts.
create function flow.refuse_run_without_quorum() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
declare
  plan  flow.plan;
  asker text;
  yes   int;
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
create trigger quorum before insert on flow.run for each row execute function flow.refuse_run_without_quorum();
alter table flow.run enable always trigger quorum;

-- A yes is for the plan as it stands in the record, while it is open.
create function flow.refuse_stray_approval() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  if not exists (select from flow.plan where id = new.plan_id and digest = new.digest and state = 'proposed') then
    raise exception 'the plan % is not open under the digest %', new.plan_id, new.digest
      using errcode = 'check_violation', constraint = 'digest';
  end if;
  return new;
end $$;
create trigger digest before insert on flow.approval for each row execute function flow.refuse_stray_approval();
alter table flow.approval enable always trigger digest;

-- ── no change without an entry ──────────────────────────────────────────────────────────────────────────────────────

do $$
declare kind text;
begin
  -- A delivery is counted slice by slice; its end is what the log tells.
  create constraint trigger audited after insert or update of state on flow.delivery
    deferrable initially deferred for each row execute function audit.require_entry('delivery');
  foreach kind in array '{alert,incident,plan,run,step,loan,export,request,approval,person,role_grant,api_key,target_lock}'::text[] loop
    execute format('create constraint trigger audited after insert or update or delete on flow.%I
      deferrable initially deferred for each row execute function audit.require_entry(%L)', kind, kind);
  end loop;
  foreach kind in array '{delivery,alert,incident,plan,run,step,loan,export,request,approval,person,role_grant,api_key,target_lock}'::text[] loop
    execute format('alter table flow.%I enable always trigger audited', kind);
  end loop;
end $$;

-- ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────

revoke execute on all functions in schema flow from public;
grant execute on function flow.may_pass(text, text, text) to fb_api, fb_worker, fb_reader;

grant select on all tables in schema flow to fb_api, fb_worker;
grant select on all tables in schema flow to fb_reader;
revoke select on flow.api_key, flow.session from fb_reader;

grant insert on flow.delivery, flow.alert, flow.incident, flow.request, flow.approval, flow.person, flow.role_grant,
  flow.api_key, flow.session to fb_api;
grant update (state, opened, joined, repeated, resolved, suppressed, refused, faults) on flow.delivery to fb_api;
grant update (state, labels, annotations, generator_url, starts_at, ends_at, flaps, incident_id) on flow.alert to fb_api;
grant update (state, class, severity, owner, resolved_at, version) on flow.incident to fb_api;
grant delete on flow.session to fb_api;

grant insert on flow.plan, flow.run, flow.step, flow.tenure, flow.target_lock, flow.loan, flow.observation, flow.export to fb_worker;
grant update (state, because) on flow.plan to fb_worker;
grant update (state, because, verifying_at, ended_at) on flow.run to fb_worker;
grant update (state, attempt, fence, intended_at, ended_at, undo_intended_at, before, after, because) on flow.step to fb_worker;
grant update (holder, fence, until) on flow.tenure to fb_worker;
grant delete on flow.target_lock to fb_worker;
grant update (state, until, returned_at, tried_at, because) on flow.loan to fb_worker;
grant update (value, at), delete on flow.observation to fb_worker;
grant update (state, entries, size, sha256, checkpoint_size, because, started_at, ended_at) on flow.export to fb_worker;

-- The worker's own findings come in as alerts like everybody's: it may deliver under its own name and no other.
grant insert on flow.delivery to fb_worker;
alter table flow.delivery enable row level security;
create policy api_delivers on flow.delivery to fb_api using (true) with check (true);
create policy worker_delivers_its_own on flow.delivery for insert to fb_worker with check (source = 'firebreak');
create policy worker_reads on flow.delivery for select to fb_worker using (true);
create policy reader_reads on flow.delivery for select to fb_reader using (true);

`
