/** Work that the house wants again and again, once across all workers: a row says when it is due and what became of it. */
export const maintenance = /* sql */ `

create table flow.maintenance_run (
  -- Made of kind and time: two workers that plan the same turn plan one.
  id         text primary key,
  kind       text not null check (kind in ('self-check')),
  state      text not null,
  due_at     timestamptz not null,
  started_at timestamptz,
  ended_at   timestamptz,
  retry_at   timestamptz,
  because    text,
  -- The delivery by which its failure came in as an alert.
  told       text references flow.delivery,
  unique (kind, due_at)
);
create index maintenance_run_open on flow.maintenance_run (due_at) where state <> 'done';

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
  end::text[]), false)
$$;

create trigger passage before insert or update of state on flow.maintenance_run
  for each row execute function flow.refuse_wrong_passage('maintenance_run');
alter table flow.maintenance_run enable always trigger passage;
create constraint trigger audited after insert or update or delete on flow.maintenance_run
  deferrable initially deferred for each row execute function audit.require_entry('maintenance_run');
alter table flow.maintenance_run enable always trigger audited;

grant select on flow.maintenance_run to fb_api, fb_worker, fb_reader;
grant insert on flow.maintenance_run to fb_worker;
grant update (state, started_at, ended_at, retry_at, because, told) on flow.maintenance_run to fb_worker;
`
